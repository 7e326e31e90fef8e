//! An API for pages: axum with a [`CorsLayer`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{StatusCode, Uri};
use omnicors_core::Policy;
use omnicors_tests::servers::OverSocket;
use omnicors_tower::{CorsLayer, PolicyHandle};

/// The path, type and content of each file.
const FILES: [(&str, &str, &[u8]); 10] = [
    ("/text", "text/plain", b"text of the server"),
    (
        "/classic.js",
        "text/javascript",
        include_bytes!("../assets/classic.js"),
    ),
    (
        "/data.json",
        "application/json",
        include_bytes!("../assets/data.json"),
    ),
    (
        "/events",
        "text/event-stream",
        include_bytes!("../assets/events.txt"),
    ),
    (
        "/font.ttf",
        "font/ttf",
        include_bytes!("../assets/font.ttf"),
    ),
    (
        "/image.png",
        "image/png",
        include_bytes!("../assets/image.png"),
    ),
    (
        "/module.js",
        "text/javascript",
        include_bytes!("../assets/module.js"),
    ),
    (
        "/style.css",
        "text/css",
        include_bytes!("../assets/style.css"),
    ),
    (
        "/throws.js",
        "text/javascript",
        include_bytes!("../assets/throws.js"),
    ),
    (
        "/video.webm",
        "video/webm",
        include_bytes!("../assets/video.webm"),
    ),
];

/// The API server, on loopback. It stops when this is dropped.
#[derive(Debug)]
pub struct Api {
    socket: OverSocket,
    arrived: Arrived,
}

/// The requests that arrived, by query.
type Arrived = Arc<Mutex<BTreeMap<String, Vec<Parts>>>>;

impl Api {
    /// Serves the files of `assets/` and `/text`, for any method, under this policy.
    #[must_use]
    pub fn start(policy: Policy) -> Self {
        let arrived = Arrived::default();
        let kept = Arc::clone(&arrived);
        // Outermost, to record requests that the policy rejects too.
        let keep = map_request(move |request: Request| {
            let (parts, body) = request.into_parts();
            let query = parts.uri.query().unwrap_or_default().to_owned();
            let mut kept = kept.lock().expect("no holder panics");
            kept.entry(query).or_default().push(parts.clone());
            std::future::ready(Request::from_parts(parts, body))
        });
        // Omit the lookup: a fixed policy with `lookup_origins` would need one.
        let handle = PolicyHandle::new(policy);
        let router: Router = Router::new()
            .fallback(respond)
            .layer(CorsLayer::new(handle));
        let router = router.layer(keep);
        let socket = OverSocket::on_tokio(|listener| async {
            let served = axum::serve(listener, router).await;
            served.expect("the server runs until it is dropped");
        });
        Self { socket, arrived }
    }

    /// Returns the origin of the API with this host name.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.socket.address().port())
    }

    /// Returns the requests that arrived with this query, in order.
    #[must_use]
    pub fn arrived(&self, query: &str) -> Vec<Parts> {
        let arrived = self.arrived.lock().expect("no holder panics");
        arrived.get(query).cloned().unwrap_or_default()
    }
}

async fn respond(uri: Uri) -> Response {
    let Some((_, content_type, body)) = FILES.iter().find(|file| file.0 == uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let fields = [
        (CONTENT_TYPE.as_str(), *content_type),
        (CACHE_CONTROL.as_str(), "no-store"),
        ("x-total", "3"),
    ];
    (fields, *body).into_response()
}
