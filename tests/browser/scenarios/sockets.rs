//! Handshakes of `WebSocket`: [establish a WebSocket connection](https://websockets.spec.whatwg.org/#concept-websocket-establish).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use omnicors_browser::PageResponse;
use omnicors_browser_tests::origins::Handler;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::scenario::{Expected, Model, Place, Scenario, field, path, reply};

pub(crate) fn scenarios() -> Vec<Scenario> {
    [
        (
            "a WebSocket handshake is complete after a 101",
            "await open('socket');",
            (|model| open(model, "socket")) as fn(&mut Model<'_>),
        ),
        (
            "a WebSocket handshake fails after a 403",
            "await open('forbidden');",
            |model| open(model, "forbidden"),
        ),
        (
            "a WebSocket handshake is not redirected",
            "await open('within'); await open('to-other');",
            |model| {
                open(model, "within");
                open(model, "to-other");
            },
        ),
    ]
    .map(|(name, script, run)| {
        let script = format!("{OPEN} {script}").leak();
        Scenario::new(name, script, server, Expected::Crate(run))
    })
    .into()
}

const OPEN: &str = "
const open = async name => {
    const socket = new WebSocket(`${api.replace('https', 'wss')}/${name}`);
    reads.push(await new Promise(resolve => { socket.onopen = socket.onerror = ({ type }) => resolve(type); }));
};";

fn open(model: &mut Model<'_>, name: &str) {
    let url = model.url(Place::Api, &format!("/{name}"));
    let socket = model.page().web_socket(&url.replacen("https", "wss", 1));
    let outcome = model.send(&socket);
    // Any other status fails the connection.
    let is_open = outcome.result().map(PageResponse::status) == Ok(101);
    let event = if is_open { "open" } else { "error" };
    model.reads.push(event.to_owned());
}

fn server() -> Handler {
    Box::new(|request| {
        let uri = request.uri().to_string();
        let (folder, name) = uri.rsplit_once('/').expect("a path");
        let socket = format!("{folder}/socket");
        match name {
            "forbidden" => reply(403, &[], ""),
            "within" => reply(302, &[("location", "socket")], ""),
            "to-other" => {
                let other = socket.replacen("//api.", "//other.", 1);
                reply(307, &[("location", &other)], "")
            }
            _ => {
                assert_eq!(path(request), "socket");
                let accept = accept(field(request, "sec-websocket-key"));
                let fields = [
                    ("connection", "upgrade"),
                    ("upgrade", "websocket"),
                    ("sec-websocket-accept", accept.as_str()),
                ];
                reply(101, &fields, "")
            }
        }
    })
}

/// Returns [`Sec-WebSocket-Accept`](https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2).
fn accept(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    BASE64_STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}
