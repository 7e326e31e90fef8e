//! The script that makes requests in a page.

use omnicors_browser::{Mode, Redirect};
use serde_json::{Value, json};

use crate::cases::{BrowserCase, COOKIE};
use crate::{Browser, Engine};

/// Makes all requests of a list, and returns the outcome of each. At most `parallel` of them run at the same time.
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
async function fetchOne({ url, upload, ...init }) {
    try {
        if (upload) return await sendUpload({ url, ...init });
        const response = await fetch(url, init);
        const { type, status } = response;
        return { type, status, headers: [...response.headers], body: await response.text() };
    } catch (error) {
        return { error: error.name, message: error.message };
    }
}
async function fetchAll(cases, parallel) {
    const results = [];
    const queue = cases.entries();
    async function work() {
        for (const [index, init] of queue) results[index] = await fetchOne(init);
    }
    await Promise.all(Array.from({ length: parallel }, work));
    return results;
}
"#;

/// Runs the same in a sandboxed frame, whose origin is opaque.
const IN_A_FRAME: &str = r#"
const frame = document.createElement("iframe");
frame.sandbox = "allow-scripts";
frame.srcdoc = `<script>
    ${sendUpload}
    ${fetchOne}
    ${fetchAll}
    onmessage = async ({ data }) => parent.postMessage([origin, await fetchAll(...data)], "*");
</script>`;
const loaded = new Promise(resolve => frame.onload = resolve);
document.body.append(frame);
await loaded;
const received = new Promise(resolve => onmessage = ({ data }) => resolve(data));
frame.contentWindow.postMessage([cases, parallel], "*");
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
        _ => panic!("fetch() does not take {:?}", case.mode),
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

/// Returns the number of requests that an engine can make at the same time.
///
/// Chromium opens at most six connections to an origin. A request that is redirected keeps its connection until the preflight for the
/// next URL has ended, so six of them can wait for each other forever.
fn parallel(engine: Engine, requests: usize) -> usize {
    match engine {
        Engine::Chromium => 5,
        Engine::Firefox | Engine::WebKit => requests,
    }
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
        "return await fetchAll(cases, parallel);"
    };
    let script = format!(
        "document.cookie = '{COOKIE}; path=/; samesite=lax'; const [cases, parallel] = arguments;\n{FETCH_ALL}\n{case}"
    );
    match browser
        .run_async(
            &script,
            &[json!(cases), json!(parallel(browser.engine(), cases.len()))],
        )
        .await
    {
        Value::Array(results) if results.len() == cases.len() => results,
        other => panic!("the script returned {other}"),
    }
}
