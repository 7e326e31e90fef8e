//! One module per adapter, each behind the feature of the same name.
//!
//! The adapters are not at the root of the crate, so `use omnicors::*` does not hide the crates with the same names:
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

/// Decisions about requests with the types of the `http` crate, for servers without a framework.
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

/// Policy files that are reloaded when they change, and a bounded cache for origin lookups, for any adapter.
#[cfg(feature = "tokio")]
pub mod tokio {
    pub use omnicors_tokio::*;
}

/// A layer for axum, hyper, tonic and every other service of tower with the types of `http`.
#[cfg(feature = "tower")]
pub mod tower {
    pub use omnicors_tower::*;
}

/// A server, a service and a wrapper for the filters of warp.
#[cfg(feature = "warp")]
pub mod warp {
    pub use omnicors_warp::*;
}
