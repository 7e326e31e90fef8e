//! The policies of the cases.

use omnicors_core::{DynamicOriginSet, Guard, Origin, Policy, PolicyConfig};

pub(crate) fn tenants(count: usize) -> Vec<String> {
    let tenant = |number| format!("https://tenant-{number}.example");
    (0..count).map(tenant).collect()
}

fn policy(origins: &[String]) -> Policy {
    config(origins).build().expect("valid")
}

pub(crate) fn config(origins: &[String]) -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins(origins)
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["authorization", "content-type"])
        .expose_headers(["x-total"])
}

pub(crate) fn one() -> Policy {
    policy(&tenants(1))
}

/// More origins than are compared without a hash.
pub(crate) fn four() -> Policy {
    policy(&tenants(4))
}

/// One origin, with a guard.
pub(crate) fn guarded() -> Policy {
    let config = config(&tenants(1)).guard(Guard::UnsafeMethods);
    config.build().expect("valid")
}

/// The same, for some hosts.
pub(crate) fn guarded_hosts() -> Policy {
    let config = config(&tenants(1)).guard(Guard::UnsafeMethods);
    let hosts = (0..100).map(|number| format!("api-{number}.example"));
    config.allow_hosts(hosts).build().expect("valid")
}

pub(crate) fn many() -> Policy {
    policy(&tenants(100_000))
}

pub(crate) fn any() -> Policy {
    policy(&["*".to_owned()])
}

/// A policy that echoes the headers of the request.
pub(crate) fn echoing() -> Policy {
    config(&tenants(1))
        .allow_headers(["*"])
        .allow_credentials(true)
        .build()
        .expect("valid")
}

pub(crate) fn patterns() -> Policy {
    let patterns = [
        "https://*.example.com",
        "https://*.eu.example.org:8443",
        "https://preview-*.example.net",
        "http://localhost:*",
    ];
    policy(&patterns.map(str::to_owned))
}

/// A policy with a pattern at every depth: each label of a host is looked up.
pub(crate) fn pattern_at_each_depth() -> Policy {
    let pattern = |depth| format!("https://*.{}com:8443", "a.".repeat(depth));
    let rungs: Vec<String> = (0..124).map(pattern).collect();
    policy(&rungs)
}

/// A policy with the maximum number of shapes, each of which is compared, and many patterns of each.
pub(crate) fn shapes() -> Policy {
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
pub(crate) fn deepest_with_long_label() -> String {
    format!("https://{}{}.a", "a".repeat(63), ".a".repeat(94))
}

/// Returns the labels after the first of that host, for each depth.
fn domains() -> impl Iterator<Item = String> {
    (0..95).map(|depth| format!("{}a", "a.".repeat(depth)))
}

/// A policy with all shapes at each depth of a host.
pub(crate) fn shapes_at_each_depth() -> Policy {
    let patterns = domains().flat_map(|domain| {
        let part = move |length| format!("https://{}*b.{domain}", "a".repeat(length));
        (1..=16).map(part)
    });
    policy(&patterns.collect::<Vec<_>>())
}

/// A policy with patterns of all shapes and for whole labels at each depth, which match a host except for its port.
pub(crate) fn shapes_depths_and_ports() -> Policy {
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
pub(crate) fn many_shapes() -> Policy {
    let part = |number: usize| {
        let before = "a".repeat(1 + number % 16);
        format!("https://{before}*b{:04}.example.com", number / 16)
    };
    let patterns: Vec<String> = (0..100_000).map(part).collect();
    policy(&patterns)
}

pub(crate) fn with_predicate() -> Policy {
    let is_allowed = |origin: &Origin<'_>| origin.host() == Some("tenant-y.example");
    let config = config(&tenants(1)).allow_origins_if(is_allowed);
    config.build().expect("valid")
}

/// A set of one origin.
struct TenantY;

impl DynamicOriginSet for TenantY {
    fn contains(&self, origin: &str) -> bool {
        origin == "https://tenant-y.example"
    }
}

pub(crate) fn with_set() -> Policy {
    let config = config(&tenants(1)).allow_origins_in(TenantY);
    config.build().expect("valid")
}

pub(crate) fn with_lookup() -> Policy {
    let config = config(&tenants(1)).lookup_origins(true);
    config.build().expect("valid")
}

/// Half exact origins, half patterns.
fn both_kinds(count: usize) -> PolicyConfig {
    let pattern = |number| format!("https://*.tenant-{number}.example");
    let patterns = (0..count / 2).map(pattern);
    let origins = tenants(count / 2).into_iter().chain(patterns);
    config(&origins.collect::<Vec<_>>())
}

pub(crate) fn ten_of_both_kinds() -> Policy {
    both_kinds(10).build().expect("valid")
}

pub(crate) fn many_of_both_kinds() -> Policy {
    both_kinds(100_000).build().expect("valid")
}

pub(crate) fn guarded_ten() -> Policy {
    let config = both_kinds(10).guard(Guard::UnsafeMethods);
    config.build().expect("valid")
}

pub(crate) fn guarded_many() -> Policy {
    let config = both_kinds(100_000).guard(Guard::UnsafeMethods);
    config.build().expect("valid")
}

pub(crate) fn many_patterns() -> Policy {
    let pattern = |number| format!("https://*.tenant-{number}.example");
    let patterns: Vec<String> = (0..20_000).map(pattern).collect();
    policy(&patterns)
}
