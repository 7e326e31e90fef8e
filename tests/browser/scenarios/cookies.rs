//! Cookies: `SameSite` of [RFC 6265bis](https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-samesite-attribute-2),
//! and the credentials mode. `omnicors-browser` only decides whether credentials are included.

use omnicors_browser::Credentials;
use omnicors_browser_tests::Engine;
use omnicors_browser_tests::origins::Handler;

use crate::scenario::{Expected, Model, Place, Scenario, field, path, reply};

/// The cookies that an engine sends with `fetch()` to another site. All of them send both cookies to another origin of the same
/// site. Measured.
const CROSS_SITE: [(Engine, &[&str]); 3] = [
    (Engine::Chromium, &[]),
    (Engine::Firefox, &[]),
    (Engine::WebKit, &["none"]),
];

pub(crate) fn scenarios() -> Vec<Scenario> {
    let scenario = Scenario::new(
        "cookies need credentials, and a site that SameSite allows",
        "
        for (const place of [sameSite, api])
            for (const credentials of ['omit', 'same-origin', 'include']) await read(`${place}/x`, { credentials });",
        server,
        Expected::Crate(run),
    );
    vec![Scenario {
        visits: &[Place::SameSite, Place::Api],
        ..scenario
    }]
}

fn run(model: &mut Model<'_>) {
    let engine = model.engine;
    let of_engine = CROSS_SITE.iter().find(|row| row.0 == engine);
    let cross_site = of_engine.expect("each engine has a row").1;
    for (place, names) in [
        (Place::SameSite, &["lax", "none"][..]),
        (Place::Api, cross_site),
    ] {
        let pairs: Vec<String> = names.iter().map(|name| model.cookie(name)).collect();
        for credentials in [
            Credentials::Omit,
            Credentials::SameOrigin,
            Credentials::Include,
        ] {
            let fetch = model.fetch(place, "/x").credentials(credentials);
            model.read(&fetch.cookies(&pairs.join("; ")));
        }
    }
}

fn server() -> Handler {
    Box::new(|request| {
        if path(request) == "visit" {
            let case = request.uri().path().split('/').nth(1).unwrap_or_default();
            let none = format!("none_{case}=1; Path=/{case}; Secure; SameSite=None");
            let lax = format!("lax_{case}=1; Path=/{case}; Secure; SameSite=Lax");
            let fields = [
                ("content-type", "text/html"),
                ("set-cookie", none.as_str()),
                ("set-cookie", lax.as_str()),
            ];
            return reply(200, &fields, "visited");
        }
        let fields = [
            ("access-control-allow-origin", field(request, "origin")),
            ("access-control-allow-credentials", "true"),
        ];
        reply(200, &fields, "done")
    })
}
