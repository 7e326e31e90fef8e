//! Compares two policies, as `omnicors diff` does.
//!
//! * The comparison confirms its own examples.
//! * The printed sets of origins are exact: an origin is in one of them if, and only if, the policies disagree about it in this way. This
//!   is checked for the origins of the input, for origins that the entries of both policies allow, for the examples, and for neighbours of
//!   all these.
//! * If the policies disagree about a method or a header of the input, the comparison has a difference of this kind.

#![no_main]

use libfuzzer_sys::fuzz_target;
use omnicors_core::{Origin, Policy, PolicyError, RequestParts, evaluate};
use omnicors_fuzz::{Kind, Script};

use cli::compare::{Comparison, Direction, Grant, Subject, compare};

// The package of the command has no library.
#[path = "../../cli/src"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the command uses more of the module"
)]
mod cli {
    pub(crate) mod compare;
}
#[path = "diff/exact.rs"]
mod exact;
#[path = "diff/neighbours.rs"]
mod neighbours;

fuzz_target!(|data: &[u8]| {
    let (old_script, new_script) = scripts(data);
    let (Ok(old), Ok(new)) = (policy(&old_script), policy(&new_script)) else {
        return;
    };
    let subjects = (Subject::new(&old), Subject::new(&new));
    let comparison = match compare(&subjects.0, &subjects.1) {
        Ok(comparison) => comparison,
        Err(error) => panic!("{error}\n{old}\n{new}"),
    };
    if !comparison.incomparable.is_empty() {
        return;
    }
    let origins = neighbours::origins(&[&old_script, &new_script], &comparison);
    exact::check(&comparison, &old, &new, &origins);

    let all = |kind| old_script.all(kind).chain(new_script.all(kind));
    for origin in all(Kind::Origin) {
        let is_read_by_both = reads(&old, origin).0 && reads(&new, origin).0;
        if Origin::parse(origin).is_err() || !is_read_by_both {
            continue;
        }
        for direction in [Direction::Widens, Direction::Narrows] {
            let (one, other) = match direction {
                Direction::Narrows => (&old, &new),
                _ => (&new, &old),
            };
            for method in all(Kind::RequestMethod) {
                let request = RequestParts::new("OPTIONS").origin(origin);
                let request = request.request_method(method);
                let is_method = |grant: &Grant| matches!(grant, Grant::Method(_));
                check_grant(&comparison, direction, one, other, &request, is_method);
            }
            for names in all(Kind::RequestHeaders) {
                let request = RequestParts::new("OPTIONS").origin(origin);
                let request = request.request_method("GET").request_headers(names);
                let is_header = |grant: &Grant| matches!(grant, Grant::Header(_));
                check_grant(&comparison, direction, one, other, &request, is_header);
            }
        }
    }
});

/// Splits the input after the line `--` or, without such a line, in the middle.
fn scripts(data: &[u8]) -> (Script<'_>, Script<'_>) {
    let separator = b"\n--\n";
    let place = data
        .windows(separator.len())
        .position(|bytes| bytes == separator);
    let middle = || {
        let line = data[..data.len() / 2]
            .iter()
            .rposition(|byte| *byte == b'\n');
        line.map_or(0, |line| line + 1)
    };
    let (old, new) = data.split_at(place.map_or_else(middle, |place| place + 1));
    (Script::new(old), Script::new(new))
}

fn policy(script: &Script<'_>) -> Result<Policy, PolicyError> {
    let config = script.config();
    config
        .allow_origin_regexes(script.texts(Kind::Regex))
        .build()
}

/// Returns whether pages of the origin may read responses without and with credentials.
fn reads(policy: &Policy, origin: impl AsRef<[u8]>) -> (bool, bool) {
    let request = RequestParts::new("GET").origin(origin.as_ref());
    let decision = evaluate(policy, &request);
    let with = decision.verdict_with_credentials();
    (decision.verdict().is_allowed(), with.is_allowed())
}

fn check_grant(
    comparison: &Comparison<'_>,
    direction: Direction,
    one: &Policy,
    other: &Policy,
    request: &RequestParts<'_>,
    is_kind: impl Fn(&Grant) -> bool,
) {
    let allows = |policy| evaluate(policy, request).verdict().is_allowed();
    if !allows(one) || allows(other) {
        return;
    }
    let changes = comparison.grants.iter().flat_map(|change| &change.grants);
    let is_found = changes
        .into_iter()
        .any(|it| it.direction == direction && is_kind(&it.grant));
    assert!(
        is_found,
        "{direction:?} {request:?}\n{one}\n{other}\n{comparison:#?}"
    );
}
