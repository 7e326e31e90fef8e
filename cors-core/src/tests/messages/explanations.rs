use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{Snapshot, request_of, variants};
use crate::explain::{NearMiss, NearMissKind, Suggestion};
use crate::{
    Denial, LookupResult, PolicyConfig, Rejection, RequestParts, Verdict, evaluate, limits,
};

variants!(
    denial_name,
    DENIALS,
    Denial<'_> {
        OriginRepeated,
        OriginMalformed,
        OriginOpaque,
        OriginNotAllowed,
        Rejected,
        OriginInsecure,
        OriginUndecided,
        LookupNotAllowed,
        LookupFailed,
        LookupTimedOut,
        LookupNotBegun,
        RequestMethodRepeated,
        RequestMethodMalformed,
        MethodNotAllowed,
        RequestHeadersTooLong,
        RequestHeadersMalformed,
        HeaderNotAllowed,
        CredentialsNotAllowed,
    }
);

variants!(
    rejection_name,
    REJECTIONS,
    Rejection {
        HostMissing,
        HostAmbiguous,
        HostNotListed,
        OriginNotListed,
        OriginNotHost,
    }
);

variants!(
    suggestion_name,
    SUGGESTIONS,
    Suggestion {
        SendOneOrigin,
        SendCanonicalOrigin,
        SendOrigin,
        AllowOpaque,
        AllowOrigin,
        OnlyNear,
        LookUp,
        AddToLookup,
        FindLookupError,
        SpeedUpLookup,
        AllowMoreLookups,
        SendOneMethod,
        ListLongMethod,
        MethodInUpperCase,
        AllowMethod,
        SendOtherMethod,
        SendFewerHeaders,
        SendHeaderList,
        AllowHeader,
        SendOtherHeader,
        AllowCredentials,
    }
);

variants!(
    near_name,
    NEAR_MISSES,
    NearMissKind {
        Differs,
        Characters,
        DomainItself,
        Subdomain,
        Www,
        TrailingDot,
        Loopback,
        Application,
        LookAlike,
    }
);

const ONE: &str = r#"allow_origins = ["https://example.com"]"#;
const LOOKUP: &str = "lookup_origins = true";
const CREDENTIALS: &str = "allow_origins = [\"https://example.com\"]\nallow_credentials = true";
const METHODS: &str = "allow_origins = [\"https://example.com\"]\nallow_methods = [\"PATCH\"]\nallow_headers = [\"x-a\"]";
const ANY_METHOD: &str = "allow_origins = [\"https://example.com\"]\nallow_credentials = true\nallow_methods = [\"*\"]\nallow_headers = [\"*\"]";
const PUT: &str = "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: PUT";

const GUARD: &str = "allow_origins = [\"https://example.com\"]\nguard = \"unsafe-methods\"";
const GUARD_AND_NULL: &str = "allow_origins = [\"null\"]\ndangerously_allow_opaque_origins = true\nguard = \"unsafe-methods\"";
const HOSTS: &str = "allow_origins = [\"https://example.com\"]\nallow_hosts = [\"api.example\"]";

/// A policy as in a file, and a request that its guard rejects.
const REJECTED: [(&str, &str); 10] = [
    (HOSTS, "GET"),
    (HOSTS, "GET\nHost: api.example\nHost: other.test"),
    (HOSTS, "GET\nHost: other.test:8080"),
    (HOSTS, "GET\nHost: *"),
    (
        GUARD,
        "POST\nOrigin: https://other.test\nSec-Fetch-Site: cross-site",
    ),
    (
        GUARD,
        "POST\nOrigin: https://other.test\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate",
    ),
    (GUARD, "POST\nSec-Fetch-Site: cross-site"),
    (
        GUARD,
        "POST\nOrigin: https://example.com\nOrigin: https://example.com\nSec-Fetch-Site: cross-site",
    ),
    (
        GUARD,
        "POST\nHost: 127.0.0.1:3000\nOrigin: https://api.example",
    ),
    (GUARD_AND_NULL, "POST\nHost: api.example\nOrigin: null"),
];

/// A policy as in a file, and a request that it denies: the method, and then the header fields.
const DENIED: [(&str, &str); 42] = [
    (
        ONE,
        "GET\nOrigin: https://example.com\nOrigin: https://example.com",
    ),
    (ONE, "GET\nOrigin: https://Example.com/"),
    (ONE, "GET\nOrigin: https://%2a"),
    (ONE, "GET\nOrigin: null"),
    (ONE, "GET\nOrigin: file://"),
    (
        "allow_origins = [\"https://example.com\"]\nstatic_origin = true",
        "GET\nOrigin: null",
    ),
    (
        "allow_origins = [\"*\"]\nallow_credentials = true\ndangerously_allow_any_origin_with_credentials = true",
        "GET\nOrigin: null",
    ),
    (ONE, "GET\nOrigin: https://other.test"),
    (
        "allow_origins = [\"https://example.com\"]\nstatic_origin = true",
        "GET\nOrigin: https://other.test",
    ),
    (CREDENTIALS, "GET\nOrigin: http://other.test"),
    (CREDENTIALS, "GET\nOrigin: http://example.com"),
    (
        "lookup_origins = true\nallow_credentials = true",
        "GET\nOrigin: http://other.test",
    ),
    (ONE, "GET\nOrigin: http://example.com"),
    (ONE, "GET\nOrigin: https://example.com:8443"),
    (ONE, "GET\nOrigin: http://example.com:8443"),
    (ONE, "GET\nOrigin: https://www.example.com"),
    (ONE, "GET\nOrigin: http://www.example.com"),
    (ONE, "GET\nOrigin: https://app.example.com"),
    (ONE, "GET\nOrigin: http://app.example.com"),
    (ONE, "GET\nOrigin: https://my_app.example.com"),
    (ONE, "GET\nOrigin: https://example.com.evil.test"),
    (CREDENTIALS, "GET\nOrigin: http://notexample.com"),
    (
        r#"allow_origins = ["https://*.example.com"]"#,
        "GET\nOrigin: https://example.com",
    ),
    (
        r#"allow_origins = ["https://*.example.com"]"#,
        "GET\nOrigin: http://example.com:8080",
    ),
    (
        r#"allow_origins = ["https://*.example.com"]"#,
        "GET\nOrigin: https://my_app.example.com",
    ),
    (
        r#"allow_origins = ["https://*.example.com"]"#,
        "GET\nOrigin: http://-a.example.com",
    ),
    (
        r#"allow_origins = ["http://localhost:*"]"#,
        "GET\nOrigin: https://localhost:3000",
    ),
    (
        r#"allow_origins = ["http://localhost:*"]"#,
        "GET\nOrigin: http://127.0.0.1:3000",
    ),
    (
        r#"allow_origins = ["tauri://localhost"]"#,
        "GET\nOrigin: http://tauri.localhost",
    ),
    (
        r#"allow_origins = ["capacitor://localhost"]"#,
        "GET\nOrigin: https://localhost",
    ),
    (LOOKUP, "GET\nOrigin: https://other.test"),
    (METHODS, PUT),
    (
        METHODS,
        "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: patch",
    ),
    (
        METHODS,
        "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: Query",
    ),
    (
        METHODS,
        "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: TRACE",
    ),
    (
        METHODS,
        "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: ANY",
    ),
    (
        METHODS,
        "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: GET\nAccess-Control-Request-Method: GET",
    ),
    (
        METHODS,
        "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: P U T",
    ),
    (
        METHODS,
        "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: PATCH\nAccess-Control-Request-Headers: X-B",
    ),
    (
        METHODS,
        "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: PATCH\nAccess-Control-Request-Headers: cookie",
    ),
    (
        METHODS,
        "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: PATCH\nAccess-Control-Request-Headers: x a",
    ),
    (
        "allow_origins = [\"*\"]\nallow_headers = [\"*\"]",
        "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: GET\nAccess-Control-Request-Headers: authorization",
    ),
];

#[test]
#[cfg_attr(miri, ignore = "reads and writes files")]
fn each_denial_and_each_suggestion_has_a_message() {
    let mut snapshot = Snapshot::default();
    for (policy, request) in DENIED {
        add(&mut snapshot, policy, request, None);
    }
    for result in [
        LookupResult::NotAllowed,
        LookupResult::Failed,
        LookupResult::TimedOut,
        LookupResult::NotBegun,
    ] {
        add(
            &mut snapshot,
            LOOKUP,
            "GET\nOrigin: https://other.test",
            Some(result),
        );
    }
    let long = "a".repeat(150);
    let method = "OPTIONS\nOrigin: https://example.com\nAccess-Control-Request-Method: ";
    add(&mut snapshot, METHODS, &format!("{method}{long}"), None);
    add(&mut snapshot, ANY_METHOD, &format!("{method}{long}"), None);
    let headers = format!("{method}PATCH\nAccess-Control-Request-Headers: ");
    add(&mut snapshot, METHODS, &format!("{headers}{long}"), None);
    let longer = "a".repeat(limits::REQUEST_HEADERS + 1);
    add(
        &mut snapshot,
        ANY_METHOD,
        &format!("{headers}{longer}"),
        None,
    );
    for (policy, request) in REJECTED {
        add_rejected(&mut snapshot, policy, request);
    }
    add_with_credentials(&mut snapshot);
    add_unreachable(&mut snapshot);
    snapshot.check_names(DENIALS);
    snapshot.check_names(REJECTIONS);
    snapshot.check_names(SUGGESTIONS);
    snapshot.check_names(NEAR_MISSES);
    snapshot.check("explanations.txt");
}

fn add(snapshot: &mut Snapshot, config: &str, request: &str, result: Option<LookupResult>) {
    let policy = toml::from_str::<PolicyConfig>(config).unwrap();
    let policy = policy.build().unwrap();
    let (method, fields) = request_of(request);
    let parts = RequestParts::read(&policy, method, &fields).lookup_result(result);
    let shown: Vec<String> = request.lines().map(shortened).collect();
    let result = result.map_or(String::new(), |result| format!("\nlookup: {result:?}"));
    snapshot.begin(format!("{config}\n{}{result}", shown.join("\n")));
    let explanation = policy.explain(&parts);
    let Verdict::Denied(denial) = explanation.verdict() else {
        panic!("{request} is allowed");
    };
    snapshot.message(&[denial_name(&denial)], denial);
    let Some(suggestion) = Suggestion::new(&policy, &parts, denial) else {
        panic!("{request} has no suggestion");
    };
    assert_eq!(explanation.suggestion(), Some(&*suggestion.to_string()));
    add_suggestion(snapshot, &suggestion);
}

fn add_rejected(snapshot: &mut Snapshot, config: &str, request: &str) {
    let policy = toml::from_str::<PolicyConfig>(config).unwrap();
    let policy = policy.build().unwrap();
    let (method, fields) = request_of(request);
    let parts = RequestParts::read(&policy, method, &fields);
    snapshot.begin(format!("{config}\n{request}"));
    let decision = evaluate(&policy, &parts);
    let rejection = decision.rejection().unwrap();
    snapshot.message(&[rejection_name(&rejection)], rejection);
    let explanation = policy.explain(&parts);
    let suggestion = explanation.suggestion().unwrap_or("(no suggestion)");
    snapshot.message(&["suggestion"], suggestion);
    if let Verdict::Denied(denial @ Denial::Rejected) = decision.verdict() {
        snapshot.message(&[denial_name(&denial)], denial);
    }
}

fn add_suggestion(snapshot: &mut Snapshot, suggestion: &Suggestion) {
    let mut names = Vec::from([suggestion_name(suggestion)]);
    names.extend(near_miss(suggestion).map(|near| near_name(&near.kind)));
    snapshot.message(&names, suggestion);
}

fn near_miss(suggestion: &Suggestion) -> Option<&NearMiss> {
    match suggestion {
        Suggestion::AllowOrigin { near, .. } => near.as_ref(),
        Suggestion::OnlyNear(near) => Some(near),
        _ => None,
    }
}

fn shortened(line: &str) -> String {
    const LONGEST: usize = 120;
    match line.get(..LONGEST) {
        Some(start) => format!("{start}…"),
        None => line.to_string(),
    }
}

/// A request with credentials that the policy does not allow: an explanation is about one without.
fn add_with_credentials(snapshot: &mut Snapshot) {
    let policy = PolicyConfig::new().allow_origin("https://example.com");
    let policy = policy.build().unwrap();
    let request = RequestParts::new("GET").origin("https://example.com");
    snapshot.begin(format!(
        "{ONE}\nGET with credentials\nOrigin: https://example.com"
    ));
    let Verdict::Denied(denial) = evaluate(&policy, &request).verdict_with_credentials() else {
        panic!("it is allowed");
    };
    snapshot.message(&[denial_name(&denial)], denial);
    add_suggestion(
        snapshot,
        &Suggestion::new(&policy, &request, denial).unwrap(),
    );
}

/// Adds the suggestions that no request causes.
fn add_unreachable(snapshot: &mut Snapshot) {
    snapshot.begin("(no request)");
    let near = NearMiss {
        pattern: "https://example.com".to_string(),
        kind: NearMissKind::TrailingDot,
    };
    add_suggestion(snapshot, &Suggestion::OnlyNear(near));
}
