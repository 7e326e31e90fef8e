//! Resources that a page loads without `fetch()`, and forms. `omnicors-browser` does not implement modules and integrity.

use omnicors_browser_tests::Engine;
use omnicors_browser_tests::origins::Handler;

use crate::scenario::{Expected, Listed, Model, Place, Scenario, field, path, reply};

const SCRIPT_NO_CORS: &str =
    "GET https://api.localhost/script.js Site=cross-site Mode=no-cors Dest=script";
const SCRIPT_CORS: &str = "GET https://api.localhost/script.js Origin=https://app.localhost Site=cross-site Mode=cors Dest=script";

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "integrity needs crossorigin",
            INTEGRITY,
            server,
            Expected::Listed(Listed {
                link: "https://www.w3.org/TR/sri-2/#is-response-eligible",
                requests: &[SCRIPT_NO_CORS, SCRIPT_CORS],
                reads: &["false", "true"],
                deviating: &[],
            }),
        ),
        Scenario::new(
            "a JSON module is a CORS request",
            JSON_MODULE,
            server,
            Expected::Listed(Listed {
                link: "https://html.spec.whatwg.org/multipage/webappapis.html#fetch-a-single-module-script",
                requests: &[
                    "GET https://api.localhost/data.json Origin=https://app.localhost Site=cross-site Mode=cors Dest=json",
                ],
                reads: &["3"],
                deviating: &[(
                    Engine::WebKit,
                    &[
                        "GET https://api.localhost/data.json Origin=https://app.localhost Site=cross-site Mode=cors Dest=script",
                    ],
                    &["3"],
                )],
            }),
        ),
        Scenario::new(
            "a form is posted without a preflight",
            "
                const form = document.createElement('form');
                form.method = 'post';
                form.action = `${api}/form`;
                globalThis.leave = () => form.submit();
                document.body.append(form);",
            server,
            Expected::Crate(|model: &mut Model<'_>| {
                let form = model.page().post_form(&model.url(Place::Api, "/form"));
                let _ = model.send(&form);
            }),
        ),
    ]
}

const INTEGRITY: &str = "
const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('globalThis.ran = true;'));
for (const crossOrigin of [null, 'anonymous']) {
    const script = document.createElement('script');
    script.crossOrigin = crossOrigin;
    script.integrity = `sha256-${btoa(String.fromCharCode(...new Uint8Array(hash)))}`;
    script.src = `${api}/script.js`;
    const loaded = loads(script);
    document.head.append(script);
    reads.push(String(await loaded));
}";

const JSON_MODULE: &str = "
let load;
try {
    load = new Function('url', 'return import(url, { with: { type: \"json\" } })');
} catch {
    return 'cannot';
}
reads.push(await load(`${api}/data.json`).then(module => String(module.default.answer), error => error.name));";

fn server() -> Handler {
    Box::new(|request| {
        let allow = ("access-control-allow-origin", field(request, "origin"));
        match path(request) {
            "script.js" => {
                let fields = [
                    ("access-control-allow-origin", "*"),
                    ("content-type", "text/javascript"),
                ];
                reply(200, &fields, "globalThis.ran = true;")
            }
            "data.json" => reply(
                200,
                &[allow, ("content-type", "application/json")],
                "{\"answer\":3}",
            ),
            _ => reply(200, &[("content-type", "text/html")], "posted"),
        }
    })
}
