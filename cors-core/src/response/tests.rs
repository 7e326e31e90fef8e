//! Response headers: what is echoed, where values come from, and what is removed.

use alloc::format;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use crate::tests::{decide, everything, everything_with_credentials, get, origins, preflight};
use crate::{
    EchoedLine, HeaderLine, LineValue, Operation, Policy, RequestParts, ResponseHeaderName,
    evaluate, limits,
};

/// Any method and any header, with credentials: where `*` is no wild card.
fn echoing() -> Policy {
    origins(["https://a.test"])
        .allow_credentials(true)
        .allow_methods(["*"])
        .allow_headers(["*"])
        .max_age(None)
        .build()
        .unwrap()
}

fn lines<'a>(policy: &'a Policy, request: &'a RequestParts<'a>) -> Vec<HeaderLine<'a>> {
    evaluate(policy, request).headers().iter().collect()
}

fn values<'a>(
    policy: &'a Policy,
    request: &'a RequestParts<'a>,
) -> Vec<(ResponseHeaderName, LineValue<'a>)> {
    let lines = lines(policy, request).into_iter();
    lines.map(|line| (line.name, line.value)).collect()
}

#[test]
fn with_credentials_any_method_and_any_header_are_echoed() {
    let request = preflight("https://a.test", "PURGE").request_headers("Authorization, x-a");
    assert_eq!(
        decide(&echoing(), &request),
        [
            "answer 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-credentials: true",
            "access-control-allow-methods: PURGE",
            "access-control-allow-headers: Authorization, x-a",
            "+ vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ]
    );
    let nothing_asked = preflight("https://a.test", "GET");
    assert_eq!(
        decide(&echoing(), &nothing_asked),
        [
            "answer 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-credentials: true",
            "access-control-allow-methods: GET",
            "+ vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ]
    );
}

#[test]
fn only_what_is_echoed_is_varied_on() {
    let config = origins(["https://a.test"]).allow_credentials(true);
    let request = preflight("https://a.test", "PUT").request_headers("x-a");
    let vary = |policy: &Policy, request: &RequestParts<'_>| {
        decide(policy, request).pop().unwrap_or_default()
    };
    let methods = config.clone().allow_methods(["*"]).build().unwrap();
    assert_eq!(
        vary(&methods, &request),
        "+ vary: Origin, Access-Control-Request-Method"
    );
    let headers = config.clone().allow_headers(["*"]).build().unwrap();
    assert_eq!(
        vary(&headers, &request),
        "+ vary: Origin, Access-Control-Request-Headers"
    );
    let neither = config.build().unwrap();
    assert_eq!(vary(&neither, &request), "+ vary: Origin");
    for other in [
        get(),
        get().origin("https://a.test"),
        get().origin("https://b.test"),
        preflight("https://b.test", "PUT"),
    ] {
        assert_eq!(vary(&echoing(), &other), "+ vary: Origin");
    }
}

#[test]
fn without_credentials_a_star_is_sent_and_nothing_echoed() {
    let policy = echoing().config().allow_credentials(false).build().unwrap();
    let request = preflight("https://a.test", "PURGE").request_headers("x-a");
    assert_eq!(
        decide(&policy, &request),
        [
            "answer 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-methods: *",
            "access-control-allow-headers: *",
            "+ vary: Origin",
        ]
    );
}

#[test]
fn several_lines_are_echoed_as_one_set_and_others_appended() {
    let request = preflight("https://a.test", "PUT")
        .request_headers("a,b")
        .request_headers("")
        .request_headers(" c ")
        .request_headers("d");
    let policy = echoing();
    let echoed: Vec<_> = lines(&policy, &request)
        .into_iter()
        .filter(|line| line.name == ResponseHeaderName::AccessControlAllowHeaders)
        .map(|line| (line.operation, line.value))
        .collect();
    let echo = |index, text: &'static str| {
        LineValue::Echo(EchoedLine::RequestHeaders(index), text.as_bytes())
    };
    assert_eq!(
        echoed,
        [
            (Operation::Set, echo(0, "a,b")),
            (Operation::Append, echo(1, "")),
            (Operation::Append, echo(2, " c ")),
            (Operation::Append, echo(3, "d")),
        ]
    );
}

#[test]
fn a_list_that_is_malformed_in_one_line_is_echoed_in_none() {
    let request = preflight("https://a.test", "PUT")
        .request_headers("x-a")
        .request_headers("x b");
    assert_eq!(
        decide(&echoing(), &request),
        [
            "answer 204",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-credentials: true",
            "access-control-allow-methods: PUT",
            "+ vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        ]
    );
}

#[test]
fn a_list_is_echoed_up_to_the_limits_and_not_beyond() {
    let policy = echoing();
    let longest = "a".repeat(limits::REQUEST_HEADERS);
    let request = preflight("https://a.test", "PUT");
    let told = decide(&policy, &request.request_headers(&longest));
    assert!(told.contains(&format!("access-control-allow-headers: {longest}")));
    let too_long = longest.clone() + "a";
    for beyond in [
        request.request_headers(&too_long),
        request.request_headers(&longest).request_headers("a"),
        (0..=limits::REQUEST_HEADERS_LINES)
            .fold(request, |request, _| request.request_headers("a")),
    ] {
        assert_eq!(decide(&policy, &beyond), ["answer 403", "+ vary: Origin"]);
    }
}

#[test]
fn a_method_that_is_no_token_is_not_echoed() {
    for method in ["", "P U T", "PUT\r\nx: y", "PUT, GET", "\u{e9}"] {
        let told = decide(&echoing(), &preflight("https://a.test", method));
        assert_eq!(
            told,
            [
                "answer 204",
                "access-control-allow-origin: https://a.test",
                "access-control-allow-credentials: true",
                "+ vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
            ],
            "{method:?}"
        );
    }
}

#[test]
fn a_value_says_where_it_comes_from() {
    use LineValue::{Constant, Echo};
    use ResponseHeaderName as Name;

    let policy = everything_with_credentials(["https://a.test"]);
    let origin = Echo(EchoedLine::Origin, b"https://a.test");
    assert_eq!(
        values(&policy, &preflight("https://a.test", "PUT")),
        [
            (Name::AccessControlAllowOrigin, origin),
            (Name::AccessControlAllowCredentials, Constant("true")),
            (
                Name::AccessControlAllowMethods,
                LineValue::Policy("PUT, DELETE")
            ),
            (
                Name::AccessControlAllowHeaders,
                LineValue::Policy("x-b, x-a")
            ),
            (Name::AccessControlMaxAge, LineValue::Policy("600")),
            (Name::AccessControlAllowPrivateNetwork, Constant("true")),
            (Name::Vary, Constant("Origin")),
        ]
    );
    assert_eq!(
        values(&policy, &get().origin("https://a.test")),
        [
            (Name::AccessControlAllowOrigin, origin),
            (Name::AccessControlAllowCredentials, Constant("true")),
            (
                Name::AccessControlExposeHeaders,
                LineValue::Policy("etag, x-c")
            ),
            (Name::TimingAllowOrigin, origin),
            (Name::Vary, Constant("Origin")),
        ]
    );
    let policy = echoing();
    let request = preflight("https://a.test", "PUT");
    let echoed = lines(&policy, &request);
    assert_eq!(
        echoed[2].value,
        Echo(EchoedLine::RequestMethod, b"PUT".as_slice())
    );
}

#[test]
fn a_text_of_a_policy_is_one_of_those_it_gives_beforehand() {
    for policy in [
        everything(["*"]),
        everything_with_credentials(["https://a.test"]),
        echoing(),
    ] {
        let known: Vec<_> = policy.header_texts().collect();
        for request in [
            get(),
            get().origin("https://a.test"),
            preflight("https://a.test", "PUT"),
        ] {
            for line in lines(&policy, &request) {
                if let LineValue::Policy(text) = line.value {
                    assert!(known.contains(&(line.name, text)), "{line}");
                }
            }
        }
    }
}

#[test]
fn lines_come_in_the_order_of_their_names_each_once() {
    let policy = everything_with_credentials(["https://a.test"]);
    for request in [
        get(),
        get().origin("https://a.test"),
        preflight("https://a.test", "PUT"),
    ] {
        let names: Vec<_> = lines(&policy, &request)
            .iter()
            .map(|line| line.name)
            .collect();
        assert!(names.is_sorted_by(|one, next| one < next), "{names:?}");
    }
}

#[test]
fn the_lines_of_the_application_are_removed_whatever_the_decision() {
    let with_timing = everything(["https://a.test"]);
    let without = origins(["https://a.test"]).build().unwrap();
    for request in [
        get(),
        get().origin("https://a.test"),
        get().origin("https://b.test"),
        preflight("https://a.test", "PUT"),
        preflight("https://b.test", "PUT"),
    ] {
        let removed = |policy: &Policy| evaluate(policy, &request).headers().removed();
        let names: Vec<_> = removed(&with_timing)
            .iter()
            .map(|name| name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                "access-control-allow-origin",
                "access-control-allow-credentials",
                "access-control-allow-methods",
                "access-control-allow-headers",
                "access-control-max-age",
                "access-control-allow-private-network",
                "access-control-expose-headers",
                "timing-allow-origin",
            ]
        );
        // A policy that says nothing of timing leaves it to the application.
        assert_eq!(removed(&without), &removed(&with_timing)[..7]);
        // Vary is merged, never removed; what is set is removed before.
        for line in evaluate(&with_timing, &request).headers() {
            let is_vary = line.name == ResponseHeaderName::Vary;
            assert_eq!(removed(&with_timing).contains(&line.name), !is_vary);
            assert_eq!(line.operation == Operation::Merge, is_vary);
        }
    }
}

#[test]
fn walking_ends_and_stays_ended() {
    let policy = everything(["https://a.test"]);
    let request = get().origin("https://a.test");
    let decision = evaluate(&policy, &request);
    let mut walk = decision.headers().iter();
    assert_eq!(walk.by_ref().count(), 4);
    assert!(walk.next().is_none() && walk.next().is_none());
    assert_eq!((*decision.headers()).into_iter().count(), 4);
}

#[test]
fn a_name_matches_in_any_case() {
    for name in ResponseHeaderName::ALL {
        assert!(name.matches(name.as_str().to_uppercase()));
        assert_eq!(name.to_string(), name.as_str());
    }
    assert!(!ResponseHeaderName::Vary.matches("vary "));
}
