//! Makes decisions for `tests/cost.rs`, which counts instructions: `omnicors-cost CASE TIMES` decides a case `TIMES` times; without
//! arguments it lists the cases. `omnicors-cost build SETTING COUNT` builds a policy with that many items in a setting and reads
//! its warnings; `omnicors-cost build` lists these settings.

#![forbid(unsafe_code)]
#![expect(clippy::expect_used, reason = "wrong arguments end the program")]

use std::hint::black_box;

use omnicors_core::adapter::{RequestField, RequestFields};
use omnicors_core::{LookupResult, Origin, Policy, PolicyConfig, RequestParts, evaluate};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        for case in cases() {
            println!("{} {}", case.name, case.length());
        }
        return;
    };
    if name == "build" {
        return build(arguments);
    }
    let times: u32 = arguments
        .next()
        .and_then(|times| times.parse().ok())
        .expect("how many times");
    let case = cases()
        .into_iter()
        .find(|case| case.name == name)
        .expect("a case of this name");
    let policy = (case.policy)();
    for _ in 0..times {
        black_box((case.work)(black_box(&policy), black_box(&case)));
    }
}

fn build(mut arguments: impl Iterator<Item = String>) {
    let Some(name) = arguments.next() else {
        for (name, _) in LONG_SETTINGS {
            println!("{name}");
        }
        return;
    };
    let count = arguments.next().and_then(|count| count.parse().ok());
    let count: usize = count.expect("how many items");
    let setting = LONG_SETTINGS.iter().find(|(known, _)| *known == name);
    let (_, config) = setting.expect("a setting of this name");
    if let Ok(policy) = black_box(config(count).build()) {
        black_box(policy.warnings());
    }
}

type LongSetting = (&'static str, fn(usize) -> PolicyConfig);

/// Settings with many items, of the kinds that could cost more than linear time.
const LONG_SETTINGS: [LongSetting; 10] = [
    ("exact-origins", |count| {
        origins(count, |number| format!("https://{number}.example.com"))
    }),
    ("exact-origins-and-a-wildcard", |count| {
        origins(count, |number| format!("https://{number}.example.com"))
            .allow_origin("https://*.example.com")
    }),
    ("domains", |count| {
        origins(count, |number| format!("https://*.{number}.example.com"))
    }),
    ("nested-domains", |count| {
        let labels = |number| "a.".repeat(number % 100);
        origins(count, |number| {
            format!("https://*.{}{}.test", labels(number), number / 100)
        })
    }),
    ("parts-of-one-shape", |count| {
        origins(count, |number| format!("https://{number:06}-*.example.com"))
    }),
    ("too-many-shapes", |count| {
        let before = |number| "a".repeat(1 + number % 30);
        origins(count, |number| {
            format!(
                "https://{}*{}.example.com",
                before(number),
                "b".repeat(number / 30 % 30)
            )
        })
    }),
    ("any-origin", |count| origins(count, |_| "*".to_owned())),
    ("ports", |count| {
        origins(count, |number| {
            format!("http://localhost:{}", 65_535 - number)
        })
    }),
    ("headers", |count| {
        one_config().allow_headers((0..count).map(|number| format!("x-{number}")))
    }),
    ("methods", |count| {
        one_config().allow_methods((0..count).map(|number| format!("M{number}")))
    }),
];

fn origins(count: usize, origin: impl Fn(usize) -> String) -> PolicyConfig {
    PolicyConfig::new().allow_origins((0..count).map(origin))
}

fn one_config() -> PolicyConfig {
    config(&tenants(1))
}

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

struct Case {
    name: &'static str,
    policy: fn() -> Policy,
    work: Work,
    method: &'static str,
    fields: Vec<(&'static str, String)>,
}

impl Case {
    /// Returns the bytes of the fields that CORS reads.
    fn length(&self) -> usize {
        self.fields.iter().map(|(_, value)| value.len()).sum()
    }
}

const ORIGIN: &str = "origin";
const METHOD: &str = "access-control-request-method";
const HEADERS: &str = "access-control-request-headers";

fn cases() -> Vec<Case> {
    let cases = typical().into_iter().chain(hostile_origins());
    let cases = cases.chain(hostile_lists()).chain(beyond_patterns());
    cases.chain(explained()).collect()
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

/// Cases of policies with a predicate or a lookup.
fn beyond_patterns() -> Vec<Case> {
    let lookup = |name, origin, work| Case {
        work,
        ..actual(name, with_lookup, origin)
    };
    let allowed: Work = |policy, case| decide_with_lookup(policy, case, LookupResult::Allowed);
    let denied: Work = |policy, case| decide_with_lookup(policy, case, LookupResult::NotAllowed);
    vec![
        actual("port-refused", patterns, "https://shop.example.com:8443"),
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
    ]
}

type Work = fn(&Policy, &Case) -> usize;

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
            "host-of-126-labels-missing-the-pattern_at_each_depth-by-one",
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

fn tenants(count: usize) -> Vec<String> {
    let tenant = |number| format!("https://tenant-{number}.example");
    (0..count).map(tenant).collect()
}

fn policy(origins: &[String]) -> Policy {
    config(origins).build().expect("valid")
}

fn config(origins: &[String]) -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins(origins)
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["authorization", "content-type"])
        .expose_headers(["x-total"])
}

fn one() -> Policy {
    policy(&tenants(1))
}

fn many() -> Policy {
    policy(&tenants(100_000))
}

fn any() -> Policy {
    policy(&["*".to_owned()])
}

/// A policy that echoes the headers of the request.
fn echoing() -> Policy {
    config(&tenants(1))
        .allow_headers(["*"])
        .allow_credentials(true)
        .build()
        .expect("valid")
}

fn patterns() -> Policy {
    let patterns = [
        "https://*.example.com",
        "https://*.eu.example.org:8443",
        "https://preview-*.example.net",
        "http://localhost:*",
    ];
    policy(&patterns.map(str::to_owned))
}

/// A policy with a pattern at every depth: each label of a host is looked up.
fn pattern_at_each_depth() -> Policy {
    let pattern = |depth| format!("https://*.{}com:8443", "a.".repeat(depth));
    let rungs: Vec<String> = (0..124).map(pattern).collect();
    policy(&rungs)
}

/// A policy with the maximum number of shapes, each of which is compared, and many patterns of each.
fn shapes() -> Policy {
    let part = |number: usize| {
        let before = "a".repeat(1 + number % 16);
        format!("https://{before}*b{}.example.com", number / 16)
    };
    let suffixes_alike = (0..160).map(part).filter(|pattern| pattern.len() < 512);
    let mut shapes: Vec<String> = suffixes_alike.collect();
    shapes.sort_unstable();
    shapes.dedup();
    policy(&shapes)
}

/// Returns a host of maximum length: a label that fits every shape, followed by as many labels as possible.
fn deepest_with_long_label() -> String {
    format!("https://{}{}.a", "a".repeat(63), ".a".repeat(94))
}

/// Returns the labels after the first of that host, for each depth.
fn domains() -> impl Iterator<Item = String> {
    (0..95).map(|depth| format!("{}a", "a.".repeat(depth)))
}

/// A policy with all shapes at each depth of a host.
fn shapes_at_each_depth() -> Policy {
    let patterns = domains().flat_map(|domain| {
        let part = move |length| format!("https://{}*b.{domain}", "a".repeat(length));
        (1..=16).map(part)
    });
    policy(&patterns.collect::<Vec<_>>())
}

/// A policy with patterns of all shapes and for whole labels at each depth, which match a host except for its port.
fn shapes_depths_and_ports() -> Policy {
    let patterns = domains().flat_map(|domain| {
        (2..34_u16).flat_map(move |port| {
            let part = {
                let domain = domain.clone();
                move |length| format!("https://{}*.{domain}:{port}", "a".repeat(length))
            };
            let below = format!("https://*.{domain}:{port}");
            (1..=16).map(part).chain([below])
        })
    });
    policy(&patterns.collect::<Vec<_>>())
}

/// A policy with many patterns of each shape.
fn many_shapes() -> Policy {
    let part = |number: usize| {
        let before = "a".repeat(1 + number % 16);
        format!("https://{before}*b{:04}.example.com", number / 16)
    };
    let patterns: Vec<String> = (0..100_000).map(part).collect();
    policy(&patterns)
}

fn with_predicate() -> Policy {
    let is_allowed = |origin: &Origin<'_>| origin.host() == Some("tenant-y.example");
    let config = config(&tenants(1)).allow_origins_if(is_allowed);
    config.build().expect("valid")
}

fn with_lookup() -> Policy {
    let config = config(&tenants(1)).lookup_origins(true);
    config.build().expect("valid")
}

/// A policy of half exact origins, half patterns.
fn both_kinds(count: usize) -> Policy {
    let pattern = |number| format!("https://*.tenant-{number}.example");
    let patterns = (0..count / 2).map(pattern);
    policy(
        &tenants(count / 2)
            .into_iter()
            .chain(patterns)
            .collect::<Vec<_>>(),
    )
}

fn ten_of_both_kinds() -> Policy {
    both_kinds(10)
}

fn many_of_both_kinds() -> Policy {
    both_kinds(100_000)
}

fn many_patterns() -> Policy {
    let pattern = |number| format!("https://*.tenant-{number}.example");
    let patterns: Vec<String> = (0..20_000).map(pattern).collect();
    policy(&patterns)
}
