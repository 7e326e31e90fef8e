//! Non-CORS and actual requests.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::cell::Cell;

use super::{Only, decide, everything, everything_with_credentials, get, origins};
use crate::request::{RequestField, RequestFields};
use crate::{Guard, PolicyConfig, RequestParts, evaluate};

#[test]
fn a_non_cors_request_is_forwarded_and_its_response_varies() {
    let refusing = origins(["https://a.test"]).guard(Guard::All);
    for policy in [
        origins(["https://a.test"]).build().unwrap(),
        refusing.build().unwrap(),
        PolicyConfig::new().lookup_origins(true).build().unwrap(),
    ] {
        assert_eq!(decide(&policy, &get()), ["forward", "+ vary: Origin"]);
    }
}

#[test]
fn the_response_to_a_non_cors_request_lists_the_exact_origins_that_see_its_timing() {
    const NONE: [&str; 2] = ["forward", "+ vary: Origin"];
    for policy in [
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
        // A duplicate and a pattern with a wildcard.
        everything(["https://a.test", "https://a.test", "https://*.b.test"]),
    ] {
        let expected = [
            "forward",
            "timing-allow-origin: https://a.test",
            "+ vary: Origin",
        ];
        assert_eq!(decide(&policy, &get()), expected);
        let options = RequestParts::new("OPTIONS").request_method("PUT");
        assert_eq!(decide(&policy, &options), expected);
        let rejected = policy.config().guard(Guard::All);
        assert_eq!(decide(&rejected.build().unwrap(), &get()), expected);
    }
    let null = origins(["https://a.test:8443", "null"])
        .timing_allow_origin(true)
        .dangerously_allow_opaque_origins(true);
    assert_eq!(
        decide(&null.build().unwrap(), &get())[1],
        "timing-allow-origin: https://a.test:8443, null"
    );
    for config in [
        origins(["https://*.a.test"]),
        PolicyConfig::new().lookup_origins(true),
        PolicyConfig::new().allow_origins_if(|_| true),
        PolicyConfig::new().allow_origins_in(Only("https://a.test")),
        origins(["*"])
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true),
    ] {
        let policy = config.timing_allow_origin(true).build().unwrap();
        assert_eq!(decide(&policy, &get()), NONE, "{policy}");
    }
}

#[test]
fn at_most_eight_origins_are_listed_for_timing() {
    let numbered = |count: usize| (0..count).map(|number| format!("https://{number}.test"));
    for count in [1, 2, 7, 8, 9, 10, 1000] {
        // Patterns with a wildcard do not count.
        let config = PolicyConfig::new().allow_origins(["https://*.a.test"; 9]);
        let config = config.allow_origins(numbered(count));
        let policy = config.timing_allow_origin(true).build().unwrap();
        let listed = numbered(count).collect::<Vec<_>>().join(", ");
        let listed = format!("timing-allow-origin: {listed}");
        let expected: Vec<String> = if count <= 8 { vec![listed] } else { Vec::new() };
        let decided = decide(&policy, &get());
        assert_eq!(decided[1..decided.len() - 1], expected);
    }
}

#[test]
fn a_request_without_origin_is_not_a_preflight() {
    let request = RequestParts::new("OPTIONS")
        .request_method("PUT")
        .request_headers("x-a");
    let policy = origins(["https://a.test"]).allow_methods(["PUT"]);
    let policy = policy.build().unwrap();
    assert_eq!(decide(&policy, &request), ["forward", "+ vary: Origin"]);
}

#[test]
fn an_options_request_without_request_method_is_forwarded() {
    let request = RequestParts::new("OPTIONS").origin("https://a.test");
    assert_eq!(
        decide(&everything(["https://a.test"]), &request)[0],
        "forward"
    );
    for method in ["options", "GET", "POST"] {
        let request = RequestParts::new(method)
            .origin("https://a.test")
            .request_method("PUT");
        assert_eq!(
            decide(&everything(["https://a.test"]), &request)[0],
            "forward"
        );
    }
}

#[test]
fn an_actual_request_from_an_allowed_origin_gets_the_fields_of_the_policy() {
    let request = get().origin("https://a.test");
    assert_eq!(
        decide(&origins(["https://a.test"]).build().unwrap(), &request),
        [
            "forward",
            "access-control-allow-origin: https://a.test",
            "+ vary: Origin"
        ]
    );
    assert_eq!(
        decide(&everything(["https://a.test"]), &request),
        [
            "forward",
            "access-control-allow-origin: https://a.test",
            "access-control-expose-headers: etag, x-c",
            "timing-allow-origin: https://a.test",
            "+ vary: Origin",
        ]
    );
    assert_eq!(
        decide(&everything_with_credentials(["https://a.test"]), &request),
        [
            "forward",
            "access-control-allow-origin: https://a.test",
            "access-control-allow-credentials: true",
            "access-control-expose-headers: etag, x-c",
            "timing-allow-origin: https://a.test",
            "+ vary: Origin",
        ]
    );
    assert_eq!(
        decide(&everything(["*"]), &request),
        [
            "forward",
            "access-control-allow-origin: *",
            "access-control-expose-headers: etag, x-c",
            "timing-allow-origin: *",
        ]
    );
}

#[test]
fn any_origin_with_credentials_echoes_the_origin() {
    let policy = origins(["*"])
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true)
        .dangerously_allow_opaque_origins(true)
        .build()
        .unwrap();
    for origin in ["https://a.test", "null"] {
        assert_eq!(
            decide(&policy, &get().origin(origin)),
            [
                "forward",
                &format!("access-control-allow-origin: {origin}"),
                "access-control-allow-credentials: true",
                "+ vary: Origin",
            ]
        );
    }
}

#[test]
fn an_actual_request_from_a_denied_origin_is_forwarded_and_gets_only_vary() {
    for policy in [
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
    ] {
        for origin in ["https://b.test", "null", "", "https://a.test/"] {
            assert_eq!(
                decide(&policy, &get().origin(origin)),
                ["forward", "+ vary: Origin"],
                "{origin}"
            );
        }
    }
}

#[test]
fn parts_that_were_read_for_one_policy_can_be_evaluated_by_another() {
    let policies = [
        everything(["*"]),
        everything(["https://a.test"]),
        everything_with_credentials(["https://a.test"]),
    ];
    for method in ["GET", "OPTIONS"] {
        for fields in [
            vec![("x", "y")],
            vec![("origin", "https://a.test")],
            vec![("origin", "https://b.test")],
            vec![("origin", "https://a.test"), ("origin", "https://a.test")],
            vec![
                ("origin", "https://a.test"),
                ("access-control-request-method", "PUT"),
            ],
        ] {
            for policy in &policies {
                let expected = RequestParts::read(policy, method, &fields);
                for other in &policies {
                    let request = RequestParts::read(other, method, &fields);
                    assert_eq!(decide(policy, &request), decide(policy, &expected));
                    assert_eq!(
                        evaluate(policy, &request).kind(),
                        evaluate(policy, &expected).kind()
                    );
                }
            }
        }
    }
}

#[test]
fn parts_are_read_from_fields_behind_a_reference() {
    let policy = origins(["https://a.test"]).build().unwrap();
    let fields = vec![("Origin", "https://a.test"), ("Accept", "*/*")];
    let by_reference = &fields;
    let request = RequestParts::read(&policy, "GET", &by_reference);
    assert_eq!(request, RequestParts::read(&policy, "GET", &fields));
    assert_eq!(
        request.origin_field().once(),
        Some(b"https://a.test".as_slice())
    );
    assert!(evaluate(&policy, &request).verdict().is_allowed());
    let value = |index| RequestFields::value(&by_reference, RequestField::Origin, index);
    assert_eq!(value(0), Some(b"https://a.test".as_slice()));
    assert_eq!(value(1), None);
}

/// Fields of a request that count how often `Origin` is read.
#[derive(Default)]
struct Counted {
    reads: Cell<usize>,
}

impl RequestFields for Counted {
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        let is_origin = field == RequestField::Origin;
        self.reads.set(self.reads.get() + usize::from(is_origin));
        (is_origin && index == 0).then_some(b"https://a.test")
    }
}

#[test]
fn the_origin_is_not_read_if_no_response_depends_on_it() {
    let reads = |config: PolicyConfig, method: &str| {
        let policy = config.build().unwrap();
        let fields = Counted::default();
        let request = RequestParts::read(&policy, method, &fields);
        let _fields = evaluate(&policy, &request).headers().iter().count();
        fields.reads.get()
    };
    for any in [
        origins(["*"]),
        origins(["https://a.test"]).static_origin(true),
    ] {
        assert_eq!(reads(any.clone(), "GET"), 0);
        // A preflight has an `Origin`.
        assert!(reads(any, "OPTIONS") > 0);
    }
    assert!(reads(origins(["https://a.test"]), "GET") > 0);
}
