//! Which origins a policy allows: patterns, regular expressions, predicates and lookups.

use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};

use super::origins;
use crate::{
    Denial, LookupResult, Origin, OriginError, Policy, PolicyConfig, RequestParts, Verdict,
    evaluate,
};

fn verdict<'a>(policy: &'a Policy, request: &RequestParts<'a>) -> Result<(), Denial<'a>> {
    match evaluate(policy, request).verdict() {
        Verdict::Allowed => Ok(()),
        Verdict::Denied(denial) => Err(denial),
    }
}

fn from(origin: &'static str) -> RequestParts<'static> {
    RequestParts::new("GET").origin(origin)
}

/// Returns the origin to look up.
fn to_look_up(policy: &Policy, request: &RequestParts<'_>) -> Option<String> {
    policy
        .origin_to_look_up(request)
        .map(|origin| origin.to_string())
}

#[test]
fn an_origin_is_looked_up_only_if_nothing_else_allows_it() {
    let policy = origins(["https://a.test", "https://*.b.test", "null"])
        .dangerously_allow_opaque_origins(true)
        .allow_origins_if(|origin| origin.host() == Some("c.test"))
        .lookup_origins(true)
        .build()
        .unwrap();
    for (origin, expected) in [
        ("https://d.test", Some("https://d.test")),
        ("http://d.test:8080", Some("http://d.test:8080")),
        ("https://a.test", None),
        ("https://x.b.test", None),
        ("https://c.test", None),
        ("null", None),
        ("", None),
        ("https://D.test", None),
        ("https://d.test/", None),
        ("https://d.test, https://e.test", None),
    ] {
        assert_eq!(
            to_look_up(&policy, &from(origin)).as_deref(),
            expected,
            "{origin}"
        );
    }
    assert_eq!(to_look_up(&policy, &RequestParts::new("GET")), None);
    let repeated = from("https://d.test").origin("https://d.test");
    assert_eq!(to_look_up(&policy, &repeated), None);
    // A preflight needs the lookup as well.
    let preflight = RequestParts::new("OPTIONS")
        .origin("https://d.test")
        .request_method("PUT");
    assert!(to_look_up(&policy, &preflight).is_some());
    for other in [origins(["*"]), origins(["https://a.test"])] {
        assert_eq!(
            to_look_up(&other.build().unwrap(), &from("https://d.test")),
            None
        );
    }
}

#[test]
fn with_credentials_insecure_origins_are_not_looked_up() {
    let config = PolicyConfig::new()
        .allow_credentials(true)
        .lookup_origins(true);
    let policy = config.clone().build().unwrap();
    let insecure = from("http://d.test");
    assert_eq!(to_look_up(&policy, &insecure), None);
    assert_eq!(
        verdict(&policy, &insecure.lookup_result(LookupResult::Allowed)),
        Err(Denial::OriginInsecure)
    );
    for trustworthy in ["https://d.test", "http://localhost:3000", "http://[::1]"] {
        assert!(to_look_up(&policy, &from(trustworthy)).is_some());
        let decided = from(trustworthy).lookup_result(LookupResult::Allowed);
        assert_eq!(verdict(&policy, &decided), Ok(()));
    }
    let opted_in = config.dangerously_allow_insecure_origins(true);
    let policy = opted_in.build().unwrap();
    assert!(to_look_up(&policy, &insecure).is_some());
    assert_eq!(
        verdict(&policy, &insecure.lookup_result(LookupResult::Allowed)),
        Ok(())
    );
}

#[test]
fn a_lookup_result_counts_only_for_origins_to_look_up() {
    let policy = origins(["https://a.test"])
        .lookup_origins(true)
        .build()
        .unwrap();
    let origin = from("https://d.test");
    assert_eq!(verdict(&policy, &origin), Err(Denial::OriginUndecided));
    assert_eq!(
        verdict(&policy, &origin.lookup_result(LookupResult::Allowed)),
        Ok(())
    );
    assert_eq!(
        verdict(&policy, &origin.lookup_result(LookupResult::NotAllowed)),
        Err(Denial::LookupNotAllowed)
    );
    // The lookup result does not matter for a listed origin.
    let listed = from("https://a.test").lookup_result(LookupResult::NotAllowed);
    assert_eq!(verdict(&policy, &listed), Ok(()));
    for (origin, denial) in [
        ("null", Denial::OriginOpaque),
        (
            "https://D.test",
            Denial::OriginMalformed(OriginError::UpperCase),
        ),
    ] {
        let decided = from(origin).lookup_result(LookupResult::Allowed);
        assert_eq!(verdict(&policy, &decided), Err(denial));
    }
    let twice = origin
        .origin("https://d.test")
        .lookup_result(LookupResult::Allowed);
    assert_eq!(verdict(&policy, &twice), Err(Denial::OriginRepeated));
    // A policy without lookups ignores the result, even if a predicate may allow the origin.
    let config = origins(["https://a.test"]);
    for config in [config.clone(), config.allow_origins_if(|_| false)] {
        assert_eq!(
            verdict(
                &config.build().unwrap(),
                &origin.lookup_result(LookupResult::Allowed)
            ),
            Err(Denial::OriginNotAllowed)
        );
    }
}

#[test]
fn a_predicate_is_called_only_with_well_formed_origins_that_no_pattern_allows() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let policy = origins(["https://a.test", "https://*.b.test"])
        .allow_origins_if(move |origin| {
            counter.fetch_add(1, Ordering::Relaxed);
            origin.host() == Some("c.test")
        })
        .build()
        .unwrap();
    let times = |origin| {
        asked.store(0, Ordering::Relaxed);
        let allowed = verdict(&policy, &from(origin)).is_ok();
        (allowed, asked.load(Ordering::Relaxed))
    };
    assert_eq!(times("https://a.test"), (true, 0));
    assert_eq!(times("https://x.b.test"), (true, 0));
    assert_eq!(times("https://c.test"), (true, 1));
    assert_eq!(times("http://c.test:1"), (true, 1));
    assert_eq!(times("https://d.test"), (false, 1));
    for never in [
        "null",
        "",
        "https://C.test",
        "https://c.test/",
        "https://c.test:443",
    ] {
        assert_eq!(times(never), (false, 0), "{never}");
    }
}

#[test]
fn with_credentials_a_predicate_is_not_called_with_insecure_origins() {
    let config = PolicyConfig::new()
        .allow_origins_if(|_| true)
        .allow_credentials(true);
    let policy = config.clone().build().unwrap();
    assert_eq!(verdict(&policy, &from("https://a.test")), Ok(()));
    assert_eq!(verdict(&policy, &from("http://a.localhost:1")), Ok(()));
    assert_eq!(
        verdict(&policy, &from("http://a.test")),
        Err(Denial::OriginInsecure)
    );
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginOpaque));
    // If there are only patterns, the denial is another one.
    let listed = origins(["https://a.test"]).allow_credentials(true);
    assert_eq!(
        verdict(&listed.build().unwrap(), &from("http://b.test")),
        Err(Denial::OriginNotAllowed)
    );
    let opted_in = config.dangerously_allow_insecure_origins(true);
    let policy = opted_in.build().unwrap();
    assert_eq!(verdict(&policy, &from("http://a.test")), Ok(()));
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginOpaque));
}

#[test]
fn a_later_predicate_replaces_the_first() {
    let policy = PolicyConfig::new()
        .allow_origins_if(|origin| origin.host() == Some("a.test"))
        .allow_origins_if(|origin| origin.host() == Some("b.test"))
        .build()
        .unwrap();
    assert!(verdict(&policy, &from("https://a.test")).is_err());
    assert_eq!(verdict(&policy, &from("https://b.test")), Ok(()));
}

#[test]
#[cfg(feature = "regex")]
fn a_regular_expression_allows_only_whole_and_well_formed_origins() {
    let config = origins(["https://a.test"]).allow_origin_regexes([
        "https://[bc]\\.test",
        "http://.*",
        "null|.*/",
    ]);
    let policy = config.clone().build().unwrap();
    for yes in [
        "https://a.test",
        "https://b.test",
        "https://c.test",
        "http://any.test:8080",
    ] {
        assert_eq!(verdict(&policy, &from(yes)), Ok(()), "{yes}");
    }
    for no in [
        "https://d.test",
        "https://b.test.evil.test",
        "https://xb.test",
    ] {
        assert_eq!(
            verdict(&policy, &from(no)),
            Err(Denial::OriginNotAllowed),
            "{no}"
        );
    }
    // Malformed origins are denied, even if an expression matches them.
    for malformed in [
        "http://a test",
        "http://A.test",
        "https://b.test/",
        "http://a.test:80",
    ] {
        assert!(
            matches!(
                verdict(&policy, &from(malformed)),
                Err(Denial::OriginMalformed(_))
            ),
            "{malformed}"
        );
    }
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginOpaque));
    let config = config.allow_credentials(true);
    assert!(config.clone().build().is_err());
    let policy = config
        .dangerously_allow_any_origin_with_credentials(true)
        .build()
        .unwrap();
    assert_eq!(verdict(&policy, &from("https://b.test")), Ok(()));
    assert_eq!(
        verdict(&policy, &from("http://any.test")),
        Err(Denial::OriginInsecure)
    );
}

#[test]
fn any_origin_includes_null_without_credentials_or_with_the_opt_out() {
    let policy = origins(["*"]).build().unwrap();
    assert_eq!(verdict(&policy, &from("null")), Ok(()));
    let with_credentials = origins(["*"])
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true);
    let policy = with_credentials.clone().build().unwrap();
    assert_eq!(verdict(&policy, &from("null")), Err(Denial::OriginOpaque));
    let policy = with_credentials
        .dangerously_allow_opaque_origins(true)
        .build()
        .unwrap();
    assert_eq!(verdict(&policy, &from("null")), Ok(()));
}

#[test]
fn bytes_and_text_convert_into_an_origin() {
    let origin = Origin::try_from(b"https://a.test:8443".as_slice()).unwrap();
    assert_eq!((origin.host(), origin.port()), (Some("a.test"), Some(8443)));
    assert_eq!(Origin::try_from("https://a.test:8443"), Ok(origin));
    for (bytes, error) in [
        (b"".as_slice(), OriginError::Empty),
        (b"https://\xFF.test", OriginError::NotAscii),
    ] {
        assert_eq!(Origin::try_from(bytes), Err(error));
    }
}
