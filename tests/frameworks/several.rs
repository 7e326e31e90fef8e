//! Several policies in one server, in every framework.

use omnicors_core::{Guard, Policy, PolicyConfig};
use omnicors_tests::cases::Outcome;
use omnicors_tests::client::Connection;
use omnicors_tests::frameworks::{self, Policies, Started, built};

const ALLOWED: &str = "https://allowed.test";
const DENIED: &str = "https://denied.test";

const ALLOWED_FIELD: &str = "access-control-allow-origin: https://allowed.test";
const ANY_FIELD: &str = "access-control-allow-origin: *";

fn listed() -> PolicyConfig {
    PolicyConfig::new().allow_origins([ALLOWED])
}

fn public() -> Policy {
    built(PolicyConfig::new().allow_origins(["*"]))
}

/// A request, and what must be true of its response.
struct Check {
    method: &'static str,
    path: &'static str,
    host: &'static str,
    origin: &'static str,
    /// The status, or `None` if it depends on how the router reads the path.
    status: Option<u16>,
    ran: bool,
    fields: &'static [&'static str],
    vary: &'static [&'static str],
}

const ORIGIN: &[&str] = &["Origin"];

const fn check(
    method: &'static str,
    path: &'static str,
    origin: &'static str,
    status: u16,
    ran: bool,
    fields: &'static [&'static str],
    vary: &'static [&'static str],
) -> Check {
    Check {
        method,
        path,
        host: "api.test",
        origin,
        status: Some(status),
        ran,
        fields,
        vary,
    }
}

const NO_STORE: &[&str] = &["cache-control: no-store"];

const OWN_FIELDS: &[&str] = &[
    "access-control-allow-methods: DELETE",
    "access-control-allow-origin: https://own.test",
    "access-control-allow-origin: *",
    "access-control-max-age: 1",
];

/// `/form` has a guard, `/vary` is public, `/own-headers` is left alone, `/private` lists an origin.
const PATHS: [Check; 18] = [
    check(
        "GET",
        "/vary",
        DENIED,
        200,
        true,
        &[ANY_FIELD],
        &["Accept-Encoding"],
    ),
    check(
        "GET",
        "/private",
        ALLOWED,
        401,
        true,
        &[ALLOWED_FIELD],
        ORIGIN,
    ),
    check(
        "GET",
        "/private/missing",
        ALLOWED,
        404,
        true,
        &[ALLOWED_FIELD],
        ORIGIN,
    ),
    check("GET", "/private", DENIED, 401, true, &[], ORIGIN),
    check("GET", "/own-headers", DENIED, 200, true, OWN_FIELDS, &[]),
    check(
        "POST",
        "/form",
        ALLOWED,
        200,
        true,
        &[ALLOWED_FIELD],
        ORIGIN,
    ),
    check("POST", "/form", DENIED, 403, false, NO_STORE, ORIGIN),
    // No entry.
    check("GET", "/", ALLOWED, 200, true, &[], ORIGIN),
    check("GET", "/missing", ALLOWED, 404, true, &[], ORIGIN),
    check("GET", "/private-not", ALLOWED, 404, true, &[], ORIGIN),
    check("OPTIONS", "/form", DENIED, 403, false, &[], ORIGIN),
    check("OPTIONS", "/", ALLOWED, 403, false, &[], ORIGIN),
    // Some routers serve these as `/form`.
    check("POST", "/%66orm", DENIED, 403, false, NO_STORE, ORIGIN),
    check("POST", "//form", DENIED, 403, false, NO_STORE, ORIGIN),
    check(
        "POST",
        "/vary/../form",
        DENIED,
        403,
        false,
        NO_STORE,
        ORIGIN,
    ),
    check(
        "POST",
        "/vary/%2e%2e/form",
        DENIED,
        403,
        false,
        NO_STORE,
        ORIGIN,
    ),
    check(
        "POST",
        "/own-headers/../form",
        DENIED,
        403,
        false,
        NO_STORE,
        ORIGIN,
    ),
    check("POST", "/Form", DENIED, 403, false, NO_STORE, ORIGIN),
];

const fn at_host(host: &'static str, mut check: Check) -> Check {
    check.host = host;
    check
}

/// `api.test` lists an origin, `cdn.test:8080` is public, `alone.test` is left alone.
const HOSTS: [Check; 8] = [
    at_host(
        "api.test",
        check("GET", "/", ALLOWED, 200, true, &[ALLOWED_FIELD], ORIGIN),
    ),
    at_host(
        "API.TEST.:80",
        check("GET", "/", ALLOWED, 200, true, &[ALLOWED_FIELD], ORIGIN),
    ),
    at_host(
        "cdn.test:8080",
        check("GET", "/", DENIED, 200, true, &[ANY_FIELD], &[]),
    ),
    at_host(
        "cdn.test",
        check("GET", "/", ALLOWED, 200, true, &[], ORIGIN),
    ),
    at_host(
        "cdn.test",
        check("OPTIONS", "/", ALLOWED, 403, false, &[], ORIGIN),
    ),
    at_host(
        "alone.test",
        check("GET", "/own-headers", ALLOWED, 200, true, OWN_FIELDS, &[]),
    ),
    at_host(
        "other.test",
        check("GET", "/", ALLOWED, 200, true, &[], ORIGIN),
    ),
    at_host(
        "api.test.evil",
        check("GET", "/", ALLOWED, 200, true, &[], ORIGIN),
    ),
];

#[test]
fn the_entry_of_the_path_or_host_decides_in_every_framework() {
    let mut differences = Vec::new();
    let mut count = 0;
    for framework in frameworks::all() {
        // It has no adapter.
        if framework.name() == "custom server" {
            continue;
        }
        let paths = framework.start(Policies::PerPath(vec![
            ("/form", Some(built(listed().guard(Guard::UnsafeMethods)))),
            ("/vary", Some(public())),
            ("/own-headers", None),
            ("/private", Some(built(listed()))),
        ]));
        let hosts = framework.start(Policies::PerHost(vec![
            ("api.test", Some(built(listed()))),
            ("cdn.test:8080", Some(public())),
            ("alone.test", None),
        ]));
        for (started, checks) in [(&paths, &PATHS[..]), (&hosts, &HOSTS)] {
            for check in checks {
                count += 1;
                if let Some(difference) = difference(started, check) {
                    differences.push(format!("{}: {difference}", framework.name()));
                }
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(count >= 8 * 26, "{count}");
}

fn difference(started: &Started, check: &Check) -> Option<String> {
    let mut fields = vec![("Host", check.host), ("Origin", check.origin)];
    if check.method == "OPTIONS" {
        fields.push(("Access-Control-Request-Method", "PUT"));
    } else {
        fields.push(("Sec-Fetch-Site", "cross-site"));
    }
    started.take_runs();
    let mut connection = Connection::open(started.address()).unwrap();
    let response = connection.ask(check.method, check.path, &fields).unwrap();
    let outcome = Outcome::of(&response);
    let ran = started.take_runs() > 0;
    let vary: Vec<_> = outcome
        .vary
        .iter()
        .map(|name| name.to_lowercase())
        .collect();
    let expected_vary: Vec<_> = check.vary.iter().map(|name| name.to_lowercase()).collect();
    let is_expected = check.status.is_none_or(|status| status == outcome.status)
        && ran == check.ran
        && outcome.fields == check.fields
        && vary == expected_vary;
    (!is_expected).then(|| {
        format!(
            "{} {} {} {}: {outcome:?}, ran: {ran}",
            check.method, check.host, check.path, check.origin
        )
    })
}

/// The reason for the readings in `docs/several-policies.md`.
#[test]
fn routers_read_some_paths_differently() {
    let served = |path| -> Vec<_> {
        let frameworks = frameworks::all().into_iter().filter(|framework| {
            let started = framework.start(Policies::Replaceable(public()));
            let mut connection = Connection::open(started.address()).unwrap();
            let response = connection.ask("GET", path, &[("Host", "api.test")]);
            response.unwrap().status == 200
        });
        frameworks.map(|framework| framework.name()).collect()
    };
    assert_eq!(served("/other").len(), frameworks::all().len());
    assert_eq!(served("/%6Fther"), ["actix-web", "rocket", "salvo"]);
    assert_eq!(served("//other"), ["rocket", "salvo"]);
    assert_eq!(served("/vary/../other"), [""; 0]);
    assert_eq!(served("/Other"), [""; 0]);
}
