//! One module per adapter, each behind the feature named after its framework.
//!
//! The modules are not in the crate root, so that `use omnicors::*` does not hide the crates `http`, `tower` and so on:
//!
#![cfg_attr(
    all(feature = "tower", feature = "tokio"),
    doc = r#"
```
use omnicors::*;
use omnicors::adapters::tower::CorsLayer;

let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
let layer = CorsLayer::new(policy);
let service = tower::ServiceBuilder::new().layer(layer); // the crate `tower`
let status = http::StatusCode::OK; // the crate `http`
let runtime = tokio::runtime::Builder::new_current_thread(); // the crate `tokio`
# Ok::<(), PolicyError>(())
```
"#
)]

/// [actix-web](https://docs.rs/actix-web): a middleware for `App`, `Scope` and `Resource`.
#[cfg(feature = "actix-web")]
pub mod actix_web {
    pub use omnicors_actix_web::*;
}

/// Servers that use the types of the [`http`](https://docs.rs/http) crate without a framework.
#[cfg(feature = "http")]
pub mod http {
    pub use omnicors_http::*;
}

/// [poem](https://docs.rs/poem): a middleware.
#[cfg(feature = "poem")]
pub mod poem {
    pub use omnicors_poem::*;
}

/// [Rocket](https://docs.rs/rocket) 0.5: a fairing.
#[cfg(feature = "rocket")]
pub mod rocket {
    pub use omnicors_rocket::*;
}

/// [salvo](https://docs.rs/salvo): a hoop. Requires Rust 1.95.
#[cfg(feature = "salvo")]
pub mod salvo {
    pub use omnicors_salvo::*;
}

/// Policy files that are reloaded while serving, and cached origin lookups, for every adapter.
#[cfg(feature = "tokio")]
pub mod tokio {
    pub use omnicors_tokio::*;
}

/// [tower](https://docs.rs/tower): a layer for axum, hyper, tonic and every other server of `http` and tower services.
#[cfg(feature = "tower")]
pub mod tower {
    pub use omnicors_tower::*;
}

/// [warp](https://docs.rs/warp): a wrapper for any filter.
#[cfg(feature = "warp")]
pub mod warp {
    pub use omnicors_warp::*;
}
