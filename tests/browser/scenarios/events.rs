//! `EventSource`: [server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html).

use omnicors_browser::Credentials;
use omnicors_browser_tests::origins::Handler;

use crate::scenario::{Expected, Listed, Place, Scenario, field, path, reply};

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "an EventSource checks each connection",
            SCRIPT,
            once,
            Expected::Listed(Listed {
                link: "https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection",
                requests: &[REQUEST; 2],
                reads: &["one", "error 0", "error 2"],
                deviating: &[],
            }),
        ),
        Scenario::new(
            "an EventSource with credentials needs Access-Control-Allow-Credentials",
            CREDENTIALS,
            credentialed,
            Expected::Crate(|model| {
                for target in ["/denied", "/allowed"] {
                    for credentials in [Credentials::SameOrigin, Credentials::Include] {
                        let url = model.url(Place::Api, target);
                        let events = model.page().event_source(&url).credentials(credentials);
                        let is_open = model.send(&events).result().is_ok();
                        let event = if is_open { "open" } else { "error" };
                        model.reads.push(event.to_owned());
                    }
                }
            }),
        ),
    ]
}

const REQUEST: &str =
    "GET https://api.localhost/x Origin=https://app.localhost Site=cross-site Mode=cors Dest=empty";

const SCRIPT: &str = "
const source = new EventSource(`${api}/x`);
source.onmessage = ({ data }) => reads.push(data);
await new Promise(resolve => {
    source.onerror = () => {
        reads.push(`error ${source.readyState}`);
        if (source.readyState === EventSource.CLOSED) resolve();
    };
});";

const CREDENTIALS: &str = "
for (const name of ['denied', 'allowed']) {
    for (const withCredentials of [false, true]) {
        const source = new EventSource(`${api}/${name}`, { withCredentials });
        reads.push(await new Promise(resolve => { source.onopen = source.onerror = ({ type }) => resolve(type); }));
        source.close();
    }
}";

/// Sends one event, and denies the page after that.
fn once() -> Handler {
    let mut connections = 0;
    Box::new(move |request| {
        connections += 1;
        let allowed = if connections == 1 {
            field(request, "origin")
        } else {
            "https://other.example"
        };
        let fields = [
            ("access-control-allow-origin", allowed),
            ("content-type", "text/event-stream"),
        ];
        reply(200, &fields, "retry: 10\ndata: one\n\n")
    })
}

/// Allows requests with credentials for one of the two paths.
fn credentialed() -> Handler {
    Box::new(|request| {
        let mut fields = vec![
            ("access-control-allow-origin", field(request, "origin")),
            ("content-type", "text/event-stream"),
        ];
        if path(request) == "allowed" {
            fields.push(("access-control-allow-credentials", "true"));
        }
        reply(200, &fields, "data: one\n\n")
    })
}
