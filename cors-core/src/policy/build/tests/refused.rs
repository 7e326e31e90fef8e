//! What is refused, and what each opt-out permits.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{assert_fault, config, fault, faults, origins, refused};
use crate::origin::public_suffix;
#[cfg(feature = "regex")]
use crate::policy::PolicyConfig;
use crate::policy::{Fault, FaultCause, Policy, PolicyError};
use crate::{RequestParts, evaluate};

fn admits(policy: &Policy, origin: &str) -> bool {
    let request = RequestParts::new("GET").origin(origin);
    evaluate(policy, &request).verdict().is_allowed()
}

#[test]
fn null_is_refused_with_credentials_and_without() {
    for credentials in [false, true] {
        assert_fault(
            origins(["null"]).allow_credentials(credentials),
            refused(
                "allow_origins[0]: `null` is refused: any site can make a page with this origin, in a sandboxed \
                 frame; to permit it all the same, set `dangerously_allow_null_origin`",
                Some("dangerously_allow_null_origin"),
            ),
        );
        let policy = origins(["null"])
            .allow_credentials(credentials)
            .dangerously_allow_null_origin(true)
            .build()
            .unwrap();
        assert!(admits(&policy, "null"));
    }
}

#[test]
fn a_file_is_refused_and_told_to_be_null() {
    for text in ["file:///home/me/page.html", "file://", "file://*", "file:"] {
        let prints = format!(
            "allow_origins[0]: `{text}` is refused: a page opened from a file has the origin `null`, which any site can \
             give itself, too; serve the page from `http://localhost`, or else list `null`"
        );
        let expected = refused(&prints, None);
        assert_fault(origins([text]), expected);
        // No browser ever sends it.
        assert_fault(
            origins([text]).dangerously_allow_null_origin(true),
            expected,
        );
    }
}

#[test]
fn any_origin_with_credentials_is_refused() {
    assert_fault(
        origins(["*"]).allow_credentials(true),
        refused(
            "allow_origins[0]: `*` is refused: with credentials (cookies), any site could read what its visitors \
             can read here; list the origins you trust; to permit it all the same, set \
             `dangerously_allow_any_origin_with_credentials`",
            Some("dangerously_allow_any_origin_with_credentials"),
        ),
    );
    let policy = origins(["*"])
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true)
        .build()
        .unwrap();
    assert!(admits(&policy, "https://example.com"));
    assert!(admits(&policy, "http://example.com"));
    // That takes an opt-out of its own.
    assert!(!admits(&policy, "null"));
}

#[test]
fn an_insecure_origin_with_credentials_is_refused() {
    let reason = "with credentials (cookies), an origin without https lets whoever controls a visitor's network act in \
                  the visitor's name";
    for (text, fix) in [
        ("http://example.com", Some("https://example.com")),
        ("http://*.example.com", Some("https://*.example.com")),
        ("http://10.0.0.1:*", Some("https://10.0.0.1:*")),
        ("http://example.com:443", Some("https://example.com")),
        ("http://example.com:8080", Some("https://example.com:8080")),
        ("http://notlocalhost", Some("https://notlocalhost")),
        ("ws://example.com", None),
    ] {
        let write = fix.map_or_else(String::new, |fix| format!("; write `{fix}`"));
        let prints = format!(
            "allow_origins[0]: `{text}` is refused: {reason}{write}; to permit it all the same, set \
             `dangerously_allow_insecure_origins`"
        );
        assert_fault(
            origins([text]).allow_credentials(true),
            refused(&prints, Some("dangerously_allow_insecure_origins")).fixed_by(fix),
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
fn assert_public_suffix(text: &str, reason: &str, fix: Option<&str>) {
    let write = fix.map_or_else(String::new, |fix| format!("; write `{fix}`"));
    let prints = format!(
        "allow_origins[0]: `{text}` is refused: {reason}; put a domain of your own behind the `*`{write}; to permit it \
         all the same, set `dangerously_allow_public_suffix_subdomains`"
    );
    assert_fault(
        origins([text]).allow_credentials(true),
        refused(&prints, Some("dangerously_allow_public_suffix_subdomains")).fixed_by(fix),
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
fn a_wildcard_under_a_top_level_domain_with_credentials_is_refused() {
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
        "anyone could take a name that this admits, and would be trusted with credentials (cookies)",
        None,
    );
}

#[test]
#[cfg(feature = "public-suffix")]
fn a_wildcard_under_a_public_suffix_with_credentials_is_refused() {
    for (text, suffix) in [
        ("https://*.co.uk", "co.uk"),
        ("https://pr-*.co.uk:8443", "co.uk"),
        // Where everyone can have a page, though no registry is involved.
        ("https://*.github.io", "github.io"),
        ("https://*-shop.vercel.app", "vercel.app"),
        ("https://*.xn--55qx5d.cn", "xn--55qx5d.cn"),
        // Suffixes of the list's wild cards: of `*.ck`, and `*.kawasaki.jp`, which is none itself.
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
    // Not on the list, and so a domain of someone's under the suffix `invalid`.
    assert_eq!(public_suffix("example.invalid"), None);
}

#[test]
fn an_origin_that_is_refused_twice_has_both_faults() {
    let config = origins(["http://*.com"]).allow_credentials(true);
    let causes: Vec<_> = faults(config.clone())
        .into_iter()
        .map(|fault| (fault.cause, fault.fix))
        .collect();
    // The first has no fix: with https it would be refused still.
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
        Some("dangerously_allow_public_suffix_subdomains")
    );
    let other_left = config.dangerously_allow_public_suffix_subdomains(true);
    assert_eq!(
        fault(other_left).opt_out(),
        Some("dangerously_allow_insecure_origins")
    );
}

#[test]
fn a_fix_is_not_at_fault_itself() {
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
            for fix in faults.filter_map(Fault::fix) {
                assert!(config(fix).build().is_ok(), "{text} {fix}");
            }
        }
    }
    // With credentials the form to write is the one with TLS as well.
    let fault = fault(origins(["HTTP://Example.com"]).allow_credentials(true));
    assert_eq!(fault.fix(), Some("https://example.com"));
    let fixes = faults(origins(["https://*", "https://a.test"]));
    assert_eq!(fixes[0].fix(), None, "`*` stands alone");
}

#[test]
fn all_response_headers_with_credentials_are_refused() {
    assert_fault(
        config()
            .allow_credentials(true)
            .expose_headers(["x-a", "*"]),
        refused(
            "expose_headers[1]: `*` is refused: with credentials, a browser takes `*` for a header of that name; \
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
            refused(
                &format!(
                    "allow_origin_regexes[0]: `{text}` is refused: with credentials (cookies), sites that others register can \
                     match it; end it in a host that you own, after `\\.` or `//`, and escape each dot, as in \
                     `https://.+\\.example\\.com`; to permit it all the same, set `{ANY}`"
                ),
                Some(ANY),
            ),
        );
        let policy = config
            .dangerously_allow_any_origin_with_credentials(true)
            .build()
            .unwrap();
        assert!(admits(&policy, "https://evil-example.com") && policy.advice().is_empty());
    }
    let own = with("https://.+\\.example\\.com(:\\d+)?").allow_credentials(true);
    assert!(own.build().is_ok());
}
