//! One module per adapter, each behind the feature named after its framework.
//!
//! They stand in a module of their own so that `use omnicors::*` does not hide the crates that they adapt to:
//!
#![cfg_attr(
    all(feature = "tower", feature = "tokio"),
    doc = r#"
```
use omnicors::*;

use omnicors::adapters::tower::CorsLayer;

let _layer = CorsLayer::new(PolicyConfig::new().allow_origin("https://example.com").build()?);
let _status = http::StatusCode::OK; // the crate `http`
let _server = tower::ServiceBuilder::new(); // the crate `tower`
let _runtime = tokio::runtime::Builder::new_current_thread(); // the crate `tokio`
# Ok::<(), PolicyError>(())
```
"#
)]

/// A middleware for actix-web's `App`, `Scope` and `Resource`.
#[cfg(feature = "actix-web")]
pub mod actix_web {
    pub use omnicors_actix_web::*;
}

/// The types of the `http` crate: what the author of an `http`-based server calls.
#[cfg(feature = "http")]
pub mod http {
    pub use omnicors_http::*;
}

/// A middleware for poem.
#[cfg(feature = "poem")]
pub mod poem {
    pub use omnicors_poem::*;
}

/// A fairing for Rocket 0.5.
#[cfg(feature = "rocket")]
pub mod rocket {
    pub use omnicors_rocket::*;
}

/// A hoop for salvo. Needs Rust 1.95.
#[cfg(feature = "salvo")]
pub mod salvo {
    pub use omnicors_salvo::*;
}

/// Policy files reloaded live, and origins looked up asynchronously behind a bounded cache, for any adapter.
#[cfg(feature = "tokio")]
pub mod tokio {
    pub use omnicors_tokio::*;
}

/// A layer for axum, hyper, tonic and everything else that speaks `http` and tower.
#[cfg(feature = "tower")]
pub mod tower {
    pub use omnicors_tower::*;
}

/// A wrapper around any filter of warp's.
#[cfg(feature = "warp")]
pub mod warp {
    pub use omnicors_warp::*;
}
