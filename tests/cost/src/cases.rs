//! The cases, and the work of a decision.

use omnicors_core::adapter::{RequestField, RequestFields};
use omnicors_core::{LookupResult, Policy, RequestParts, evaluate};

use crate::policies::{
    any, deepest_with_long_label, echoing, four, guarded, guarded_hosts, guarded_many, guarded_ten,
    many, many_of_both_kinds, many_patterns, many_shapes, one, pattern_at_each_depth, patterns,
    shapes, shapes_at_each_depth, shapes_depths_and_ports, ten_of_both_kinds, with_lookup,
    with_predicate, with_set,
};

/// Decides like an adapter, without copying: reads the fields, decides, iterates over the headers.
#[inline(never)]
fn decide(policy: &Policy, case: &Case) -> usize {
    let parts = RequestParts::read(policy, case.method, &case.fields);
    let decision = evaluate(policy, &parts);
    let fields = decision.headers().iter();
    fields.map(|field| field.value.as_bytes().len()).sum()
}

/// Decides like an adapter with a lookup: asks which origin to look up, and uses this result.
#[inline(never)]
fn decide_with_lookup(policy: &Policy, case: &Case, result: LookupResult) -> usize {
    let fields = Fields(&case.fields);
    let mut parts = RequestParts::read(policy, case.method, &fields);
    if policy.origin_to_look_up(&parts).is_some() {
        parts = parts.lookup_result(result);
    }
    let decision = evaluate(policy, &parts);
    let fields = decision.headers().iter();
    fields.map(|field| field.value.as_bytes().len()).sum()
}

/// Explains a request, like an adapter for each denial while someone listens to its events.
#[inline(never)]
fn explain(policy: &Policy, case: &Case) -> usize {
    let fields = Fields(&case.fields);
    let parts = RequestParts::read(policy, case.method, &fields);
    policy.explain(&parts).suggestion().map_or(0, <str>::len)
}

/// A separate type, so that other code that reads fields does not change the inlining in [`decide`].
struct Fields<'a>(&'a [(&'static str, String)]);

impl RequestFields for Fields<'_> {
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        self.0.value(field, index)
    }
}

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) policy: fn() -> Policy,
    pub(crate) work: Work,
    method: &'static str,
    fields: Vec<(&'static str, String)>,
}

impl Case {
    fn with(mut self, field: &'static str, value: &str) -> Self {
        self.fields.push((field, value.to_owned()));
        self
    }

    /// Returns the bytes of the fields that CORS reads.
    pub(crate) fn length(&self) -> usize {
        self.fields.iter().map(|(_, value)| value.len()).sum()
    }
}

const ORIGIN: &str = "origin";
const METHOD: &str = "access-control-request-method";
const HEADERS: &str = "access-control-request-headers";

pub(crate) fn cases() -> Vec<Case> {
    let cases = typical().into_iter().chain(hostile_origins());
    let cases = cases.chain(hostile_lists()).chain(beyond_patterns());
    cases.chain(guarded_cases()).chain(explained()).collect()
}

const LISTED: &str = "https://tenant-0.example";
const UNLISTED: &str = "https://tenant-x.example";

fn typical() -> Vec<Case> {
    let eight = ["a,authorization,b,c,content-type,d,e,x-requested-with".to_owned()];
    vec![
        Case {
            name: "no-origin",
            policy: one,
            work: decide,
            method: "GET",
            fields: Vec::new(),
        },
        actual("one-allowed", one, LISTED),
        actual("one-refused", one, UNLISTED),
        actual("four-allowed", four, LISTED),
        actual("100000-allowed", many, LISTED),
        actual("100000-refused", many, UNLISTED),
        actual("patterns-allowed", patterns, "https://shop.example.com"),
        actual("patterns-refused", patterns, UNLISTED),
        actual(
            "part-pattern-allowed",
            patterns,
            "https://preview-7.example.net",
        ),
        actual(
            "part-pattern-refused",
            patterns,
            "https://previous7.example.net",
        ),
        actual("any", any, LISTED),
        preflight("preflight-allowed", one, LISTED, &eight),
        preflight("preflight-refused", one, UNLISTED, &eight),
        preflight("preflight-echoed", echoing, LISTED, &eight),
    ]
}

/// Requests that a guard checks.
fn guarded_cases() -> Vec<Case> {
    let post = |name, policy, origin: &str, site: &str| Case {
        name,
        policy,
        work: decide,
        method: "POST",
        fields: vec![
            ("host", "api-7.example".to_owned()),
            (ORIGIN, origin.to_owned()),
            ("sec-fetch-site", site.to_owned()),
            ("sec-fetch-mode", "cors".to_owned()),
        ],
    };
    vec![
        post("guard-off", one, LISTED, "cross-site"),
        post("guard-listed", guarded, LISTED, "cross-site"),
        post("guard-same-origin", guarded, UNLISTED, "same-origin"),
        post("guard-rejected", guarded, UNLISTED, "cross-site"),
        post("guard-100-hosts", guarded_hosts, LISTED, "cross-site"),
    ]
}

/// Cases of policies with a set that can change, a predicate or a lookup.
fn beyond_patterns() -> Vec<Case> {
    let lookup = |name, origin, work| Case {
        work,
        ..actual(name, with_lookup, origin)
    };
    let allowed: Work = |policy, case| decide_with_lookup(policy, case, LookupResult::Allowed);
    let denied: Work = |policy, case| decide_with_lookup(policy, case, LookupResult::NotAllowed);
    vec![
        actual("port-refused", patterns, "https://shop.example.com:8443"),
        actual("set-listed", with_set, LISTED),
        actual("set-allowed", with_set, "https://tenant-y.example"),
        actual("set-refused", with_set, UNLISTED),
        actual("predicate-listed", with_predicate, LISTED),
        actual(
            "predicate-allowed",
            with_predicate,
            "https://tenant-y.example",
        ),
        actual("predicate-refused", with_predicate, UNLISTED),
        lookup("lookup-listed", LISTED, allowed),
        lookup("lookup-allowed", UNLISTED, allowed),
        lookup("lookup-refused", UNLISTED, denied),
    ]
}

/// Explanations of denials.
fn explained() -> Vec<Case> {
    let explained = |name, policy, origin: &str| Case {
        work: explain,
        ..actual(name, policy, origin)
    };
    let rejected = |name, policy| {
        let post = Case {
            method: "POST",
            ..explained(name, policy, UNLISTED)
        };
        post.with("sec-fetch-site", "cross-site")
    };
    let unlisted = "https://shop.tenant-x.example";
    let look_alike = "https://tenant-0.example.evil.test";
    let hostile = format!("https://{}com", "a.".repeat(125));
    vec![
        explained("explain-among-10", ten_of_both_kinds, unlisted),
        explained("explain-among-100000", many_of_both_kinds, unlisted),
        explained("explain-look-alike-among-10", ten_of_both_kinds, look_alike),
        explained(
            "explain-look-alike-among-100000",
            many_of_both_kinds,
            look_alike,
        ),
        explained("explain-126-labels-among-10", ten_of_both_kinds, &hostile),
        explained(
            "explain-126-labels-among-100000",
            many_of_both_kinds,
            &hostile,
        ),
        explained(
            "explain-126-labels-with-a-pattern-at-each",
            pattern_at_each_depth,
            &hostile,
        ),
        rejected("explain-rejected-among-10", guarded_ten),
        rejected("explain-rejected-among-100000", guarded_many),
    ]
}

pub(crate) type Work = fn(&Policy, &Case) -> usize;

fn hostile_origins() -> Vec<Case> {
    let label_63 = "a".repeat(63);
    vec![
        actual("origin-of-512-bytes", patterns, &longest(".example.com")),
        actual("origin-of-513-bytes", patterns, &"a".repeat(513)),
        actual("origin-of-100-kilobytes", patterns, &"a".repeat(100_000)),
        actual(
            "host-of-126-labels",
            patterns,
            &format!("https://{}com", "a.".repeat(125)),
        ),
        actual(
            "host-of-126-labels-with-a-pattern-at-each",
            pattern_at_each_depth,
            &format!("https://{}com", "a.".repeat(125)),
        ),
        actual(
            "host-of-126-labels-missing-the-ladder-by-one",
            pattern_at_each_depth,
            &format!("http://{}com", "a.".repeat(125)),
        ),
        actual(
            "label-of-every-shape",
            shapes,
            &format!("https://{}.example.com", "a".repeat(63)),
        ),
        actual(
            "every-shape-at-each-of-95-depths",
            shapes_at_each_depth,
            &deepest_with_long_label(),
        ),
        actual(
            "every-shape-depth-and-port",
            shapes_depths_and_ports,
            &format!("{}:1", deepest_with_long_label()),
        ),
        actual(
            "label-of-every-shape-among-100000",
            many_shapes,
            &format!("https://{}.example.com", "a".repeat(63)),
        ),
        actual(
            "labels-of-63-bytes",
            patterns,
            &format!("https://{label_63}.{label_63}.{label_63}.example.com"),
        ),
        actual(
            "host-of-63-labels-with-a-pattern-at-each",
            pattern_at_each_depth,
            &format!("https://{}com", "a.".repeat(62)),
        ),
        actual(
            "one-pattern-among-20000",
            many_patterns,
            "https://shop.tenant-0.example",
        ),
        actual(
            "no-pattern-among-20000",
            many_patterns,
            "https://shop.tenant-x.example",
        ),
        actual("origin-not-ascii", patterns, &"ü".repeat(256)),
        actual(
            "ipv6",
            patterns,
            "http://[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
        ),
        Case {
            name: "100-origin-fields",
            policy: patterns,
            work: decide,
            method: "GET",
            fields: vec![(ORIGIN, longest(".example.com")); 100],
        },
    ]
}

fn hostile_lists() -> Vec<Case> {
    vec![
        preflight(
            "headers-of-16384-commas",
            echoing,
            LISTED,
            &[",".repeat(16_384)],
        ),
        preflight(
            "headers-of-16384-bytes",
            echoing,
            LISTED,
            &["a,".repeat(8192)],
        ),
        preflight(
            "headers-of-100-kilobytes",
            echoing,
            LISTED,
            &["a,".repeat(50_000)],
        ),
        preflight(
            "headers-in-64-fields",
            echoing,
            LISTED,
            &vec!["a,".repeat(128); 64],
        ),
        preflight(
            "headers-in-1000-fields",
            echoing,
            LISTED,
            &vec!["a".to_owned(); 1000],
        ),
        preflight(
            "one-header-of-16384-bytes",
            echoing,
            LISTED,
            &["a".repeat(16_384)],
        ),
    ]
}

fn actual(name: &'static str, policy: fn() -> Policy, origin: &str) -> Case {
    Case {
        name,
        policy,
        work: decide,
        method: "GET",
        fields: vec![(ORIGIN, origin.to_owned())],
    }
}

fn preflight(name: &'static str, policy: fn() -> Policy, origin: &str, headers: &[String]) -> Case {
    let mut fields = vec![(ORIGIN, origin.to_owned()), (METHOD, "PUT".to_owned())];
    fields.extend(headers.iter().map(|value| (HEADERS, value.clone())));
    Case {
        name,
        policy,
        work: decide,
        method: "OPTIONS",
        fields,
    }
}

/// Returns an origin of the maximum length that must be parsed to its end, of which `end` is the last part.
fn longest(end: &str) -> String {
    let mut origin = "https://".to_owned();
    while origin.len() + end.len() + 64 <= 512 {
        origin.push_str(&"a".repeat(63));
        origin.push('.');
    }
    origin.push_str(&"a".repeat(512 - origin.len() - end.len()));
    origin + end
}
