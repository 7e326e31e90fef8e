//! The script that makes requests in a page.

use omnicors_browser::{Mode, Redirect};
use serde_json::{Value, json};

use crate::Browser;
use crate::cases::{BrowserCase, COOKIE};

/// Starts all requests of a list in parallel, and returns the outcome of each.
const FETCH_ALL: &str = r#"
function sendUpload({ url, method, headers, body, credentials }) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open(method, url);
        headers.forEach(([name, value]) => request.setRequestHeader(name, value));
        request.withCredentials = credentials === "include";
        request.upload.onprogress = () => {};
        request.onerror = () => reject(new TypeError("an error event"));
        request.onload = () => {
            const lines = request.getAllResponseHeaders().split("\r\n").filter(line => line);
            const headers = lines.map(line => line.split(/: ?(.*)/s, 2));
            resolve({ status: request.status, headers, body: request.responseText });
        };
        request.send(body);
    });
}
async function fetchAll(cases) {
    return Promise.all(cases.map(async ({ url, upload, ...init }) => {
        try {
            if (upload) return await sendUpload({ url, ...init });
            const response = await fetch(url, init);
            const { type, status } = response;
            return { type, status, headers: [...response.headers], body: await response.text() };
        } catch (error) {
            return { error: error.name, message: error.message };
        }
    }));
}
"#;

/// Runs the same in a sandboxed frame, whose origin is opaque.
const IN_A_FRAME: &str = r#"
const frame = document.createElement("iframe");
frame.sandbox = "allow-scripts";
frame.srcdoc = `<script>
    ${sendUpload}
    ${fetchAll}
    onmessage = async ({ data }) => parent.postMessage([origin, await fetchAll(data)], "*");
</script>`;
const loaded = new Promise(resolve => frame.onload = resolve);
document.body.append(frame);
await loaded;
const received = new Promise(resolve => onmessage = ({ data }) => resolve(data));
frame.contentWindow.postMessage(cases, "*");
const [origin, results] = await received;
frame.remove();
if (origin !== "null") throw new Error(`the origin of the frame is ${origin}`);
return results;
"#;

/// Returns the arguments of `fetch()` or of an upload for a case.
#[must_use]
pub fn fetch_arguments(case: &BrowserCase, url: &str) -> Value {
    let mode = match case.mode {
        Mode::Cors => "cors",
        Mode::NoCors => "no-cors",
        Mode::SameOrigin => "same-origin",
        Mode::Navigate | Mode::WebSocket => panic!("fetch() does not take {:?}", case.mode),
    };
    let redirect = match case.redirect {
        Redirect::Follow => "follow",
        Redirect::Error => "error",
        Redirect::Manual => "manual",
    };
    json!({
        "upload": case.upload_listener,
        "url": url,
        "method": case.method,
        "headers": case.headers,
        "body": case.body,
        "credentials": case.credentials.as_str(),
        "mode": mode,
        "redirect": redirect,
    })
}

/// Calls `fetch()` with each of these in the open page, or in a sandboxed frame of it. Returns an object for each:
/// `type`, `status`, `headers` (names and values) and `body`; or `error`, the name of the exception.
///
/// The page has the cookie [`COOKIE`] for its own host, with `SameSite=Lax`.
///
/// # Panics
///
/// Panics if the script fails.
pub async fn fetch_all(browser: &Browser, cases: &[Value], sandboxed: bool) -> Vec<Value> {
    let case = if sandboxed {
        IN_A_FRAME
    } else {
        "return await fetchAll(cases);"
    };
    let script = format!(
        "document.cookie = '{COOKIE}; path=/; samesite=lax'; const cases = arguments[0];\n{FETCH_ALL}\n{case}"
    );
    match browser.run_async(&script, &[json!(cases)]).await {
        Value::Array(results) if results.len() == cases.len() => results,
        other => panic!("the script returned {other}"),
    }
}
