//! The fields that a browser adds or leaves out. The server responds with those that matter.

use omnicors_browser::{Mode, Page, PageResponse, Redirect, ReferrerPolicy};
use omnicors_browser_tests::origins::Handler;

use crate::scenario::{Expected, Model, Place, Scenario, describe, field, path, reply};

type Run = fn(&mut Model<'_>);

pub(crate) fn scenarios() -> Vec<Scenario> {
    let rows: [(&'static str, &'static str, Run); 6] = [
        (
            "a range is requested without a content coding",
            "await read(`${app}/accept-encoding`, { headers: { range: 'bytes=0-3' } });",
            |model| {
                let fetch = model.fetch(Place::App, "/accept-encoding");
                model.read(&fetch.header("range", "bytes=0-3"));
            },
        ),
        (
            "a page that validates bypasses caches",
            "
                for (const name of ['if-none-match', 'if-match', 'if-range']) {
                    await read(`${app}/cache`, { headers: { [name]: '\"1\"' } });
                }
                for (const name of ['if-modified-since', 'if-unmodified-since']) {
                    await read(`${app}/cache`, { headers: { [name]: 'Thu, 01 Jan 2026 00:00:00 GMT' } });
                }",
            |model| {
                let date = "Thu, 01 Jan 2026 00:00:00 GMT";
                for (name, value) in [
                    ("if-none-match", "\"1\""),
                    ("if-match", "\"1\""),
                    ("if-range", "\"1\""),
                    ("if-modified-since", date),
                    ("if-unmodified-since", date),
                ] {
                    let fetch = model.fetch(Place::App, "/cache").header(name, value);
                    model.read(&fetch);
                }
            },
        ),
        (
            "a no-cors header is safelisted with its earlier values",
            "
                const long = 'a'.repeat(100);
                const headers = [['content-language', long], ['content-language', long], ['content-language', 'de']];
                await read(`${app}/content-language`, { mode: 'no-cors', headers });",
            |model| {
                let long = "a".repeat(100);
                let fetch = model
                    .fetch(Place::App, "/content-language")
                    .mode(Mode::NoCors);
                let fetch = fetch.header("content-language", &long);
                let fetch = fetch.header("content-language", &long);
                model.read(&fetch.header("content-language", "de"));
            },
        ),
        (
            "a beacon has at most 64 KiB",
            "
                for (const length of [65536, 65537]) {
                    reads.push(String(navigator.sendBeacon(`${app}/beacon`, 'x'.repeat(length))));
                    await arrive(1);
                }",
            |model| {
                let url = model.url(Place::App, "/beacon");
                for length in [65_536, 65_537] {
                    let body = "x".repeat(length);
                    let beacon = model
                        .page()
                        .send_beacon(&url, "text/plain;charset=UTF-8", body);
                    let is_sent = model.send(&beacon).result().is_ok();
                    model.reads.push(is_sent.to_string());
                }
            },
        ),
        (
            "an opaque redirect has its URL without the fragment",
            "
                const response = await fetch(`${api}/no-referrer#part`, { redirect: 'manual' });
                reads.push(`${response.type} ${response.url}`);",
            |model| {
                let fetch = model.fetch(Place::Api, "/no-referrer#part");
                let outcome = model.send(&fetch.redirect(Redirect::Manual));
                let url = outcome.result().map(PageResponse::url).unwrap_or_default();
                model.reads.push(format!("opaqueredirect {url}"));
            },
        ),
        (
            "a sandboxed frame in an https page does not fetch http",
            SANDBOXED,
            |model| {
                let embedder = model.url(Place::App, "/page");
                let frame = Page::sandboxed(&embedder).expect("a URL");
                for place in [Place::Plain, Place::Api] {
                    let outcome = model.send(&frame.fetch(&model.url(place, "/origin-of")));
                    model.reads.push(describe(&outcome));
                }
            },
        ),
    ];
    let rows = rows.into_iter().chain(referrer_policies());
    rows.map(|(name, script, run)| {
        let script = format!("{SUBMIT} {script}").leak();
        Scenario::new(name, script, server, Expected::Crate(run))
    })
    .collect()
}

/// Referrer policies, as far as they decide about `Origin`.
fn referrer_policies() -> [(&'static str, &'static str, Run); 5] {
    [
        (
            "the referrer policy decides about Origin without CORS",
            "
                for (const referrerPolicy of ['no-referrer', 'same-origin', 'strict-origin', 'no-referrer-when-downgrade', 'origin']) {
                    for (const folder of [app, api, plainLoopback]) {
                        await read(`${folder}/x`, { method: 'POST', mode: 'no-cors', referrerPolicy });
                    }
                    await read(`${app}/x`, { method: 'POST', mode: 'same-origin', referrerPolicy });
                }",
            |model| {
                for policy in [
                    ReferrerPolicy::NoReferrer,
                    ReferrerPolicy::SameOrigin,
                    ReferrerPolicy::StrictOrigin,
                    ReferrerPolicy::NoReferrerWhenDowngrade,
                    ReferrerPolicy::Origin,
                ] {
                    for (place, mode) in [
                        (Place::App, Mode::NoCors),
                        (Place::Api, Mode::NoCors),
                        (Place::PlainLoopback, Mode::NoCors),
                        (Place::App, Mode::SameOrigin),
                    ] {
                        let fetch = model.fetch(place, "/x").method("POST").mode(mode);
                        model.read(&fetch.referrer_policy(policy));
                    }
                }
            },
        ),
        (
            "a redirect sets the referrer policy of a form",
            "globalThis.leave = () => submit(`${app}/no-referrer`);",
            |model| {
                submit(model, Place::App, "/no-referrer", ReferrerPolicy::default());
            },
        ),
        (
            "a redirect of another site sets the referrer policy of a form",
            "globalThis.leave = () => submit(`${api}/no-referrer`);",
            |model| {
                submit(model, Place::Api, "/no-referrer", ReferrerPolicy::default());
            },
        ),
        (
            "a redirect replaces the referrer policy of a form",
            "
                document.head.insertAdjacentHTML('beforeend', '<meta name=referrer content=no-referrer>');
                globalThis.leave = () => submit(`${app}/origin`);",
            |model| {
                submit(model, Place::App, "/origin", ReferrerPolicy::NoReferrer);
            },
        ),
        (
            "a redirect sets the referrer policy, which decides about Origin",
            "
                const post = { method: 'POST', mode: 'no-cors' };
                await read(`${app}/no-referrer`, post);
                await read(`${app}/unknown`, post);
                await read(`${app}/origin`, { ...post, referrerPolicy: 'no-referrer' });",
            |model| {
                for (target, policy) in [
                    ("/no-referrer", ReferrerPolicy::default()),
                    ("/unknown", ReferrerPolicy::default()),
                    ("/origin", ReferrerPolicy::NoReferrer),
                ] {
                    let fetch = model.fetch(Place::App, target).method("POST");
                    let fetch = fetch.mode(Mode::NoCors).referrer_policy(policy);
                    model.read(&fetch);
                }
            },
        ),
    ]
}

const SUBMIT: &str = "
const submit = action => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action });
    document.body.append(form);
    form.submit();
};";

fn submit(model: &mut Model<'_>, place: Place, target: &str, policy: ReferrerPolicy) {
    let form = model.page().post_form(&model.url(place, target));
    let _ = model.send(&form.referrer_policy(policy));
}

const SANDBOXED: &str = "
const frame = document.createElement('iframe');
frame.sandbox = 'allow-scripts';
const received = new Promise(resolve => { onmessage = ({ data }) => resolve(data); });
const script = `const describe = ${describe}; const isCompared = ${isCompared}; const get = ${get};
    (async () => {
        const all = [];
        for (const folder of ['${plain}', '${api}']) all.push(await get(folder + '/origin-of'));
        parent.postMessage(all, '*');
    })();`;
frame.srcdoc = `<script>${script}<\\/script>`;
document.body.append(frame);
reads.push(...await received);";

fn server() -> Handler {
    Box::new(|request| {
        let allowed = ("access-control-allow-origin", "*");
        let text = match path(request) {
            policy @ ("no-referrer" | "origin" | "unknown") => {
                let fields = [allowed, ("location", "end"), ("referrer-policy", policy)];
                return reply(307, &fields, "");
            }
            "accept-encoding" => field(request, "accept-encoding").to_owned(),
            "content-language" => {
                let values = request.headers().get_all("content-language").iter();
                let values: Vec<_> = values
                    .map(|value| String::from_utf8_lossy(value.as_bytes()))
                    .collect();
                values.join(", ")
            }
            "cache" => {
                let [pragma, control] =
                    ["pragma", "cache-control"].map(|name| field(request, name));
                format!("{pragma} {control}")
            }
            _ => "end".to_owned(),
        };
        reply(200, &[allowed], text)
    })
}
