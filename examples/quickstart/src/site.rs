//! The origin of the page: its files, which are embedded, and the requests of its script.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use omnicors_core::Policy;
use omnicors_tower::PolicyHandle;
use serde::Serialize;

use crate::policy_text::{self, Mistake};
use crate::presets::{PRESETS, Preset};
use crate::request_log::RequestLog;
use crate::usage::TABS;
use crate::{access, explanation};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const JSON: &str = "application/json";
const TOML: &str = "application/toml";

/// The files of the page and of its frames: path, type and text.
const FILES: [(&str, &str, &str); 15] = [
    ("/", HTML, include_str!("../page/index.html")),
    ("/style.css", CSS, include_str!("../page/style.css")),
    ("/requests.css", CSS, include_str!("../page/requests.css")),
    ("/mark.svg", SVG, include_str!("../page/mark.svg")),
    (
        "/codemirror.js",
        JAVASCRIPT,
        include_str!("../page/codemirror/codemirror.js"),
    ),
    (
        "/elements.js",
        JAVASCRIPT,
        include_str!("../page/elements.js"),
    ),
    ("/editor.js", JAVASCRIPT, include_str!("../page/editor.js")),
    (
        "/policy-editor.js",
        JAVASCRIPT,
        include_str!("../page/policy-editor.js"),
    ),
    ("/frames.js", JAVASCRIPT, include_str!("../page/frames.js")),
    (
        "/explanation.js",
        JAVASCRIPT,
        include_str!("../page/explanation.js"),
    ),
    (
        "/requests.js",
        JAVASCRIPT,
        include_str!("../page/requests.js"),
    ),
    ("/usage.js", JAVASCRIPT, include_str!("../page/usage.js")),
    ("/page.js", JAVASCRIPT, include_str!("../page/page.js")),
    ("/frame", HTML, include_str!("../page/frame.html")),
    ("/frame.js", JAVASCRIPT, include_str!("../page/frame.js")),
];

/// The maximum length of a policy, in bytes: thousands of origins.
const MAX_POLICY_LENGTH: usize = 256 * 1024;

pub(crate) struct Site {
    pub(crate) handle: PolicyHandle,
    pub(crate) log: Arc<RequestLog>,
    /// The origin of the API.
    pub(crate) api: String,
    /// The port of the page.
    pub(crate) port: u16,
    initial_policy: String,
    in_force: Mutex<InForce>,
}

/// The text of the policy in force. Locked while the policy is replaced, so that text and policy match.
struct InForce {
    text: String,
    revision: u32,
}

/// The data that the page loads at the start.
#[derive(Serialize)]
struct PageState<'a> {
    api: &'a str,
    policy: &'a str,
    initial_policy: &'a str,
    /// The number of times that the policy was replaced.
    revision: u32,
    warnings: Vec<String>,
    /// A policy with every setting and its meaning.
    settings: &'static str,
    presets: [Preset; 6],
    /// The id and the name of each tab that shows how to use the policy.
    usage: Vec<(&'static str, &'static str)>,
}

#[derive(Serialize)]
struct Replaced {
    revision: u32,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct NotReplaced {
    mistakes: Vec<Mistake>,
}

impl Site {
    pub(crate) fn new(handle: PolicyHandle, text: String, api: String, port: u16) -> Self {
        Self {
            log: Arc::new(RequestLog::new(handle.clone())),
            handle,
            api,
            port,
            initial_policy: text.clone(),
            in_force: Mutex::new(InForce { text, revision: 0 }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, InForce> {
        // No code panics under this lock while the text and the revision are inconsistent.
        self.in_force.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn router(site: Arc<Site>) -> Router {
    let router = FILES
        .iter()
        .fold(Router::new(), |router, (path, kind, text)| {
            router.route(path, file(kind, text))
        });
    router
        .route("/policy", get(state).post(replace))
        .route("/explanation/{credentials}/{id}", get(explain))
        .route("/usage/{tab}", get(usage))
        .layer(DefaultBodyLimit::max(MAX_POLICY_LENGTH))
        .layer(from_fn_with_state(Arc::clone(&site), protect))
        .with_state(site)
}

fn file(kind: &'static str, text: &'static str) -> axum::routing::MethodRouter<Arc<Site>> {
    get(move || async move { ([(CONTENT_TYPE, kind)], text) })
}

/// A middleware that rejects requests of other sites, and adds the headers that restrict the page.
async fn protect(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let mut response = match access::rejection(&head, site.port) {
        Some(rejection) => rejection.into_response(),
        None => next.run(Request::from_parts(head, body)).await,
    };
    let headers = response.headers_mut();
    // Host names instead of `'self'`, because browsers disagree about `'self'` in a sandboxed frame.
    let Site { api, port, .. } = &*site;
    let own = format!("http://localhost:{port} http://127.0.0.1:{port}");
    let names = format!("http://*.localhost:{port}");
    let policy = format!(
        "default-src 'none'; img-src {own}; script-src {own} {names}; style-src {own}; connect-src {own} {api}; \
         frame-src {own} {names}; frame-ancestors {own}; base-uri 'none'; form-action 'none'"
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn state(State(site): State<Arc<Site>>) -> Response {
    let in_force = site.lock();
    json(
        StatusCode::OK,
        &PageState {
            api: &site.api,
            policy: &in_force.text,
            initial_policy: &site.initial_policy,
            revision: in_force.revision,
            warnings: warnings(site.handle.load().policy()),
            settings: crate::EVERY_SETTING,
            presets: PRESETS,
            usage: TABS.iter().map(|tab| (tab.id, tab.name)).collect(),
        },
    )
}

/// Replaces the policy with one in TOML. Responds with 200 if it is in force, or with 422 and all mistakes in it.
async fn replace(State(site): State<Arc<Site>>, headers: HeaderMap, text: String) -> Response {
    // This content type is not safelisted, so a page of another origin would need a preflight, which this server does not allow.
    // https://fetch.spec.whatwg.org/#cors-safelisted-request-header
    if headers.get(CONTENT_TYPE).is_none_or(|kind| kind != TOML) {
        return (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the content type must be application/toml\n",
        )
            .into_response();
    }
    match policy_text::parse(&text) {
        Ok(policy) => {
            let warnings = warnings(&policy);
            let mut in_force = site.lock();
            site.handle.replace(policy);
            in_force.text = text;
            in_force.revision += 1;
            let revision = in_force.revision;
            json(StatusCode::OK, &Replaced { revision, warnings })
        }
        Err(mistakes) => json(StatusCode::UNPROCESSABLE_ENTITY, &NotReplaced { mistakes }),
    }
}

/// Responds with the explanation of the requests with an id. It is empty if the browser sent nothing.
async fn explain(
    State(site): State<Arc<Site>>,
    Path((credentials, id)): Path<(String, String)>,
) -> Response {
    let exchanges = site.log.get(&id).unwrap_or_default();
    let in_force = site.lock();
    let (text, revision) = (in_force.text.clone(), in_force.revision);
    drop(in_force);
    let with_credentials = credentials == "include";
    json(
        StatusCode::OK,
        &explanation::explain(&exchanges, with_credentials, &text, revision),
    )
}

/// Responds with the texts of a tab, for the policy in force.
async fn usage(State(site): State<Arc<Site>>, Path(id): Path<String>) -> Response {
    let Some(tab) = TABS.iter().find(|tab| tab.id == id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let in_force = site.lock();
    match toml::to_string(&site.handle.load().policy().config()) {
        Ok(settings) => json(StatusCode::OK, &tab.parts(&in_force.text, &settings)),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn warnings(policy: &Policy) -> Vec<String> {
    policy.warnings().iter().map(ToString::to_string).collect()
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => (status, [(CONTENT_TYPE, JSON)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests;
