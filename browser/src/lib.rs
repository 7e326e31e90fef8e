//! A browser's side of CORS, for tests of servers: what a page's `fetch()` sends, and what the page may read of the response.
//!
//! It follows the [Fetch standard](https://fetch.spec.whatwg.org/) step by step: preflights and their cache, redirects, credentials,
//! the CORS check, exposed headers, `Sec-Fetch-*`, and an HTTP cache. It works for any server and any CORS implementation, and does
//! no I/O of its own without the feature `hyper`.
//!
//! # Example
//!
//! Test an axum application. Add `omnicors-browser` with the feature `tower` to the dev-dependencies:
//!
#![cfg_attr(feature = "tower", doc = "```")]
#![cfg_attr(not(feature = "tower"), doc = "```ignore")]
//! use axum::Router;
//! use axum::routing::delete;
//! use omnicors_browser::{Credentials, Page};
//! use tower_http::cors::{AllowOrigin, CorsLayer};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cors = CorsLayer::new()
//!     .allow_origin(AllowOrigin::exact("https://app.example".parse()?))
//!     .allow_methods([axum::http::Method::DELETE])
//!     .allow_headers([axum::http::header::CONTENT_TYPE])
//!     .allow_credentials(true);
//! let mut app = Router::new().route("/items/{id}", delete(|| async { "deleted" })).layer(cors);
//!
//! let page = Page::new("https://app.example")?;
//! let outcome = page
//!     .fetch("https://api.example/items/1")
//!     .method("DELETE")
//!     .header("content-type", "application/json")
//!     .credentials(Credentials::Include)
//!     .send(&mut app)
//!     .await;
//! assert_eq!(outcome.assert_readable().status(), 200, "{outcome}");
//! # Ok(())
//! # }
//! ```
//!
//! If the page cannot read the response, [`assert_readable`](Outcome::assert_readable) prints every request and response, the reason,
//! and what the server must send. [`Outcome::console`] returns the line that a browser's console prints. With the feature
//! `hyper`, `HttpServer` is a server at a real address.
//!
//! # What is left out
//!
//! This crate does not implement service workers, Content Security Policy, `Cross-Origin-Embedder-Policy`, integrity metadata, HTTP
//! authentication prompts, TLS, proxies, HSTS, and Chromium's Local Network Access. It sends the cookies that the test names: it does not
//! apply `SameSite`, and does not store `Set-Cookie`.
//!
//! It does not send `Referer`, `User-Agent`, `Accept-Language`, `Sec-Fetch-User` and `Upgrade-Insecure-Requests`, and has no keepalive limit
//! but that of beacons. It does not block responses by their MIME type or `X-Content-Type-Options: nosniff`. It does not upgrade images of
//! http in https pages to https, but blocks them, and does not repeat a request after a 421. It does not fetch `data:` and `blob:` URLs, and
//! does not check `Sec-WebSocket-Accept`.
//!
//! The HTTP cache stores responses to GET with the status 200. They are fresh for their `max-age`, less `Age`; after that, they are validated
//! by `ETag` and `Last-Modified`. The cache does not read `Expires`, `stale-while-revalidate` and the `Cache-Control` of a request, and has no
//! heuristic freshness. A page cannot set the [cache mode](https://fetch.spec.whatwg.org/#concept-request-cache-mode), which is `cache` in
//! `fetch()`.
//!
//! A page on `http://localhost` can fetch http URLs, as in browsers. The text of
//! [Mixed Content](https://w3c.github.io/webappsec-mixed-content/#categorize-settings-object) restricts each page with a potentially
//! trustworthy origin; this crate and browsers restrict only pages on https.
//!
//! <!-- Each file imports only from those after it: `elements`, `page`, `send`, `fetch_options`, `fetch`, `prepare`, `browser`, `http_server`, `server`, `body`, `http_cache`,
//! `http_request`, `fetch_metadata`, `outcome`, `correction`, `suggestion`, `console`, `exchange`, `redirect`, `preflight_cache`, `preflight`, `preflight_reason`, `readable`, `checks`, `request`, `api`, `mode`, `request_header`, `section`, `network_error`, `method`,
//! `header_list`, `page_origin`, `engine`. -->

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
#[cfg(any(feature = "tower", feature = "hyper"))]
mod body;
mod browser;
mod checks;
mod console;
mod correction;
mod elements;
mod engine;
mod exchange;
mod fetch;
mod fetch_metadata;
mod fetch_options;
mod header_list;
mod http_cache;
mod http_request;
#[cfg(feature = "hyper")]
mod http_server;
mod method;
mod mode;
mod network_error;
mod outcome;
mod page;
mod page_origin;
mod preflight;
mod preflight_cache;
mod preflight_reason;
mod prepare;
mod readable;
mod redirect;
mod request;
mod request_header;
mod section;
mod send;
mod server;
mod suggestion;

pub use browser::Browser;
#[doc(no_inline)]
pub use bytes::Bytes;
pub use correction::Correction;
pub use engine::{Deviation, Engine};
pub use exchange::{Exchange, ExchangeKind};
pub use fetch::Fetch;
#[doc(no_inline)]
pub use http;
#[cfg(feature = "hyper")]
pub use http_server::{HttpServer, InvalidAddress};
pub use mode::Mode;
pub use network_error::{CorsFailure, NetworkError, RedirectFailure};
pub use outcome::Outcome;
pub use page::Page;
pub use page_origin::PageOrigin;
pub use preflight_reason::PreflightReason;
pub use readable::{PageResponse, ResponseType};
pub use request::{Credentials, Redirect, ReferrerPolicy};
pub use section::Section;
#[cfg(feature = "tower")]
pub use server::TowerMarker;
pub use server::{ClosureMarker, Server, ServerError};
#[doc(no_inline)]
pub use url;
