//! The lookups and the replicas of `omnicors-tokio`, under the checker [shuttle], which runs a test many times, each time with the threads and
//! tasks in another order.
//!
//! The modules `lookup` and `store` are the files of `omnicors-tokio` themselves. The locks and atomic numbers that they import from
//! `crate::sync` are those of shuttle here, and the package `omnicors-model-stand-ins` takes the place of their dependencies.
//!
//! Shuttle treats every atomic operation as sequentially consistent, so these tests do not find an ordering that is too weak.
//!
//! [shuttle]: https://docs.rs/shuttle

// `clippy --all-targets` compiles this as a test program too, and then the files would bring the tests of omnicors-tokio. So would
// `cargo test --doc` its examples.
#![cfg(not(any(test, doctest)))]
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    clippy::expect_used,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "only a part of the files is used, and the checks are tests"
)]

extern crate omnicors_model_stand_ins as arc_swap;
extern crate omnicors_model_stand_ins as moka;
extern crate omnicors_model_stand_ins as papaya;
extern crate omnicors_model_stand_ins as tokio;

mod clock;
mod explore;
mod random;
#[path = "../../../adapters/tokio/src/sources.rs"]
mod sources;
mod sync;

pub use lookup::checks as lookups;
pub use store::{checks as stores, suspended};

#[path = "../../../adapters/tokio/src/lookup"]
mod lookup {
    #[path = "../../../../tests/model/src/lookups.rs"]
    pub mod checks;
    mod failure;
    mod join;
    mod moment;
    mod options;
    mod origin_lookup;
    mod panics;
    mod permits;
    mod rate_limit;
    mod result_cache;
    mod running_call;
    mod shared;
    mod single_flight;
    mod when_failed;

    pub use failure::LookupFailure;
    pub use options::LookupOptions;
    pub use origin_lookup::OriginLookup;
    pub(crate) use origin_lookup::WeakLookup;
    pub(crate) use shared::Follower;
    pub use when_failed::WhenFailed;
}

#[path = "../../../adapters/tokio/src/store"]
mod store {
    mod changed_origins;
    mod check;
    #[path = "../../../../tests/model/src/stores.rs"]
    pub mod checks;
    mod contact;
    mod events;
    mod follower;
    mod gauges;
    mod image;
    mod lease;
    mod options;
    mod origin_store;
    mod position;
    mod replica;
    mod replica_set;
    mod store_error;
    mod store_lookup;
    #[path = "../../../../tests/model/src/suspended.rs"]
    pub mod suspended;
}
