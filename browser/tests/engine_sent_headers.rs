//! Headers that engines send otherwise than the Fetch standard says. `tests/browser/scenarios/sent_fields.rs` has measured them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use bytes::Bytes;
use http::{HeaderMap, Request};
use omnicors_browser::{Browser, Deviation, Engine, Fetch, Mode, NetworkError, ReferrerPolicy};
use shared::{page, respond};

/// Sends a request to a server that redirects `/a` to `/b` with a referrer policy, and returns the headers of each request.
fn sent(engine: Engine, fetch: &Fetch, policy: &str) -> Vec<HeaderMap> {
    let mut server = |request: Request<Bytes>| {
        let status = if request.uri().path() == "/a" {
            307
        } else {
            200
        };
        let fields = [("location", "/b"), ("referrer-policy", policy)];
        respond(status, &fields)
    };
    let outcome = Browser::new(engine).send_now(fetch, &mut server);
    let exchanges = outcome.exchanges().iter();
    exchanges
        .map(|exchange| exchange.request().headers().clone())
        .collect()
}

/// `Deviation::IgnoresReferrerPolicyOfRedirects`.
#[test]
fn chromium_and_webkit_keep_the_referrer_policy_after_a_redirect() {
    for engine in Engine::ALL {
        let form = page().post_form("https://app.example/a");
        let headers = sent(engine, &form, "no-referrer");
        let keeps = [Engine::Chromium, Engine::WebKit].contains(&engine);
        let second = if keeps { "https://app.example" } else { "null" };
        assert_eq!(headers[0]["origin"], "https://app.example", "{engine}");
        assert_eq!(headers[1]["origin"], second, "{engine}");
    }
}

/// `Deviation::IgnoresReferrerPolicyWithoutCors`.
#[test]
fn chromium_names_the_origin_without_cors_whatever_the_referrer_policy_is() {
    for engine in Engine::ALL {
        for mode in [Mode::NoCors, Mode::SameOrigin] {
            let fetch = page()
                .fetch("https://app.example/")
                .method("POST")
                .mode(mode);
            let fetch = fetch.referrer_policy(ReferrerPolicy::NoReferrer);
            let origin = if engine == Engine::Chromium {
                "https://app.example"
            } else {
                "null"
            };
            let headers = sent(engine, &fetch, "");
            assert_eq!(headers[0]["origin"], origin, "{engine} {mode:?}");
        }
        let form = page().post_form("https://app.example/");
        let form = form.referrer_policy(ReferrerPolicy::NoReferrer);
        assert_eq!(sent(engine, &form, "")[0]["origin"], "null", "{engine}");
    }
}

/// `Deviation::SendsMaxAgeWithValidators`.
#[test]
fn chromium_sends_max_age_with_the_validators_of_a_page() {
    for engine in Engine::ALL {
        let fetch = page().fetch("https://app.example/");
        let fetch = fetch.header("if-none-match", "\"1\"");
        let headers = sent(engine, &fetch, "");
        let is_chromium = engine == Engine::Chromium;
        let control = if is_chromium { "max-age=0" } else { "no-cache" };
        assert_eq!(headers[0]["cache-control"], control, "{engine}");
        assert_eq!(headers[0].contains_key("pragma"), !is_chromium, "{engine}");
        let own = sent(engine, &fetch.header("cache-control", "no-transform"), "");
        let values = own[0].get_all("cache-control").iter();
        assert!(values.eq(["no-transform"]), "{engine}");
    }
}

/// `Deviation::SendsLongBeacons`.
#[test]
fn firefox_sends_long_beacons() {
    for engine in Engine::ALL {
        let body = vec![b'x'; 65_537];
        let beacon = page().send_beacon("https://app.example/", "text/plain", body);
        let mut server = |_: Request<Bytes>| respond(204, &[]);
        let outcome = Browser::new(engine).send_now(&beacon, &mut server);
        assert_eq!(
            matches!(outcome.result(), Err(NetworkError::InvalidRequest(_))),
            !engine.has(Deviation::SendsLongBeacons),
            "{engine}"
        );
        assert_eq!(
            engine.has(Deviation::SendsLongBeacons),
            engine == Engine::Firefox
        );
    }
}
