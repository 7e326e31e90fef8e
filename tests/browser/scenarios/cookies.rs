//! Cookies: `SameSite` of [RFC 6265bis](https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-samesite-attribute-2),
//! the credentials mode, and redirects. `omnicors-browser` only decides whether credentials are included.

use omnicors_browser::{Credentials, Fetch, Mode};
use omnicors_browser_tests::Engine;
use omnicors_browser_tests::origins::Handler;

use crate::scenario::{Expected, Listed, Model, Place, Scenario, field, path, reply};

/// The cookies that an engine sends with `fetch()` to another site. All of them send both cookies to another origin of the same
/// site. Measured.
const CROSS_SITE: [(Engine, &[&str]); 3] = [
    (Engine::Chromium, &[]),
    (Engine::Firefox, &[]),
    (Engine::WebKit, &["none"]),
];

/// The places with cookies.
const VISITS: &[Place] = &[Place::App, Place::SameSite, Place::Api];

const MODES: [(&str, Credentials); 3] = [
    ("omit", Credentials::Omit),
    ("same-origin", Credentials::SameOrigin),
    ("include", Credentials::Include),
];

/// The names of the places in a chain of redirects, with their hosts.
const HOSTS: [(&str, Place, &str); 3] = [
    ("app", Place::App, "app.localhost"),
    ("sameSite", Place::SameSite, "api.app.localhost"),
    ("api", Place::Api, "api.localhost"),
];

/// Chains of redirects.
const WITHIN_SITE: [&str; 4] = [
    "app,app",
    "app,sameSite",
    "app,sameSite,app",
    "sameSite,app",
];
const THROUGH_ANOTHER_SITE: [&str; 4] = ["app,api", "app,api,app", "api,app", "api,sameSite,app"];

type Serve = fn() -> Handler;
type Run = fn(&mut Model<'_>);

pub(crate) fn scenarios() -> Vec<Scenario> {
    let rows: [(&str, &str, Serve, Run); 5] = [
        (
            "cookies need credentials, and a site that SameSite allows",
            "
            for (const place of [sameSite, api])
                for (const credentials of ['omit', 'same-origin', 'include']) await read(`${place}/x`, { credentials });",
            || server(&["none", "lax"]),
            |model| {
                for place in [Place::SameSite, Place::Api] {
                    for (_, credentials) in MODES {
                        let fetch = model.fetch(place, "/x").credentials(credentials);
                        model.read(&with_cookies(model, fetch, &["lax", "none"]));
                    }
                }
            },
        ),
        (
            "cookies along redirects within a site",
            "await redirected(['app,app', 'app,sameSite', 'app,sameSite,app', 'sameSite,app'], 'cors');",
            || server(&["none", "lax"]),
            |model| redirected(model, WITHIN_SITE, Mode::Cors, &["lax", "none"]),
        ),
        (
            "cookies along redirects within a site, without CORS",
            "await redirected(['app,app', 'app,sameSite', 'app,sameSite,app', 'sameSite,app'], 'no-cors');",
            || server(&["none", "lax"]),
            |model| redirected(model, WITHIN_SITE, Mode::NoCors, &["lax", "none"]),
        ),
        (
            "cookies along redirects through another site",
            "await redirected(['app,api', 'app,api,app', 'api,app', 'api,sameSite,app'], 'cors');",
            || server(&["none"]),
            |model| redirected(model, THROUGH_ANOTHER_SITE, Mode::Cors, &["none"]),
        ),
        (
            "cookies along redirects through another site, without CORS",
            "await redirected(['app,api', 'app,api,app', 'api,app', 'api,sameSite,app'], 'no-cors');",
            || server(&["none"]),
            |model| redirected(model, THROUGH_ANOTHER_SITE, Mode::NoCors, &["none"]),
        ),
    ];
    let mut scenarios: Vec<Scenario> = rows
        .map(|(name, script, server, run)| {
            let script = format!("{REDIRECTED} {script}").leak();
            Scenario {
                visits: VISITS,
                ..Scenario::new(name, script, server, Expected::Crate(run))
            }
        })
        .into();
    scenarios.push(Scenario {
        visits: &[Place::App, Place::SameSite],
        ..Scenario::new(
            "a redirect through another site, and cookies with SameSite=Lax",
            "await read(`${api}/include?then=sameSite,app`, { credentials: 'include' });",
            || server(&["lax"]),
            Expected::Listed(Listed {
                link: "https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-same-site-and-cross-site-re",
                requests: &[
                    "GET https://api.localhost/include?then=sameSite,app Origin=https://app.localhost Site=cross-site Mode=cors Dest=empty",
                    "GET https://api.app.localhost/include?then=app Origin=null Site=cross-site Mode=cors Dest=empty",
                    "GET https://app.localhost/include?then= Origin=null Site=cross-site Mode=cors Dest=empty",
                ],
                reads: REDIRECTED_READ,
                deviating: &[
                    (
                        Engine::Chromium,
                        &[
                            "GET https://api.localhost/include?then=sameSite,app Origin=https://app.localhost Site=cross-site Mode=cors Dest=empty",
                            "GET https://api.app.localhost/include?then=app Origin=null Site=cross-site Mode=cors Dest=empty Cookie=lax",
                            "GET https://app.localhost/include?then= Origin=null Site=cross-site Mode=cors Dest=empty Cookie=lax",
                        ],
                        REDIRECTED_READ,
                    ),
                    (
                        Engine::WebKit,
                        &[
                            "GET https://api.localhost/include?then=sameSite,app Origin=https://app.localhost Site=cross-site Mode=cors Dest=empty",
                            "GET https://api.app.localhost/include?then=app Origin=null",
                            "GET https://app.localhost/include?then= Origin=null Cookie=lax",
                        ],
                        REDIRECTED_READ,
                    ),
                ],
            }),
        )
    });
    scenarios
}

const REDIRECTED_READ: &[&str] = &["cors 200 [cache-control] redirected done"];

const REDIRECTED: &str = "
const redirected = async (chains, mode) => {
    const places = { app, sameSite, api };
    for (const chain of chains) {
        const [first, ...rest] = chain.split(',');
        for (const credentials of ['omit', 'same-origin', 'include'])
            await read(`${places[first]}/${credentials}?then=${rest}`, { credentials, mode });
    }
};";

fn redirected(model: &mut Model<'_>, chains: [&str; 4], mode: Mode, names: &[&str]) {
    for chain in chains {
        let (first, rest) = chain.split_once(',').expect("a chain has two places");
        let row = HOSTS.iter().find(|row| row.0 == first);
        let place = row.expect("the place has a host").1;
        for (name, credentials) in MODES {
            let fetch = model.fetch(place, &format!("/{name}?then={rest}"));
            let fetch = fetch.credentials(credentials).mode(mode);
            model.read(&with_cookies(model, fetch, names));
        }
    }
}

/// Adds the cookies of these names that `SameSite` allows.
fn with_cookies(model: &Model<'_>, fetch: Fetch, names: &[&str]) -> Fetch {
    let of_engine = CROSS_SITE.iter().find(|row| row.0 == model.engine);
    let cross_site = of_engine.expect("each engine has a row").1;
    HOSTS.iter().fold(fetch, |fetch, (_, place, host)| {
        let sent = names
            .iter()
            .filter(|name| *place != Place::Api || cross_site.contains(name));
        let pairs: Vec<String> = sent.map(|name| model.cookie(name)).collect();
        fetch.cookies_for(host, &pairs.join("; "))
    })
}

/// Sets cookies of these names in a visit, and redirects to the places in `then`.
fn server(names: &'static [&'static str]) -> Handler {
    Box::new(move |request| {
        let uri = request.uri();
        let case = uri.path().split('/').nth(1).unwrap_or_default();
        if path(request) == "visit" {
            let cookie = |(name, same_site)| {
                format!("{name}_{case}=1; Path=/{case}; Secure; SameSite={same_site}")
            };
            let set: Vec<String> = [("none", "None"), ("lax", "Lax")]
                .into_iter()
                .filter(|row| names.contains(&row.0))
                .map(cookie)
                .collect();
            let mut fields = vec![("content-type", "text/html")];
            fields.extend(set.iter().map(|cookie| ("set-cookie", cookie.as_str())));
            return reply(200, &fields, "visited");
        }
        let mut fields = vec![
            ("access-control-allow-origin", field(request, "origin")),
            ("access-control-allow-credentials", "true"),
        ];
        let then = uri.query().and_then(|query| query.strip_prefix("then="));
        let Some(then) = then.filter(|then| !then.is_empty()) else {
            return reply(200, &fields, "done");
        };
        let (next, rest) = then.split_once(',').unwrap_or((then, ""));
        let row = HOSTS.iter().find(|row| row.0 == next);
        let host = row.expect("the place has a host").2;
        let port = uri.port_u16().expect("the port of the test");
        let location = format!("https://{host}:{port}{}?then={rest}", uri.path());
        fields.push(("location", &location));
        reply(302, &fields, "")
    })
}
