//! The script that makes requests in a page.

use serde_json::{Value, json};

use crate::Browser;
use crate::cases::BrowserCase;

/// Starts all requests of a list in parallel, and returns the outcome of each.
const FETCH_ALL: &str = r"
async function fetchAll(cases) {
    return Promise.all(cases.map(async ({ url, ...init }) => {
        try {
            const response = await fetch(url, init);
            const body = await response.text();
            return { status: response.status, headers: [...response.headers.keys()], body };
        } catch (error) {
            return { error: error.name, message: error.message };
        }
    }));
}
";

/// Runs the same in a sandboxed frame, whose origin is opaque.
const IN_A_FRAME: &str = r#"
const frame = document.createElement("iframe");
frame.sandbox = "allow-scripts";
frame.srcdoc = `<script>
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

/// Returns the arguments of `fetch()` for a case.
#[must_use]
pub fn fetch_arguments(case: &BrowserCase, url: &str) -> Value {
    json!({
        "url": url,
        "method": case.method,
        "headers": case.headers,
        "body": case.body,
        "credentials": case.credentials.as_str(),
    })
}

/// Calls `fetch()` with each of these in the open page, or in a sandboxed frame of it. Returns an object for each:
/// `status`, `headers` (the names) and `body`; or `error`, the name of the exception.
///
/// The page has the cookie `session=1` for its own host, with `SameSite=Lax`: engines differ in the default of
/// `SameSite`.
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
        "document.cookie = 'session=1; path=/; samesite=lax'; const cases = arguments[0];\n{FETCH_ALL}\n{case}"
    );
    match browser.run_async(&script, &[json!(cases)]).await {
        Value::Array(results) if results.len() == cases.len() => results,
        other => panic!("the script returned {other}"),
    }
}
