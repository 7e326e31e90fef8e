//! Stored responses: those that a 304 updates ([RFC 9111, 4.3.4](https://www.rfc-editor.org/rfc/rfc9111#section-4.3.4)), and those
//! to requests with and without credentials, for which Fetch has one cache
//! ([determine the HTTP cache partition](https://fetch.spec.whatwg.org/#determine-the-http-cache-partition)).

use omnicors_browser::Credentials;
use omnicors_browser_tests::origins::Handler;

use crate::scenario::{Expected, Model, Place, Scenario, field, path, reply};

type Run = fn(&mut Model<'_>);

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut all = updated_by_304();
    all.extend(by_credentials());
    all
}

fn updated_by_304() -> Vec<Scenario> {
    [
        (
            "a 304 without CORS headers inherits those of the stored response",
            (|| server(&[])) as fn() -> Handler,
        ),
        ("a 304 exposes another header", || {
            server(&[("access-control-expose-headers", "x-one, x-two")])
        }),
        ("a 304 withdraws the origin", || {
            server(&[("access-control-allow-origin", "https://other.example")])
        }),
        ("a 304 exposes nothing", || {
            server(&[("access-control-expose-headers", "")])
        }),
    ]
    .map(|(name, server)| {
        let script = "await read(`${api}/x`); await read(`${api}/x`);";
        Scenario::new(name, script, server, Expected::Crate(twice))
    })
    .into()
}

fn by_credentials() -> Vec<Scenario> {
    let rows: [(&str, &str, Run); 3] = [
        (
            "a response to a request with credentials, asked for without them",
            "await inTurn(['include', 'omit', 'same-origin', 'include']);",
            |model| in_turn(model, ["include", "omit", "same-origin", "include"]),
        ),
        (
            "a response to a request without credentials, asked for with them",
            "await inTurn(['omit', 'same-origin', 'include', 'omit']);",
            |model| in_turn(model, ["omit", "same-origin", "include", "omit"]),
        ),
        (
            "responses that vary by the language of the request",
            "
            for (const language of ['de', 'en', 'en', 'de'])
                await read(`${sameSite}/vary`, { headers: { 'accept-language': language } });",
            |model| {
                for language in ["de", "en", "en", "de"] {
                    let fetch = model.fetch(Place::SameSite, "/vary");
                    model.read(&fetch.header("accept-language", language));
                }
            },
        ),
    ];
    let scenarios = rows.map(|(name, script, run)| {
        let script = format!("{IN_TURN} {script}").leak();
        Scenario {
            visits: &[Place::SameSite],
            ..Scenario::new(name, script, counting, Expected::Crate(run))
        }
    });
    scenarios.into()
}

/// Ways to allow credentials: in each response, in none, only if there is a cookie, and the same with `Vary`.
const WAYS: [&str; 4] = ["always", "never", "with-cookie", "with-cookie-and-vary"];

const IN_TURN: &str = "
const inTurn = async modes => {
    for (const way of ['always', 'never', 'with-cookie', 'with-cookie-and-vary'])
        for (const credentials of modes) await read(`${sameSite}/${way}`, { credentials });
};";

fn in_turn(model: &mut Model<'_>, turns: [&str; 4]) {
    let cookie = model.cookie("lax");
    for way in WAYS {
        for mode in turns {
            let credentials = match mode {
                "omit" => Credentials::Omit,
                "same-origin" => Credentials::SameOrigin,
                _ => Credentials::Include,
            };
            let fetch = model.fetch(Place::SameSite, &format!("/{way}"));
            model.read(&fetch.credentials(credentials).cookies(&cookie));
        }
    }
}

/// Responds with the number of the request, and lets caches store the response.
fn counting() -> Handler {
    let mut count = 0;
    Box::new(move |request| {
        let case = request.uri().path().split('/').nth(1).unwrap_or_default();
        if path(request) == "visit" {
            let cookie = format!("lax_{case}=1; Path=/{case}; Secure; SameSite=Lax");
            let fields = [
                ("content-type", "text/html"),
                ("set-cookie", cookie.as_str()),
            ];
            return reply(200, &fields, "visited");
        }
        count += 1;
        let mut fields = vec![
            ("cache-control", "max-age=600"),
            ("access-control-allow-origin", field(request, "origin")),
        ];
        let way = path(request);
        let has_cookie = !field(request, "cookie").is_empty();
        if way == "always" || (way.starts_with("with-cookie") && has_cookie) {
            fields.push(("access-control-allow-credentials", "true"));
        }
        if way.ends_with("vary") {
            fields.push(("vary", "cookie, accept-language"));
        }
        reply(200, &fields, count.to_string())
    })
}

fn server(validation: &'static [(&'static str, &'static str)]) -> Handler {
    Box::new(move |request| {
        if field(request, "if-none-match").is_empty() {
            let fields = [
                ("cache-control", "no-cache"),
                ("etag", "\"1\""),
                ("access-control-allow-origin", "*"),
                ("access-control-expose-headers", "x-one"),
                ("x-one", "1"),
                ("x-two", "2"),
            ];
            reply(200, &fields, "stored")
        } else {
            let mut fields = vec![("cache-control", "no-cache"), ("etag", "\"1\"")];
            fields.extend(validation);
            reply(304, &fields, "")
        }
    })
}

fn twice(model: &mut Model<'_>) {
    let fetch = model.fetch(Place::Api, "/x");
    model.read(&fetch);
    model.read(&fetch);
}
