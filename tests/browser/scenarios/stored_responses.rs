//! Stored responses that a 304 updates: [RFC 9111, 4.3.4](https://www.rfc-editor.org/rfc/rfc9111#section-4.3.4).

use omnicors_browser_tests::origins::Handler;

use crate::scenario::{Expected, Model, Place, Scenario, field, reply};

pub(crate) fn scenarios() -> Vec<Scenario> {
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
