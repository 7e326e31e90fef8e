//! Ranges, opaque origins, and mixed content.

use omnicors_browser::Page;
use omnicors_browser_tests::origins::Handler;

use crate::scenario::{Expected, Listed, Model, Place, Scenario, field, path, reply};

type Run = fn(&mut Model<'_>);

pub(crate) fn scenarios() -> Vec<Scenario> {
    let rows: [(&str, &str, Run); 4] = [
        (
            "a range from the start needs no preflight, and Content-Range must be exposed",
            "for (const query of ['', '?expose']) await read(`${api}/range${query}`, { headers: { range: 'bytes=0-3' } });",
            |model| {
                for target in ["/range", "/range?expose"] {
                    let fetch = model.fetch(Place::Api, target).header("range", "bytes=0-3");
                    model.read(&fetch);
                }
            },
        ),
        (
            "a range of the last bytes needs a preflight",
            "await read(`${api}/range`, { headers: { range: 'bytes=-3' } });",
            |model| {
                let fetch = model
                    .fetch(Place::Api, "/range")
                    .header("range", "bytes=-3");
                model.read(&fetch);
            },
        ),
        (
            "a frame of a data URL has an opaque origin",
            DATA_FRAME,
            |model| {
                let page = Page::new("data:text/html,page").expect("a URL");
                let fetch = page.fetch(&model.url(Place::Api, "/x"));
                model.read(&fetch);
            },
        ),
        (
            "mixed content is blocked unless it is on loopback",
            "await read(`${plain}/x`); await read(`${plainLoopback}/x`);",
            |model| {
                for place in [Place::Plain, Place::PlainLoopback] {
                    let fetch = model.fetch(place, "/x");
                    model.read(&fetch);
                }
            },
        ),
    ];
    let mut all: Vec<Scenario> = rows
        .map(|(name, script, run)| Scenario::new(name, script, server, Expected::Crate(run)))
        .into();
    all.push(Scenario::new(
        "a worker of a data URL has an opaque origin",
        DATA_WORKER,
        server,
        Expected::Listed(Listed {
            link: "https://html.spec.whatwg.org/multipage/workers.html#script-settings-for-workers",
            requests: &[
                "GET https://api.localhost/x Origin=null Site=cross-site Mode=cors Dest=empty",
            ],
            reads: &["cors 200 [cache-control] null"],
            deviating: &[],
        }),
    ));
    all
}

const DATA_FRAME: &str = "
const frame = document.createElement('iframe');
const received = new Promise(resolve => { onmessage = ({ data }) => resolve(data); });
const script = `const describe = ${describe}; const isCompared = ${isCompared}; const get = ${get};
    get('${api}/x').then(text => parent.postMessage(text, '*'));`;
frame.src = `data:text/html,<script>${encodeURIComponent(script)}<\\/script>`;
document.body.append(frame);
reads.push(await received);";

const DATA_WORKER: &str = "
const script = `const describe = ${describe}; const isCompared = ${isCompared}; const get = ${get};
    get('${api}/x').then(text => postMessage(text));`;
const worker = new Worker(`data:text/javascript,${encodeURIComponent(script)}`);
reads.push(await new Promise(resolve => { worker.onmessage = ({ data }) => resolve(data); }));";

fn server() -> Handler {
    Box::new(|request| {
        let mut fields = vec![("access-control-allow-origin", "*")];
        if path(request) == "range" {
            fields.push(("content-range", "bytes 0-3/8"));
            if request.uri().query() == Some("expose") {
                fields.push(("access-control-expose-headers", "content-range"));
            }
            return match request.method().as_str() {
                "OPTIONS" => reply(
                    204,
                    &[fields[0], ("access-control-allow-headers", "range")],
                    "",
                ),
                _ => reply(206, &fields, "0123"),
            };
        }
        reply(
            200,
            &fields,
            field(request, "origin")
                .split(':')
                .next()
                .unwrap_or_default()
                .to_owned(),
        )
    })
}
