//! Preflights, their cache, and uploads: [CORS-preflight cache](https://fetch.spec.whatwg.org/#cors-preflight-cache).

use std::time::Duration;

use omnicors_browser::{Credentials, Fetch};
use omnicors_browser_tests::Engine;
use omnicors_browser_tests::origins::Handler;

use crate::scenario::{Expected, Model, Place, Scenario, field, reply};

fn scenario(
    name: &'static str,
    script: &'static str,
    server: fn() -> Handler,
    run: fn(&mut Model<'_>),
) -> Scenario {
    Scenario::new(name, script, server, Expected::Crate(run))
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut all = vec![
        scenario(
            "a stored preflight does not allow another method",
            "for (const method of ['PUT', 'PUT', 'DELETE']) await read(`${api}/x`, { method });",
            || allowing("60", "PUT", ""),
            |model| {
                for method in ["PUT", "PUT", "DELETE"] {
                    let fetch = model.fetch(Place::Api, "/x").method(method);
                    model.read(&fetch);
                }
            },
        ),
        scenario(
            "a stored preflight does not allow another header",
            "for (const name of ['x-one', 'x-one', 'x-two']) await read(`${api}/x`, { headers: { [name]: '1' } });",
            || allowing("60", "", "x-one"),
            |model| {
                for name in ["x-one", "x-one", "x-two"] {
                    let fetch = model.fetch(Place::Api, "/x").header(name, "1");
                    model.read(&fetch);
                }
            },
        ),
        scenario(
            "a preflight with max age 0 is not stored",
            "for (const method of ['PUT', 'PUT']) await read(`${api}/x`, { method });",
            || allowing("0", "PUT", ""),
            |model| {
                let fetch = model.fetch(Place::Api, "/x").method("PUT");
                model.read(&fetch);
                model.read(&fetch);
            },
        ),
        scenario(
            "a preflight with credentials, then a request without",
            "for (const credentials of ['include', 'omit']) await read(`${api}/x`, { method: 'PUT', credentials });",
            credentialed,
            |model| partition(model, [Credentials::Include, Credentials::Omit]),
        ),
        scenario(
            "a preflight without credentials, then a request with them",
            "for (const credentials of ['omit', 'include']) await read(`${api}/x`, { method: 'PUT', credentials });",
            credentialed,
            |model| partition(model, [Credentials::Omit, Credentials::Include]),
        ),
        scenario(
            "a listener on an upload needs a preflight",
            UPLOADS,
            || allowing("0", "", ""),
            |model| {
                let post = model
                    .fetch(Place::Api, "/x")
                    .method("POST")
                    .header("content-type", "text/plain")
                    .body("x");
                model.read(&post);
                model.read(&post.upload_listener());
            },
        ),
    ];
    all.extend(streams());
    all.push(expiring());
    all
}

type Run = fn(&mut Model<'_>);

fn streams() -> Vec<Scenario> {
    let rows: [(&str, &str, Run); 4] = [
        (
            "a stream over HTTP/2 needs a preflight",
            concat!("const url = `${api}/x`;", include_str!("stream.js")),
            |model| {
                let stream = stream(model, Place::Api, "/x");
                model.read(&stream);
            },
        ),
        (
            "a stream over HTTP/1.1 is not sent, but its preflight is",
            concat!("const url = `${http1}/x`;", include_str!("stream.js")),
            |model| {
                let stream = stream(model, Place::Http1, "/x");
                model.read(&stream.over_http1());
            },
        ),
        (
            "a stream over http is not sent, but its preflight is",
            concat!(
                "const url = `${plainLoopback}/x`;",
                include_str!("stream.js")
            ),
            |model| {
                let stream = stream(model, Place::PlainLoopback, "/x");
                model.read(&stream);
            },
        ),
        (
            "a stream is not sent again after a redirect",
            concat!("const url = `${api}/redirect`;", include_str!("stream.js")),
            |model| {
                let stream = stream(model, Place::Api, "/redirect");
                model.read(&stream);
            },
        ),
    ];
    let scenarios = rows.map(|(name, script, run)| Scenario {
        lacking: &[Engine::Firefox, Engine::WebKit],
        ..scenario(name, script, || allowing("0", "", ""), run)
    });
    scenarios.into()
}

fn expiring() -> Scenario {
    Scenario {
        merges_repeats: true,
        ..scenario(
            "a stored preflight expires after its max age",
            "
            const started = performance.now();
            let count;
            do {
                count = await (await fetch(`${api}/x`, { method: 'PUT' })).text();
            } while (count === '1');
            // A page may round times.
            reads.push(count, String(performance.now() - started > 900));",
            counting,
            |model| {
                let put = model.fetch(Place::Api, "/x").method("PUT");
                let _ = model.send(&put);
                let _ = model.send(&put);
                model.browser.advance(Duration::from_secs(1));
                let last = model.send(&put);
                let count = String::from_utf8_lossy(last.assert_readable().body()).into_owned();
                model.reads.extend([count, "true".to_owned()]);
            },
        )
    }
}

/// Responds with the number of preflights, which are stored for one second.
fn counting() -> Handler {
    let mut preflights = 0;
    Box::new(move |request| {
        let fields = [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-methods", "PUT"),
            ("access-control-max-age", "1"),
        ];
        if request.method() == "OPTIONS" {
            preflights += 1;
            return reply(204, &fields, "");
        }
        reply(200, &fields, preflights.to_string())
    })
}

const UPLOADS: &str = "
for (const listens of [false, true]) {
    const request = new XMLHttpRequest();
    if (listens) request.upload.onprogress = () => {};
    const ended = new Promise(resolve => { request.onloadend = resolve; });
    request.open('POST', `${api}/x`);
    request.setRequestHeader('content-type', 'text/plain');
    request.send('x');
    await ended;
    const names = request.getAllResponseHeaders().trim().split('\\r\\n').map(line => line.split(':')[0]);
    reads.push(request.status ? describe('cors', request.status, names, false, request.responseText) : 'TypeError');
}";

fn partition(model: &mut Model<'_>, each: [Credentials; 2]) {
    for credentials in each {
        let fetch = model
            .fetch(Place::Api, "/x")
            .method("PUT")
            .credentials(credentials);
        model.read(&fetch);
    }
}

fn stream(model: &Model<'_>, place: Place, path: &str) -> Fetch {
    model.fetch(place, path).method("POST").stream("chunk")
}

fn allowing(max_age: &'static str, methods: &'static str, headers: &'static str) -> Handler {
    Box::new(move |request| {
        let mut fields = vec![
            ("access-control-allow-origin", "*"),
            ("access-control-max-age", max_age),
        ];
        for (name, value) in [
            ("access-control-allow-methods", methods),
            ("access-control-allow-headers", headers),
        ] {
            if !value.is_empty() {
                fields.push((name, value));
            }
        }
        if request.method() == "OPTIONS" {
            return reply(204, &fields, "");
        }
        if request.uri().path().ends_with("/redirect") {
            fields.push(("location", "x"));
            return reply(307, &fields, "");
        }
        reply(200, &fields, "done")
    })
}

fn credentialed() -> Handler {
    Box::new(|request| {
        let fields = [
            ("access-control-allow-origin", field(request, "origin")),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "PUT"),
            ("access-control-max-age", "60"),
        ];
        let status = if request.method() == "OPTIONS" {
            204
        } else {
            200
        };
        reply(status, &fields, if status == 200 { "done" } else { "" })
    })
}
