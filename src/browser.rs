//! A browser's side of CORS, for tests: what a page's `fetch()` sends to a server or to a policy, and what the page may read.
//!
//! [`PolicyFetch`] asks what a page may do with a policy. [`Page`] fetches from any server; with the feature `tower`, also from
//! an axum `Router`.

pub use omnicors_browser::*;

pub use crate::policy_fetch::{PolicyFetch, PolicyRequest};
pub use crate::policy_server::PolicyServer;
