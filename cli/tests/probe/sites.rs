//! Servers with one fault each, and servers without.

use axum::body::Body;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};

/// The origin that these servers allow.
pub(crate) const APP: &str = "https://app.site.example";

fn response(status: u16, fields: &[(&str, &str)]) -> Response<Body> {
    let mut response = Response::new(Body::from("hello"));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    for (name, value) in fields {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        response
            .headers_mut()
            .append(name, HeaderValue::from_str(value).expect("a value"));
    }
    response
}

const ORIGIN: &str = "access-control-allow-origin";
const CREDENTIALS: (&str, &str) = ("access-control-allow-credentials", "true");
const VARY: (&str, &str) = ("vary", "Origin");

/// A request as the servers see it.
struct Asked<'a> {
    origin: Option<&'a str>,
    is_preflight: bool,
    path: &'a str,
    headers: &'a HeaderMap,
}

/// Returns the response of a right server: it lists origins and sends `Vary`.
fn listing(asked: &Asked<'_>, is_listed: &dyn Fn(&str) -> bool) -> Response<Body> {
    let status = if asked.path.contains("omnicors-audit") {
        404
    } else {
        200
    };
    let mut fields = vec![VARY];
    if let Some(origin) = asked.origin.filter(|origin| is_listed(origin)) {
        fields.extend([(ORIGIN, origin), CREDENTIALS]);
        if asked.is_preflight {
            fields.extend([
                ("access-control-allow-methods", "GET, HEAD, POST, PUT"),
                (
                    "access-control-allow-headers",
                    "content-type, authorization",
                ),
                ("access-control-max-age", "3600"),
            ]);
        }
    }
    response(if asked.is_preflight { 204 } else { status }, &fields)
}

/// Returns true if the host of a request is one of the names of these servers.
fn is_own_host(request: &Request<Body>) -> bool {
    let field = request.headers().get("host");
    let field = field.and_then(|host| host.to_str().ok());
    let host = request.uri().host().or(field).unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    matches!(name, "127.0.0.1" | "api.example" | "staging.example")
        || name.ends_with(".localhost")
        || name.ends_with(".test.example")
}

/// Responds as the server of a name. Each fault is alone, and everything else is right.
#[allow(clippy::too_many_lines, reason = "a table of servers")]
pub(crate) fn respond(name: &str, request: &Request<Body>) -> Response<Body> {
    let value = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let asked = Asked {
        origin: value("origin"),
        is_preflight: request.method() == Method::OPTIONS
            && value("access-control-request-method").is_some(),
        path: request.uri().path(),
        headers: request.headers(),
    };
    let is_app = |origin: &str| origin == APP;
    let set = |mut response: Response<Body>, name: &'static str, value: &str| {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_str(value).expect("a value"));
        response
    };
    let has_origin = |response: &Response<Body>| response.headers().contains_key(ORIGIN);
    let right = listing(&asked, &is_app);
    match name {
        // https://www.rfc-editor.org/rfc/rfc9110#section-7.4
        name if name != "any-host" && !is_own_host(request) => response(421, &[]),
        "public" => {
            let status = if asked.path.contains("omnicors-audit") {
                404
            } else {
                200
            };
            response(status, &[(ORIGIN, "*")])
        }
        // The handshake is answered as RFC 6455, section 4.2.2, says, as far as an audit can see.
        "socket" | "checked-socket" if value("upgrade") == Some("websocket") => {
            if name == "checked-socket" && !asked.origin.is_some_and(is_app) {
                return response(403, &[VARY]);
            }
            response(
                101,
                &[
                    ("connection", "upgrade"),
                    ("upgrade", "websocket"),
                    ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
                ],
            )
        }
        "reflecting" => listing(&asked, &|_| true),
        "null" => listing(&asked, &|origin| is_app(origin) || origin == "null"),
        "beginning" => listing(&asked, &|origin| {
            origin.starts_with(APP)
                && !origin.contains('_')
                && !origin.starts_with("https://app.site.example:")
                && origin != "https://app.site.example."
        }),
        "end" => listing(&asked, &|origin| {
            origin.starts_with("https://")
                && origin.ends_with("app.site.example")
                && !origin.ends_with(".app.site.example")
        }),
        "dot" => listing(&asked, &|origin| {
            is_app(origin) || origin == "https://appxsite.example"
        }),
        "underscore" => listing(&asked, &|origin| {
            is_app(origin) || origin.starts_with("https://app.site.example_")
        }),
        "subdomains" => listing(&asked, &|origin| {
            is_app(origin)
                || (origin.starts_with("https://") && origin.ends_with(".app.site.example"))
        }),
        "plain-http" => listing(&asked, &|origin| {
            is_app(origin) || origin == "http://app.site.example"
        }),
        "port" => listing(&asked, &|origin| {
            is_app(origin) || origin.starts_with("https://app.site.example:")
        }),
        "trailing-dot" => listing(&asked, &|origin| {
            is_app(origin) || origin == "https://app.site.example."
        }),
        "no-vary" => {
            let mut response = right;
            response.headers_mut().remove("vary");
            response
        }
        "no-store" => {
            let mut response = set(right, "cache-control", "no-store");
            response.headers_mut().remove("vary");
            response
        }
        "twice" => {
            let mut response = right;
            if has_origin(&response) {
                response
                    .headers_mut()
                    .append(ORIGIN, HeaderValue::from_static(APP));
            }
            response
        }
        "list" if has_origin(&right) => set(
            right,
            ORIGIN,
            "https://app.site.example, https://admin.site.example",
        ),
        "wildcard" => response(
            if asked.path.contains("omnicors-audit") {
                404
            } else {
                200
            },
            &[(ORIGIN, "*"), CREDENTIALS],
        ),
        "login" if asked.is_preflight => response(401, &[]),
        "redirect-to-login" if asked.is_preflight => response(302, &[("location", "/login")]),
        "broken-preflight" if asked.is_preflight => response(500, &[]),
        "no-preflight" if asked.is_preflight => response(405, &[]),
        "invalid-list" if asked.is_preflight => {
            set(right, "access-control-allow-methods", "GET; PUT")
        }
        "open-preflight" if asked.is_preflight => listing(&asked, &|_| true),
        "bare-errors" if asked.path.contains("omnicors-audit") => response(404, &[]),
        "broken" => response(500, &[]),
        "private-network"
            if asked
                .headers
                .contains_key("access-control-request-private-network") =>
        {
            set(right, "access-control-allow-private-network", "true")
        }
        "long-max-age" if asked.is_preflight => set(right, "access-control-max-age", "31536000"),
        "odd-max-age" if asked.is_preflight => set(right, "access-control-max-age", "1h"),
        "timing" => set(right, "timing-allow-origin", "*"),
        "any-header" if asked.is_preflight && has_origin(&right) => {
            let mut response = set(right, "access-control-allow-headers", "*");
            response
                .headers_mut()
                .remove("access-control-allow-credentials");
            response
        }
        "any-header-with-credentials" if asked.is_preflight && has_origin(&right) => {
            set(right, "access-control-allow-headers", "*, authorization")
        }
        "true-in-upper-case" if has_origin(&right) => {
            set(right, "access-control-allow-credentials", "True")
        }
        "busy" => response(429, &[]),
        "redirecting" if !asked.is_preflight => {
            let mut response = set(right, "location", "https://other.example/");
            *response.status_mut() = StatusCode::FOUND;
            response
        }
        "static" => response(
            if asked.path.contains("omnicors-audit") {
                404
            } else {
                200
            },
            &[(ORIGIN, APP), CREDENTIALS],
        ),
        "wildcard-if-asked" => {
            let fields = [(ORIGIN, "*")];
            let status = if asked.path.contains("omnicors-audit") {
                404
            } else {
                200
            };
            response(status, if asked.origin.is_some() { &fields } else { &[] })
        }
        // The server's own origin, with a careless comparison.
        "own-beginning" => listing(&asked, &|origin| {
            is_app(origin) || origin.starts_with("http://127.0.0.1")
        }),
        "nginx" => response(200, &[("server", "nginx/1.26.0"), (ORIGIN, "*")]),
        "express" => response(200, &[("x-powered-by", "Express"), (ORIGIN, "*")]),
        // "right", and the names in documents.
        _ => right,
    }
}
