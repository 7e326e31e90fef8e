//! What the responses of a server in its right configuration have in common, and how that differs from what Fetch describes.

use omnicors_browser::{Exchange, ExchangeKind};

use crate::measured::{Measured, field, status};

/// Something that servers do differently from each other.
#[derive(Clone, Copy, Debug)]
pub struct Trait {
    /// The title of its section.
    pub title: &'static str,
    /// What it means for a page, and what Fetch says.
    pub text: &'static str,
    /// Returns the exchange that shows it, if the server has it.
    pub find: for<'a> fn(&'a Measured) -> Option<&'a Exchange>,
}

const ALLOW_ORIGIN: &str = "access-control-allow-origin";

/// All traits.
pub const ALL: [Trait; 7] = [
    Trait {
        title: "`Vary: Origin` is missing",
        text: "The response depends on `Origin`, but does not say so. A cache may give the response for one page to another page, which \
               is then blocked, although the server allows it. See [CORS protocol and HTTP caches](https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches).",
        find: misses_vary,
    },
    Trait {
        title: "An error cannot be read",
        text: "The response to a failed request has no CORS fields, so a page of the allowed origin sees a network error \
               instead of the status. Fetch checks every response, whatever its status is: [HTTP fetch](https://fetch.spec.whatwg.org/#http-fetch), step 4.4.",
        find: hides_an_error,
    },
    Trait {
        title: "The response to a denied page names the allowed origin",
        text: "Every page gets the same `Access-Control-Allow-Origin`. A browser blocks other pages, because the value is not their \
               origin: [CORS check](https://fetch.spec.whatwg.org/#concept-cors-check), step 4. If the value never changes, `Vary: Origin` is not needed.",
        find: |measured| {
            let exchange = measured.exchange("a foreign page reads", ExchangeKind::Actual)?;
            field(exchange, ALLOW_ORIGIN)?;
            Some(exchange)
        },
    },
    Trait {
        title: "The response to a denied page has `Access-Control-Allow-Credentials`",
        text: "Without `Access-Control-Allow-Origin`, a browser does not look at this field: [CORS check](https://fetch.spec.whatwg.org/#concept-cors-check), steps 1 and 2.",
        find: |measured| {
            let exchange = measured.exchange("a foreign page reads", ExchangeKind::Actual)?;
            field(exchange, "access-control-allow-credentials")?;
            field(exchange, ALLOW_ORIGIN).is_none().then_some(exchange)
        },
    },
    Trait {
        title: "A denied request is not run",
        text: "The server rejects a request of a page that it does not allow, before the application sees it. Fetch does not ask for that: a \
               server may answer, and the browser hides the response. It protects nothing against clients that are not browsers.",
        find: |measured| {
            let exchange = measured.exchange("a foreign page reads", ExchangeKind::Actual)?;
            (status(exchange) >= 400).then_some(exchange)
        },
    },
    Trait {
        title: "A preflight for an unknown method or header gets an error",
        text: "The page is allowed, but the server compares the method and the headers itself, and responds with an error or without the \
               CORS fields. The request is blocked in both cases; but the console names the status or the origin, and not the method or \
               the header that is missing. Fetch leaves this comparison to the browser: [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0), step 7.",
        find: |measured| {
            let names = ["the allowed page uses PATCH", "the header X-Other is sent"];
            names.into_iter().find_map(|name| {
                let exchange = measured.exchange(name, ExchangeKind::Preflight)?;
                let is_error = !(200..300).contains(&status(exchange));
                (is_error || field(exchange, ALLOW_ORIGIN).is_none()).then_some(exchange)
            })
        },
    },
    Trait {
        title: "The response to a preflight has `Access-Control-Expose-Headers`",
        text: "A browser reads this field only on the response to the request itself: [main fetch](https://fetch.spec.whatwg.org/#main-fetch), step 14.",
        find: |measured| {
            let exchange = measured.exchange("JSON is sent", ExchangeKind::Preflight)?;
            field(exchange, "access-control-expose-headers")?;
            Some(exchange)
        },
    },
];

/// Returns the first response of a pair whose `Access-Control-Allow-Origin` differs, and that does not vary on `Origin`.
fn misses_vary(measured: &Measured) -> Option<&Exchange> {
    let of = |name| measured.exchange(name, ExchangeKind::Actual);
    let pair = [of("the allowed page reads")?, of("a foreign page reads")?];
    let [allowed, denied] = pair.map(|exchange| field(exchange, ALLOW_ORIGIN));
    if allowed == denied {
        return None;
    }
    pair.into_iter().find(|exchange| !varies(exchange))
}

/// Returns true if a response says that it depends on `Origin`.
#[must_use]
pub fn varies(exchange: &Exchange) -> bool {
    let vary = field(exchange, "vary").unwrap_or_default();
    let mut names = vary.split(',').map(str::trim);
    names.any(|name| name == "*" || name.eq_ignore_ascii_case("origin"))
}

/// The requests of the allowed page that fail.
pub const ERRORS: [&str; 3] = [
    "a path is not found",
    "the application fails",
    "a login is missing",
];

fn hides_an_error(measured: &Measured) -> Option<&Exchange> {
    let name = ERRORS.into_iter().find(|name| !measured.reads(name))?;
    measured.exchange(name, ExchangeKind::Actual)
}
