//! The response to a preflight: [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch), step 7.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod shared;

use omnicors_browser::{CorsFailure, Credentials, NetworkError};
use shared::asking::{Asking, MODES, allow, request, wildcard_with_credentials, with_credentials};
use shared::respond;

#[test]
fn a_preflight_is_checked_with_the_credentials_mode_of_the_actual_request() {
    let response = respond(
        204,
        &[
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Methods", "PUT"),
        ],
    );
    assert_eq!(request("PUT").check_preflight(&response), Ok(()));
    let failure = wildcard_with_credentials();
    assert_eq!(
        with_credentials("PUT").check_preflight(&response),
        Err(NetworkError::PreflightCheck(failure))
    );
}

#[test]
fn a_preflight_needs_an_ok_status_after_the_cors_check() {
    let fields = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", "PUT"),
    ];
    for status in [200, 204, 299] {
        assert_eq!(
            request("PUT").check_preflight(&respond(status, &fields)),
            Ok(())
        );
    }
    for status in [199, 300, 301, 304, 403, 500] {
        assert_eq!(
            request("PUT").check_preflight(&respond(status, &fields)),
            Err(NetworkError::PreflightStatus(status))
        );
        let failure = NetworkError::PreflightCheck(CorsFailure::AllowOriginMissing);
        assert_eq!(
            request("PUT").check_preflight(&respond(status, &[])),
            Err(failure)
        );
    }
}

#[test]
fn a_method_is_compared_with_its_exact_name() {
    for value in ["PUT", "DELETE, PUT", "PUT,DELETE", ",PUT,"] {
        for page in [request("put"), with_credentials("PUT")] {
            assert_eq!(
                page.check_preflight(&allow(&[("access-control-allow-methods", value)])),
                Ok(()),
                "{value}"
            );
        }
    }
    for value in ["", "put", "PUTT", "DELETE", "GET"] {
        let blocked = Err(NetworkError::MethodNotAllowed("PUT".to_owned()));
        assert_eq!(
            request("put").check_preflight(&allow(&[("access-control-allow-methods", value)])),
            blocked,
            "{value}"
        );
    }
    let blocked = Err(NetworkError::MethodNotAllowed("patch".to_owned()));
    assert_eq!(
        request("patch").check_preflight(&allow(&[("access-control-allow-methods", "PATCH")])),
        blocked
    );
    assert_eq!(
        request("patch").check_preflight(&allow(&[("access-control-allow-methods", "patch")])),
        Ok(())
    );
}

#[test]
fn a_safelisted_method_is_allowed_without_being_named() {
    for method in ["GET", "head", "POST"] {
        let page = with_credentials(method).header("X-A", "");
        assert_eq!(
            page.check_preflight(&allow(&[("Access-Control-Allow-Headers", "x-a")])),
            Ok(())
        );
    }
}

#[test]
fn the_method_wildcard_is_a_literal_with_credentials() {
    let response = allow(&[("Access-Control-Allow-Methods", "GET, *")]);
    assert_eq!(request("PATCH").check_preflight(&response), Ok(()));
    assert_eq!(
        request("PATCH")
            .credentials(Credentials::Omit)
            .check_preflight(&response),
        Ok(())
    );
    let blocked = NetworkError::MethodNotAllowed("PATCH".to_owned());
    assert_eq!(
        with_credentials("PATCH").check_preflight(&response),
        Err(blocked)
    );
    assert_eq!(with_credentials("*").check_preflight(&response), Ok(()));
}

#[test]
fn the_use_cors_preflight_flag_replaces_a_missing_method_list_but_not_an_empty_one() {
    let page = request("PUT").upload_listener();
    assert_eq!(page.check_preflight(&allow(&[])), Ok(()));
    let blocked = Err(NetworkError::MethodNotAllowed("PUT".to_owned()));
    assert_eq!(
        page.check_preflight(&allow(&[("Access-Control-Allow-Methods", "")])),
        blocked
    );
}

#[test]
fn a_header_name_in_any_case_allows_the_header() {
    let page = with_credentials("GET")
        .header("X-Custom", "1")
        .header("Content-Type", "application/json");
    for fields in [
        &[("Access-Control-Allow-Headers", "content-type,X-CUSTOM")][..],
        &[
            ("Access-Control-Allow-Headers", "x-custom"),
            ("access-control-allow-headers", "other, Content-Type"),
        ],
    ] {
        assert_eq!(page.check_preflight(&allow(fields)), Ok(()));
    }
    let blocked = |name: &str| Err(NetworkError::HeaderNotAllowed(name.to_owned()));
    assert_eq!(page.check_preflight(&allow(&[])), blocked("content-type"));
    assert_eq!(
        page.check_preflight(&allow(&[(
            "Access-Control-Allow-Headers",
            "content-type, x"
        )])),
        blocked("x-custom")
    );
}

#[test]
fn a_safelisted_header_is_allowed_without_being_named() {
    let page = request("PUT")
        .header("Accept", "x")
        .header("Content-Type", "text/plain");
    assert_eq!(
        page.check_preflight(&allow(&[("Access-Control-Allow-Methods", "PUT")])),
        Ok(())
    );
}

#[test]
fn the_header_wildcard_is_a_literal_with_credentials() {
    let blocked = || Err(NetworkError::HeaderNotAllowed("x-a".to_owned()));
    for value in ["*", "x-b, *"] {
        let response = allow(&[("Access-Control-Allow-Headers", value)]);
        let check = |page: Asking, name| page.header(name, "").check_preflight(&response);
        assert_eq!(check(request("GET"), "x-a"), Ok(()));
        assert_eq!(check(with_credentials("GET"), "x-a"), blocked());
        assert_eq!(check(with_credentials("GET"), "*"), Ok(()));
    }
    let response = allow(&[("Access-Control-Allow-Headers", "x-b")]);
    let page = request("GET").header("x-a", "");
    assert_eq!(page.check_preflight(&response), blocked());
}

#[test]
fn authorization_is_never_covered_by_the_wildcard() {
    for mode in MODES {
        let page = request("GET")
            .header("AuthoriZation", "x")
            .credentials(mode);
        let blocked = Err(NetworkError::HeaderNotAllowed("authorization".to_owned()));
        assert_eq!(
            page.check_preflight(&allow(&[("Access-Control-Allow-Headers", "*")])),
            blocked
        );
        for value in ["authorization", "*, AUTHORIZATION"] {
            assert_eq!(
                page.check_preflight(&allow(&[("Access-Control-Allow-Headers", value)])),
                Ok(())
            );
        }
    }
}

#[test]
fn authorization_is_checked_before_the_other_headers() {
    let page = request("GET")
        .header("Accept-X", "")
        .header("Authorization", "");
    let blocked = Err(NetworkError::HeaderNotAllowed("authorization".to_owned()));
    assert_eq!(page.check_preflight(&allow(&[])), blocked);
}

#[test]
fn the_method_is_checked_before_the_headers() {
    let page = request("PUT").header("X-A", "");
    assert_eq!(
        page.check_preflight(&allow(&[])),
        Err(NetworkError::MethodNotAllowed("PUT".to_owned()))
    );
}

#[test]
fn a_malformed_list_blocks_even_safelisted_methods_and_headers() {
    let page = request("GET").upload_listener();
    for (value, element) in [
        ("GET POST", "GET POST"),
        ("\"GET\"", "\"GET\""),
        ("GET;", "GET;"),
        ("a, b c", "b c"),
    ] {
        let blocked = Err(NetworkError::InvalidAllowMethods(element.to_owned()));
        assert_eq!(
            page.check_preflight(&allow(&[("Access-Control-Allow-Methods", value)])),
            blocked,
            "{value}"
        );
        let blocked = Err(NetworkError::InvalidAllowHeaders(element.to_owned()));
        assert_eq!(
            page.check_preflight(&allow(&[("Access-Control-Allow-Headers", value)])),
            blocked,
            "{value}"
        );
    }
}

#[test]
fn the_default_max_age_of_a_preflight_is_5_seconds() {
    let assert_max_age = |values: &[&str], seconds| {
        let mut headers = vec![("Access-Control-Allow-Methods", "PUT")];
        headers.extend(
            values
                .iter()
                .map(|value| ("Access-Control-Max-Age", *value)),
        );
        request("PUT").assert_max_age(&allow(&headers), seconds);
    };
    assert_max_age(&[], 5);
    for (value, seconds) in [
        ("0", 0),
        (" 600 ", 600),
        ("007", 7),
        ("86400", 86_400),
        ("99999999999999999999", u64::MAX),
    ] {
        assert_max_age(&[value], seconds);
    }
    for value in [
        "", "-1", "+1", "1.5", "1, 2", "1 2", "0x10", "\"600\"", "600s",
    ] {
        assert_max_age(&[value], 5);
    }
    assert_max_age(&["600", "600"], 5);
}
