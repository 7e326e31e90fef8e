//! The origin of the page: its files, all of them embedded, and what it asks for in the background.

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

use crate::draft::{self, Mistake};
use crate::seen::Seen;
use crate::{explained, guard};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";
const TOML: &str = "application/toml";

/// A policy with a thousand origins fits.
const LONGEST_POLICY: usize = 256 * 1024;

pub(crate) struct Site {
    pub(crate) handle: PolicyHandle,
    pub(crate) seen: Arc<Seen>,
    /// The origin of the API.
    pub(crate) api: String,
    /// The port of the page.
    pub(crate) port: u16,
    /// The policy that the API was under at first.
    beginning: String,
    in_force: Mutex<InForce>,
}

/// The policy that the API is under, as it was written. Locked while it is replaced, so that text and policy agree.
struct InForce {
    text: String,
    revision: u32,
}

/// The policy, as the page shows it.
#[derive(Serialize)]
struct Whole<'a> {
    api: &'a str,
    policy: &'a str,
    /// The policy that it was at first.
    beginning: &'a str,
    /// How often it has been replaced.
    revision: u32,
    warnings: Vec<String>,
    /// A policy with every setting, and what each means.
    settings: &'static str,
}

#[derive(Serialize)]
struct Replaced {
    revision: u32,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Refused {
    mistakes: Vec<Mistake>,
}

impl Site {
    pub(crate) fn new(handle: PolicyHandle, text: String, api: String, port: u16) -> Self {
        Self {
            seen: Arc::new(Seen::new(handle.clone())),
            handle,
            api,
            port,
            beginning: text.clone(),
            in_force: Mutex::new(InForce { text, revision: 0 }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, InForce> {
        // Every change to it is whole, whatever panics.
        self.in_force.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/", file(HTML, include_str!("../page/index.html")))
        .route("/style.css", file(CSS, include_str!("../page/style.css")))
        .route(
            "/page.js",
            file(JAVASCRIPT, include_str!("../page/page.js")),
        )
        .route("/frame", file(HTML, include_str!("../page/frame.html")))
        .route(
            "/frame.js",
            file(JAVASCRIPT, include_str!("../page/frame.js")),
        )
        .route("/policy", get(state).post(replace))
        .route("/explained/{credentials}/{id}", get(explain))
        .layer(DefaultBodyLimit::max(LONGEST_POLICY))
        .layer(from_fn_with_state(Arc::clone(&site), guarded))
        .with_state(site)
}

fn file(kind: &'static str, text: &'static str) -> axum::routing::MethodRouter<Arc<Site>> {
    get(move || async move { ([(CONTENT_TYPE, kind)], text) })
}

/// Around everything: who may ask, and what a browser may make of the response.
async fn guarded(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let mut response = match guard::refusal(&head, site.port) {
        Some(refusal) => refusal.into_response(),
        None => next.run(Request::from_parts(head, body)).await,
    };
    let headers = response.headers_mut();
    // Names, not `'self'`: to a sandboxed frame, which has no origin, `'self'` is not the same in all browsers.
    let Site { api, port, .. } = &*site;
    let own = format!("http://localhost:{port} http://127.0.0.1:{port}");
    let names = format!("http://*.localhost:{port}");
    let policy = format!(
        "default-src 'none'; img-src data:; script-src {own} {names}; style-src {own}; connect-src {own} {api}; \
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
        &Whole {
            api: &site.api,
            policy: &in_force.text,
            beginning: &site.beginning,
            revision: in_force.revision,
            warnings: warnings(site.handle.load().policy()),
            settings: crate::EVERY_SETTING,
        },
    )
}

/// Takes a policy as TOML: in force once this has answered 200; 422, with every mistake, and the one before stays.
async fn replace(State(site): State<Arc<Site>>, headers: HeaderMap, text: String) -> Response {
    // Not safelisted: a page of another origin could not even send it without a preflight, which nobody here answers.
    if headers.get(CONTENT_TYPE).is_none_or(|kind| kind != TOML) {
        return (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send application/toml\n",
        )
            .into_response();
    }
    match draft::read(&text) {
        Ok(policy) => {
            let warnings = warnings(&policy);
            let mut in_force = site.lock();
            site.handle.replace(policy);
            in_force.text = text;
            in_force.revision += 1;
            let revision = in_force.revision;
            json(StatusCode::OK, &Replaced { revision, warnings })
        }
        Err(mistakes) => json(StatusCode::UNPROCESSABLE_ENTITY, &Refused { mistakes }),
    }
}

/// What has arrived of a try, and what the library says about it. Nothing, where the browser sent nothing.
async fn explain(
    State(site): State<Arc<Site>>,
    Path((credentials, id)): Path<(String, String)>,
) -> Response {
    let arrived = site.seen.arrived(&id).unwrap_or_default();
    json(
        StatusCode::OK,
        &explained::explain(&arrived, credentials == "include"),
    )
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
