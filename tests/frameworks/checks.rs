//! The requests to all frameworks, and the expected responses.

/// A request and the expected response.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) fields: &'static [(&'static str, &'static str)],
    /// The request's fields, without `Origin`.
    pub(crate) expected: Expected,
    /// Frameworks with another response, and the reason.
    pub(crate) exceptions: &'static [(&'static str, Expected, &'static str)],
}

/// The expected response, without the fields that depend on the origin.
#[derive(Clone, Copy)]
pub(crate) enum Expected {
    /// The application runs and responds with this status, and with this body if the application decides it.
    Response(u16, Option<&'static str>),
    /// The same, with a body that does not end; only its first part is compared.
    Stream(u16, &'static str),
    /// The connection ends without a response, and a new one is served.
    NoResponse,
}

use Expected::{NoResponse, Response, Stream};

const NO_405: &str = "Rocket has no 405: a path without a route for the method gets 404";
const NO_STREAM: &str =
    "the example documents that it has no streamed bodies, so the route is missing";
const NO_CATCH: &str =
    "the framework does not catch panics: the connection ends without a response";

/// Each request is sent by an allowed page, by a denied page, and without an `Origin`.
pub(crate) const CHECKS: [Check; 16] = [
    check("a route", "GET", "/", Response(200, Some("hello"))),
    check("HEAD has no body", "HEAD", "/", Response(200, Some(""))),
    check(
        "HEAD of a missing path",
        "HEAD",
        "/missing",
        Response(404, Some("")),
    ),
    check(
        "an error with a status",
        "GET",
        "/conflict",
        Response(409, None),
    ),
    check(
        "an error without a status",
        "GET",
        "/failure",
        Response(500, None),
    ),
    check("404", "GET", "/missing", Response(404, None)),
    Check {
        exceptions: &[("rocket", Response(404, None), NO_405)],
        ..check(
            "405 to an allowed method",
            "GET",
            "/form",
            Response(405, None),
        )
    },
    Check {
        exceptions: &[("rocket", Response(404, None), NO_405)],
        ..check("405 to another method", "DELETE", "/", Response(405, None))
    },
    Check {
        exceptions: &[
            ("hyper", NoResponse, NO_CATCH),
            ("actix-web", NoResponse, NO_CATCH),
            ("warp", NoResponse, NO_CATCH),
            ("warp-wrap", NoResponse, NO_CATCH),
        ],
        ..check("a panic", "GET", "/panic", Response(500, None))
    },
    Check {
        exceptions: &[("custom server", Response(404, None), NO_STREAM)],
        ..check("a streamed body", "GET", "/stream", Stream(200, "first"))
    },
    check(
        "missing authentication",
        "GET",
        "/private",
        Response(401, None),
    ),
    Check {
        fields: &[("Authorization", "Bearer me")],
        ..check(
            "valid authentication",
            "GET",
            "/private",
            Response(200, Some("private")),
        )
    },
    check(
        "the application's own OPTIONS",
        "OPTIONS",
        "/options",
        Response(200, Some("options")),
    ),
    Check {
        exceptions: &[("rocket", Response(404, None), NO_405)],
        ..check(
            "OPTIONS without a route",
            "OPTIONS",
            "/",
            Response(405, None),
        )
    },
    check("a form", "POST", "/form", Response(200, Some("posted"))),
    Check {
        fields: &[("Access-Control-Request-Method", "PUT")],
        ..check(
            "a GET with a field of a preflight",
            "GET",
            "/",
            Response(200, Some("hello")),
        )
    },
];

const fn check(
    name: &'static str,
    method: &'static str,
    path: &'static str,
    expected: Expected,
) -> Check {
    Check {
        name,
        method,
        path,
        fields: &[],
        expected,
        exceptions: &[],
    }
}
