//! Tests of the whole decision. The docs of [`evaluate`] have the table of rules.

mod dynamic_origins;
mod echo;
mod forward_outlines;
mod guard;
mod hostile;
#[cfg(all(feature = "serde", feature = "regex", feature = "public-suffix"))]
mod messages;
mod origins;
mod outline;
mod policy;
mod preflights;
mod rejections;
mod requests;
mod response;
mod settings;
mod static_policies;
mod verdict;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{Decision, DynamicOriginSet, Operation, Policy, PolicyConfig, RequestParts, evaluate};

pub(crate) fn origins<const N: usize>(patterns: [&str; N]) -> PolicyConfig {
    PolicyConfig::new().allow_origins(patterns)
}

/// Returns a policy with each setting that adds a header field.
pub(crate) fn everything<const N: usize>(patterns: [&str; N]) -> Policy {
    let config = origins(patterns)
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["X-B", "x-a"])
        .expose_headers(["ETag", "x-c"])
        .timing_allow_origin(true)
        .allow_private_network(true);
    config.build().unwrap()
}

/// Returns the policy of [`everything`], with credentials.
pub(crate) fn everything_with_credentials<const N: usize>(patterns: [&str; N]) -> Policy {
    let config = everything(patterns).config().allow_credentials(true);
    config.build().unwrap()
}

/// Returns a decision as text: first the action, then each field. `&` marks fields to append, and `+` fields to merge.
pub(crate) fn decide(policy: &Policy, request: &RequestParts<'_>) -> Vec<String> {
    let decision = evaluate(policy, request);
    let first = match decision {
        Decision::Forward { .. } => String::from("forward"),
        Decision::Respond { status, .. } => format!("respond {status}"),
    };
    let fields = decision
        .headers()
        .iter()
        .map(|field| match field.operation {
            Operation::Set => format!("{field}"),
            Operation::Append => format!("& {field}"),
            Operation::Merge => format!("+ {field}"),
        });
    core::iter::once(first).chain(fields).collect()
}

/// A set of one origin, which never changes.
pub(crate) struct Only(pub(crate) &'static str);

impl DynamicOriginSet for Only {
    fn contains(&self, origin: &str) -> bool {
        origin == self.0
    }
}

pub(crate) fn get() -> RequestParts<'static> {
    RequestParts::new("GET")
}

pub(crate) fn preflight<'a>(origin: &'a str, method: &'a str) -> RequestParts<'a> {
    RequestParts::new("OPTIONS")
        .origin(origin)
        .request_method(method)
}
