//! Policies with a set of origins that can change.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;

use super::{Only, decide, origins, preflight};
use crate::adapter::{with_dynamic_set_call, with_predicate_call};
use crate::{
    Decision, Denial, DynamicOriginSet, Guard, LookupResult, Origin, Policy, PolicyConfig,
    Rejection, RequestParts, Verdict, evaluate,
};

/// A set that counts the questions.
#[derive(Default)]
struct Set {
    origins: Mutex<BTreeSet<String>>,
    asked: AtomicUsize,
}

impl Set {
    fn of<'o>(origins: impl IntoIterator<Item = &'o str>) -> Arc<Self> {
        let set = Self::default();
        let origins = origins.into_iter().map(String::from);
        set.origins.lock().unwrap().extend(origins);
        Arc::new(set)
    }

    fn holds(&self, origin: &str) -> bool {
        self.origins.lock().unwrap().contains(origin)
    }
}

impl DynamicOriginSet for Set {
    fn contains(&self, origin: &str) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.holds(origin)
    }

    fn revision(&self) -> Option<u64> {
        u64::try_from(self.origins.lock().unwrap().len()).ok()
    }
}

fn in_set(set: &Arc<Set>) -> PolicyConfig {
    PolicyConfig::new().allow_origins_in(Arc::clone(set))
}

fn verdict<'a>(policy: &'a Policy, origin: &'a [u8]) -> Result<(), Denial<'a>> {
    let request = RequestParts::new("GET").origin(origin);
    match evaluate(policy, &request).verdict() {
        Verdict::Allowed => Ok(()),
        Verdict::Denied(denial) => Err(denial),
    }
}

const MEMBERS: [&str; 8] = [
    "https://a.test",
    "https://a.test:8443",
    "https://xn--mnchen-3ya.test",
    "https://[::1]:8443",
    "http://a.test",
    "http://localhost:3000",
    "tauri://localhost",
    "safari-web-extension://2F9A8C11-0000-4000-8000-000000000000",
];

/// A set gives the same answers as a predicate that is asked about parsed origins.
#[test]
fn a_set_allows_what_a_predicate_with_the_same_origins_allows() {
    let longest = ["https://", &"a".repeat(504)].concat();
    let longer = ["https://", &"a".repeat(505)].concat();
    let values: [&[u8]; 22] = [
        b"",
        b"*",
        b"null",
        b"NULL",
        b"file://",
        b"file:///a",
        b"https://*.test",
        b"https://A.test",
        b"https://a.test/",
        b"https://a.test:443",
        b"http://a.test:80",
        b"https://a.test:08443",
        b"https://a.test https://b.test",
        b" https://a.test",
        b"https://user@a.test",
        b"https://b.test",
        b"http://b.test",
        b"tauri://b",
        b"https://a.test\0",
        b"https://\xff.test",
        longest.as_bytes(),
        longer.as_bytes(),
    ];
    let members = MEMBERS.iter().map(|member| member.as_bytes());
    let values: Vec<&[u8]> = values.into_iter().chain(members).collect();
    let variants: [fn(PolicyConfig) -> PolicyConfig; 6] = [
        |config| config,
        |config| config.allow_credentials(true),
        |config| {
            let config = config.allow_credentials(true);
            config.dangerously_allow_insecure_origins(true)
        },
        |config| config.dangerously_allow_opaque_origins(true),
        |config| config.guard(Guard::All),
        |config| config.allow_origin("https://*.b.test"),
    ];
    let mut allowed = 0;
    for variant in variants {
        let set = Set::of(MEMBERS);
        let asked = Arc::clone(&set);
        let by_set = variant(in_set(&set)).build().unwrap();
        let by_predicate = move |origin: &Origin<'_>| asked.holds(origin.as_str());
        let by_predicate = variant(PolicyConfig::new().allow_origins_if(by_predicate));
        let by_predicate = by_predicate.build().unwrap();
        for value in &values {
            for method in ["GET", "POST", "OPTIONS"] {
                let request = RequestParts::new(method)
                    .origin(value)
                    .request_method("PUT");
                let expected = decide(&by_predicate, &request);
                assert_eq!(decide(&by_set, &request), expected, "{request:?}");
                let expected = evaluate(&by_predicate, &request);
                let decision = evaluate(&by_set, &request);
                assert_eq!(decision.verdict(), expected.verdict(), "{request:?}");
                assert_eq!(decision.rejection(), expected.rejection(), "{request:?}");
                allowed += usize::from(decision.verdict().is_allowed());
            }
        }
    }
    assert!(allowed > 80, "{allowed}");
}

/// A set is asked about an https origin without parsing it.
#[test]
fn an_explanation_names_the_set_also_for_a_malformed_origin() {
    for origin in ["https://a.test", "https://A.test"] {
        let policy = in_set(&Set::of([origin])).build().unwrap();
        let request = RequestParts::new("GET").origin(origin);
        assert!(evaluate(&policy, &request).verdict().is_allowed());
        let explanation = policy.explain(&request).to_string();
        let expected = "a set of origins that can change";
        assert!(explanation.contains(expected), "{explanation}");
    }
}

#[test]
fn a_set_can_change_while_the_policy_is_in_force() {
    let set = Set::of([]);
    let policy = in_set(&set).build().unwrap();
    assert_eq!(
        verdict(&policy, b"https://a.test"),
        Err(Denial::OriginNotAllowed)
    );
    let denied = ["respond 403", "+ vary: Origin"];
    assert_eq!(decide(&policy, &preflight("https://a.test", "GET")), denied);
    set.origins.lock().unwrap().insert("https://a.test".into());
    assert_eq!(verdict(&policy, b"https://a.test"), Ok(()));
    let allowed = decide(&policy, &preflight("https://a.test", "GET"));
    assert_eq!(allowed[0], "respond 204");
    set.origins.lock().unwrap().clear();
    assert_eq!(decide(&policy, &preflight("https://a.test", "GET")), denied);
}

/// Sets of users may contain anything.
#[test]
fn a_set_cannot_allow_opaque_or_insecure_origins_without_the_opt_out() {
    let set = Set::of(["null", "file://", "http://a.test", "https://a.test"]);
    let policy = in_set(&set).allow_credentials(true).build().unwrap();
    assert_eq!(verdict(&policy, b"https://a.test"), Ok(()));
    assert_eq!(
        verdict(&policy, b"http://a.test"),
        Err(Denial::OriginInsecure)
    );
    for opaque in ["null", "file://"] {
        let opaque = opaque.as_bytes();
        assert_eq!(verdict(&policy, opaque), Err(Denial::OriginOpaque));
        let without = in_set(&set).build().unwrap();
        assert_eq!(verdict(&without, opaque), Err(Denial::OriginOpaque));
        let with = in_set(&set).dangerously_allow_opaque_origins(true);
        assert_eq!(verdict(&with.build().unwrap(), opaque), Ok(()));
    }
    let insecure = in_set(&set).allow_credentials(true);
    let insecure = insecure.dangerously_allow_insecure_origins(true);
    assert_eq!(
        verdict(&insecure.build().unwrap(), b"http://a.test"),
        Ok(())
    );
}

#[test]
fn a_set_is_asked_once_about_a_value_that_no_pattern_allows() {
    let set = Set::of(["https://c.test"]);
    let config = origins(["https://a.test", "https://*.b.test"]);
    let policy = config.allow_origins_in(Arc::clone(&set)).build().unwrap();
    let times = |origin: &[u8]| {
        set.asked.store(0, Ordering::Relaxed);
        let request = RequestParts::new("GET").origin(origin);
        let fields = evaluate(&policy, &request).headers().iter().count();
        (fields > 1, set.asked.load(Ordering::Relaxed))
    };
    assert_eq!(times(b"https://a.test"), (true, 0));
    assert_eq!(times(b"https://x.b.test"), (true, 0));
    assert_eq!(times(b"https://c.test"), (true, 1));
    assert_eq!(times(b"https://d.test"), (false, 1));
    // Neither a longer text, nor bytes that are not UTF-8.
    assert_eq!(times(&[b'a'; 512]), (false, 1));
    assert_eq!(times(&[b'a'; 513]), (false, 0));
    assert_eq!(times(b"https://c.test\xff"), (false, 0));
}

#[test]
fn a_set_is_asked_before_a_predicate_and_a_lookup() {
    let set = Set::of(["https://a.test"]);
    let policy = in_set(&set)
        .allow_origins_if(|origin| {
            assert_ne!(origin.as_str(), "https://a.test");
            origin.as_str() == "https://b.test"
        })
        .lookup_origins(true)
        .build()
        .unwrap();
    for (origin, to_look_up, result, allowed) in [
        ("https://a.test", false, None, true),
        ("https://b.test", false, None, true),
        ("https://c.test", true, Some(LookupResult::Allowed), true),
        (
            "https://c.test",
            true,
            Some(LookupResult::NotAllowed),
            false,
        ),
        ("null", false, None, false),
    ] {
        let request = RequestParts::new("GET").origin(origin);
        let looked_up = policy.origin_to_look_up(&request);
        assert_eq!(looked_up.is_some(), to_look_up, "{origin}");
        let request = request.lookup_result(result);
        let verdict = evaluate(&policy, &request).verdict();
        assert_eq!(verdict.is_allowed(), allowed, "{origin}");
    }
}

#[test]
fn an_origin_in_a_set_is_listed_for_the_guard() {
    let set = Set::of(["https://a.test"]);
    let policy = in_set(&set).guard(Guard::UnsafeMethods).build().unwrap();
    let rejection = |origin| {
        let fields = [("origin", origin), ("sec-fetch-site", "cross-site")];
        let request = RequestParts::read(&policy, "POST", &fields);
        evaluate(&policy, &request).rejection()
    };
    assert_eq!(rejection("https://a.test"), None);
    assert_eq!(
        rejection("https://b.test"),
        Some(Rejection::OriginNotListed)
    );
}

#[test]
fn a_later_set_replaces_the_first() {
    let config = in_set(&Set::of(["https://a.test"]));
    let config = config.allow_origins_in(Set::of(["https://b.test"]));
    let policy = config.build().unwrap();
    assert!(verdict(&policy, b"https://a.test").is_err());
    assert_eq!(verdict(&policy, b"https://b.test"), Ok(()));
}

#[test]
fn the_revision_of_a_set_is_that_of_the_policy_unless_a_function_returns_one() {
    let set = Set::of(["https://a.test"]);
    let policy = in_set(&set).build().unwrap();
    assert_eq!(policy.origins_revision(), Some(1));
    set.origins.lock().unwrap().insert("https://b.test".into());
    assert_eq!(policy.origins_revision(), Some(2));
    let policy = policy.config().origins_revision(|| Some(7));
    assert_eq!(policy.build().unwrap().origins_revision(), Some(7));
    let policy = PolicyConfig::new().allow_origins_in(Only("https://a.test"));
    assert_eq!(policy.build().unwrap().origins_revision(), None);
}

#[test]
fn a_set_stays_in_the_config_and_is_shown() {
    let set = Set::of(["https://a.test"]);
    let config = in_set(&set);
    let policy = config.clone().build().unwrap();
    assert!(policy.has_dynamic_origins() && !policy.has_origin_predicate());
    assert_eq!(policy.config(), config);
    assert_ne!(config, in_set(&Set::of(["https://a.test"])));
    assert_eq!(policy.to_string(), "allow_origins_in = \"<set>\"");
    assert!(alloc::format!("{config:?}").contains("<set>"));
    let other = origins(["https://a.test"]).build().unwrap();
    assert!(!other.has_dynamic_origins());
}

#[test]
fn an_explanation_names_the_set() {
    let policy = in_set(&Set::of(["https://a.test"])).build().unwrap();
    let explained = |origin| {
        let request = RequestParts::new("GET").origin(origin);
        policy.explain(&request).to_string()
    };
    let allowed = explained("https://a.test");
    let expected = "https://a.test is allowed by a set of origins that can change";
    assert!(allowed.contains(expected), "{allowed}");
    let denied = explained("https://b.test");
    assert!(!denied.contains("can change"), "{denied}");
}

/// A predicate or a set may change between the decision and a question about it.
#[test]
fn the_rejection_is_that_of_the_decision_if_a_predicate_changes() {
    for is_allowed_first in [true, false] {
        for report_only in [true, false] {
            let asked = Arc::new(AtomicUsize::new(0));
            let counter = Arc::clone(&asked);
            let config = PolicyConfig::new()
                .allow_origins_if(move |_| {
                    (counter.fetch_add(1, Ordering::Relaxed) == 0) == is_allowed_first
                })
                .guard(Guard::UnsafeMethods)
                .guard_report_only(report_only);
            let policy = config.build().unwrap();
            let fields = [
                ("origin", "https://a.test"),
                ("sec-fetch-site", "cross-site"),
            ];
            let request = RequestParts::read(&policy, "POST", &fields);
            let decision = evaluate(&policy, &request);
            assert_eq!(asked.load(Ordering::Relaxed), 1);
            let is_run = matches!(decision, Decision::Forward { .. });
            assert_eq!(is_run, is_allowed_first || report_only);
            let expected = (!is_allowed_first).then_some(Rejection::OriginNotListed);
            assert_eq!(
                decision.rejection(),
                expected,
                "{is_allowed_first} {report_only}"
            );
            assert_eq!(asked.load(Ordering::Relaxed), 1, "asked again");
        }
    }
}

#[test]
fn a_set_in_an_arc_is_that_set() {
    let set: Arc<dyn DynamicOriginSet> = Set::of(["https://a.test"]);
    for (origin, is_member) in [("https://a.test", true), ("https://b.test", false)] {
        assert_eq!(DynamicOriginSet::contains(&set, origin), is_member);
        assert_eq!(
            DynamicOriginSet::contains_bytes(&set, origin.as_bytes()),
            is_member
        );
    }
    assert_eq!(DynamicOriginSet::revision(&set), Some(1));
}

#[test]
fn an_adapter_can_call_the_set_and_the_predicate_itself() {
    let config = in_set(&Set::of(["https://a.test"]));
    let config = config.allow_origins_if(|origin| origin.host() == Some("b.test"));
    let policy = config.build().unwrap();
    let none_from_set = with_dynamic_set_call(policy.clone(), |_, _| false);
    let none_from_predicate = with_predicate_call(policy, |_, _| false);
    for (policy, set, predicate) in [
        (none_from_set, false, true),
        (none_from_predicate, true, false),
    ] {
        assert_eq!(verdict(&policy, b"https://a.test").is_ok(), set);
        assert_eq!(verdict(&policy, b"https://b.test").is_ok(), predicate);
    }
}
