//! **CORS for every Rust server**: this is the facade, which re-exports the core and, behind the feature named after it,
//! each adapter.
//!
//! * [`PolicyConfig`] is what you write, [`Policy`] what comes of it, [`evaluate`] the decision.
#![cfg_attr(
    feature = "http",
    doc = "* [`http`]: servers that speak the types of the `http` crate."
)]
#![cfg_attr(feature = "rocket", doc = "* [`rocket`]: a fairing for Rocket 0.5.")]
#![cfg_attr(
    feature = "tower",
    doc = "* [`tower`]: axum, hyper, tonic and everything else that speaks tower."
)]
#![cfg_attr(
    feature = "actix-web",
    doc = "* [`actix_web`]: a middleware for actix-web."
)]
#![cfg_attr(feature = "warp", doc = "* [`warp`]: around any filter of warp.")]
#![cfg_attr(feature = "poem", doc = "* [`poem`]: a middleware for poem.")]
#![cfg_attr(feature = "salvo", doc = "* [`salvo`]: a hoop for salvo.")]
#![cfg_attr(
    feature = "tokio",
    doc = "* [`tokio`]: policy files reloaded live, and origins looked up asynchronously, for any of these."
)]
//!
#![cfg_attr(all(feature = "tower", feature = "serde"), doc = include_str!("../README.md"))]
#![forbid(unsafe_code)]

pub use omnicors_core::*;

/// The types of the `http` crate: the base of adapters, and what the author of an `http`-based server calls.
#[cfg(feature = "http")]
pub mod http {
    pub use omnicors_http::*;
}

/// A fairing for Rocket 0.5.
#[cfg(feature = "rocket")]
pub mod rocket {
    pub use omnicors_rocket::*;
}

/// A layer for axum, hyper, tonic and everything else that speaks `http` and tower.
#[cfg(feature = "tower")]
pub mod tower {
    pub use omnicors_tower::*;
}

/// A middleware for actix-web's `App`, `Scope` and `Resource`.
#[cfg(feature = "actix-web")]
pub mod actix_web {
    pub use omnicors_actix_web::*;
}

/// Around any filter of warp's.
#[cfg(feature = "warp")]
pub mod warp {
    pub use omnicors_warp::*;
}

/// A middleware for poem.
#[cfg(feature = "poem")]
pub mod poem {
    pub use omnicors_poem::*;
}

/// A hoop for salvo.
#[cfg(feature = "salvo")]
pub mod salvo {
    pub use omnicors_salvo::*;
}

/// Policy files reloaded live, and origins looked up asynchronously behind a bounded cache, for any adapter.
#[cfg(feature = "tokio")]
pub mod tokio {
    pub use omnicors_tokio::*;
}

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
#[cfg(test)]
mod readme;
