//! Lines of Chromium 156 and Firefox ESR 153.7 that depend on more than the failure, as read from their consoles.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use http::Request;
use omnicors_browser::{Bytes, Credentials, Engine, Fetch, Mode, Redirect};
use shared::{page, respond};

/// Returns the line of an engine's console after these fields and, for the path `/`, a redirect to `location`.
fn line(engine: Engine, fetch: &Fetch, origin: &str, location: Option<&str>) -> Option<String> {
    let mut server = |request: Request<Bytes>| {
        let allowed = [("access-control-allow-origin", origin)];
        match location.filter(|_| request.uri().path() == "/") {
            Some(location) => respond(302, &[&allowed[..], &[("location", location)]].concat()),
            None => respond(200, &allowed),
        }
    };
    let outcome = fetch.send_now(&mut server);
    outcome.assert_blocked();
    outcome.console(engine)
}

#[test]
fn chromium_explains_credentials_to_an_xml_http_request() {
    let fetch = page()
        .fetch("https://api.example/")
        .credentials(Credentials::Include);
    for origin in ["https://app.example", "*"] {
        let of_fetch = line(Engine::Chromium, &fetch, origin, None).unwrap();
        let request = fetch.clone().xml_http_request();
        let of_request = line(Engine::Chromium, &request, origin, None).unwrap();
        assert_eq!(
            of_request,
            of_fetch.replacen("fetch", "XMLHttpRequest", 1)
                + " The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute."
        );
    }
}

#[test]
fn chromium_gives_advice_about_the_origin_to_fetch_only() {
    let fetch = page().fetch("https://api.example/");
    let of_fetch = line(Engine::Chromium, &fetch, "https://other.example", None).unwrap();
    let request = fetch.xml_http_request();
    let of_request = line(Engine::Chromium, &request, "https://other.example", None).unwrap();
    let advice = " Have the server send the header with a valid value.";
    assert_eq!(
        of_fetch,
        of_request.replacen("XMLHttpRequest", "fetch", 1) + advice
    );
}

#[test]
fn user_info_in_a_redirect_is_a_matter_of_cors_only_if_the_request_is() {
    let own = page().fetch("https://app.example/");
    let inside = "https://user:pass@app.example/b";
    let outside = "https://user:pass@api.example/b";
    let cors = "Redirect location '' contains a username and password";
    for (fetch, location, expected) in [
        (own.clone(), outside, Some(cors)),
        (own.clone().redirect(Redirect::Error), outside, Some(cors)),
        (own.clone(), inside, None),
        (own.clone().mode(Mode::NoCors), outside, None),
        (
            own.clone().mode(Mode::SameOrigin),
            outside,
            Some("Unsafe attempt to load URL"),
        ),
    ] {
        // Only Chromium rejects user info within the origin, and without CORS.
        let mut browser = omnicors_browser::Browser::new(Engine::Chromium);
        let mut server = |_: Request<Bytes>| respond(302, &[("location", location)]);
        let outcome = browser.send_now(&fetch, &mut server);
        outcome.assert_blocked();
        let line = outcome.console(Engine::Chromium);
        match expected {
            Some(part) => assert!(line.unwrap().contains(part), "{fetch:?}"),
            None => assert_eq!(line, None, "{fetch:?}"),
        }
    }
    let firefox = line(Engine::Firefox, &own, "*", Some(outside)).unwrap();
    assert!(firefox.ends_with("(Reason: CORS request did not succeed). Status code: (null)."));
}
