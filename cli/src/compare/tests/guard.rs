//! Compares what the differences between two guards say with the requests that each policy runs.

use omnicors_core::{Guard, OriginStatus, Policy, PolicyConfig, RequestParts, evaluate};

use super::super::guard::runs;
use super::super::{Comparison, Direction, ServerChange, Subject, compare};
use super::generated::{Random, pair};

const ORIGINS: &[&str] = &[
    "https://app.example",
    "https://login.example",
    "https://a.login.example",
    "https://stranger.example",
    "null",
];

/// The methods and the modes of requests. Links and forms can only send GET and POST.
const REQUESTS: &[(&str, &str)] = &[
    ("GET", "cors"),
    ("GET", "navigate"),
    ("POST", "cors"),
    ("POST", "navigate"),
    ("PUT", "cors"),
];

fn config(random: &mut Random) -> PolicyConfig {
    let listed = ["https://app.example", "https://login.example", "null"];
    let navigations = [
        "https://login.example",
        "https://*.login.example",
        "https://app.example",
    ];
    let guards = [Guard::Off, Guard::UnsafeMethods, Guard::All];
    let mut config = PolicyConfig::new()
        .dangerously_allow_opaque_origins(true)
        .allow_origin(random.pick(&listed))
        .guard(*random.pick(&guards))
        .guard_report_only(random.one_in(4));
    if random.one_in(8) {
        config = config
            .allow_origin_regexes([r".*"])
            .dangerously_allow_any_origin_with_credentials(true);
    }
    for _ in 0..random.below(3) {
        config = config.allow_navigations_from([random.pick(&navigations)]);
    }
    config
}

fn lists(policy: &Policy, origin: &str) -> bool {
    let request = RequestParts::new("GET").origin(origin);
    evaluate(policy, &request).origin_status() == OriginStatus::Allowed
}

/// Returns true if a difference says that `one` runs the request and `other` does not. `is_gained` is true if only `one` lists the
/// origin, which is a difference of the origins.
fn says(
    comparison: &Comparison<'_>,
    direction: Direction,
    (method, mode): (&str, &str),
    is_gained: bool,
) -> bool {
    let server = comparison.server.iter();
    let mut server = server.filter(|change| change.direction() == direction);
    is_gained
        || server.any(|change| match change {
            ServerChange::Requests(_, "GET", _) => method == "GET" && mode == "cors",
            ServerChange::Requests(..) => true,
            ServerChange::Navigations(..) => method != "GET" && mode == "navigate",
            _ => false,
        })
}

#[test]
fn a_request_that_only_one_policy_runs_is_a_difference() {
    let mut random = Random::new(11);
    let (mut requests, mut navigations) = (0, 0);
    for _ in 0..2_000 {
        let (old, new) = pair(&mut random, config);
        let [of_old, of_new] = &[Subject::new(&old), Subject::new(&new)];
        let comparison =
            compare(of_old, of_new).unwrap_or_else(|error| panic!("{error}\n{old}\n{new}"));
        for (direction, one, other) in [
            (Direction::Widens, &new, &old),
            (Direction::Narrows, &old, &new),
        ] {
            for origin in ORIGINS {
                for request @ (method, mode) in REQUESTS.iter().copied() {
                    let is_run_by_one_only =
                        runs(one, method, origin, mode) && !runs(other, method, origin, mode);
                    let is_gained = lists(one, origin) && !lists(other, origin);
                    assert!(
                        !is_run_by_one_only || says(&comparison, direction, request, is_gained),
                        "{direction:?} {method} {mode} {origin}\nold:\n{old}\nnew:\n{new}\n{comparison:#?}"
                    );
                }
            }
        }
        let server = comparison.server.iter();
        for change in server {
            requests += u32::from(matches!(change, ServerChange::Requests(..)));
            navigations += u32::from(matches!(change, ServerChange::Navigations(..)));
        }
    }
    assert!(
        requests > 100 && navigations > 100,
        "{requests}, {navigations}"
    );
}

/// The setting of the guard, whether it only reports, and whether it lets navigations from `https://login.example` pass.
type Settings = (Guard, bool, bool);

/// Returns the differences of the guards: a method, or `navigation`, with its direction.
fn differences(old: Settings, new: Settings) -> Vec<(Direction, &'static str)> {
    let [old, new] = [old, new].map(|(guard, report_only, navigations)| {
        let config = PolicyConfig::new()
            .allow_origin("https://app.example")
            .guard(guard)
            .guard_report_only(report_only);
        let login = navigations.then_some("https://login.example");
        config.allow_navigations_from(login).build().unwrap()
    });
    let [of_old, of_new] = &[Subject::new(&old), Subject::new(&new)];
    let comparison = compare(of_old, of_new).unwrap();
    let server = comparison.server.iter();
    let changes = server.map(|change| match change {
        ServerChange::Requests(direction, method, _) => (*direction, *method),
        ServerChange::Navigations(direction, origin) => {
            assert_eq!(origin, "https://login.example");
            (*direction, "navigation")
        }
        other => panic!("{other:?}"),
    });
    changes.collect()
}

/// Expected values from docs/guard.md: a guard that is off or only reports runs every request, and navigations are POSTs, which both
/// other guards check.
#[test]
fn navigations_are_compared_if_both_guards_check_them() {
    use Direction::{Narrows, Widens};

    let off = (Guard::Off, false, false);
    let report = (Guard::UnsafeMethods, true, true);
    let login = (Guard::UnsafeMethods, false, true);
    let plain = (Guard::UnsafeMethods, false, false);
    let all = (Guard::All, false, false);
    let all_login = (Guard::All, false, true);
    for (old, new, widens, narrows) in [
        (off, login, &[][..], &["POST"][..]),
        (report, login, &[], &["POST"]),
        (report, off, &[], &[]),
        (plain, login, &["navigation"], &[]),
        (all, login, &["GET", "navigation"], &[]),
        (all_login, login, &["GET"], &[]),
        (all_login, plain, &["GET"], &["navigation"]),
        (off, all_login, &[], &["POST"]),
    ] {
        let expected = |gained, lost| -> Vec<(Direction, &str)> {
            let (gained, lost): (&[&str], &[&str]) = (gained, lost);
            let gained = gained.iter().map(|what| (Widens, *what));
            let lost = lost.iter().map(|what| (Narrows, *what));
            gained.chain(lost).collect()
        };
        assert_eq!(differences(old, new), expected(widens, narrows));
        assert_eq!(differences(new, old), expected(narrows, widens));
    }
}
