//! Warnings of methods and header names.

use alloc::string::ToString as _;

use super::{assert_warning, config, warnings};
use crate::policy::{PolicyConfig, Setting, Warning};

#[test]
fn safelisted_names_and_options_have_a_warning() {
    assert_warning(
        config().allow_methods(["DELETE", "GET"]),
        Warning::SafelistedMethod("GET".to_string()),
        "GET can be left out of allow_methods: it is safelisted and always allowed",
    );
    assert_warning(
        config().allow_methods(["OPTIONS"]),
        Warning::OptionsMethod,
        "OPTIONS can be left out of allow_methods: preflights do not need it; keep it only if pages send OPTIONS requests themselves",
    );
    assert_warning(
        config().expose_headers(["Content-Type", "etag"]),
        Warning::SafelistedResponseHeader("content-type".to_string()),
        "content-type can be left out of expose_headers: it is safelisted and always readable",
    );
}

/// Each of these is safelisted only for some values: Fetch,
/// [CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
#[test]
fn a_request_header_that_is_safelisted_for_some_values_has_no_warning() {
    for name in [
        "accept",
        "Accept-Language",
        "content-language",
        "content-type",
        "range",
    ] {
        assert_eq!(warnings(config().allow_header(name)), [], "{name}");
    }
}

#[test]
fn an_asterisk_inside_a_name_has_a_warning() {
    let literal = |setting, name: &str| Warning::LiteralWildcard {
        setting,
        name: name.to_string(),
    };
    assert_warning(
        config().allow_headers(["X-*", "x-a"]),
        literal(Setting::AllowHeaders, "x-*"),
        "browsers read `x-*` in allow_headers literally: `*` is a wildcard only if it is the whole name; list each name",
    );
    let everywhere = config().allow_methods(["P*"]).expose_headers(["x-*"]);
    assert_eq!(
        warnings(everywhere),
        [
            literal(Setting::AllowMethods, "P*"),
            literal(Setting::ExposeHeaders, "x-*")
        ]
    );
}

#[test]
fn a_misspelled_name_has_a_warning() {
    for (setting, name, meant, with) in [
        (
            Setting::AllowMethods,
            "OPTION",
            "OPTIONS",
            (|config, name| PolicyConfig::allow_method(config, name))
                as fn(PolicyConfig, &str) -> PolicyConfig,
        ),
        (
            Setting::AllowHeaders,
            "authorisation",
            "authorization",
            |config, name| config.allow_header(name),
        ),
        (
            Setting::AllowHeaders,
            "content_type",
            "content-type",
            |config, name| config.allow_header(name),
        ),
        (
            Setting::ExposeHeaders,
            "accept-range",
            "accept-ranges",
            |config, name| config.expose_header(name),
        ),
    ] {
        let warning = Warning::MisspelledName {
            setting,
            name: name.to_string(),
            meant,
        };
        let prints = alloc::format!(
            "`{name}` in {setting} looks like a misspelling; did you mean `{meant}`?"
        );
        assert_warning(with(config(), name), warning, &prints);
    }
    // The well-known names are forbidden request headers, so listing them would be a fault.
    for name in ["accept_encoding", "content_length", "content-lenght"] {
        assert_eq!(warnings(config().allow_header(name)), [], "{name}");
        assert_eq!(warnings(config().expose_header(name)).len(), 1, "{name}");
    }
    // The policy allows both spellings, because some clients use the wrong one.
    let both = config().allow_headers(["authorisation", "authorization"]);
    assert_eq!(warnings(both), []);
    let correct = config()
        .allow_methods(["SEARCH", "BATCH"])
        .allow_headers(["x-api-key", "x-csrftoken", "x-csrf-token", "x_tenant"])
        .expose_headers(["etag", "x-total-count"]);
    assert_eq!(warnings(correct), []);
}

#[test]
fn a_method_with_a_body_without_content_type_has_a_warning() {
    let prints = |method| {
        alloc::format!(
            "pages cannot send JSON with {method}, because `content-type` is not in allow_headers; add `content-type` to allow_headers"
        )
    };
    for (methods, first) in [
        (&["PUT"][..], "PUT"),
        (&["DELETE", "PATCH", "PUT"], "PATCH"),
        (&["QUERY"], "QUERY"),
    ] {
        let without = config().allow_methods(methods);
        let warning = Warning::MethodWithoutContentType(first.to_string());
        assert_warning(without.clone(), warning.clone(), &prints(first));
        assert_warning(without.allow_header("x-a"), warning, &prints(first));
    }
    for config in [
        config().allow_methods(["DELETE"]),
        config(),
        config()
            .allow_methods(["PUT"])
            .allow_headers(["Content-Type"]),
        config()
            .allow_methods(["PUT"])
            .allow_headers(["*", "authorization"]),
        config()
            .allow_methods(["PUT"])
            .allow_headers(["*"])
            .allow_credentials(true),
    ] {
        assert_eq!(warnings(config.clone()), [], "{config:?}");
    }
}

#[test]
fn any_header_without_authorization_has_a_warning() {
    let any = || {
        PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .allow_headers(["*"])
    };
    let prints = "without credentials, `*` in allow_headers does not cover Authorization; if pages send that header, list \
         `authorization` as well";
    assert_warning(any(), Warning::AnyHeaderWithoutAuthorization, prints);
    let others = any().allow_credentials(true);
    assert_eq!(warnings(others.clone()), []);
    let others = others.allow_others_without_credentials(true);
    assert_warning(
        others.clone(),
        Warning::AnyHeaderWithoutAuthorization,
        prints,
    );
    assert_eq!(warnings(any().allow_header("Authorization")), []);
    assert_eq!(warnings(others.allow_header("authorization")), []);
}
