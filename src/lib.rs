//! CORS for Rust servers: one policy, checked when the server starts, with the same behaviour in every framework.
//!
#![cfg_attr(
    feature = "tower",
    doc = r#"
```no_run
use axum::{Router, routing::get};
use omnicors::PolicyConfig;
use omnicors::adapters::tower::CorsLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = PolicyConfig::new()
        .allow_origins(["https://example.com"])
        .build()?;

    let app: Router = Router::new()
        .route("/", get(|| async { "hello" }))
        .layer(CorsLayer::new(policy));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
```
"#
)]
//! Write a [`PolicyConfig`]. [`PolicyConfig::build`] checks it and returns a [`Policy`], or a [`PolicyError`] with every mistake and what
//! to write instead. Pass the policy to the type of your framework in [`adapters`].
//!
//! When a request is blocked, [`Policy::explain`] says why and what to change. [`Policy::warnings`] returns settings that are valid but
//! probably not intended.
//!
//! # A server of your own
//!
//! Without a framework, call [`evaluate`] for each request. A [`Decision`] says whether to run the application, and which header fields
//! to send:
//!
//! ```
//! use omnicors::{Decision, PolicyConfig, RequestParts, evaluate};
//!
//! let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
//!
//! // The header fields of a request, from any parser. Add the field `:authority` of HTTP/2, or the authority of an absolute target
//! // (`GET http://api.example/ HTTP/1.1`), with the name ":authority".
//! let fields = [("Host", "api.example"), ("Origin", "https://example.com")];
//! let request = RequestParts::read(&policy, "GET", &fields);
//!
//! match evaluate(&policy, &request) {
//!     // Do not run the application. This is the whole response, with an empty body.
//!     Decision::Respond { status, headers } => {
//!         println!("HTTP/1.1 {status}");
//!         for field in &headers {
//!             println!("{field}");
//!         }
//!     }
//!     // Run the application. Then remove the fields with these names from its response, and add the others.
//!     Decision::Forward { headers } => {
//!         for name in headers.removed() {
//!             println!("remove {name}");
//!         }
//!         for field in &headers {
//!             println!("add {field}");
//!         }
//!     }
//! }
//! # Ok::<(), omnicors::PolicyError>(())
//! ```
//!
//! A server with the types of the `http` crate calls `adapters::http::decide` (feature `http`). An adapter for another framework builds on the
//! crate `omnicors-adapter`.
//!
//! # Features
//!
//! Only `public-suffix` is on by default.
//!
//! | feature | adds |
//! |---|---|
//! | `hyper`, `tonic` | the same as `tower` |
//! | `axum` | the same, and a choice by path sees the whole path in a layer on a nested `Router` |
//! | `tower` | `adapters::tower`: a layer for axum, hyper, tonic and every other tower service |
//! | `actix-web`, or `actix` | `adapters::actix_web`: a middleware for actix-web |
//! | `rocket` | `adapters::rocket`: a fairing for Rocket 0.5 |
//! | `warp` | `adapters::warp`: a server, a service and a wrapper for warp's filters |
//! | `poem` | `adapters::poem`: a middleware for poem |
//! | `salvo` | `adapters::salvo`: a hoop for salvo; needs Rust 1.95 |
//! | `http` | `adapters::http`: a decision about a request with the types of the `http` crate |
//! | `tokio` | `adapters::tokio`: policy files (TOML) that are reloaded when they change, and a cache for origin lookups |
//! | `json`, `yaml` | policy files in JSON and YAML, with `tokio` |
//! | `browser` | `browser`: what a page may read from a server or with a policy, for tests |
//! | `serde` | [`PolicyConfig`] from and to TOML, JSON, YAML and other formats |
//! | `regex` | regular expressions for origins: `PolicyConfig::allow_origin_regexes` |
//! | `public-suffix` | a check against the Public Suffix List: with credentials, `https://*.co.uk` is a fault; on by default |
//! | `tracing` | events with the target `omnicors`: denials and rejections, with what to change, and warnings about a policy |
//! | `log` | the same events for the crate `log`, unless a subscriber of `tracing` is set |
//! | `metrics` | counters of decisions by reason, through the crate `metrics` |
#![cfg_attr(
    all(doc, not(doctest)),
    doc = r"
# Guide

* [Configuration](guide::configuration): where a policy can come from, and all settings.
* [What each request gets](guide::responses): the status and the header fields of each response.
* [Reading the console](guide::reading_the_console): what browsers print, and what to change.
* [The guard](guide::guard): whose requests are run: forged forms, WebSockets, DNS rebinding.
* [A browser is blocked in production](guide::production): log lines and counters, what to change, and how to roll out a stricter policy.
* [What uses CORS](guide::what_uses_cors): fonts, images, modules and more, and the setting for each.
* [Several policies](guide::several_policies): one server with a policy per path, per host, or chosen otherwise.
* [A fleet](guide::fleet): origins in PostgreSQL or Redis for many servers, and how soon a removed one is denied.
* [Caching](guide::caching): `Vary`, CDNs, and how to withdraw an origin.
* [The command line](guide::command_line): check, explain and compare policies, and ask a live server.
* [Other servers](guide::other_servers): what the CORS settings of other servers do, measured in Chromium.
* [Security](guide::security): what Omnicors guarantees, and what CORS does not do.
* [Hostile requests](guide::hostile_input): what the worst requests cost.
* [Migrating](guide::migrating): from the CORS middleware of your framework.
"
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod adapters;
#[cfg(feature = "browser")]
pub mod browser;
#[cfg(all(doc, not(doctest)))]
pub mod guide;
#[cfg(feature = "browser")]
mod policy_fetch;
#[cfg(feature = "browser")]
mod policy_server;

pub use omnicors_core::{
    Decision, Denial, DynamicOriginSet, Explanation, Fault, FaultCause, FaultKind, FieldValue,
    Guard, HeaderField, HeaderFields, LookupResult, Operation, Origin, OriginError, OriginPattern,
    OriginPatternError, OriginSet, OriginStatus, Outcome, Policy, PolicyConfig, PolicyError,
    Rejection, RequestKind, RequestParts, ResponseHeaderName, ResponseHeaders, Setting, Step,
    Verdict, Warning, evaluate, limits,
};

#[cfg(all(
    test,
    feature = "actix-web",
    feature = "poem",
    feature = "rocket",
    feature = "salvo",
    feature = "tokio",
    feature = "tower",
    feature = "warp"
))]
mod policy_file;
#[cfg(any(test, doctest))]
mod readme;
#[cfg(test)]
mod setters;
