//! [CORS check](https://fetch.spec.whatwg.org/#cors-check).

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod shared;

use omnicors_browser::{CorsFailure, Credentials, NetworkError};
use shared::asking::{
    MODES, ORIGIN, allow_origin, mismatch, opaque_request, request, wildcard_with_credentials,
    with_credentials,
};
use shared::respond;

fn not_true(value: &str) -> CorsFailure {
    CorsFailure::AllowCredentialsNotTrue {
        value: value.to_owned(),
    }
}

#[test]
fn allow_origin_must_equal_the_origin_of_the_page_byte_for_byte() {
    for mode in [Credentials::Omit, Credentials::SameOrigin] {
        let page = request("GET").credentials(mode);
        assert_eq!(page.check(&allow_origin(ORIGIN)), Ok(()));
        for other in [
            "https://example.com/",
            "https://Example.com",
            "HTTPS://example.com",
            "http://example.com",
            "https://example.com:443",
            "https://example.comm",
            "https://example.co",
            "https://*.example.com",
            "null",
            "",
            "https://example.com x",
        ] {
            let failure = mismatch(other);
            assert_eq!(
                page.check(&allow_origin(other)),
                Err(NetworkError::CorsCheck(failure)),
                "{other}"
            );
        }
    }
}

#[test]
fn tabs_and_spaces_around_a_value_are_ignored() {
    assert_eq!(
        request("GET").check(&allow_origin(" \thttps://example.com \t")),
        Ok(())
    );
    assert_eq!(request("GET").check(&allow_origin("* ")), Ok(()));
}

#[test]
fn header_names_are_case_insensitive() {
    let response = respond(
        200,
        &[
            ("aCCESS-cONTROL-aLLOW-oRIGIN", ORIGIN),
            ("ACCESS-CONTROL-ALLOW-CREDENTIALS", "true"),
        ],
    );
    assert_eq!(with_credentials("GET").check(&response), Ok(()));
}

#[test]
fn the_check_ignores_the_status_of_an_actual_response() {
    for status in [200, 204, 301, 403, 404, 500] {
        assert_eq!(
            request("GET").check(&respond(status, &[("access-control-allow-origin", "*")])),
            Ok(())
        );
    }
}

#[test]
fn null_and_the_wildcard_allow_the_null_origin() {
    let page = opaque_request("GET");
    assert_eq!(page.check(&allow_origin("null")), Ok(()));
    assert_eq!(page.check(&allow_origin("*")), Ok(()));
    let failure = CorsFailure::AllowOriginMismatch {
        value: "Null".to_owned(),
        origin: "null".to_owned(),
    };
    assert_eq!(
        page.check(&allow_origin("Null")),
        Err(NetworkError::CorsCheck(failure))
    );
}

#[test]
fn a_missing_allow_origin_is_a_failure() {
    for mode in MODES {
        let response = respond(200, &[("Access-Control-Allow-Credentials", "true")]);
        let failure = NetworkError::CorsCheck(CorsFailure::AllowOriginMissing);
        assert_eq!(
            request("GET").credentials(mode).check(&response),
            Err(failure)
        );
    }
}

#[test]
fn two_origins_are_a_failure_in_one_field_or_two_even_if_equal() {
    for fields in [
        &[(
            "Access-Control-Allow-Origin",
            "https://example.com, https://other.test",
        )][..],
        &[
            ("Access-Control-Allow-Origin", ORIGIN),
            ("access-control-allow-origin", ORIGIN),
        ],
        &[
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Origin", "*"),
        ],
        &[
            ("Access-Control-Allow-Origin", ORIGIN),
            ("Access-Control-Allow-Origin", ""),
        ],
    ] {
        let Err(NetworkError::CorsCheck(failure)) = request("GET").check(&respond(200, fields))
        else {
            panic!("{fields:?}");
        };
        assert!(
            matches!(failure, CorsFailure::AllowOriginMultiple { .. }),
            "{failure:?}"
        );
    }
}

#[test]
fn the_wildcard_does_not_cover_a_request_with_credentials() {
    let response = respond(
        200,
        &[
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Credentials", "true"),
        ],
    );
    assert_eq!(request("GET").check(&response), Ok(()));
    assert_eq!(
        request("GET")
            .credentials(Credentials::Omit)
            .check(&response),
        Ok(())
    );
    let failure = wildcard_with_credentials();
    assert_eq!(
        with_credentials("GET").check(&response),
        Err(NetworkError::CorsCheck(failure))
    );
}

#[test]
fn only_the_value_true_allows_credentials() {
    let check = |fields: &[(&str, &str)]| {
        let fields = [&[("Access-Control-Allow-Origin", ORIGIN)][..], fields].concat();
        with_credentials("GET").check(&respond(200, &fields))
    };
    let name = "Access-Control-Allow-Credentials";
    assert_eq!(check(&[(name, "true")]), Ok(()));
    assert_eq!(check(&[(name, " true\t")]), Ok(()));
    assert_eq!(
        check(&[]),
        Err(NetworkError::CorsCheck(
            CorsFailure::AllowCredentialsMissing
        ))
    );
    for value in ["True", "TRUE", "false", "", "1", "true, true", "true;"] {
        let failure = not_true(value);
        assert_eq!(
            check(&[(name, value)]),
            Err(NetworkError::CorsCheck(failure))
        );
    }
    let failure = not_true("true, true");
    assert_eq!(
        check(&[(name, "true"), (name, "true")]),
        Err(NetworkError::CorsCheck(failure))
    );
}
