//! Stored responses by credentials and by `Vary`, as measured with Chromium 156 and Firefox ESR 153.7. The sessions of WebKitGTK's
//! driver store no responses, so its model follows the standard.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use http::Request;
use omnicors_browser::{Browser, Bytes, Credentials, Engine, Fetch};
use shared::{page, respond};

const OMIT: Credentials = Credentials::Omit;
const INCLUDE: Credentials = Credentials::Include;

/// Returns whether each fetch reads the response, and whether it comes from the cache: `R` or `B` for read or blocked, in lower case if
/// nothing was sent.
fn outcomes(engine: Engine, fetches: &[Fetch], headers: &[(&str, &str)]) -> String {
    let mut browser = Browser::new(engine);
    let mut server = |_: Request<Bytes>| {
        let fields = [
            ("cache-control", "max-age=60"),
            ("access-control-allow-origin", "https://app.example"),
        ];
        respond(200, &[&fields[..], headers].concat())
    };
    let outcomes = fetches.iter().map(|fetch| {
        let outcome = browser.send_now(fetch, &mut server);
        let is_stored = outcome.exchanges().last().unwrap().is_from_cache();
        match (outcome.result().is_ok(), is_stored) {
            (true, false) => 'R',
            (true, true) => 'r',
            (false, false) => 'B',
            (false, true) => 'b',
        }
    });
    outcomes.collect()
}

fn fetches(credentials: [Credentials; 4]) -> [Fetch; 4] {
    credentials.map(|credentials| {
        let fetch = page()
            .fetch("https://api.example/")
            .credentials(credentials);
        fetch.cookies("session=1")
    })
}

#[test]
fn firefox_keeps_responses_with_and_without_credentials_apart() {
    let allow = [("access-control-allow-credentials", "true")];
    for (credentials, standard, firefox) in [
        ([INCLUDE, OMIT, OMIT, INCLUDE], "Rrrr", "RRrr"),
        ([OMIT, INCLUDE, INCLUDE, OMIT], "Rrrr", "RRrr"),
    ] {
        for engine in Engine::ALL {
            let expected = if engine == Engine::Firefox {
                firefox
            } else {
                standard
            };
            assert_eq!(
                outcomes(engine, &fetches(credentials), &allow),
                expected,
                "{engine}"
            );
        }
    }
}

/// Fetch stores a response before the CORS check, and checks a stored response as well.
#[test]
fn chromium_does_not_store_a_response_that_it_blocks() {
    for (credentials, expected) in [
        (
            [INCLUDE, OMIT, INCLUDE, OMIT],
            [
                ("the standard", "Brbr"),
                ("chromium", "BRbr"),
                ("firefox", "BRbr"),
            ],
        ),
        (
            [OMIT, INCLUDE, INCLUDE, OMIT],
            [
                ("the standard", "Rbbr"),
                ("chromium", "Rbbr"),
                ("firefox", "RBbr"),
            ],
        ),
    ] {
        let engines = [Engine::Standard, Engine::Chromium, Engine::Firefox];
        for (engine, (name, expected)) in engines.into_iter().zip(expected) {
            assert_eq!(
                outcomes(engine, &fetches(credentials), &[]),
                expected,
                "{name}"
            );
        }
    }
}

#[test]
fn chromium_and_firefox_keep_one_response_for_a_url() {
    let fetches = ["de", "en", "en", "de"].map(|language| {
        let fetch = page().fetch("https://api.example/");
        fetch.header("accept-language", language)
    });
    for (engine, expected) in [
        (Engine::Standard, "RRrr"),
        (Engine::Chromium, "RRrR"),
        (Engine::Firefox, "RRrR"),
    ] {
        let vary = [("vary", "accept-language")];
        assert_eq!(outcomes(engine, &fetches, &vary), expected, "{engine}");
    }
}
