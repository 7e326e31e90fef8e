use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::time::Duration;

use super::{Snapshot, variants};
use crate::{FaultCause, Origin, OriginError, OriginPatternError, PolicyConfig, limits};

variants!(
    cause,
    CAUSES,
    FaultCause {
        UnknownSetting,
        Renamed,
        Replaced,
        Repeated,
        Expected,
        NotUnicode,
        OnlyInCode,
        OnlyInPolicyFile,
        NeedsRegex,
        NoOrigin,
        OriginPattern,
        AnyOriginNotAlone,
        NullOrigin,
        FileOrigin,
        AnyOriginWithCredentials,
        AnyHostWithCredentials,
        InsecureOriginWithCredentials,
        UnsafeOriginPattern,
        PublicSuffix,
        PublicSuffixesBelow,
        AnyonePassesGuard,
        TooManyLabelShapes,
        TooManyOrigins,
        Regex,
        RegexWithCredentials,
        RegexOfTooManyHosts,
        RegexTooLarge,
        StaticOrigin,
        OthersWithoutCredentials,
        OthersRejected,
        GuardWithAnyOrigin,
        NavigationsFromAnyOrigin,
        NavigationsFromOpaqueOrigin,
        Host,
        AnyName,
        Method,
        MethodCase,
        ForbiddenMethod,
        HeaderName,
        ForbiddenRequestHeader,
        ForbiddenResponseHeader,
        HeaderOnWrongSide,
        ExposeAnyWithCredentials,
        MaxAgeTooLong,
        MaxAgeFraction,
        PreflightStatus,
    }
);

variants!(
    pattern_error,
    PATTERN_ERRORS,
    OriginPatternError {
        Origin,
        SeveralWildcards,
        WildcardInScheme,
        WildcardHost,
        WildcardNotFirst,
        WildcardInPort,
        WildcardInIp,
        WildcardHostName,
        WildcardTooLong,
        WildcardInOpaqueHost,
        SchemeWithoutPages,
        MisspelledScheme,
        EmptyLabel,
        Punycode,
        AddressRange,
        Regex,
        Placeholder,
        Quoted,
        Several,
        Delimiter,
    }
);

variants!(
    origin_error,
    ORIGIN_ERRORS,
    OriginError {
        Empty,
        TooLong,
        NotAscii,
        Whitespace,
        NoScheme,
        Scheme,
        FileScheme,
        UpperCase,
        UserInfo,
        Path,
        NoHost,
        HostCharacter,
        Ipv4,
        Ipv6,
        Port,
        DefaultPort,
    }
);

/// Policies as in a file. Each has at least one fault.
const POLICIES: [&str; 58] = [
    "",
    "allowOrigins = [\"*\"]\nallow-headers = \"x-a\"\nmethods = [\"PUT\"]\nfrobnicate = 1",
    "allow_origins = 7\nallow_credentials = \"maybe\"\nmax_age = [600]\npreflight_status = \"ok\"\nallow_methods = [1]",
    "allow_origins = \"*\"\nallow_origins_if = true\nallow_origins_from = \"origins.txt\"",
    "lookup_origins = true\ndangerously_allow_null_origin = true",
    "decide_origins_outside = true",
    r#"allow_origins = ["*", "https://example.com"]"#,
    "allow_origins = [\"*\"]\nlookup_origins = true",
    r#"allow_origins = ["null"]"#,
    "allow_origins = [\"*\"]\nallow_credentials = true",
    "allow_origins = [\"http://example.com\", \"http://*.example.com:8080\"]\nallow_credentials = true",
    "allow_origins = [\"https://*.co.uk\", \"https://*.com\", \"https://*example.com\"]\nallow_credentials = true",
    "allow_origins = [\"https://pr-*\"]\nallow_credentials = true",
    "allow_origins = [\"https://*.amazonaws.com\"]\nallow_credentials = true",
    r#"allow_origin_regexes = ["https://(a|b"]"#,
    "allow_origin_regexes = ['https://.*example\\.com']\nallow_credentials = true",
    "allow_origin_regexes = ['https://[a-j]{3}\\.com']\nallow_credentials = true",
    r#"allow_origin_regexes = ["https://(.{1,100}){1,100}"]"#,
    "allow_origins = [\"https://a.example\", \"https://b.example\"]\nstatic_origin = true",
    "allow_origins = [\"https://a.example\"]\nallow_others_without_credentials = true",
    "allow_origins = [\"https://a.example\"]\nallow_credentials = true\nallow_others_without_credentials = true\n\
     guard = \"all\"",
    "allow_origins = [\"*\"]\nguard = \"unsafe-methods\"",
    "allow_origins = [\"*://*\"]\nguard = \"all\"",
    "allow_origins = [\"https://*.co.uk\", \"https://pr-*\", \"https://*example.com\", \"https://*.amazonaws.com\", \"moz-extension://*\"]\n\
     guard = \"unsafe-methods\"",
    "allow_origin_regexes = ['https://.*', 'https://[a-j]{3}\\.com']\nguard = \"all\"",
    "allow_origins = [\"https://a.example\"]\nguard = true",
    "allow_origins = [\"https://a.example\"]\nguard = \"post\"",
    "allow_origins = [\"https://a.example\"]\nrefuse_disallowed_origins = true",
    "allow_origins = [\"https://a.example\"]\nguard = \"all\"\n\
     allow_navigations_from = [\"*\", \"null\", \"file://\", \"https://Login.example/\", \"http://login.example\", \"https://*.co.uk\"]",
    "allow_origins = [\"https://a.example\"]\nguard = \"all\"\ndangerously_allow_opaque_origins = true\n\
     allow_navigations_from = [\"*://*\", \"NULL\", \"file:///a.html\", \"MOZ-EXTENSION://*\", \"*.co.uk\"]",
    "allow_origins = [\"https://a.example\"]\nallow_hosts = [\"https://api.example/\", \"*.api.example\", \"::1\", \"*\", \"a b\"]",
    "allow_origins = [\"*\"]\nallow_methods = [\"ANY\"]\nallow_headers = [\"any\"]\nexpose_headers = [\"all\"]",
    "allow_origins = [\"https://a.example\"]\nallow_credentials = true\nexpose_headers = [\"*\", \"all\"]",
    "allow_origins = [\"*\"]\nallow_methods = [\"\", \"GET, PUT\", \"'PUT'\", \"PUT /items\", \"GET TRACE\", \"GET|PUT\"]",
    "allow_origins = [\"*\"]\nallow_methods = [\"patch\", \"Delete\"]",
    "allow_origins = [\"*\"]\nallow_methods = [\"TRACE\", \"connect\"]",
    "allow_origins = [\"*\"]\nallow_headers = [\"Content-Type:\", \"content type\", \"content-type,authorization\", \"x tenant\"]",
    "allow_origins = [\"*\"]\nallow_headers = [\"Content-Type: application/json\", '\"x-a\"', \"(x)\", \"x-ü\", \"x\\u200B\"]",
    "allow_origins = [\"*\"]\nallow_headers = [\"Cookie\", \"Sec-Fetch-Site\"]",
    "allow_origins = [\"*\"]\nexpose_headers = [\"Set-Cookie\"]",
    "allow_origins = [\"*\"]\nallow_headers = [\"Access-Control-Allow-Origin\"]",
    "allow_origins = [\"*\"]\nexpose_headers = [\"Access-Control-Request-Method\"]",
    "allow_origins = [\"*\"]\nmax_age = 31536000",
    "allow_origins = [\"*\"]\npreflight_status = 403",
    r#"allow_origins = ["https://*.*.example.com", "https://pr-*-*.example.com"]"#,
    r#"allow_origins = ["*://example.com", "https://*", "https://api.*.example.com"]"#,
    r#"allow_origins = ["https://example.com:80*", "https://*.192.168.1.5", "https://192.168.1.*", "https://*.my_app.example.com"]"#,
    r#"allow_origins = ["https://a.example, https://b.example", "https://a.example;", "https://a.example,b.example", "https://a,b", "https://*.a.example, https://*.b.example"]"#,
    r#"allow_origins = ["'https://example.com'", "“https://example.com”", "https://example.com,"]"#,
    r#"allow_origins = ["file://", "file:///home/index.html"]"#,
    "allow_origins = [\"moz-extension://*\"]\nallow_credentials = true",
    "allow_origins = [\"HTTP://intranet/\", \"*.co.uk\", \"moz-extension://*/\", \"NULL\", \"FILE://\"]\nallow_credentials = true",
    "allow_origins = [\"192.168.1.5:3000\", \"192.168.1.0/24\", \"http://192.168.1.5:3000\"]\nallow_credentials = true",
    r#"allow_origins = ["app://*.example.com", "tauri://localhost:*", "Moz-Extension://*", "htps://example.com"]"#,
    r#"allow_origins = ["wss://example.com", "ftp://example.com", "data:text/html,x", "blob:https://example.com/1"]"#,
    r#"allow_origins = ["https://*..example.com", "https://xn--99999999.example", "https://${HOST}", "{{ origin }}"]"#,
    r#"allow_origins = ["^https://example.com$", "/example/i", "https://(www.)?example.com", ".*\\.example\\.com"]"#,
    "allow_origins = [\"https://Example.com/\"]\nallow_methods = [\"put\"]\nallow_headers = [\"x a\"]\nmax_age = 100000",
];

/// Texts that are not origins, as an entry of `allow_origins` and as the value of an `Origin` field.
const NOT_ORIGINS: [&str; 33] = [
    "",
    "null",
    "https://bücher.example",
    "https://a b.example",
    "example.com",
    "1https://example.com",
    "file:///home/index.html",
    "HTTPS://example.com",
    "https://Example.com",
    "https://user:password@example.com",
    "https://example.com/",
    "https://example.com/app?a=b",
    "https://",
    "https://a..example.com",
    "https://.example.com",
    "https://example.com.",
    "https://a,b.example",
    "https://1.2.3",
    "https://256.1.1.1",
    "http://[0:0:0::1]",
    "https://example.com:99999",
    "https://example.com:080",
    "https://example.com:443",
    "http://localhost:80",
    "https:/example.com",
    "https//example.com",
    "https://https://example.com",
    "https://a%2eb.example",
    "http://::1:3000",
    "undefined",
    "*example.com",
    "localhost:3000",
    "safari-web-extension://2F9A/",
];

#[test]
#[cfg_attr(miri, ignore = "reads and writes files")]
fn each_fault_has_a_message() {
    let mut snapshot = Snapshot::default();
    for text in POLICIES {
        let config: PolicyConfig = toml::from_str(text).unwrap();
        snapshot.begin(if text.is_empty() {
            "(no settings)"
        } else {
            text
        });
        add_faults(&mut snapshot, config);
    }
    for (cause, config) in too_large() {
        snapshot.begin(cause);
        add_faults(&mut snapshot, config);
    }
    // This test cannot cause the following faults, because it has too little memory and all features.
    for (name, unreached) in [
        ("(more than 4 GiB of origins)", FaultCause::TooManyOrigins),
        ("(a variable that is not Unicode)", FaultCause::NotUnicode),
        ("(without the feature `regex`)", FaultCause::NeedsRegex),
    ] {
        snapshot.begin(name);
        snapshot.message(&[cause(&unreached)], unreached);
    }
    snapshot.check_names(CAUSES);
    snapshot.check_names(PATTERN_ERRORS);
    snapshot.check("faults.txt");
}

#[test]
#[cfg_attr(miri, ignore = "reads and writes files")]
fn each_error_of_an_origin_has_a_message() {
    let mut snapshot = Snapshot::default();
    let label = format!("https://{}*.example", "a".repeat(63));
    let host = format!("https://*.{}example", "a.".repeat(125));
    let long = format!("https://{}", "a.".repeat(limits::ORIGIN));
    let texts = NOT_ORIGINS.into_iter().chain([&*label, &host, &long]);
    for text in texts {
        let shown: String = text.chars().take(60).collect();
        let ellipsis = if shown == text { "" } else { "…" };
        snapshot.begin(format!("`{shown}{ellipsis}`"));
        if let Err(error) = Origin::try_from(text) {
            snapshot.message(&[origin_error(&error)], error);
        }
        add_faults(&mut snapshot, PolicyConfig::new().allow_origin(text));
    }
    snapshot.check_names(ORIGIN_ERRORS);
    snapshot.check("origins.txt");
}

/// Returns configs that are too large for a line of text, or that files cannot express.
fn too_large() -> Vec<(String, PolicyConfig)> {
    let shapes = |domain: &'static str| {
        let lengths = 1..=limits::LABEL_SHAPES + 1;
        let patterns =
            lengths.map(move |length| format!("https://{}*{domain}", "a".repeat(length)));
        PolicyConfig::new().allow_origins(patterns)
    };
    let any = || PolicyConfig::new().allow_origin("*");
    let label = format!("https://{}*.example.com", "a".repeat(63));
    let variables = [
        (
            "CORS_ALLOW_ORIGINS",
            "https://example.com, https://Example.org",
        ),
        ("CORS_MAX_AGE", "1h"),
        ("CORS_ALLOW_METHODS", "put"),
        ("CORS_ALLOW_HEADERS", "x-a|x-b"),
        ("CORS_ALLOW_METHODS", "PATCH"),
        ("CORS_ORIGINS", "*"),
        ("CORS_FROBNICATE", "1"),
    ];
    let shown = variables.map(|(name, value)| format!("{name}={value}"));
    Vec::from([
        (
            shown.join("\n"),
            PolicyConfig::from_pairs("CORS_", variables),
        ),
        (
            "(a label of 64 bytes with a wildcard)".to_string(),
            PolicyConfig::new().allow_origin(label),
        ),
        (
            "(17 patterns: a*.example.com to aaaaaaaaaaaaaaaaa*.example.com)".to_string(),
            shapes(".example.com"),
        ),
        (
            "(17 patterns: a* to aaaaaaaaaaaaaaaaa*)".to_string(),
            shapes(""),
        ),
        (
            "(max age of 1.5 seconds)".to_string(),
            any().max_age(Duration::from_millis(1500)),
        ),
        (
            "(a method of 1000 bytes)".to_string(),
            any().allow_method("\u{7f}".repeat(1000)),
        ),
    ])
}

fn add_faults(snapshot: &mut Snapshot, config: PolicyConfig) {
    let Err(error) = config.build() else {
        return;
    };
    for fault in error.faults() {
        let mut names = Vec::from([cause(fault.cause())]);
        if let FaultCause::AnyonePassesGuard(danger) = fault.cause() {
            names.push(cause(danger));
        }
        if let FaultCause::OriginPattern(error) = fault.cause() {
            names.push(pattern_error(error));
            if let OriginPatternError::Origin(error) = error {
                names.push(origin_error(error));
            }
        }
        let (problem, help) = (fault.problem(), fault.help());
        let separated = [": ", "; "].map(|separator| {
            let help = help.iter().flat_map(|help| [separator, help]);
            problem.clone() + &help.collect::<String>()
        });
        assert!(separated.contains(&fault.to_string()), "{separated:?}");
        snapshot.message(&names, fault);
    }
    // Together, as a program prints them when it starts.
    if error.faults().len() > 1 {
        assert!(error.to_string().lines().count() == 1 + error.faults().len());
    }
}
