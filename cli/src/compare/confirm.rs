//! Evaluates both policies with each example of a comparison.

use std::error::Error;
use std::fmt;

use omnicors_core::adapter::expose_headers_merge;
use omnicors_core::{Decision, LookupResult, Policy, RequestParts, evaluate};

use super::changes::{
    Access, Comparison, Direction, Grant, GrantChange, GrantsChange, ServerChange,
};
use super::grants::{Tier, timing_list};
use super::guard::{Subject, runs, serves};

/// An example that does not show the difference for which it was made.
#[derive(Debug)]
pub(crate) struct Unconfirmed(String);

impl fmt::Display for Unconfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the comparison is wrong, and its result is not printed: the policies do not differ in this example: {}; this is a \
             defect of omnicors",
            self.0
        )
    }
}

impl Error for Unconfirmed {}

/// Returns an error unless each example shows its difference.
pub(super) fn confirm(
    comparison: &Comparison<'_>,
    old: &Subject<'_>,
    new: &Subject<'_>,
) -> Result<(), Unconfirmed> {
    let subjects = |direction| match direction {
        Direction::Narrows => (old, new),
        Direction::Widens | Direction::Neither => (new, old),
    };
    let pair = |direction| {
        let (one, other) = subjects(direction);
        (&*one.cors, &*other.cors)
    };
    for change in &comparison.origins {
        let (one, other) = pair(change.direction);
        let mut witnesses = change.region.witnesses();
        if let Some(origin) = witnesses.find(|it| !shows_access(one, other, it, change.access)) {
            return Err(Unconfirmed(format!("origin {origin:?}")));
        }
    }
    for change in &comparison.grants {
        confirm_grants(change, &pair)?;
    }
    for change in &comparison.server {
        let (one, other) = subjects(change.direction());
        if !shows_server_change(one, other, change) {
            return Err(Unconfirmed(format!("{change:?}")));
        }
    }
    Ok(())
}

fn confirm_grants<'p>(
    change: &GrantsChange,
    pair: &impl Fn(Direction) -> (&'p Policy, &'p Policy),
) -> Result<(), Unconfirmed> {
    for ((old_tier, new_tier), origin) in change.tiers.iter().zip(&change.origins) {
        for GrantChange { direction, grant } in &change.grants {
            let (one, other) = pair(*direction);
            let (tier, other_tier) = match direction {
                Direction::Narrows => (*old_tier, *new_tier),
                Direction::Widens | Direction::Neither => (*new_tier, *old_tier),
            };
            let one = |grant| grants(one, tier, origin, grant);
            let other = |grant| grants(other, other_tier, origin, grant);
            let is_shown = one(None) && other(None) && one(Some(grant)) && !other(Some(grant));
            if !is_shown {
                return Err(Unconfirmed(format!("origin {origin:?}, {grant:?}")));
            }
        }
    }
    Ok(())
}

fn shows_access(one: &Policy, other: &Policy, origin: &str, access: Access) -> bool {
    let request = RequestParts::new("GET").origin(origin);
    let reads = |policy| evaluate(policy, &request).verdict().is_allowed();
    let reads_with_credentials = |policy| {
        let decision = evaluate(policy, &request);
        decision.verdict_with_credentials().is_allowed()
    };
    match access {
        Access::WithoutCredentials => reads(one) && !reads(other) && !reads_with_credentials(one),
        Access::WithCredentials => reads_with_credentials(one) && !reads(other),
        Access::OnlyCredentials => {
            reads_with_credentials(one) && reads(other) && !reads_with_credentials(other)
        }
    }
}

/// Applies a policy to a request of an origin of this tier. If the policy looks the origin up, the result is that of the tier.
fn decide<'a>(policy: &'a Policy, tier: Tier, request: &RequestParts<'a>) -> Decision<'a> {
    let is_looked_up = policy.origin_to_look_up(request).is_some();
    let result = is_looked_up.then(|| LookupResult::from(tier == Tier::Listed));
    evaluate(policy, &request.lookup_result(result))
}

/// Returns true if the policy grants this to pages of the origin, or, with `None`, if it lets them read responses.
fn grants(policy: &Policy, tier: Tier, origin: &str, grant: Option<&Grant>) -> bool {
    let actual = RequestParts::new("GET").origin(origin);
    let options = RequestParts::new("OPTIONS").origin(origin);
    let preflight = options.request_method("GET");
    let sends = |request: &RequestParts<'_>, name: &str, is_value: &dyn Fn(&str) -> bool| {
        let decision = decide(policy, tier, request);
        let mut fields = decision.headers().iter();
        fields.any(|field| field.name.as_str() == name && is_value(field.value.as_str()))
    };
    let exposes = |name: &str| {
        sends(&actual, "access-control-expose-headers", &|value| {
            value == "*" || value.split(", ").any(|exposed| exposed == name)
        })
    };
    let merges = |of_application: &str, name: &str| {
        let decision = decide(policy, tier, &actual);
        let merge = expose_headers_merge(decision.headers());
        let merged = merge.and_then(|merge| merge.merge(None, [of_application.as_bytes()]));
        merged.is_some_and(|merged| merged.split(", ").any(|exposed| exposed == name))
    };
    match grant {
        None => decide(policy, tier, &actual).verdict().is_allowed(),
        Some(Grant::Method(gained)) => {
            let request = options.request_method(&gained.witness);
            decide(policy, tier, &request).verdict().is_allowed()
        }
        Some(Grant::Header(gained)) => {
            let request = preflight.request_headers(&gained.witness);
            decide(policy, tier, &request).verdict().is_allowed()
        }
        Some(Grant::ExposedHeader(gained)) => exposes(&gained.witness),
        Some(Grant::ApplicationExposed(name)) => exposes(name) || merges(name, name),
        Some(Grant::ApplicationExposedAny) => exposes("*") || merges("*", "*"),
        Some(Grant::Timing) => sends(&actual, "timing-allow-origin", &|value| {
            value == "*" || value == origin
        }),
        Some(Grant::PrivateNetwork) => sends(
            &preflight,
            "access-control-allow-private-network",
            &|value| value == "true",
        ),
    }
}

fn shows_server_change(one: &Subject<'_>, other: &Subject<'_>, change: &ServerChange) -> bool {
    let (with_guard, other_with_guard) = (one.policy, other.policy);
    let (one, other) = (&*one.cors, &*other.cors);
    let forwards = |policy: &Policy, request: &RequestParts<'_>| {
        matches!(evaluate(policy, request), Decision::Forward { .. })
    };
    let runs_only_in_one = |method, origin, mode| {
        runs(with_guard, method, origin, mode) && !runs(other_with_guard, method, origin, mode)
    };
    match change {
        ServerChange::Requests(_, method, origin) => runs_only_in_one(method, origin, "cors"),
        ServerChange::Navigations(_, origin) => runs_only_in_one("POST", origin, "navigate"),
        ServerChange::Hosts(_, host) => serves(with_guard, host) && !serves(other_with_guard, host),
        ServerChange::Preflights(_) => {
            let request = RequestParts::new("OPTIONS")
                .origin("https://example.com")
                .request_method("PUT");
            forwards(one, &request) && !forwards(other, &request)
        }
        ServerChange::TimingWithoutOrigin(_, origin) => {
            timing_list(one).contains(origin) && !timing_list(other).contains(origin)
        }
    }
}
