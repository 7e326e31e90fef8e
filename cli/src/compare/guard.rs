//! Compares whose requests two policies run.

use std::borrow::Cow;

use omnicors_core::{Decision, Guard, Policy, PolicyConfig, RequestParts, evaluate};

use super::changes::{Comparison, Direction, Incomparable, ServerChange};
use super::entry::TooLarge;
use super::listed::{Listed, witness};

/// A policy, and what of it is compared apart from its guard.
pub(crate) struct Subject<'p> {
    pub(super) policy: &'p Policy,
    /// The policy without a guard, whose responses say what CORS allows.
    pub(super) cors: Cow<'p, Policy>,
    /// A policy that lists the origins that may send navigations.
    navigations: Option<Policy>,
}

impl<'p> Subject<'p> {
    pub(crate) fn new(policy: &'p Policy) -> Self {
        let cors = if policy.may_reject() {
            Cow::Owned(without_guard(policy))
        } else {
            Cow::Borrowed(policy)
        };
        let patterns: Vec<_> = policy.allow_navigations_from().collect();
        let navigations = PolicyConfig::new().allow_origins(patterns).build().ok();
        Self {
            policy,
            cors,
            navigations,
        }
    }

    fn navigations(&self) -> Listed<'_> {
        match &self.navigations {
            Some(policy) => Listed::of(policy),
            None => Listed::nothing(),
        }
    }

    /// Returns the requests that the guard checks and rejects.
    pub(super) fn checked(&self) -> Guard {
        if self.policy.guard_report_only() {
            Guard::Off
        } else {
            self.policy.guard()
        }
    }
}

/// Returns a policy that gives the same CORS headers, and rejects nothing.
fn without_guard(policy: &Policy) -> Policy {
    let config = policy.config().guard(Guard::Off).guard_report_only(true);
    // A guard for all CORS requests rejects them.
    let is_for_all = policy.guard() == Guard::All && !policy.guard_report_only();
    let others = policy.allow_others_without_credentials() && !is_for_all;
    let config = config.allow_others_without_credentials(others);
    // No setting needs a guard.
    config.build().unwrap_or_else(|_| policy.clone())
}

/// Compares the guards. `listed` has the listed origins of both policies.
pub(super) fn compare_guards(
    [old, new]: [&Subject<'_>; 2],
    [listed_old, listed_new]: [&Listed<'_>; 2],
    comparison: &mut Comparison<'_>,
) {
    for (one, other, listed_other, direction) in [
        (new, old, listed_old, Direction::Widens),
        (old, new, listed_new, Direction::Narrows),
    ] {
        for change in [
            gained_requests(one, other, listed_other, direction),
            gained_navigations(one, other, listed_other, direction),
        ] {
            match change {
                Ok(change) => comparison.server.extend(change),
                Err(TooLarge) => comparison.incomparable.push(Incomparable::OriginsTooLarge),
            }
        }
        let host = gained_host(one.policy, other.policy);
        let change = host.map(|host| ServerChange::Hosts(direction, host));
        comparison.server.extend(change);
    }
}

/// Returns requests of an origin that is not listed which only `one` runs, because its guard checks less.
fn gained_requests(
    one: &Subject<'_>,
    other: &Subject<'_>,
    listed_other: &Listed<'_>,
    direction: Direction,
) -> Result<Option<ServerChange>, TooLarge> {
    if rank(one.checked()) >= rank(other.checked()) {
        return Ok(None);
    }
    let method = match one.checked() {
        Guard::Off => "POST",
        _ => "GET",
    };
    let all = Listed::everything();
    let origin = match witness(&all, &all, &[listed_other])? {
        Some(origin) => Some(origin.into_owned()),
        // No opaque origin passes a guard, even if it is listed.
        None => Some("null".to_owned()).filter(|origin| {
            runs(one.policy, method, origin, "cors") && !runs(other.policy, method, origin, "cors")
        }),
    };
    Ok(origin.map(|origin| ServerChange::Requests(direction, method, origin)))
}

/// Returns the navigations that only `one` runs, if both guards check navigations. A guard that checks none runs all, which
/// [`gained_requests`] reports.
fn gained_navigations(
    one: &Subject<'_>,
    other: &Subject<'_>,
    listed_other: &Listed<'_>,
    direction: Direction,
) -> Result<Option<ServerChange>, TooLarge> {
    if [one, other].map(Subject::checked).contains(&Guard::Off) {
        return Ok(None);
    }
    let all = Listed::everything();
    let except = [&other.navigations(), listed_other];
    let origin = witness(&one.navigations(), &all, &except)?;
    Ok(origin.map(|origin| ServerChange::Navigations(direction, origin.into())))
}

/// Returns how much a guard checks.
fn rank(guard: Guard) -> u8 {
    match guard {
        Guard::Off => 0,
        Guard::UnsafeMethods => 1,
        Guard::All => 2,
    }
}

/// Returns a host that only the first policy serves.
fn gained_host(one: &Policy, other: &Policy) -> Option<String> {
    let is_gained = |host: &String| serves(one, host) && !serves(other, host);
    let number = other.allow_hosts().count();
    let listed = one.allow_hosts().flat_map(|host| {
        // An entry without a port allows any port: at least one of these is none of the other policy's.
        let ports = (1..=number + 1).map(move |port| format!("{host}:{port}"));
        std::iter::once(host.to_owned()).chain(ports)
    });
    let any = (0..=number).map(|index| match index {
        0 => "other.example".to_owned(),
        index => format!("other-{index}.example"),
    });
    listed.chain(any).find(is_gained)
}

/// Returns true if the policy does not respond with 421 to a request for the host.
pub(super) fn serves(policy: &Policy, host: &str) -> bool {
    let fields = [("host", host)];
    let request = RequestParts::read(policy, "GET", &fields);
    !matches!(
        evaluate(policy, &request),
        Decision::Respond { status: 421, .. }
    )
}

/// Returns true if the policy runs the application for a request that a page of the origin sends in this mode.
pub(super) fn runs(policy: &Policy, method: &str, origin: &str, mode: &str) -> bool {
    let host = policy.allow_hosts().next().unwrap_or("server.example");
    let fields = [
        ("host", host),
        ("origin", origin),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", mode),
    ];
    let request = RequestParts::read(policy, method, &fields);
    matches!(evaluate(policy, &request), Decision::Forward { .. })
}
