//! Unsafe settings and their opt-outs.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{assert_fault, config, fault, faults, origins, unsafe_setting};
use crate::origin::public_suffix;
#[cfg(feature = "regex")]
use crate::policy::PolicyConfig;
use crate::policy::{Fault, FaultCause, FaultKind, Policy, PolicyError, Setting};
use crate::{RequestParts, evaluate};

fn allows(policy: &Policy, origin: &str) -> bool {
    let request = RequestParts::new("GET").origin(origin);
    evaluate(policy, &request).verdict().is_allowed()
}

#[test]
fn null_is_unsafe_with_credentials_and_without() {
    for credentials in [false, true] {
        assert_fault(
            origins(["null"]).allow_credentials(credentials),
            unsafe_setting(
                "allow_origins[0]: `null` is unsafe: any site can create a page with this origin, in a sandboxed \
                 frame; to allow it anyway, set `dangerously_allow_opaque_origins`",
                Some(Setting::DangerouslyAllowOpaqueOrigins),
            ),
        );
        let policy = origins(["null"])
            .allow_credentials(credentials)
            .dangerously_allow_opaque_origins(true)
            .build()
            .unwrap();
        assert!(allows(&policy, "null"));
    }
}

#[test]
fn the_origin_of_a_file_has_no_path() {
    for (text, suggestion) in [
        ("file:///home/me/page.html", Some("file://")),
        ("file:", Some("file://")),
        ("file://*", None),
        ("file://host", None),
    ] {
        let opted = origins([text]).dangerously_allow_opaque_origins(true);
        let fault_of_opted = fault(opted);
        assert_eq!(fault_of_opted.suggestion(), suggestion, "{text}");
        // Without the opt-out, the suggestion would be a fault itself.
        let fault = fault(origins([text]));
        assert_eq!(
            (fault.kind(), fault.suggestion()),
            (FaultKind::Invalid, None)
        );
    }
    assert_fault(
        origins(["file://"]),
        unsafe_setting(
            "allow_origins[0]: `file://` is unsafe: every file that a visitor opens has this origin, including downloaded files; if the \
             pages belong to your own application, serve them from a custom scheme, such as `app://localhost`; to allow it \
             anyway, set `dangerously_allow_opaque_origins`",
            Some(Setting::DangerouslyAllowOpaqueOrigins),
        ),
    );
    let policy = origins(["file://"])
        .dangerously_allow_opaque_origins(true)
        .build()
        .unwrap();
    assert!(allows(&policy, "file://") && !allows(&policy, "null"));
}

#[test]
fn any_origin_with_credentials_is_unsafe() {
    assert_fault(
        origins(["*"]).allow_credentials(true),
        unsafe_setting(
            "allow_origins[0]: `*` is unsafe: with credentials (cookies), any site could read everything that its visitors can read \
             here; list the origins you trust; to allow it anyway, set \
             `dangerously_allow_any_origin_with_credentials`",
            Some(Setting::DangerouslyAllowAnyOriginWithCredentials),
        ),
    );
    let policy = origins(["*"])
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true)
        .build()
        .unwrap();
    assert!(allows(&policy, "https://example.com"));
    assert!(allows(&policy, "http://example.com"));
    // `null` needs another opt-out.
    assert!(!allows(&policy, "null"));
}

#[test]
fn an_insecure_origin_with_credentials_is_unsafe() {
    let reason = "with credentials (cookies), anyone who controls a visitor's network can impersonate an origin without https and act as \
         the visitor; serve its pages over https, and list that origin";
    for text in [
        "http://example.com",
        "http://*.example.com",
        "http://10.0.0.1:*",
        "http://example.com:443",
        "http://example.com:8080",
        "http://notlocalhost",
        "http://example.com.",
    ] {
        let prints = format!(
            "allow_origins[0]: `{text}` is unsafe: {reason}; to allow it anyway, set `dangerously_allow_insecure_origins`"
        );
        // The same host with https is another origin, so there is no suggestion.
        assert_fault(
            origins([text]).allow_credentials(true),
            unsafe_setting(&prints, Some(Setting::DangerouslyAllowInsecureOrigins)),
        );
        assert!(origins([text]).build().is_ok(), "{text}");
        let permitted = origins([text])
            .allow_credentials(true)
            .dangerously_allow_insecure_origins(true);
        assert!(permitted.build().is_ok(), "{text}");
    }
}

#[test]
fn loopback_and_other_schemes_are_fine_with_credentials() {
    for text in [
        "http://localhost",
        "http://localhost:*",
        "http://*.localhost:3000",
        "http://pr-*.localhost",
        "http://127.0.0.1:8080",
        "http://[::1]:*",
        "chrome-extension://abcdefghijklmnop",
        "tauri://localhost",
    ] {
        assert!(
            origins([text]).allow_credentials(true).build().is_ok(),
            "{text}"
        );
    }
}

#[track_caller]
fn assert_public_suffix(text: &str, reason: &str, suggestion: Option<&str>) {
    let write = suggestion.map_or_else(String::new, |text| format!("; write `{text}`"));
    let prints = format!(
        "allow_origins[0]: `{text}` is unsafe: {reason}; put a domain that you own after the `*`{write}; to allow it anyway, set \
         `dangerously_allow_public_suffix_subdomains`"
    );
    assert_fault(
        origins([text]).allow_credentials(true),
        unsafe_setting(
            &prints,
            Some(Setting::DangerouslyAllowPublicSuffixSubdomains),
        )
        .suggesting(suggestion),
    );
    assert!(origins([text]).build().is_ok(), "{text}");
    let permitted = origins([text])
        .allow_credentials(true)
        .dangerously_allow_public_suffix_subdomains(true);
    assert!(permitted.build().is_ok(), "{text}");
}

fn under_suffix(suffix: &str) -> String {
    format!(
        "anyone can register a name under `{suffix}` (a public suffix), and would be trusted with credentials (cookies)"
    )
}

#[test]
fn a_wildcard_under_a_top_level_domain_with_credentials_is_unsafe() {
    for text in ["https://*.com", "https://*.com:*", "https://pr-*.com"] {
        assert_public_suffix(text, &under_suffix("com"), None);
    }
    assert_public_suffix(
        "https://*example.com",
        &under_suffix("com"),
        Some("https://*.example.com"),
    );
    assert_public_suffix(
        "https://dev-*",
        "anyone can register a name that this pattern allows, and would be trusted with credentials (cookies)",
        None,
    );
}

#[test]
#[cfg(feature = "public-suffix")]
fn a_wildcard_under_a_public_suffix_with_credentials_is_unsafe() {
    for (text, suffix) in [
        ("https://*.co.uk", "co.uk"),
        ("https://pr-*.co.uk:8443", "co.uk"),
        // Suffixes of hosting services.
        ("https://*.github.io", "github.io"),
        ("https://*-shop.vercel.app", "vercel.app"),
        ("https://*.xn--55qx5d.cn", "xn--55qx5d.cn"),
        // Suffixes of the list's wildcards: of `*.ck`, and `*.kawasaki.jp`, which is not a suffix itself.
        ("https://*.any.ck", "any.ck"),
        ("https://*.kawasaki.jp", "*.kawasaki.jp"),
    ] {
        assert_public_suffix(text, &under_suffix(suffix), None);
    }
    assert_public_suffix(
        "https://*shop.co.uk",
        &under_suffix("co.uk"),
        Some("https://*.shop.co.uk"),
    );
    for text in [
        "https://*.example.co.uk",
        "https://*.me.github.io",
        "https://*.city.kawasaki.jp",
    ] {
        assert!(
            origins([text]).allow_credentials(true).build().is_ok(),
            "{text}"
        );
    }
}

#[test]
#[cfg(not(feature = "public-suffix"))]
fn without_the_list_only_top_level_domains_are_known_as_suffixes() {
    assert_eq!(public_suffix("com").as_deref(), Some("com"));
    assert_eq!(public_suffix("co.uk"), None);
    let config = origins(["https://*.co.uk"]).allow_credentials(true);
    assert!(config.build().is_ok());
}

#[test]
#[cfg(feature = "public-suffix")]
fn with_the_list_its_suffixes_are_known_too() {
    assert_eq!(public_suffix("com").as_deref(), Some("com"));
    assert_eq!(public_suffix("co.uk").as_deref(), Some("co.uk"));
    assert_eq!(public_suffix("example.co.uk"), None);
    // Not on the list: a domain under the suffix `invalid`.
    assert_eq!(public_suffix("example.invalid"), None);
}

#[test]
fn an_origin_that_is_unsafe_in_two_ways_has_both_faults() {
    let config = origins(["http://*.com"]).allow_credentials(true);
    let causes: Vec<_> = faults(config.clone())
        .into_iter()
        .map(|fault| (fault.cause, fault.suggestion))
        .collect();
    // The first has no suggestion: with https it would still be unsafe.
    assert_eq!(
        causes,
        [
            (FaultCause::InsecureOriginWithCredentials, None),
            (FaultCause::PublicSuffix("com".to_string()), None)
        ]
    );
    let one_left = config.clone().dangerously_allow_insecure_origins(true);
    assert_eq!(
        fault(one_left).opt_out(),
        Some(Setting::DangerouslyAllowPublicSuffixSubdomains)
    );
    let other_left = config.dangerously_allow_public_suffix_subdomains(true);
    assert_eq!(
        fault(other_left).opt_out(),
        Some(Setting::DangerouslyAllowInsecureOrigins)
    );
}

#[test]
fn a_suggestion_is_free_of_faults() {
    let texts = [
        "https://Example.com/",
        "HTTP://Example.com",
        "example.com",
        "http://localhost:80",
        "http://[0:0::1]",
        "http://example.com:443",
        "*.com",
        ".COM",
        "https://*example.com",
        "http://*example.com",
        "https://*",
        "*://*:*",
        "NULL",
        "file://*",
        "http://*.Example.com:443/",
    ];
    for credentials in [false, true] {
        for text in texts {
            let config = |text: &str| origins([text]).allow_credentials(credentials);
            let error = config(text).build().err();
            let faults = error.iter().flat_map(PolicyError::faults);
            for suggestion in faults.filter_map(Fault::suggestion) {
                assert!(config(suggestion).build().is_ok(), "{text} {suggestion}");
            }
        }
    }
    // With credentials, `http://example.com` is unsafe, and https is another origin.
    let fault = fault(origins(["HTTP://Example.com"]).allow_credentials(true));
    assert_eq!(fault.suggestion(), None);
    let faults = faults(origins(["https://*", "https://a.test"]));
    assert_eq!(faults[0].suggestion(), None, "`*` stands alone");
}

#[test]
fn all_response_headers_with_credentials_are_unsafe() {
    assert_fault(
        config()
            .allow_credentials(true)
            .expose_headers(["x-a", "*"]),
        unsafe_setting(
            "expose_headers[1]: `*` is unsafe: with credentials, browsers read `*` literally, as the name of a header; \
             list the names to expose",
            None,
        ),
    );
    assert!(config().expose_headers(["*"]).build().is_ok());
}

#[test]
#[cfg(feature = "regex")]
fn a_regular_expression_that_can_match_any_site_needs_an_opt_out_with_credentials() {
    const ANY: &str = "dangerously_allow_any_origin_with_credentials";
    let with = |text: &str| PolicyConfig::new().allow_origin_regexes([text]);
    for text in [".*", "https?://.*", "https://.*example\\.com"] {
        assert!(with(text).build().is_ok(), "{text}");
        let config = with(text).allow_credentials(true);
        assert_fault(
            config.clone(),
            unsafe_setting(
                &format!(
                    "allow_origin_regexes[0]: `{text}` is unsafe: with credentials (cookies), it must not match a site that others can \
                     register; end it with a host that you own, after `\\.` or `//`, and escape each dot, as in \
                     `https://.+\\.example\\.com`; to allow it anyway, set `{ANY}`"
                ),
                Some(Setting::DangerouslyAllowAnyOriginWithCredentials),
            ),
        );
        let policy = config
            .dangerously_allow_any_origin_with_credentials(true)
            .build()
            .unwrap();
        assert!(allows(&policy, "https://evil-example.com") && policy.warnings().is_empty());
    }
    let own = with("https://.+\\.example\\.com(:\\d+)?").allow_credentials(true);
    assert!(own.build().is_ok());
}

#[test]
#[cfg(feature = "public-suffix")]
fn a_wildcard_above_public_suffixes_with_credentials_is_unsafe() {
    let config = |text| origins([text]).allow_credentials(true);
    for text in [
        "https://*.amazonaws.com",
        "https://*.core.windows.net",
        "https://*.windows.net:*",
    ] {
        let error = config(text).build().unwrap_err().to_string();
        assert!(error.contains("has public suffixes under it"), "{error}");
        let opt_out = "dangerously_allow_public_suffix_subdomains";
        assert!(error.contains(opt_out), "{error}");
        let policy = config(text).dangerously_allow_public_suffix_subdomains(true);
        assert!(policy.build().unwrap().warnings().is_empty());
    }
    // A single label, and domains with one owner.
    for text in [
        "https://pr-*.amazonaws.com",
        "https://*.app.amazonaws.com",
        "https://*.my-bucket.s3.amazonaws.com",
        "https://*.example.com",
        "https://*.localhost",
    ] {
        assert!(config(text).build().is_ok(), "{text}");
    }
}
