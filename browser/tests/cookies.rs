//! Cookies along redirects: the credentials mode and the response tainting decide
//! ([HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#http-network-or-cache-fetch), step 8.3).

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod shared;

use http::{HeaderValue, Request};
use omnicors_browser::{Bytes, Credentials, Engine, Exchange, Mode};
use shared::{origin_of, page, respond};

const APP: &str = "app.example";
/// Another origin of the page's site.
const SAME_SITE: &str = "api.app.example";
/// Another site.
const API: &str = "api.example";

/// Returns the cookies that the hosts get along a chain of redirects, one for each request without its preflight.
fn cookies(
    engine: Engine,
    mode: Mode,
    credentials: Credentials,
    method: &str,
    hosts: &[&str],
) -> Vec<Option<HeaderValue>> {
    let mut index = 0;
    let mut server = |request: Request<Bytes>| {
        let allowed = [
            ("access-control-allow-origin", origin_of(&request)),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "PUT"),
        ];
        if request.method() == "OPTIONS" {
            assert!(!request.headers().contains_key("cookie"));
            return respond(204, &allowed);
        }
        index += 1;
        let Some(next) = hosts.get(index) else {
            return respond(200, &allowed);
        };
        let location = format!("https://{next}/{index}");
        respond(307, &[&allowed[..], &[("location", &location)]].concat())
    };
    let mut fetch = page()
        .fetch(&format!("https://{}/", hosts[0]))
        .method(method)
        .mode(mode)
        .credentials(credentials);
    for host in [APP, SAME_SITE, API] {
        fetch = fetch.cookies_for(host, &format!("of={host}"));
    }
    let outcome = omnicors_browser::Browser::new(engine).send_now(&fetch, &mut server);
    outcome.result().unwrap();
    let requests = outcome.exchanges().iter().map(Exchange::request);
    requests
        .filter(|request| request.method() == method)
        .map(|request| request.headers().get("cookie").cloned())
        .collect()
}

#[test]
fn the_credentials_mode_and_the_origins_so_far_decide_about_cookies() {
    const OMIT: Credentials = Credentials::Omit;
    const SAME_ORIGIN: Credentials = Credentials::SameOrigin;
    const INCLUDE: Credentials = Credentials::Include;
    for (hosts, credentials, expected) in [
        (&[APP, APP][..], OMIT, &[false, false][..]),
        (&[APP, APP], SAME_ORIGIN, &[true, true]),
        (&[APP, APP], INCLUDE, &[true, true]),
        (&[APP, SAME_SITE, APP], OMIT, &[false, false, false]),
        // The tainting stays "cors" on the way back.
        (&[APP, SAME_SITE, APP], SAME_ORIGIN, &[true, false, false]),
        (&[APP, SAME_SITE, APP], INCLUDE, &[true, true, true]),
        (&[APP, API, APP], SAME_ORIGIN, &[true, false, false]),
        (&[APP, API, APP], INCLUDE, &[true, true, true]),
        (&[API, APP], OMIT, &[false, false]),
        (&[API, APP], SAME_ORIGIN, &[false, false]),
        (&[API, APP], INCLUDE, &[true, true]),
        (&[API, SAME_SITE, APP], INCLUDE, &[true, true, true]),
    ] {
        let requests = [
            (Mode::Cors, "GET"),
            (Mode::Cors, "PUT"),
            (Mode::NoCors, "GET"),
        ];
        for (engine, (mode, method)) in Engine::ALL
            .into_iter()
            .flat_map(|engine| requests.map(|request| (engine, request)))
        {
            // Measured with WebKitGTK 2.50.6: `Deviation::KeepsCredentialsAfterRedirect`.
            let keeps =
                engine == Engine::WebKit && mode == Mode::NoCors && credentials == SAME_ORIGIN;
            let got = cookies(engine, mode, credentials, method, hosts);
            let cookies = hosts.iter().map(|host| format!("of={host}"));
            let expected: Vec<Option<HeaderValue>> = cookies
                .zip(expected)
                .map(|(cookie, sent)| {
                    let is_sent = *sent || (keeps && hosts[0] == APP);
                    is_sent.then(|| cookie.parse().unwrap())
                })
                .collect();
            assert_eq!(
                got, expected,
                "{engine}: {method} {mode:?} {credentials:?} {hosts:?}"
            );
        }
    }
}

#[test]
fn cookies_are_not_sent_to_another_host() {
    let mut server = |request: Request<Bytes>| {
        let allowed = [
            ("access-control-allow-origin", origin_of(&request)),
            ("access-control-allow-credentials", "true"),
            ("location", "https://other.example:8443/"),
        ];
        respond(
            if request.uri().port().is_none() {
                302
            } else {
                200
            },
            &allowed,
        )
    };
    let fetch = page()
        .fetch("https://api.example/")
        .credentials(Credentials::Include);
    let fetch = fetch.cookies("session=1");
    for (fetch, expected) in [
        (fetch.clone(), [Some("session=1"), None]),
        (
            fetch.cookies_for("Other.example", "session=2"),
            [Some("session=1"), Some("session=2")],
        ),
    ] {
        let outcome = fetch.send_now(&mut server);
        let cookies = outcome.exchanges().iter().map(|exchange| {
            let cookie = exchange.request().headers().get("cookie");
            cookie.map(|value| value.to_str().unwrap())
        });
        assert!(cookies.eq(expected), "{outcome}");
    }
}
