//! What all frameworks are asked, and what must come back.

/// What is asked, and what must come of it.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) lines: &'static [(&'static str, &'static str)],
    /// Without those of a policy: these depend on who asks.
    pub(crate) expected: Expected,
    /// What a framework does instead, and why.
    pub(crate) instead: &'static [(&'static str, Expected, &'static str)],
}

/// What comes back, beside the lines that depend on who asks.
#[derive(Clone, Copy)]
pub(crate) enum Expected {
    /// The application runs, and responds with this status; and with this body, where it is ours to say.
    Response(u16, Option<&'static str>),
    /// The same, and the body goes on: only its first part comes.
    Stream(u16, &'static str),
    /// The connection ends without a response, and a new one is served.
    Nothing,
}

use Expected::{Nothing, Response, Stream};

const NO_405: &str = "Rocket has no 405: a path that has no route for the method is not found";
const NO_STREAM: &str = "it is documented to leave out streamed bodies; there is no such route";
const CATCHES_NOT: &str =
    "there is nothing in it that catches a panic, and hence no response: the connection ends";

/// Asked by a page that is allowed, by one that is not, and without an `Origin`: of all three the table is the same.
pub(crate) const CHECKS: [Check; 16] = [
    check("a route", "GET", "/", Response(200, Some("hello"))),
    check("HEAD has no body", "HEAD", "/", Response(200, Some(""))),
    check(
        "HEAD of a path that is not there",
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
        "an error without one",
        "GET",
        "/failure",
        Response(500, None),
    ),
    check("404", "GET", "/missing", Response(404, None)),
    Check {
        instead: &[("rocket", Response(404, None), NO_405)],
        ..check(
            "405 to a method that it lets a browser send",
            "GET",
            "/form",
            Response(405, None),
        )
    },
    Check {
        instead: &[("rocket", Response(404, None), NO_405)],
        ..check("405 to another method", "DELETE", "/", Response(405, None))
    },
    Check {
        instead: &[
            ("hyper", Nothing, CATCHES_NOT),
            ("actix-web", Nothing, CATCHES_NOT),
            ("warp", Nothing, CATCHES_NOT),
        ],
        ..check(
            "a panic that is caught",
            "GET",
            "/panic",
            Response(500, None),
        )
    },
    Check {
        instead: &[("custom server", Response(404, None), NO_STREAM)],
        ..check("a streamed body", "GET", "/stream", Stream(200, "first"))
    },
    check(
        "a login that is missing",
        "GET",
        "/private",
        Response(401, None),
    ),
    Check {
        lines: &[("Authorization", "Bearer me")],
        ..check("a login", "GET", "/private", Response(200, Some("private")))
    },
    check(
        "the application's own OPTIONS",
        "OPTIONS",
        "/options",
        Response(200, Some("options")),
    ),
    Check {
        instead: &[("rocket", Response(404, None), NO_405)],
        ..check(
            "OPTIONS where there is none",
            "OPTIONS",
            "/",
            Response(405, None),
        )
    },
    check("a form", "POST", "/form", Response(200, Some("posted"))),
    Check {
        lines: &[("Access-Control-Request-Method", "PUT")],
        ..check(
            "a GET that has a line of a preflight's",
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
        lines: &[],
        expected,
        instead: &[],
    }
}
