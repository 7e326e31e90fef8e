//! Redirects: [HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch).

use omnicors_browser::Redirect;
use omnicors_browser_tests::origins::Handler;

use crate::scenario::{Expected, Model, Place, Scenario, reply};

type Run = fn(&mut Model<'_>);

pub(crate) fn scenarios() -> Vec<Scenario> {
    let rows: [(&str, &str, Run); 7] = [
        (
            "a redirect with user info to the same API",
            "await read(`${api}/user-info`);",
            |model| {
                let fetch = model.fetch(Place::Api, "/user-info");
                model.read(&fetch);
            },
        ),
        (
            "a redirect with user info within the page's origin",
            "await read(`${app}/user-info`);",
            |model| {
                let fetch = model.fetch(Place::App, "/user-info");
                model.read(&fetch);
            },
        ),
        (
            "redirects that are opaque or an error",
            "for (const redirect of ['manual', 'error']) await read(`${api}/to-other`, { redirect });",
            |model| {
                for mode in [Redirect::Manual, Redirect::Error] {
                    let fetch = model.fetch(Place::Api, "/to-other").redirect(mode);
                    model.read(&fetch);
                }
            },
        ),
        (
            "the last response of a redirect exposes its headers",
            "await read(`${api}/exposes`);",
            |model| {
                let fetch = model.fetch(Place::Api, "/exposes");
                model.read(&fetch);
            },
        ),
        (
            "a redirect to a third site sends null",
            "await read(`${api}/to-other`);",
            |model| {
                let fetch = model.fetch(Place::Api, "/to-other");
                model.read(&fetch);
            },
        ),
        (
            "a redirect within another port of the page's host",
            "await read(`${otherPort}/exposes`);",
            |model| {
                let fetch = model.fetch(Place::OtherPort, "/exposes");
                model.read(&fetch);
            },
        ),
        (
            "a form whose own server redirects it to another site with its method",
            "
                const form = document.createElement('form');
                form.method = 'post';
                form.action = `${app}/moved-to-api`;
                document.body.append(form);
                globalThis.leave = () => form.submit();",
            |model| {
                let form = model
                    .page()
                    .post_form(&model.url(Place::App, "/moved-to-api"));
                let _ = model.send(&form);
            },
        ),
    ];
    rows.map(|(name, script, run)| Scenario::new(name, script, server, Expected::Crate(run)))
        .into()
}

fn server() -> Handler {
    Box::new(|request| {
        let uri = request.uri().to_string();
        let (folder, name) = uri.rsplit_once('/').expect("a path");
        let to_other = folder.replacen("//api.", "//other.", 1);
        let location = match name {
            "user-info" => folder.replacen("://", "://user:password@", 1) + "/end",
            "moved-to-api" => folder.replacen("//app.", "//api.", 1) + "/end",
            "to-other" => to_other + "/end",
            "exposes" => "end".to_owned(),
            _ => {
                let fields = [
                    ("access-control-allow-origin", "*"),
                    ("access-control-expose-headers", "x-last"),
                    ("x-last", "1"),
                    ("x-first", "1"),
                ];
                return reply(200, &fields, "end");
            }
        };
        let fields = [
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", "x-first"),
            ("x-first", "1"),
            ("location", location.as_str()),
        ];
        let status = if name == "moved-to-api" { 307 } else { 302 };
        reply(status, &fields, "")
    })
}
