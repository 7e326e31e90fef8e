//! Requests that browsers block, one or more for each reason.

use omnicors_browser::{Credentials, Fetch, Mode, Page, Redirect};
use omnicors_browser_tests::http::{ReceivedRequest, Reply};

use crate::elements;

/// A request that is blocked.
pub(crate) struct Block {
    pub(crate) name: &'static str,
    /// The request, as a script. `URL` is an address of the API.
    pub(crate) script: &'static str,
    /// The same request, of the crate.
    pub(crate) fetch: fn(&Page, &str) -> Fetch,
    /// The API.
    pub(crate) respond: fn(&ReceivedRequest) -> Reply,
}

type Respond = fn(&ReceivedRequest) -> Reply;

const ORIGIN: &str = "access-control-allow-origin";
const CREDENTIALS: &str = "access-control-allow-credentials";
const METHODS: &str = "access-control-allow-methods";
const HEADERS: &str = "access-control-allow-headers";
pub(crate) const RESOURCE_POLICY: &str = "cross-origin-resource-policy";

pub(crate) fn text(status: u16) -> Reply {
    Reply::new(status, "text/javascript", "")
}

pub(crate) fn origin(value: &str) -> Reply {
    text(200).field(ORIGIN, value)
}

/// Allows the origin of the request.
fn allow(request: &ReceivedRequest, status: u16) -> Reply {
    text(status).field(ORIGIN, request.field("origin").unwrap_or("*"))
}

/// Redirects `/text` to another address with the same query, and responds to that with `respond`.
fn redirect(request: &ReceivedRequest, to: &str, respond: Respond) -> Reply {
    match request.target.strip_prefix("/text") {
        Some(query) => allow(request, 307).field("location", &format!("{to}{query}")),
        None => respond(request),
    }
}

fn get(name: &'static str, respond: Respond) -> Block {
    Block {
        name,
        script: "fetch(URL)",
        fetch: |page, url| page.fetch(url),
        respond,
    }
}

fn include(name: &'static str, respond: Respond) -> Block {
    Block {
        name,
        script: "fetch(URL, { credentials: 'include' })",
        fetch: |page, url| page.fetch(url).credentials(Credentials::Include),
        respond,
    }
}

fn put(name: &'static str, respond: Respond) -> Block {
    Block {
        name,
        script: "fetch(URL, { method: 'PUT' })",
        fetch: |page, url| page.fetch(url).method("PUT"),
        respond,
    }
}

fn put_include(name: &'static str, respond: Respond) -> Block {
    Block {
        name,
        script: "fetch(URL, { method: 'PUT', credentials: 'include' })",
        fetch: |page, url| {
            let fetch = page.fetch(url).method("PUT");
            fetch.credentials(Credentials::Include)
        },
        respond,
    }
}

/// The block that only Chromium supports.
pub(crate) const STREAM: &str = "a stream over HTTP/1.1";

pub(crate) fn blocks() -> Vec<Block> {
    let mut blocks = requests();
    blocks.extend(checks());
    blocks.extend(preflights());
    blocks.extend(redirects());
    blocks.extend(elements::blocks());
    blocks
}

/// Requests that are not sent, or not answered.
fn requests() -> Vec<Block> {
    vec![
        Block {
            name: "a forbidden method",
            script: "fetch(URL, { method: 'TRACE' })",
            fetch: |page, url| page.fetch(url).method("TRACE"),
            respond: |request| allow(request, 200),
        },
        Block {
            name: "a URL with user info",
            script: "fetch(URL.replace('//', '//user:password@'))",
            fetch: |page, url| page.fetch(&url.replace("//", "//user:password@")),
            respond: |request| allow(request, 200),
        },
        Block {
            name: "a bad port",
            script: "fetch(URL.replace(/:[0-9]+/, ':6000'))",
            fetch: |page, _| page.fetch("http://api.localhost:6000/text"),
            respond: |_| text(200),
        },
        // Nothing listens on this port.
        Block {
            name: "no server",
            script: "fetch(URL.replace(/:[0-9]+/, ':8'))",
            fetch: |page, url| {
                let (_, target) = url.split_once("/text").unwrap_or_default();
                page.fetch(&format!("http://api.localhost:8/text{target}"))
            },
            respond: |_| text(200),
        },
        Block {
            name: "no server for the page's own host",
            script: "fetch('http://app.localhost:8/text', { mode: 'no-cors' })",
            fetch: |page, _| page.fetch("http://app.localhost:8/text").mode(Mode::NoCors),
            respond: |_| text(200),
        },
        Block {
            name: STREAM,
            script: "fetch(URL, { method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' })",
            fetch: |page, url| page.fetch(url).method("POST").stream("x"),
            respond: |request| allow(request, 200),
        },
        Block {
            name: "the mode same-origin",
            script: "fetch(URL, { mode: 'same-origin' })",
            fetch: |page, url| page.fetch(url).mode(Mode::SameOrigin),
            respond: |request| allow(request, 200),
        },
        Block {
            name: "the mode same-origin, redirected",
            script: "fetch('/redirect?' + URL, { mode: 'same-origin' })",
            fetch: |page, url| {
                page.fetch(&format!("/redirect?{url}"))
                    .mode(Mode::SameOrigin)
            },
            respond: |request| allow(request, 200),
        },
        Block {
            name: "another scheme",
            script: "fetch(URL.replace('http', 'ftp'))",
            fetch: |page, url| page.fetch(&url.replace("http", "ftp")),
            respond: |request| allow(request, 200),
        },
        Block {
            name: "a resource for its own origin",
            script: "fetch(URL, { mode: 'no-cors' })",
            fetch: |page, url| page.fetch(url).mode(Mode::NoCors),
            respond: |_| text(200).field(RESOURCE_POLICY, "same-origin"),
        },
        Block {
            name: "a resource for its own site",
            script: "fetch(URL, { mode: 'no-cors' })",
            fetch: |page, url| page.fetch(url).mode(Mode::NoCors),
            respond: |_| text(200).field(RESOURCE_POLICY, "same-site"),
        },
    ]
}

/// Failures of the CORS check.
fn checks() -> Vec<Block> {
    vec![
        get("no Allow-Origin", |_| text(200)),
        get("no Allow-Origin on an error", |_| text(500)),
        include("no Allow-Origin with credentials", |_| text(200)),
        include("`*` with credentials", |_| origin("*")),
        get("two fields", |_| {
            origin("https://a.example").field(ORIGIN, "*")
        }),
        get("the same field twice", |request| {
            allow(request, 200).field(ORIGIN, request.field("origin").unwrap_or_default())
        }),
        get("a list of origins", |_| {
            origin("https://a.example https://b.example")
        }),
        get("another origin", |_| origin("https://admin.example")),
        get("another origin with a slash", |_| {
            origin("https://admin.example/")
        }),
        get("a wildcard in a host", |_| origin("https://*.example")),
        get("a host and a port", |_| origin("localhost:3000")),
        get("null", |_| origin("null")),
        get("a host", |_| origin("admin.example")),
        get("an empty value", |_| origin("")),
        get("quotes", |_| origin("\"https://a.example\"")),
        include("no Allow-Credentials", |request| allow(request, 200)),
        include("Allow-Credentials in upper case", |request| {
            allow(request, 200).field(CREDENTIALS, "True")
        }),
        include("two fields of Allow-Credentials", |request| {
            let allow = allow(request, 200).field(CREDENTIALS, "true");
            allow.field(CREDENTIALS, "true")
        }),
        put("no Allow-Origin after a preflight", |request| {
            if request.method == "OPTIONS" {
                allow(request, 204).field(METHODS, "PUT")
            } else {
                text(200)
            }
        }),
    ]
}

fn preflights() -> Vec<Block> {
    vec![
        put("a preflight without Allow-Origin", |_| text(200)),
        put("a preflight without Allow-Origin and with 405", |_| {
            text(405)
        }),
        put("a preflight for another origin", |_| {
            origin("https://admin.example")
        }),
        put("a preflight with an invalid origin", |_| {
            origin("admin.example")
        }),
        put("a preflight with two fields", |_| {
            origin("https://a.example").field(ORIGIN, "*")
        }),
        put_include("a preflight with `*` and credentials", |_| origin("*")),
        put_include("a preflight without Allow-Credentials", |request| {
            allow(request, 200)
        }),
        put("a preflight with 401", |request| allow(request, 401)),
        put("a preflight with 500", |request| allow(request, 500)),
        put("a preflight with 301", |request| {
            allow(request, 301).field("location", "/text/")
        }),
        put("a preflight with 308 and without Allow-Origin", |_| {
            text(308).field("location", "/text/")
        }),
        put("a preflight with 301 and without Location", |request| {
            allow(request, 301)
        }),
        put("methods in quotes", |request| {
            allow(request, 200).field(METHODS, "GET, \"PUT\"")
        }),
        put("methods without commas", |request| {
            allow(request, 200).field(METHODS, "GET PUT")
        }),
        put("headers with semicolons", |request| {
            let allow = allow(request, 200).field(METHODS, "PUT");
            allow.field(HEADERS, "x-a; x-b")
        }),
        put("no Allow-Methods", |request| allow(request, 200)),
        put_include("`*` for methods with credentials", |request| {
            let allow = allow(request, 200).field(CREDENTIALS, "true");
            allow.field(METHODS, "*")
        }),
        Block {
            name: "a method in lower case",
            script: "fetch(URL, { method: 'patch' })",
            fetch: |page, url| page.fetch(url).method("patch"),
            respond: |request| allow(request, 200).field(METHODS, "PATCH"),
        },
        Block {
            name: "no Allow-Headers",
            script: "fetch(URL, { headers: { 'X-Custom': '1' } })",
            fetch: |page, url| page.fetch(url).header("X-Custom", "1"),
            respond: |request| allow(request, 200),
        },
        Block {
            name: "an upload",
            script: "new Promise((resolve, reject) => {
                const upload = new XMLHttpRequest();
                upload.open('POST', URL);
                upload.upload.onprogress = () => {};
                upload.onload = resolve;
                upload.onerror = () => reject(new Error());
                upload.send('x');
            })",
            fetch: |page, url| {
                let fetch = page.fetch(url).method("POST").body("x");
                fetch.header("content-type", "text/plain").upload_listener()
            },
            respond: |_| text(200),
        },
    ]
}

fn redirects() -> Vec<Block> {
    vec![
        Block {
            name: "the redirect mode error",
            script: "fetch(URL, { redirect: 'error' })",
            fetch: |page, url| page.fetch(url).redirect(Redirect::Error),
            respond: |request| allow(request, 302).field("location", "/elsewhere"),
        },
        get("a redirect to an invalid URL", |request| {
            allow(request, 302).field("location", "http://[")
        }),
        get("a redirect to a data URL", |request| {
            allow(request, 302).field("location", "data:,x")
        }),
        get("a redirect to itself", |request| {
            allow(request, 302).field("location", &request.target)
        }),
        get("a redirect with user info", |request| {
            let host = request.field("host").unwrap_or_default();
            redirect(request, &format!("http://user@{host}/x"), |_| text(200))
        }),
        get("no Allow-Origin on a redirect", |_| {
            text(302).field("location", "/elsewhere")
        }),
        get("no Allow-Origin after a redirect", |request| {
            redirect(request, "/x", |_| text(200))
        }),
        get(
            "no Allow-Origin after a redirect to a third origin",
            |request| {
                let host = request.field("host").unwrap_or_default();
                redirect(request, &format!("http://b.{host}/x"), |_| text(404))
            },
        ),
        put("a preflight after a redirect", |request| {
            if request.method == "OPTIONS" && request.target.starts_with("/text") {
                return allow(request, 200).field(METHODS, "PUT");
            }
            redirect(request, "/x", |request| allow(request, 200))
        }),
        Block {
            name: "a redirect from the page's own origin",
            script: "fetch('/redirect?' + URL)",
            fetch: |page, url| page.fetch(&format!("/redirect?{url}")),
            respond: |_| text(200),
        },
    ]
}
