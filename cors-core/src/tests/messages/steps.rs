use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Snapshot, request_of};
use crate::{DynamicOriginSet, LookupResult, PolicyConfig, RequestParts, limits};

const ONE: &str = "allow_origins = [\"https://example.com\"]\n";
const ANY: &str = "allow_origins = [\"*\"]\n";
const LOOKUP: &str = "lookup_origins = true\n";

const ORIGIN: &str = "\nOrigin: https://example.com";
const OTHER: &str = "\nOrigin: https://other.test";
const SITE: &str = "\nSec-Fetch-Site: ";
const REQUEST_METHOD: &str = "\nAccess-Control-Request-Method: ";
const REQUEST_HEADERS: &str = "\nAccess-Control-Request-Headers: ";

/// Writes the explanations of requests with a policy: the method, and then the header fields.
fn explain<const N: usize>(snapshot: &mut Snapshot, config: &str, requests: [String; N]) {
    explain_built(snapshot, config, parsed(config), requests);
}

fn parsed(config: &str) -> PolicyConfig {
    toml::from_str(config).unwrap()
}

fn explain_built<const N: usize>(
    snapshot: &mut Snapshot,
    shown: &str,
    config: PolicyConfig,
    requests: [String; N],
) {
    let policy = config.build().unwrap();
    for request in requests {
        let (method, fields) = request_of(&request);
        let (lookups, fields): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|(name, _)| *name == "lookup");
        let result = lookups.first().map(|(_, result)| match *result {
            "allowed" => LookupResult::Allowed,
            "failed" => LookupResult::Failed,
            other => panic!("{other}"),
        });
        snapshot.begin(format!("{shown}{request}"));
        let parts = RequestParts::read(&policy, method, &fields).lookup_result(result);
        snapshot.message(&["explanation"], policy.explain(&parts));
    }
}

fn get(fields: &str) -> String {
    format!("GET{fields}")
}

fn preflight(fields: &str) -> String {
    format!("OPTIONS{ORIGIN}{fields}")
}

#[test]
#[cfg_attr(miri, ignore = "reads and writes files")]
fn each_step_about_an_origin_is_written() {
    let snapshot = &mut Snapshot::default();
    explain(
        snapshot,
        ONE,
        [
            get(""),
            get(ORIGIN),
            get(OTHER),
            get(&format!("{ORIGIN}{ORIGIN}")),
            get("\nOrigin: https://example.com/"),
            get("\nOrigin: null"),
            // A page of the server itself.
            format!("POST\nHost: api.test\nOrigin: https://api.test{SITE}same-origin"),
            "OPTIONS\nOrigin: https://example.com".into(),
        ],
    );
    explain(snapshot, ANY, [get(ORIGIN), get("")]);
    let credentials = format!("{ONE}allow_credentials = true\n");
    explain(
        snapshot,
        &credentials,
        [get(ORIGIN), get("\nOrigin: http://example.com")],
    );
    let others = format!("{credentials}allow_others_without_credentials = true\n");
    explain(snapshot, &others, [get(ORIGIN), get(OTHER)]);
    explain(
        snapshot,
        "allow_origins = [\"https://*.example.com\"]\n",
        [get("\nOrigin: https://a.example.com")],
    );
    explain(
        snapshot,
        LOOKUP,
        ["", "\nlookup: allowed", "\nlookup: failed"]
            .map(|result| get(&format!("{OTHER}{result}"))),
    );
    explain_built(
        snapshot,
        "(a predicate that allows every origin)\n",
        PolicyConfig::new().allow_origins_if(|_| true),
        [get(OTHER)],
    );
    explain_built(
        snapshot,
        "(a set that contains https://other.test)\n",
        PolicyConfig::new().allow_origins_in(Other),
        [get(OTHER)],
    );
    snapshot.check("steps-origin.txt");
}

#[derive(Debug)]
struct Other;

impl DynamicOriginSet for Other {
    fn contains(&self, origin: &str) -> bool {
        origin == "https://other.test"
    }
}

#[test]
#[cfg_attr(miri, ignore = "reads and writes files")]
fn each_step_about_a_preflight_is_written() {
    let snapshot = &mut Snapshot::default();
    let methods = |fields: &[&str]| -> String {
        let fields: Vec<String> = fields
            .iter()
            .map(|method| format!("{REQUEST_METHOD}{method}"))
            .collect();
        preflight(&fields.concat())
    };
    let headers = |fields: &[&str]| -> String {
        let fields: Vec<String> = fields
            .iter()
            .map(|names| format!("{REQUEST_HEADERS}{names}"))
            .collect();
        methods(&["PATCH"]) + &fields.concat()
    };
    explain(
        snapshot,
        ONE,
        [
            methods(&["GET"]),
            methods(&["PATCH"]),
            methods(&["GET", "GET"]),
            methods(&["P U T"]),
            methods(&["GET"]) + REQUEST_HEADERS + "x-a",
            format!("OPTIONS{OTHER}{REQUEST_METHOD}GET"),
            // Browsers send no preflight for a page of the server itself, so this one is checked like any other.
            format!(
                "OPTIONS\nHost: api.test\nOrigin: https://api.test{SITE}same-origin{REQUEST_METHOD}PUT"
            ),
        ],
    );
    let listed = format!("{ONE}allow_methods = [\"PATCH\"]\nallow_headers = [\"x-a\", \"x-b\"]\n");
    let long = "x".repeat(limits::REQUEST_HEADERS + 1);
    explain(
        snapshot,
        &listed,
        [
            headers(&[]),
            headers(&[""]),
            headers(&["x-a"]),
            headers(&["x-a,x-b"]),
            headers(&["x-a", "x-b"]),
            headers(&["x-a,x-c"]),
            headers(&["x a"]),
            methods(&["PUT"]),
        ],
    );
    let any = format!("{ONE}allow_methods = [\"*\"]\nallow_headers = [\"*\"]\n");
    explain(
        snapshot,
        &any,
        [
            headers(&["x-a"]),
            headers(&["authorization"]),
            methods(&["POST"]),
        ],
    );
    let also = format!("{ONE}allow_methods = [\"*\"]\nallow_headers = [\"*\", \"x-a\"]\n");
    explain(snapshot, &also, [headers(&["authorization"])]);
    // Only names that are echoed have a limit.
    let echoing = format!("{any}allow_credentials = true\n");
    let policy = parsed(&echoing).build().unwrap();
    let request = RequestParts::new("OPTIONS").origin("https://example.com");
    let request = request.request_method("PATCH").request_headers(&long);
    snapshot.begin(format!("{echoing}(too many requested headers)"));
    snapshot.message(&["explanation"], policy.explain(&request));
    snapshot.check("steps-preflight.txt");
}

#[test]
#[cfg_attr(miri, ignore = "reads and writes files")]
fn each_step_about_a_guard_is_written() {
    let snapshot = &mut Snapshot::default();
    let guard = format!("{ONE}guard = \"unsafe-methods\"\n");
    let requests = || {
        [
            get(""),
            get(OTHER),
            format!("POST{SITE}same-origin"),
            format!("POST{ORIGIN}{SITE}cross-site"),
            format!("POST{OTHER}{SITE}cross-site"),
            "POST".into(),
            format!("POST\nHost: other.test{OTHER}"),
            format!("POST\nHost: api.test{OTHER}"),
            format!("OPTIONS{OTHER}{REQUEST_METHOD}PUT"),
        ]
    };
    explain(snapshot, &guard, requests());
    let all = format!("{ONE}guard = \"all\"\n");
    explain(
        snapshot,
        &all,
        [get(""), get(&format!("{OTHER}{SITE}cross-site"))],
    );
    let navigations = format!("{guard}allow_navigations_from = [\"https://other.test\"]\n");
    explain(
        snapshot,
        &navigations,
        [format!(
            "POST{OTHER}{SITE}cross-site\nSec-Fetch-Mode: navigate"
        )],
    );
    let report = format!("{guard}guard_report_only = true\n");
    explain(snapshot, &report, requests());
    let hosts = format!("{ONE}allow_hosts = [\"api.test\"]\n");
    let of_hosts = |method: &str| {
        ["\nHost: api.test", "\nHost: evil.test", ""].map(|host| format!("{method}{host}{OTHER}"))
    };
    explain(snapshot, &hosts, of_hosts("GET"));
    let both = format!("{guard}allow_hosts = [\"api.test\"]\n");
    explain(snapshot, &both, of_hosts("POST"));
    let both = format!("{both}guard_report_only = true\n");
    explain(snapshot, &both, of_hosts("POST"));
    let lookup = format!("{LOOKUP}guard = \"unsafe-methods\"\n");
    explain(
        snapshot,
        &lookup,
        ["allowed", "failed"]
            .map(|result| format!("POST{OTHER}{SITE}cross-site\nlookup: {result}")),
    );
    snapshot.check("steps-guard.txt");
}

#[test]
#[cfg_attr(miri, ignore = "reads and writes files")]
fn each_step_about_timing_and_the_response_is_written() {
    let snapshot = &mut Snapshot::default();
    let timing = "timing_allow_origin = true\n";
    let of_origins = |count: usize| {
        let origins: Vec<String> = (0..count)
            .map(|number| format!("\"https://{number}.test\""))
            .collect();
        format!("allow_origins = [{}]\n{timing}", origins.join(", "))
    };
    for config in [
        format!("allow_origins = [\"https://*.example.com\"]\n{timing}"),
        of_origins(1),
        of_origins(limits::TIMING_ORIGINS),
        of_origins(limits::TIMING_ORIGINS + 1),
        format!("{ANY}{timing}"),
        format!("{ONE}{timing}static_origin = true\n"),
    ] {
        explain(snapshot, &config, [get("")]);
    }
    let merge = format!("{ONE}expose_headers = [\"etag\"]\nmerge_expose_headers = true\n");
    explain(snapshot, &merge, [get(ORIGIN), get(OTHER)]);
    snapshot.check("steps-response.txt");
}
