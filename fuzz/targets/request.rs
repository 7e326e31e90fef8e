//! Evaluates arbitrary requests with arbitrary policies.
//!
//! * Nothing panics.
//! * The matcher agrees with a naive matcher.
//! * Only allowed origins get the CORS fields, and the status is the expected one.
//! * The explanation has the same verdict as the decision.

#![no_main]

use libfuzzer_sys::fuzz_target;
use omnicors_core::{
    Decision, Guard, LookupResult, Origin, OriginPattern, Policy, RequestKind, RequestParts,
    ResponseHeaderName, evaluate,
};
use omnicors_fuzz::{Kind, Script};
use omnicors_tests::naive;
use omnicors_tests::settings::Settings;

fuzz_target!(|data: &[u8]| {
    let script = Script::new(data);
    let settings = script.settings();
    let Ok(policy) = settings.build() else { return };
    let origins: Vec<&[u8]> = script.all(Kind::Origin).collect();
    for origin in &origins {
        check_matching(&policy, &settings, origin);
    }
    if let [origin, _, ..] = origins.as_slice() {
        // A request with more than two `Origin` fields is treated like one with two.
        check_request(&script, &settings, &policy, &[origin]);
        check_request(&script, &settings, &policy, &origins[..2]);
    } else {
        check_request(&script, &settings, &policy, &origins);
    }
});

fn check_matching(policy: &Policy, settings: &Settings, origin: &[u8]) {
    let parsed = Origin::parse(origin);
    assert_eq!(parsed.is_ok(), naive::is_origin(origin), "the grammar");
    let Some(set) = policy.origins() else { return };
    let expected = naive::any_matches(&settings.origins, origin);
    assert_eq!(set.contains(origin), expected, "the set");
    let Ok(parsed) = parsed else { return };
    for text in &settings.origins {
        let pattern = OriginPattern::parse(text).expect("the policy contains the pattern");
        let expected = naive::pattern_matches(text, origin);
        assert_eq!(pattern.matches(&parsed), expected, "{text}");
    }
}

fn check_request(script: &Script<'_>, settings: &Settings, policy: &Policy, origins: &[&[u8]]) {
    let method = script.first(Kind::Method).unwrap_or(b"GET");
    let mut fields: Vec<(&str, &[u8])> = Vec::new();
    for origin in origins {
        fields.push(("origin", origin));
    }
    for (kind, name) in [
        (Kind::RequestMethod, "Access-Control-Request-Method"),
        (Kind::RequestHeaders, "access-control-request-HEADERS"),
        (Kind::Host, "HOST"),
        (Kind::SecFetchSite, "Sec-Fetch-Site"),
    ] {
        fields.extend(script.all(kind).map(|value| (name, value)));
    }
    let result = script.first(Kind::LookupResult).map(|text| match text {
        b"y" => LookupResult::Allowed,
        b"n" => LookupResult::NotAllowed,
        b"b" => LookupResult::NotBegun,
        b"t" => LookupResult::TimedOut,
        _ => LookupResult::Failed,
    });
    let parts = RequestParts::read(policy, method, &fields).lookup_result(result);

    let is_any = policy.origins().is_none() && !settings.credentials;
    let is_static = is_any || settings.static_origin;
    let is_listed = match origins {
        [] => false,
        _ if is_any => true,
        [origin] => match policy.origins() {
            None if naive::is_opaque(origin) => settings.allow_opaque,
            None => naive::is_origin(origin),
            Some(_) => {
                let is_looked_up = settings.lookup
                    && (settings.allow_opaque || !naive::is_opaque(origin))
                    && (!settings.credentials
                        || settings.allow_insecure
                        || naive::is_opaque(origin)
                        || Origin::parse(origin)
                            .is_ok_and(|origin| origin.is_potentially_trustworthy()));
                naive::any_matches(&settings.origins, origin)
                    || (is_looked_up
                        && result == Some(LookupResult::Allowed)
                        && naive::is_origin(origin))
            }
        },
        _ => false,
    };

    // The response of a static policy does not depend on `Origin`.
    let is_allowed = !origins.is_empty() && (is_listed || is_static || settings.others);

    let decision = evaluate(policy, &parts);
    let shown = format!("{decision:?}");
    if fields.len() == origins.len() {
        let set = origins
            .iter()
            .fold(RequestParts::new(method), |parts, origin| {
                parts.origin(*origin)
            });
        assert_eq!(evaluate(policy, &set.lookup_result(result)), decision);
    }
    let explanation = policy.explain(&parts);
    assert_eq!(explanation.verdict(), decision.verdict());
    let _text = explanation.to_string();
    let _verdict = decision.verdict_with_credentials();

    let is_preflight = parts.kind() == RequestKind::Preflight;
    match decision {
        Decision::Respond { status: 503, .. } => {
            let is_failure = matches!(result, Some(LookupResult::Failed | LookupResult::TimedOut));
            assert!(is_failure && settings.lookup && !is_listed);
            assert!(settings.guard != Guard::Off || is_preflight && !settings.forward_preflights);
        }
        Decision::Respond { status: 403, .. } if is_preflight => {
            assert!(!settings.forward_preflights && !is_allowed)
        }
        Decision::Respond { status: 403, .. } => {
            assert!(settings.guard != Guard::Off && !is_listed)
        }
        Decision::Respond { status, .. } => {
            assert!(is_preflight && is_allowed && status == settings.preflight_status);
        }
        Decision::Forward { .. } => assert!(!is_preflight || settings.forward_preflights),
    }
    // A non-CORS request gets the listed origins, if they are exact and few.
    let lists_timing = origins.is_empty() && settings.timing && !is_static;
    let mut names = Vec::new();
    for field in decision.headers() {
        let value = field.value.as_bytes();
        assert!(
            !value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)),
            "{field}"
        );
        if field.name == ResponseHeaderName::AccessControlAllowOrigin {
            let expected = match origins {
                _ if is_any => b"*",
                _ if is_static => settings.origins[0].as_bytes(),
                [origin] if is_listed => origin,
                _ => b"*",
            };
            assert_eq!(value, expected);
        }
        if field.name == ResponseHeaderName::TimingAllowOrigin && lists_timing {
            let is_listed = |one: &[u8]| {
                settings
                    .origins
                    .iter()
                    .any(|origin| origin.as_bytes() == one)
            };
            assert!(
                value
                    .split(|&byte| byte == b',')
                    .all(|one| is_listed(one.trim_ascii())),
                "{shown}"
            );
        }
        names.push(field.name);
    }
    let has_allow_origin = names.contains(&ResponseHeaderName::AccessControlAllowOrigin);
    // The responses of a static policy to non-CORS requests have the same fields.
    let is_static_non_cors = origins.is_empty() && is_static;
    let is_expected = is_allowed || is_static_non_cors;
    assert!(!has_allow_origin || is_expected, "{shown}");
    let is_rejected = matches!(decision, Decision::Respond { .. }) && !is_preflight;
    assert!(
        has_allow_origin || is_preflight || is_rejected || !is_expected,
        "{shown}"
    );
    let has_other = names.iter().any(|name| {
        let is_timing_list = lists_timing && *name == ResponseHeaderName::TimingAllowOrigin;
        !is_timing_list
            && !matches!(
                name,
                ResponseHeaderName::AccessControlAllowOrigin
                    | ResponseHeaderName::Vary
                    | ResponseHeaderName::CacheControl
                    | ResponseHeaderName::RetryAfter
            )
    });
    assert!(has_allow_origin || !has_other, "{shown}");
    assert!(
        has_allow_origin == is_static || names.contains(&ResponseHeaderName::Vary) || is_static
    );
}
