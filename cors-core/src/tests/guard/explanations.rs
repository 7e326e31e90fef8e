//! What explanations say about the guard.

use super::*;

#[test]
fn an_explanation_says_what_to_change() {
    let policy = policy(Guard::UnsafeMethods);
    for (fields, end) in [
        (
            &[STRANGER, CROSS_SITE][..],
            "rejected: a page of another origin has sent the request, and the policy does not list that origin\n\
             to allow it: if you trust this site, add `https://evil.test` to allow_origins",
        ),
        (
            &[STRANGER, CROSS_SITE, (MODE, "navigate")],
            "to allow it: if you trust this site, add `https://evil.test` to allow_navigations_from, or to allow_origins if its pages \
             may also read responses",
        ),
        (
            &[(ORIGIN, "https://api.test"), (HOST, "127.0.0.1:3000")],
            "if it is the origin of this server, a proxy has changed Host: let the proxy keep it",
        ),
        (
            &[(ORIGIN, "null"), (HOST, "api.test")],
            "browsers send `null` instead of its origin",
        ),
    ] {
        let fields = fields.to_vec();
        let request = RequestParts::read(&policy, "POST", &fields);
        let text = alloc::format!("{}", policy.explain(&request));
        assert!(text.ends_with(end), "{text}");
        assert!(text.contains("2. guard: failed: "), "{text}");
        assert!(
            text.contains("3. response: 403, without running the application"),
            "{text}"
        );
    }
    // `allow_navigations_from` can contain none of them.
    let opt_out = origins(["https://app.test", "file://"]).dangerously_allow_opaque_origins(true);
    let policy = opt_out.guard(Guard::UnsafeMethods).build().unwrap();
    for (fields, end) in [
        (
            &[(ORIGIN, "file://"), CROSS_SITE][..],
            "open the page from a server instead of a file; the guard lets no page of a file pass",
        ),
        (
            &[(ORIGIN, "file://"), (HOST, "api.test")],
            "open the page from a server instead of a file; the guard lets no page of a file pass",
        ),
        (
            &[(ORIGIN, "http://idp.test"), CROSS_SITE, (MODE, "navigate")],
            "if you trust this site, serve its pages over https, and add their origin to allow_navigations_from",
        ),
    ] {
        let fields = fields.to_vec();
        let request = RequestParts::read(&policy, "POST", &fields);
        let text = alloc::format!("{}", policy.explain(&request));
        assert!(text.ends_with(end), "{text}");
    }
    let request = RequestParts::new("POST");
    let text = alloc::format!("{}", policy.explain(&request));
    assert!(
        text.contains("2. guard: passed: the request has neither Sec-Fetch-Site nor Origin"),
        "{text}"
    );
}

/// A predicate can change its mind, for example because of a new tenant.
#[test]
fn the_steps_of_an_explanation_are_those_of_its_decision() {
    use core::sync::atomic::{AtomicBool, Ordering};

    let is_known = alloc::sync::Arc::new(AtomicBool::new(false));
    let asked = alloc::sync::Arc::clone(&is_known);
    // Says no once, and then yes.
    let config = origins(["https://app.test"])
        .allow_origins_if(move |_| asked.swap(true, Ordering::Relaxed));
    let policy = config.guard(Guard::UnsafeMethods).build().unwrap();
    let fields = [STRANGER, CROSS_SITE];
    let request = RequestParts::read(&policy, "POST", &fields);
    let text = alloc::format!("{}", policy.explain(&request));
    assert!(is_known.load(Ordering::Relaxed));
    assert!(text.contains("2. guard: failed: "), "{text}");
}
