use alloc::format;
use alloc::vec::Vec;

use super::{Snapshot, variants};
use crate::{PolicyConfig, Setting, Warning};

variants!(
    name,
    NAMES,
    Warning {
        OnlyLoopbackOrigins,
        LoopbackOriginWithCredentials,
        InsecureOrigins,
        OpenWildcard,
        UncheckedWildcards,
        RegexWithoutEffect,
        OpaqueOriginWithGuard,
        CoveredPattern,
        SafelistedMethod,
        OptionsMethod,
        AnyHeaderWithoutAuthorization,
        SafelistedResponseHeader,
        LiteralWildcard,
        MisspelledName,
        MethodWithoutContentType,
        MaxAgeAboveChromium,
        UnusedOptOut,
        NeedsGuard,
    }
);

/// Policies as in a file, each with at least one warning.
const POLICIES: [&str; 19] = [
    r#"allow_origins = ["http://localhost:*"]"#,
    "allow_origins = [\"https://example.com\", \"http://localhost:*\"]\nallow_credentials = true",
    r#"allow_origins = ["http://example.com"]"#,
    r#"allow_origins = ["http://example.com", "http://*.example.com"]"#,
    r#"allow_origins = ["https://*.co.uk", "https://*example.com", "https://*.amazonaws.com"]"#,
    "allow_origin_regexes = ['^/https:\\/\\/example\\.com/$', 'https://Example\\.com']",
    r#"allow_origins = ["https://app.example.com", "https://*.example.com", "https://*.eu.example.com"]"#,
    "allow_origins = [\"https://example.com\"]\nallow_methods = [\"GET\", \"OPTIONS\", \"DELETE\"]",
    "allow_origins = [\"https://example.com\"]\nexpose_headers = [\"Content-Type\"]",
    "allow_origins = [\"https://example.com\"]\nallow_headers = [\"*\"]",
    "allow_origins = [\"https://example.com\"]\nallow_headers = [\"X-*\"]\nexpose_headers = [\"x-rate-*\"]",
    "allow_origins = [\"https://example.com\"]\nallow_methods = [\"OPTION\"]",
    "allow_origins = [\"https://example.com\"]\nallow_headers = [\"Authorisation\", \"content_type\"]\nexpose_headers = [\"accept-range\"]",
    "allow_origins = [\"https://example.com\"]\nallow_methods = [\"PUT\", \"PATCH\"]",
    "allow_origins = [\"https://example.com\"]\nmax_age = 86400",
    "allow_origins = [\"https://example.com\"]\ndangerously_allow_insecure_origins = true",
    "allow_origins = [\"https://example.com\"]\nguard_report_only = true\nallow_navigations_from = [\"https://login.example\"]",
    "allow_origins = [\"*\"]\nguard_report_only = true",
    "allow_origins = [\"https://example.com\", \"null\"]\ndangerously_allow_opaque_origins = true\nguard = \"unsafe-methods\"",
];

#[test]
#[cfg_attr(miri, ignore = "reads and writes files")]
fn each_warning_has_a_message() {
    let mut snapshot = Snapshot::default();
    for text in POLICIES {
        let config: PolicyConfig = toml::from_str(text).unwrap();
        snapshot.begin(text);
        let warnings = config.build().unwrap().warnings();
        assert!(!warnings.is_empty(), "{text}");
        for warning in warnings {
            // In each policy, the setting and the item are written as the warning names them.
            let setting = warning.setting().as_str();
            let mut lines = text.lines();
            let line = lines.find(|line| line.starts_with(setting)).unwrap();
            let item = warning.item().unwrap_or_default();
            let line = line.replace("\\\\", "\\").to_ascii_lowercase();
            assert!(line.contains(&item.to_ascii_lowercase()), "{item}: {line}");
            snapshot.message(&[name(&warning)], warning);
        }
    }
    // No policy has this warning here: it needs the feature `public-suffix` to be off.
    snapshot.begin("allow_origins = [\"https://*.example.com\", …]\nallow_credentials = true");
    for (setting, count) in [
        (Setting::AllowOrigins, 1),
        (Setting::AllowOrigins, 2),
        (Setting::AllowNavigationsFrom, 12),
    ] {
        let patterns = (1..=count).map(|number| format!("https://*.example{number}.com"));
        let items = patterns.collect();
        let warning = Warning::UncheckedWildcards { setting, items };
        snapshot.message(&[name(&warning)], warning);
    }
    let warning = Warning::UncheckedWildcards {
        setting: Setting::AllowOriginRegexes,
        items: Vec::from([r"https://.+\.example\.com".into()]),
    };
    snapshot.message(&[name(&warning)], warning);
    snapshot.check_names(NAMES);
    snapshot.check("warnings.txt");
}
