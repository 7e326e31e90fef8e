//! Bodies that are long or never end.

#![cfg(all(feature = "tower", feature = "hyper"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http_body::Frame;
use omnicors_browser::{Bytes, HttpServer, NetworkError, Page};
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

/// A body of a number of frames. Then it waits forever.
struct Endless {
    frames: usize,
    frame: Bytes,
}

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.frames == 0 {
            return Poll::Pending;
        }
        self.frames -= 1;
        Poll::Ready(Some(Ok(Frame::data(self.frame.clone()))))
    }
}

fn endless(content_type: &str, frames: usize, frame: Bytes) -> Response {
    let body = Body::new(Endless { frames, frame });
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}

fn events(content_type: &'static str) -> Response {
    endless(content_type, 2, Bytes::from_static(b"data: 1\n\n"))
}

fn app() -> Router {
    let megabyte = || Bytes::from(vec![b'x'; 1024 * 1024]);
    Router::new()
        .route("/events", get(|| async { events("text/event-stream") }))
        .route(
            "/charset",
            get(|| async { events("Text/Event-Stream; charset=utf-8") }),
        )
        .route(
            "/ended",
            get(|| async { ([(header::CONTENT_TYPE, "text/event-stream")], "data: 2\n\n") }),
        )
        .route(
            "/long",
            get(move || async move { endless("text/plain", usize::MAX, megabyte()) }),
        )
        .layer(CorsLayer::permissive())
}

fn page() -> Page {
    Page::new("https://app.example").unwrap()
}

/// A service answers with an event stream that stays open: HTML, "server-sent events".
#[tokio::test]
async fn an_open_event_stream_has_the_events_that_are_ready() {
    for (path, body) in [
        ("events", "data: 1\n\ndata: 1\n\n"),
        ("charset", "data: 1\n\ndata: 1\n\n"),
        ("ended", "data: 2\n\n"),
    ] {
        let events = page().event_source(&format!("https://api.example/{path}"));
        let outcome = events.send(&mut app()).await;
        assert_eq!(outcome.assert_readable().body(), body, "{path}");
    }
}

#[tokio::test]
async fn a_body_of_more_than_16_mib_is_no_response() {
    let fetch = page().fetch("https://api.example/long");
    let outcome = fetch.send(&mut app()).await;
    assert!(
        matches!(outcome.result(), Err(NetworkError::Unreachable(reason)) if reason.contains("limit")),
        "{outcome}"
    );
}

#[tokio::test]
async fn an_open_event_stream_of_a_server_is_a_response() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app()).await });
    let mut server = HttpServer::new(&address).unwrap();
    let events = page().event_source("https://api.example/events");
    events.send(&mut server).await.assert_readable();
    let ended = page().event_source("https://api.example/ended");
    let outcome = ended.send(&mut server).await;
    assert_eq!(outcome.assert_readable().body(), "data: 2\n\n");
}
