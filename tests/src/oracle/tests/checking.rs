//! The CORS check, and the response to a preflight.

use super::super::{Blocked, CheckFailure, CredentialsMode, PageRequest, preflight_max_age};
use super::{MODES, ORIGIN, allow, allow_origin, page, respond, with_credentials};

#[test]
fn allow_origin_must_equal_the_origin_of_the_page_byte_for_byte() {
    for mode in [CredentialsMode::Omit, CredentialsMode::SameOrigin] {
        let page = page("GET").with_credentials(mode);
        assert_eq!(page.check_actual(&allow_origin(ORIGIN)), Ok(()));
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
            let failure = CheckFailure::AllowOriginMismatch(other.into());
            assert_eq!(
                page.check_actual(&allow_origin(other)),
                Err(Blocked::ActualCheck(failure)),
                "{other}"
            );
        }
    }
}

#[test]
fn tabs_and_spaces_around_a_value_are_ignored() {
    assert_eq!(
        page("GET").check_actual(&allow_origin(" \thttps://example.com \t")),
        Ok(())
    );
    assert_eq!(page("GET").check_actual(&allow_origin("* ")), Ok(()));
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
    assert_eq!(with_credentials("GET").check_actual(&response), Ok(()));
}

#[test]
fn the_check_ignores_the_status_of_an_actual_response() {
    for status in [200, 204, 301, 403, 404, 500] {
        assert_eq!(
            page("GET").check_actual(&respond(status, &[("access-control-allow-origin", "*")])),
            Ok(())
        );
    }
}

#[test]
fn null_and_the_wildcard_allow_the_null_origin() {
    let page = PageRequest::new("null", "GET");
    assert_eq!(page.check_actual(&allow_origin("null")), Ok(()));
    assert_eq!(page.check_actual(&allow_origin("*")), Ok(()));
    let failure = CheckFailure::AllowOriginMismatch(b"Null".to_vec());
    assert_eq!(
        page.check_actual(&allow_origin("Null")),
        Err(Blocked::ActualCheck(failure))
    );
}

#[test]
fn a_missing_allow_origin_is_a_failure() {
    for mode in MODES {
        let response = respond(200, &[("Access-Control-Allow-Credentials", "true")]);
        let failure = Blocked::ActualCheck(CheckFailure::AllowOriginMissing);
        assert_eq!(
            page("GET").with_credentials(mode).check_actual(&response),
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
        let Err(Blocked::ActualCheck(failure)) = page("GET").check_actual(&respond(200, fields))
        else {
            panic!("{fields:?}");
        };
        assert!(
            matches!(failure, CheckFailure::AllowOriginMultiple(_)),
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
    assert_eq!(page("GET").check_actual(&response), Ok(()));
    assert_eq!(
        page("GET")
            .with_credentials(CredentialsMode::Omit)
            .check_actual(&response),
        Ok(())
    );
    let failure = CheckFailure::AllowOriginWildcardWithCredentials;
    assert_eq!(
        with_credentials("GET").check_actual(&response),
        Err(Blocked::ActualCheck(failure))
    );
}

#[test]
fn only_the_value_true_allows_credentials() {
    let check = |fields: &[(&str, &str)]| {
        let fields = [&[("Access-Control-Allow-Origin", ORIGIN)][..], fields].concat();
        with_credentials("GET").check_actual(&respond(200, &fields))
    };
    let name = "Access-Control-Allow-Credentials";
    assert_eq!(check(&[(name, "true")]), Ok(()));
    assert_eq!(check(&[(name, " true\t")]), Ok(()));
    assert_eq!(
        check(&[]),
        Err(Blocked::ActualCheck(CheckFailure::AllowCredentialsMissing))
    );
    for value in ["True", "TRUE", "false", "", "1", "true, true", "true;"] {
        let failure = CheckFailure::AllowCredentialsNotTrue(value.into());
        assert_eq!(check(&[(name, value)]), Err(Blocked::ActualCheck(failure)));
    }
    let failure = CheckFailure::AllowCredentialsNotTrue(b"true, true".to_vec());
    assert_eq!(
        check(&[(name, "true"), (name, "true")]),
        Err(Blocked::ActualCheck(failure))
    );
}

#[test]
fn a_preflight_is_checked_with_the_credentials_mode_of_the_actual_request() {
    let response = respond(
        204,
        &[
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Methods", "PUT"),
        ],
    );
    assert_eq!(page("PUT").check_preflight(&response), Ok(()));
    let failure = CheckFailure::AllowOriginWildcardWithCredentials;
    assert_eq!(
        with_credentials("PUT").check_preflight(&response),
        Err(Blocked::PreflightCheck(failure))
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
            page("PUT").check_preflight(&respond(status, &fields)),
            Ok(())
        );
    }
    for status in [199, 300, 301, 304, 403, 500] {
        assert_eq!(
            page("PUT").check_preflight(&respond(status, &fields)),
            Err(Blocked::PreflightStatus(status))
        );
        let failure = Blocked::PreflightCheck(CheckFailure::AllowOriginMissing);
        assert_eq!(
            page("PUT").check_preflight(&respond(status, &[])),
            Err(failure)
        );
    }
}

#[test]
fn a_method_is_compared_with_its_exact_name() {
    for value in ["PUT", "DELETE, PUT", "PUT,DELETE", ",PUT,"] {
        for page in [page("put"), with_credentials("PUT")] {
            assert_eq!(
                page.check_preflight(&allow(&[("access-control-allow-methods", value)])),
                Ok(()),
                "{value}"
            );
        }
    }
    for value in ["", "put", "PUTT", "DELETE", "GET"] {
        let blocked = Err(Blocked::MethodNotAllowed("PUT".to_owned()));
        assert_eq!(
            page("put").check_preflight(&allow(&[("access-control-allow-methods", value)])),
            blocked,
            "{value}"
        );
    }
    let blocked = Err(Blocked::MethodNotAllowed("patch".to_owned()));
    assert_eq!(
        page("patch").check_preflight(&allow(&[("access-control-allow-methods", "PATCH")])),
        blocked
    );
    assert_eq!(
        page("patch").check_preflight(&allow(&[("access-control-allow-methods", "patch")])),
        Ok(())
    );
}

#[test]
fn a_safelisted_method_is_allowed_without_being_named() {
    for method in ["GET", "head", "POST"] {
        let page = with_credentials(method).with_header("X-A", "");
        assert_eq!(
            page.check_preflight(&allow(&[("Access-Control-Allow-Headers", "x-a")])),
            Ok(())
        );
    }
}

#[test]
fn the_method_wildcard_is_a_literal_with_credentials() {
    let response = allow(&[("Access-Control-Allow-Methods", "GET, *")]);
    assert_eq!(page("PATCH").check_preflight(&response), Ok(()));
    assert_eq!(
        page("PATCH")
            .with_credentials(CredentialsMode::Omit)
            .check_preflight(&response),
        Ok(())
    );
    let blocked = Blocked::MethodNotAllowed("PATCH".to_owned());
    assert_eq!(
        with_credentials("PATCH").check_preflight(&response),
        Err(blocked)
    );
    assert_eq!(with_credentials("*").check_preflight(&response), Ok(()));
}

#[test]
fn the_use_cors_preflight_flag_replaces_a_missing_method_list_but_not_an_empty_one() {
    let page = PageRequest {
        use_cors_preflight: true,
        ..page("PUT")
    };
    assert_eq!(page.check_preflight(&allow(&[])), Ok(()));
    let blocked = Err(Blocked::MethodNotAllowed("PUT".to_owned()));
    assert_eq!(
        page.check_preflight(&allow(&[("Access-Control-Allow-Methods", "")])),
        blocked
    );
}

#[test]
fn a_header_name_in_any_case_allows_the_header() {
    let page = with_credentials("GET")
        .with_header("X-Custom", "1")
        .with_header("Content-Type", "application/json");
    for fields in [
        &[("Access-Control-Allow-Headers", "content-type,X-CUSTOM")][..],
        &[
            ("Access-Control-Allow-Headers", "x-custom"),
            ("access-control-allow-headers", "other, Content-Type"),
        ],
    ] {
        assert_eq!(page.check_preflight(&allow(fields)), Ok(()));
    }
    let blocked = |name: &str| Err(Blocked::HeaderNotAllowed(name.to_owned()));
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
    let page = page("PUT")
        .with_header("Accept", "x")
        .with_header("Content-Type", "text/plain");
    assert_eq!(
        page.check_preflight(&allow(&[("Access-Control-Allow-Methods", "PUT")])),
        Ok(())
    );
}

#[test]
fn the_header_wildcard_is_a_literal_with_credentials() {
    let blocked = || Err(Blocked::HeaderNotAllowed("x-a".to_owned()));
    for value in ["*", "x-b, *"] {
        let response = allow(&[("Access-Control-Allow-Headers", value)]);
        let check = |page: PageRequest, name| page.with_header(name, "").check_preflight(&response);
        assert_eq!(check(page("GET"), "x-a"), Ok(()));
        assert_eq!(check(with_credentials("GET"), "x-a"), blocked());
        assert_eq!(check(with_credentials("GET"), "*"), Ok(()));
    }
    let response = allow(&[("Access-Control-Allow-Headers", "x-b")]);
    let page = page("GET").with_header("x-a", "");
    assert_eq!(page.check_preflight(&response), blocked());
}

#[test]
fn authorization_is_never_covered_by_the_wildcard() {
    for mode in MODES {
        let page = page("GET")
            .with_header("AuthoriZation", "x")
            .with_credentials(mode);
        let blocked = Err(Blocked::HeaderNotAllowed("authorization".to_owned()));
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
    let page = page("GET")
        .with_header("Accept-X", "")
        .with_header("Authorization", "");
    let blocked = Err(Blocked::HeaderNotAllowed("authorization".to_owned()));
    assert_eq!(page.check_preflight(&allow(&[])), blocked);
}

#[test]
fn the_method_is_checked_before_the_headers() {
    let page = page("PUT").with_header("X-A", "");
    assert_eq!(
        page.check_preflight(&allow(&[])),
        Err(Blocked::MethodNotAllowed("PUT".to_owned()))
    );
}

#[test]
fn a_malformed_list_blocks_even_safelisted_methods_and_headers() {
    let page = PageRequest {
        use_cors_preflight: true,
        ..page("GET")
    };
    for value in ["GET POST", "\"GET\"", "GET;", "a, b c"] {
        let blocked = Err(Blocked::AllowMethodsMalformed);
        assert_eq!(
            page.check_preflight(&allow(&[("Access-Control-Allow-Methods", value)])),
            blocked,
            "{value}"
        );
        let blocked = Err(Blocked::AllowHeadersMalformed);
        assert_eq!(
            page.check_preflight(&allow(&[("Access-Control-Allow-Headers", value)])),
            blocked,
            "{value}"
        );
    }
}

#[test]
fn the_default_max_age_of_a_preflight_is_5_seconds() {
    let max_age = |values: &[&str]| {
        let fields: Vec<(&str, &str)> = values
            .iter()
            .map(|value| ("Access-Control-Max-Age", *value))
            .collect();
        preflight_max_age(&respond(204, &fields))
    };
    assert_eq!(max_age(&[]), 5);
    for (value, seconds) in [
        ("0", 0),
        (" 600 ", 600),
        ("007", 7),
        ("86400", 86_400),
        ("99999999999999999999", u64::MAX),
    ] {
        assert_eq!(max_age(&[value]), seconds, "{value}");
    }
    for value in [
        "", "-1", "+1", "1.5", "1, 2", "1 2", "0x10", "\"600\"", "600s",
    ] {
        assert_eq!(max_age(&[value]), 5, "{value}");
    }
    assert_eq!(max_age(&["600", "600"]), 5);
}
