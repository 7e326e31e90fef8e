//! Policies that are chosen for each request, path or host, and their `Vary`.

use super::{
    Application, BROKEN, CACHE_CONTROL, LISTED, TENANT, UNLISTED, listed, looking_up,
    not_looking_up, policy, preflight,
};
use crate::{
    Guard, PolicyConfig, PolicyEntry, PolicyHandle, PolicySource, PreparedPolicy, per_host,
    per_path, per_request,
};

/// Chooses the policy by `X-Tenant`, which a proxy in front of the server sets on every request.
fn chosen_by_tenant() -> PolicySource {
    let shared = |config| PreparedPolicy::shared(policy(config));
    let any = shared(PolicyConfig::new().allow_origins(["*"]));
    let some = shared(listed());
    let rejecting = shared(listed().guard(Guard::All));
    let looking_up = shared(listed().lookup_origins(true));
    let source = per_request(move |request| {
        let chosen = match request.header("X-Tenant")? {
            "any" => &any,
            "listed" => &some,
            "rejecting" => &rejecting,
            "looking-up" => &looking_up,
            _ => return None,
        };
        Some(chosen.clone())
    });
    // The first one is read by the choice, and the second one is in the application's own `Vary`.
    source.vary_on(["x-tenant", "accept-encoding"])
}

pub(crate) async fn a_response_varies_by_the_fields_that_choose_its_policy<A: Application>() {
    const ORIGIN_AND_TENANT: [&str; 3] = ["accept-encoding", "origin", "x-tenant"];
    const TENANT_ALONE: [&str; 2] = ["accept-encoding", "x-tenant"];
    for with_lookup in [false, true] {
        let application = A::new(chosen_by_tenant(), with_lookup).await;
        for (tenant, origin, allowed, preflight_status, vary) in [
            ("any", Some(LISTED), Some("*"), 204, &TENANT_ALONE[..]),
            ("any", None, Some("*"), 0, &TENANT_ALONE),
            (
                "listed",
                Some(LISTED),
                Some(LISTED),
                204,
                &ORIGIN_AND_TENANT,
            ),
            ("listed", Some(UNLISTED), None, 403, &ORIGIN_AND_TENANT),
            ("listed", None, None, 0, &ORIGIN_AND_TENANT),
            ("rejecting", Some(UNLISTED), None, 403, &ORIGIN_AND_TENANT),
            (
                "looking-up",
                Some(LISTED),
                Some(LISTED),
                204,
                &ORIGIN_AND_TENANT,
            ),
            (
                "looking-up",
                Some(TENANT),
                Some(TENANT),
                204,
                &ORIGIN_AND_TENANT,
            ),
            ("looking-up", Some(UNLISTED), None, 403, &ORIGIN_AND_TENANT),
            ("looking-up", Some(BROKEN), None, 503, &ORIGIN_AND_TENANT),
        ] {
            if tenant == "looking-up" && !with_lookup {
                continue;
            }
            let mut fields = vec![("x-tenant", tenant.to_owned())];
            fields.extend(origin.map(|origin| ("origin", origin.to_owned())));
            let response = application.send("GET", "/", &fields).await;
            let is_rejected = tenant == "rejecting";
            assert_eq!(response.status, if is_rejected { 403 } else { 200 });
            let allowed = Vec::from_iter(allowed);
            assert_eq!(response.allow_origin(), allowed, "{response:?}");
            assert_eq!(response.vary(), vary, "{tenant} {origin:?} {response:?}");
            if origin.is_some() {
                fields.push(("access-control-request-method", "PUT".to_owned()));
                let response = application.send("OPTIONS", "/", &fields).await;
                assert_eq!(response.status, preflight_status, "{response:?}");
                assert_eq!(response.allow_origin(), allowed, "{response:?}");
                assert_eq!(response.vary(), vary, "{tenant} {origin:?} {response:?}");
            }
        }
    }
}

pub(crate) async fn a_response_without_a_policy_gets_only_vary<A: Application>() {
    for with_lookup in [false, true] {
        let application = A::new(chosen_by_tenant(), with_lookup).await;
        for fields in [
            vec![("origin", LISTED.to_owned())],
            vec![("x-tenant", "none".to_owned())],
        ] {
            let response = application.send("GET", "/", &fields).await;
            assert_eq!(response.status, 200);
            assert_eq!(response.allow_origin(), [""; 0]);
            assert_eq!(response.values("cache-control"), [CACHE_CONTROL]);
            assert_eq!(response.vary(), ["accept-encoding", "x-tenant"]);
        }
        let response = preflight(&application, LISTED, &[]).await;
        assert_eq!(response.allow_origin(), [""; 0]);
        assert_eq!(response.vary(), ["accept-encoding", "x-tenant"]);
    }
}

/// The names that the choice reads are in `Vary`, without `vary_on`.
pub(crate) async fn a_response_varies_by_the_fields_that_the_choice_reads<A: Application>() {
    let any = PreparedPolicy::shared(policy(PolicyConfig::new().allow_origins(["*"])));
    let source = per_request(move |request| match request.header("X-Tenant") {
        Some("none") => None,
        Some("second") => {
            request.header("x-second");
            Some(any.clone())
        }
        _ => Some(any.clone()),
    });
    let application = A::new(source, false).await;
    for (tenant, vary) in [
        (Some("none"), &["accept-encoding", "x-tenant"][..]),
        (Some("second"), &["accept-encoding", "x-second", "x-tenant"]),
        (Some("first"), &["accept-encoding", "x-tenant"]),
        (None, &["accept-encoding", "x-tenant"]),
    ] {
        let tenant = tenant.map(|tenant| ("x-tenant", tenant.to_owned()));
        let fields = Vec::from_iter(tenant);
        let response = application.send("GET", "/", &fields).await;
        assert_eq!(response.vary(), vary, "{response:?}");
    }
}

/// A bug in the function concerns only the requests for which it panics.
pub(crate) async fn a_choice_that_panics_denies_the_request<A: Application>() {
    let any = PreparedPolicy::shared(policy(PolicyConfig::new().allow_origins(["*"])));
    let source = per_request(move |request| {
        let tenant = request.header("x-tenant");
        assert_ne!(tenant, Some("broken"), "a bug in the function");
        Some(any.clone())
    });
    for (source, with_lookup) in [(source.clone(), false), (source, true)] {
        let application = A::new(source, with_lookup).await;
        let tenant = |name: &str| ("x-tenant", name.to_owned());
        let origin = ("origin", LISTED.to_owned());
        let method = ("access-control-request-method", "PUT".to_owned());
        for _ in 0..2 {
            let fields = [tenant("broken"), origin.clone()];
            let response = application.send("GET", "/", &fields).await;
            assert_eq!(response.status, 421, "{response:?}");
            assert_eq!(response.allow_origin(), [""; 0]);
            assert_eq!(response.values("cache-control"), ["no-store"]);
            // A 421 is for every origin.
            assert_eq!(response.vary(), ["x-tenant"]);

            let fields = [tenant("broken"), origin.clone(), method.clone()];
            let response = application.send("OPTIONS", "/", &fields).await;
            assert_eq!(response.status, 421, "{response:?}");
            assert_eq!(response.allow_origin(), [""; 0]);

            // The function could have chosen a policy with hosts, which a request without `Origin` does not pass either.
            let fields = [tenant("broken")];
            let response = application.send("GET", "/", &fields).await;
            assert_eq!(response.status, 421, "{response:?}");
            assert_eq!(response.vary(), ["x-tenant"]);

            let fields = [tenant("other"), origin.clone()];
            let response = application.send("GET", "/", &fields).await;
            assert_eq!(
                (response.status, &*response.allow_origin()),
                (200, &["*"][..])
            );
        }
    }
}

/// What a request gets.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Applied {
    /// The policy that allows [`LISTED`].
    Api,
    /// The policy that allows all origins.
    Public,
    /// The policy with a lookup.
    Tenants,
    /// The policy with a guard.
    Guarded,
    /// Nothing: the application's own response.
    LeftAlone,
    /// The policy that allows no origin.
    Denied,
    /// The same, and its guard rejects foreign pages.
    Rejected,
}

/// Returns the entries of a choice, with these names.
fn entries<const COUNT: usize>(
    names: [(&'static str, Applied); COUNT],
) -> [(&'static str, PolicyEntry); COUNT] {
    names.map(|(name, applied)| {
        let entry = match applied {
            Applied::Api => PolicyEntry::from(PolicyHandle::new(policy(listed()))),
            Applied::Public => policy(PolicyConfig::new().allow_origins(["*"])).into(),
            Applied::Tenants => looking_up().into(),
            Applied::Guarded => {
                PreparedPolicy::shared(policy(listed().guard(Guard::UnsafeMethods))).into()
            }
            Applied::LeftAlone => PolicyEntry::left_alone(),
            Applied::Denied | Applied::Rejected => unreachable!("not an entry"),
        };
        (name, entry)
    })
}

/// Asserts what a request for a path and a host gets.
async fn assert_applied(
    application: &impl Application,
    path: &str,
    host: Option<&str>,
    expected: Applied,
) {
    use Applied::{Api, Denied, Guarded, LeftAlone, Public, Rejected, Tenants};

    let context = format!("{path} {host:?}");
    for origin in [LISTED, TENANT, UNLISTED] {
        let allowed = match expected {
            Public => Some("*"),
            Api | Guarded => (origin == LISTED).then_some(origin),
            Tenants => (origin != UNLISTED).then_some(origin),
            LeftAlone | Denied | Rejected => None,
        };
        let allowed = Vec::from_iter(allowed);
        let vary: &[&str] = match expected {
            Public | LeftAlone => &["accept-encoding"],
            _ => &["accept-encoding", "origin"],
        };
        let mut fields = vec![("origin", origin.to_owned())];
        fields.extend(host.map(|host| ("host", host.to_owned())));
        let response = application.send("GET", path, &fields).await;
        if expected == Rejected {
            assert_eq!(response.status, 403, "{context}");
            response.assert_is_denied_and_not_stored();
        } else {
            assert_eq!(response.status, 200, "{context}");
            assert_eq!(response.allow_origin(), allowed, "{context} {origin}");
            assert_eq!(response.vary(), vary, "{context} {origin}");
            assert_eq!(response.values("cache-control"), [CACHE_CONTROL]);
        }
        fields.push(("access-control-request-method", "PUT".to_owned()));
        let response = application.send("OPTIONS", path, &fields).await;
        assert_eq!(response.allow_origin(), allowed, "{context} {origin}");
        if expected != LeftAlone {
            let status = if allowed.is_empty() { 403 } else { 204 };
            assert_eq!(response.status, status, "{context} {origin}");
        }
    }
}

pub(crate) async fn the_entry_of_the_path_decides<A: Application>() {
    use Applied::{Api, Denied, Guarded, LeftAlone, Public, Rejected, Tenants};

    let source = per_path(entries([
        ("/api", Api),
        ("/api/public", Public),
        ("/tenants", Tenants),
        ("/admin", Guarded),
        ("/legacy", LeftAlone),
    ]));
    let application = A::new(source, true).await;
    for (path, expected) in [
        ("/api", Api),
        ("/api/", Api),
        ("/api/items?page=/public", Api),
        ("/api/public", Public),
        ("/api/public/x", Public),
        ("/api/publications", Api),
        ("/tenants/7", Tenants),
        ("/admin", Guarded),
        ("/legacy/x", LeftAlone),
        ("/", Denied),
        ("/apis", Denied),
        ("/other/api", Denied),
        // Routers read these differently.
        ("/api//x", Api),
        ("/api/%61", Api),
        ("/api/search/%5Cd%2B", Api),
        ("/api/.%2Fconfig", Api),
        ("/api/%5Cpublic", Rejected),
        ("/api/.%2Fpublic", Rejected),
        ("/legacy%5C..%5Capi", Rejected),
        ("/%61pi", Rejected),
        ("/%6Cegacy", Rejected),
        ("/api//public", Rejected),
        ("/api/%70ublic", Rejected),
        ("/api%2Fpublic", Rejected),
        ("/legacy/../api", Rejected),
        ("/legacy/%2e%2e/api", Rejected),
        ("/Legacy", Rejected),
    ] {
        assert_applied(&application, path, None, expected).await;
    }
}

pub(crate) async fn the_entry_of_the_host_decides<A: Application>() {
    use Applied::{Api, Denied, LeftAlone, Public, Tenants};

    let source = per_host(entries([
        ("api.example.com", Api),
        ("api.example.com:8080", Public),
        ("Tenants.example.com.", Tenants),
        ("legacy.example.com", LeftAlone),
        ("shop.example.com:443", Public),
    ]));
    let application = A::new(source, true).await;
    for (host, expected) in [
        ("api.example.com", Api),
        ("API.EXAMPLE.COM.", Api),
        ("api.example.com:443", Api),
        ("api.example.com:8080", Public),
        ("tenants.example.com:3000", Tenants),
        ("legacy.example.com", LeftAlone),
        ("shop.example.com", Public),
        ("shop.example.com:443", Public),
        ("shop.example.com:80", Denied),
        ("example.com", Denied),
        ("api.example.com.evil.example", Denied),
    ] {
        assert_applied(&application, "/", Some(host), expected).await;
    }
}

/// The guard of an entry checks the requests for its path, and no others.
pub(crate) async fn the_guard_of_an_entry_checks_its_path<A: Application>() {
    let source = per_path(entries([
        ("/admin", Applied::Guarded),
        ("/legacy", Applied::LeftAlone),
        ("/public", Applied::Public),
    ]));
    let application = A::new(source, false).await;
    let fields = [
        ("origin", UNLISTED.to_owned()),
        ("sec-fetch-site", "cross-site".to_owned()),
    ];
    for (path, status) in [
        ("/admin", 403),
        ("/admin/x", 403),
        ("/%61dmin", 403),
        ("//admin", 403),
        ("/public/../admin", 403),
        ("/legacy", 200),
        ("/public", 200),
    ] {
        let response = application.send("POST", path, &fields).await;
        assert_eq!(response.status, status, "{path} {response:?}");
    }
    // A program that is not a browser may send such a path.
    let response = application.send("POST", "//admin", &[]).await;
    assert_eq!(response.status, 200, "{response:?}");
}

/// Returns a source with an entry that looks origins up.
#[allow(dead_code, reason = "not every framework builds a service")]
pub(crate) fn looking_up_for_a_path() -> PolicySource {
    per_path([("/", not_looking_up()), ("/tenants", looking_up())])
}

/// Returns a source with entries that do not look origins up.
pub(crate) fn not_looking_up_for_paths() -> PolicySource {
    per_path([("/", not_looking_up()), ("/api", not_looking_up())])
}
