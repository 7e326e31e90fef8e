//! **CORS for every Rust server**: this is the facade, which re-exports the core and, in [`adapters`], each adapter behind the
//! feature named after its framework.
//!
//! [`PolicyConfig`] is what you write, [`Policy`] what comes of it, [`evaluate`] the decision.
//!
#![cfg_attr(all(feature = "tower", feature = "serde"), doc = include_str!("../README.md"))]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod adapters;

pub use omnicors_core::{
    Decision, Denial, Explanation, Fault, FaultCause, FaultKind, FieldValue, HeaderField,
    HeaderFields, LookupResult, Operation, Origin, OriginError, OriginPattern, OriginPatternError,
    OriginSet, OriginStatus, Outcome, Policy, PolicyConfig, PolicyError, RequestKind, RequestParts,
    ResponseHeaderName, ResponseHeaders, Setting, Step, Verdict, Warning, evaluate, limits,
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
#[cfg(test)]
mod readme;
#[cfg(test)]
mod setters;
