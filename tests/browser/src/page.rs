//! What a page does: the script that asks.

use serde_json::{Value, json};

use crate::Browser;
use crate::asks::Ask;

/// Asks for all of a list, at once, and tells of each what came of it.
const FETCH_ALL: &str = r"
async function fetchAll(asks) {
    return Promise.all(asks.map(async ({ url, ...init }) => {
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

/// Puts the same into a sandboxed frame, whose origin is opaque, and asks there.
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
const answered = new Promise(resolve => onmessage = ({ data }) => resolve(data));
frame.contentWindow.postMessage(asks, "*");
const [origin, answers] = await answered;
frame.remove();
if (origin !== "null") throw new Error(`the origin of the frame is ${origin}`);
return answers;
"#;

/// What `fetch()` is to be called with for a case.
#[must_use]
pub fn fetch_arguments(ask: &Ask, url: &str) -> Value {
    json!({
        "url": url,
        "method": ask.method,
        "headers": ask.headers,
        "body": ask.body,
        "credentials": ask.credentials.as_str(),
    })
}

/// Calls `fetch()` with each of these in the page that is open, or in a sandboxed frame of it. Of each, returns an object:
/// `status`, `headers` (their names) and `body`; or `error`, the name of what was thrown.
///
/// The page has a cookie, `session=1`, for its own host, and for pages of the same site alone: engines differ in what they
/// make of one that does not say.
///
/// # Panics
///
/// If the script fails.
pub async fn fetch_all(browser: &Browser, asks: &[Value], sandboxed: bool) -> Vec<Value> {
    let ask = if sandboxed {
        IN_A_FRAME
    } else {
        "return await fetchAll(asks);"
    };
    let script = format!(
        "document.cookie = 'session=1; path=/; samesite=lax'; const asks = arguments[0];\n{FETCH_ALL}\n{ask}"
    );
    match browser.run_async(&script, &[json!(asks)]).await {
        Value::Array(answers) if answers.len() == asks.len() => answers,
        other => panic!("the script returned {other}"),
    }
}
