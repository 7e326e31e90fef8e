//! Beacons: [the processing model](https://w3c.github.io/beacon/#sec-processing-model).

use omnicors_browser_tests::origins::Handler;

use crate::scenario::{Expected, Model, Place, Scenario, field, path, reply};

pub(crate) fn scenarios() -> Vec<Scenario> {
    [
        (
            "a beacon with text needs no preflight",
            "reads.push(String(navigator.sendBeacon(`${api}/x`, 'left')));",
            (|model| beacon(model, "/x", "text/plain;charset=UTF-8", "left")) as fn(&mut Model<'_>),
        ),
        (
            "a beacon with JSON needs a preflight that allows credentials",
            "
            const json = new Blob(['{}'], { type: 'application/json' });
            reads.push(String(navigator.sendBeacon(`${api}/denied`, json)));
            await arrive(1);
            reads.push(String(navigator.sendBeacon(`${api}/allowed`, json)));
            await arrive(3);",
            |model| {
                for target in ["/denied", "/allowed"] {
                    beacon(model, target, "application/json", "{}");
                }
            },
        ),
    ]
    .map(|(name, script, run)| Scenario::new(name, script, server, Expected::Crate(run)))
    .into()
}

/// Sends a beacon. The page learns only that the browser has accepted it.
fn beacon(model: &mut Model<'_>, target: &str, content_type: &str, body: &'static str) {
    let url = model.url(Place::Api, target);
    let _ = model.send(&model.page().send_beacon(&url, content_type, body));
    model.reads.push("true".to_owned());
}

fn server() -> Handler {
    Box::new(|request| {
        let mut fields = vec![
            ("access-control-allow-origin", field(request, "origin")),
            ("access-control-allow-headers", "content-type"),
        ];
        if path(request) != "denied" {
            fields.push(("access-control-allow-credentials", "true"));
        }
        reply(204, &fields, "")
    })
}
