//! Policies with many entries.

use omnicors_core::{DynamicOriginSet, Policy, PolicyConfig};

use super::super::{Direction, Incomparable, Side, Subject, compare};

fn policy(origins: impl IntoIterator<Item = String>) -> Policy {
    PolicyConfig::new().allow_origins(origins).build().unwrap()
}

#[test]
fn large_lists_of_exact_origins_are_compared() {
    let tenant = |number: u32| format!("https://tenant-{number}.example.com");
    let old = policy((0..20_000).map(tenant));
    let new = policy((10..20_010).map(tenant));
    let [one, other] = &[Subject::new(&old), Subject::new(&new)];
    let comparison = compare(one, other).unwrap();
    let counts = comparison
        .origins
        .iter()
        .map(|it| (it.direction, it.region.exact.len()));
    let expected = [(Direction::Widens, 10), (Direction::Narrows, 10)];
    assert_eq!(counts.collect::<Vec<_>>(), expected);
    // Exact origins that a pattern covers are not differences.
    let pattern = policy(["https://tenant-*.example.com".to_owned()]);
    let [one, other] = &[Subject::new(&old), Subject::new(&pattern)];
    let comparison = compare(one, other).unwrap();
    let [change] = &*comparison.origins else {
        panic!("{comparison:?}")
    };
    assert_eq!(change.direction, Direction::Widens);
    assert_eq!(change.region.except_exact.len(), 20_000);
    let witnesses: Vec<_> = change.region.witnesses().collect();
    assert_eq!(witnesses, ["https://tenant-a.example.com"]);
}

#[test]
fn many_patterns_are_compared() {
    let preview = |number: u32| format!("https://pr-{number}-*.team-{}.example.com", number % 200);
    let old = policy((0..1_000).map(preview));
    let new = policy((1..1_001).map(preview));
    let [one, other] = &[Subject::new(&old), Subject::new(&new)];
    let comparison = compare(one, other).unwrap();
    let changes = comparison.origins.iter();
    let entries = changes.map(|it| (it.direction, &*it.region.entries[0].witness));
    assert_eq!(
        entries.collect::<Vec<_>>(),
        [
            (Direction::Widens, "https://pr-1000-a.team-0.example.com"),
            (Direction::Narrows, "https://pr-0-a.team-0.example.com"),
        ]
    );
}

struct Nothing;

impl DynamicOriginSet for Nothing {
    fn contains(&self, _: &str) -> bool {
        false
    }
}

#[test]
fn lookups_predicates_and_sets_are_not_reported_as_the_same() {
    let lookup = PolicyConfig::new().lookup_origins(true);
    let lookup = lookup.allow_credentials(true).build().unwrap();
    let [one, other] = &[Subject::new(&lookup), Subject::new(&lookup)];
    let comparison = compare(one, other).unwrap();
    let lookups = [
        Incomparable::Lookup(Side::Old),
        Incomparable::Lookup(Side::New),
    ];
    assert_eq!(comparison.incomparable, lookups);
    assert!(comparison.may_widen());

    // The methods of origins that are looked up are compared.
    let wider = lookup.config().allow_method("PUT").build().unwrap();
    let [one, other] = &[Subject::new(&lookup), Subject::new(&wider)];
    let comparison = compare(one, other).unwrap();
    assert_eq!(comparison.grants.len(), 1, "{comparison:?}");

    // The lookup cannot allow this origin, which is not https.
    let listed = PolicyConfig::new()
        .allow_credentials(true)
        .dangerously_allow_insecure_origins(true)
        .allow_method("PUT")
        .allow_origin("http://a.example");
    let listed = listed.build().unwrap();
    let [one, other] = &[Subject::new(&lookup), Subject::new(&listed)];
    let comparison = compare(one, other).unwrap();
    assert!(comparison.grants.is_empty(), "{comparison:?}");

    let predicate = PolicyConfig::new().allow_origins_if(|_| true);
    let predicate = predicate.build().unwrap();
    let [one, other] = &[Subject::new(&listed), Subject::new(&predicate)];
    let comparison = compare(one, other).unwrap();
    assert_eq!(
        comparison.incomparable,
        [Incomparable::Predicate(Side::New)]
    );

    let set = PolicyConfig::new().allow_origins_in(Nothing);
    let set = set.build().unwrap();
    let [one, other] = &[Subject::new(&set), Subject::new(&listed)];
    let comparison = compare(one, other).unwrap();
    let expected = [Incomparable::DynamicOrigins(Side::Old)];
    assert_eq!(comparison.incomparable, expected);
}
