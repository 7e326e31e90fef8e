//! An API that pages ask: axum with a [`CorsLayer`].

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

/// Path, type and body of what it serves.
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

/// Such a server, on loopback. It ends when this is dropped.
#[derive(Debug)]
pub struct Api {
    socket: OverSocket,
    arrived: Arrived,
}

/// What has come, by query.
type Arrived = Arc<Mutex<BTreeMap<String, Vec<Parts>>>>;

impl Api {
    /// Serves the files of `assets/` and `/text`, for any method, under this policy.
    #[must_use]
    pub fn start(policy: Policy) -> Self {
        let arrived = Arrived::default();
        let kept = Arc::clone(&arrived);
        // Outermost: what the policy refuses has arrived, too.
        let keep = map_request(move |request: Request| {
            let (parts, body) = request.into_parts();
            let query = parts.uri.query().unwrap_or_default().to_owned();
            let mut kept = kept.lock().expect("nobody panics with it");
            kept.entry(query).or_default().push(parts.clone());
            std::future::ready(Request::from_parts(parts, body))
        });
        // A fixed policy that looks origins up would need a lookup.
        let handle = PolicyHandle::new(policy);
        let router: Router = Router::new()
            .fallback(respond)
            .layer(CorsLayer::new(handle));
        let router = router.layer(keep);
        let socket = OverSocket::on_tokio(|listener| async {
            let served = axum::serve(listener, router).await;
            served.expect("it serves until it is dropped");
        });
        Self { socket, arrived }
    }

    /// Its origin under this name.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.socket.address().port())
    }

    /// The requests that have come with this query, in order.
    #[must_use]
    pub fn arrived(&self, query: &str) -> Vec<Parts> {
        let arrived = self.arrived.lock().expect("nobody panics with it");
        arrived.get(query).cloned().unwrap_or_default()
    }
}

async fn respond(uri: Uri) -> Response {
    let Some((_, content_type, body)) = FILES.iter().find(|file| file.0 == uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let lines = [
        (CONTENT_TYPE.as_str(), *content_type),
        (CACHE_CONTROL.as_str(), "no-store"),
        ("x-total", "3"),
    ];
    (lines, *body).into_response()
}
