//! Tests that every adapter passes: origin lookups, rejections, echoed fields, exposed headers, and `Vary`.
//!
//! Each adapter has a `tests/contract.rs` that includes this file, implements `Application`, and runs all `tests!`.

#![allow(clippy::panic, reason = "user code may panic")]

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::{
    Guard, Policy, PolicyConfig, PolicyEntry, PolicyHandle, PolicySource, PreparedPolicy, per_host,
    per_path, per_request,
};

const LISTED: &str = "https://listed.example";
const TENANT: &str = "https://tenant.example";
const PREVIEW: &str = "https://preview.example";
const UNLISTED: &str = "https://unlisted.example";
const BROKEN: &str = "https://broken.example";
const HANGING: &str = "https://hanging.example";
const PANICS_WHEN_CALLED: &str = "https://panics-when-called.example";
const PANICS_WHEN_POLLED: &str = "https://panics-when-polled.example";
const PANICS_WHEN_DROPPED: &str = "https://panics-when-dropped.example";
const HANGS_AND_PANICS_WHEN_DROPPED: &str = "https://hangs-and-panics-when-dropped.example";

/// The application's own `Cache-Control`.
pub(crate) const CACHE_CONTROL: &str = "public, max-age=60";

/// The application's own `Vary`.
pub(crate) const VARY: &str = "Accept-Encoding";

/// The application's own `Access-Control-Expose-Headers`.
pub(crate) const EXPOSE_HEADERS: &str = "X-Own, ETag, *";

/// The timeout of the lookup.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(50);

/// An application with an adapter. It responds to every request with 200 and the fields [`CACHE_CONTROL`], [`VARY`] and
/// [`EXPOSE_HEADERS`].
pub(crate) trait Application: Sized {
    /// Builds the service. If `with_lookup` is true, calls `lookup_origins(TIMEOUT, look_up)` on the adapter.
    async fn new(policy: PolicySource, with_lookup: bool) -> Self;

    /// Sends a request to the service, without a socket.
    async fn send(
        &self,
        method: &'static str,
        path: &str,
        fields: &[(&'static str, String)],
    ) -> Response;
}

/// The response to a request.
#[derive(Debug)]
pub(crate) struct Response {
    status: u16,
    /// Names in lower case.
    fields: Vec<(String, String)>,
    body: String,
}

impl Response {
    /// Takes the status and the header fields of a framework's response.
    pub(crate) fn new(
        status: u16,
        fields: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<[u8]>)>,
    ) -> Self {
        let fields = fields.into_iter().map(|(name, value)| {
            let value = std::str::from_utf8(value.as_ref()).unwrap();
            (name.as_ref().to_ascii_lowercase(), value.to_owned())
        });
        Self {
            status,
            fields: fields.collect(),
            body: String::new(),
        }
    }

    #[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
    pub(crate) fn with_body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = String::from_utf8(body.as_ref().to_vec()).unwrap();
        self
    }

    fn values(&self, name: &str) -> Vec<&str> {
        let fields = self.fields.iter().filter(|field| field.0 == name);
        fields.map(|field| field.1.as_str()).collect()
    }

    fn allow_origin(&self) -> Vec<&str> {
        self.values("access-control-allow-origin")
    }

    /// Returns the names in `Vary`, sorted and in lower case.
    fn vary(&self) -> Vec<String> {
        let values = self.values("vary");
        let names = values.iter().flat_map(|value| value.split(','));
        let mut names: Vec<_> = names.map(|name| name.trim().to_ascii_lowercase()).collect();
        names.sort_unstable();
        names
    }

    /// Asserts that `Vary` has `Origin` and, if the application has run, its own names.
    #[track_caller]
    fn assert_varies_by_origin(&self) {
        let expected: &[&str] = match self.status {
            200 => &["accept-encoding", "origin"],
            _ => &["origin"],
        };
        assert_eq!(self.vary(), expected, "{self:?}");
    }

    /// Asserts that the origin is denied and that no cache may store the response.
    #[track_caller]
    fn assert_is_denied_and_not_stored(&self) {
        assert_eq!(self.allow_origin(), [""; 0], "{self:?}");
        assert_eq!(self.values("cache-control"), ["no-store"], "{self:?}");
        self.assert_varies_by_origin();
    }
}

/// The lookup function of the applications.
pub(crate) fn look_up(origin: String) -> Lookup {
    assert_ne!(origin, PANICS_WHEN_CALLED, "a bug in the lookup");
    Lookup(origin)
}

/// The future of [`look_up`].
pub(crate) struct Lookup(String);

impl Future for Lookup {
    type Output = Result<bool, &'static str>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match &*self.0 {
            BROKEN => Poll::Ready(Err("no database")),
            HANGING | HANGS_AND_PANICS_WHEN_DROPPED => Poll::Pending,
            PANICS_WHEN_POLLED => panic!("a bug in the lookup"),
            origin => Poll::Ready(Ok([TENANT, PANICS_WHEN_DROPPED].contains(&origin))),
        }
    }
}

impl Drop for Lookup {
    fn drop(&mut self) {
        match &*self.0 {
            PANICS_WHEN_POLLED | PANICS_WHEN_DROPPED | HANGS_AND_PANICS_WHEN_DROPPED => {
                panic!("a bug in the drop of the lookup")
            }
            _ => {}
        }
    }
}

/// Returns a policy that looks origins up.
pub(crate) fn looking_up() -> Policy {
    policy(listed().lookup_origins(true))
}

/// Returns a policy that does not look origins up.
pub(crate) fn not_looking_up() -> Policy {
    policy(listed())
}

fn listed() -> PolicyConfig {
    let config = PolicyConfig::new().allow_origins([LISTED]);
    config.allow_methods(["PUT"])
}

fn policy(config: PolicyConfig) -> Policy {
    config.build().unwrap()
}

async fn get(application: &impl Application, origin: &str) -> Response {
    let fields = [("origin", origin.to_owned())];
    application.send("GET", "/", &fields).await
}

async fn preflight(application: &impl Application, origin: &str, names: &[String]) -> Response {
    let mut fields = vec![
        ("origin", origin.to_owned()),
        ("access-control-request-method", "PUT".to_owned()),
    ];
    let names = names.iter();
    fields.extend(names.map(|name| ("access-control-request-headers", name.clone())));
    application.send("OPTIONS", "/", &fields).await
}

pub(crate) async fn the_result_of_a_lookup_allows_or_denies_the_origin<A: Application>() {
    let application = A::new(looking_up().into(), true).await;
    for (origin, allowed) in [(LISTED, true), (TENANT, true), (UNLISTED, false)] {
        let response = get(&application, origin).await;
        assert_eq!(response.status, 200, "{origin}");
        let expected = Vec::from_iter(allowed.then_some(origin));
        assert_eq!(response.allow_origin(), expected);
        // A response may be stored if the lookup has a result, even if the result is that the origin is not allowed.
        assert_eq!(response.values("cache-control"), [CACHE_CONTROL]);
        response.assert_varies_by_origin();
        let response = preflight(&application, origin, &[]).await;
        assert_eq!(response.status, if allowed { 204 } else { 403 });
        assert_eq!(response.allow_origin(), expected);
        assert_eq!(response.values("cache-control"), [""; 0]);
    }
}

pub(crate) async fn a_failed_lookup_denies_the_origin_and_is_not_stored<A: Application>() {
    let application = A::new(looking_up().into(), true).await;
    for origin in [
        BROKEN,
        HANGING,
        PANICS_WHEN_CALLED,
        PANICS_WHEN_POLLED,
        PANICS_WHEN_DROPPED,
        HANGS_AND_PANICS_WHEN_DROPPED,
    ] {
        let response = get(&application, origin).await;
        assert_eq!(response.status, 200, "{origin}");
        response.assert_is_denied_and_not_stored();
        let response = preflight(&application, origin, &[]).await;
        assert_eq!(response.status, 503, "{response:?}");
        assert_eq!(response.values("retry-after"), ["1"]);
        response.assert_is_denied_and_not_stored();
        let next = get(&application, TENANT).await;
        assert_eq!(next.allow_origin(), [TENANT], "after {origin}");
    }
}

/// A server drops the future of a request if the client closes the connection.
pub(crate) async fn a_request_can_be_dropped_during_its_lookup<A: Application>() {
    let application = A::new(looking_up().into(), true).await;
    for origin in [HANGING, HANGS_AND_PANICS_WHEN_DROPPED] {
        {
            let mut response = pin!(get(&application, origin));
            let is_pending = poll_fn(|context| {
                let polled = response.as_mut().poll(context);
                Poll::Ready(polled.is_pending())
            });
            assert!(is_pending.await, "{origin}");
        }
        let next = get(&application, TENANT).await;
        assert_eq!(next.allow_origin(), [TENANT], "after {origin}");
    }
}

/// The service is built without a lookup if the policy is from a handle, because it may change later.
pub(crate) async fn without_a_lookup_an_origin_is_denied_and_not_stored<A: Application>(
    policy: PolicySource,
) {
    let application = A::new(policy, false).await;
    let response = get(&application, LISTED).await;
    assert_eq!(response.allow_origin(), [LISTED]);
    assert_eq!(response.values("cache-control"), [CACHE_CONTROL]);
    let response = get(&application, TENANT).await;
    assert_eq!(response.status, 200);
    response.assert_is_denied_and_not_stored();
    let response = preflight(&application, TENANT, &[]).await;
    assert!(response.status >= 400, "{response:?}");
    response.assert_is_denied_and_not_stored();
}

/// Returns a policy from a handle that looks origins up.
pub(crate) fn looking_up_from_a_handle() -> PolicySource {
    PolicyHandle::new(looking_up()).into()
}

/// If the policy looks origins up as well, the lookup decides.
pub(crate) async fn a_predicate_that_panics_does_not_allow_the_origin<A: Application>() {
    let config = listed().allow_origins_if(|origin| match origin.as_str() {
        TENANT | UNLISTED => panic!("a bug in the predicate"),
        origin => origin == PREVIEW,
    });
    for with_lookup in [false, true] {
        let policy = policy(config.clone().lookup_origins(with_lookup));
        let application = A::new(policy.into(), with_lookup).await;
        for (origin, allowed) in [
            (UNLISTED, false),
            (TENANT, with_lookup),
            (PREVIEW, true),
            (LISTED, true),
        ] {
            let response = get(&application, origin).await;
            assert_eq!(response.status, 200, "{origin}");
            let expected = Vec::from_iter(allowed.then_some(origin));
            assert_eq!(response.allow_origin(), expected, "{origin}");
            let response = preflight(&application, origin, &[]).await;
            assert_eq!(response.status, if allowed { 204 } else { 403 });
            assert_eq!(response.allow_origin(), expected, "{origin}");
        }
    }
}

pub(crate) async fn a_rejected_request_gets_403_and_is_not_stored<A: Application>() {
    let policy = policy(listed().guard(Guard::All));
    let application = A::new(policy.into(), false).await;
    let response = get(&application, UNLISTED).await;
    assert_eq!(response.status, 403);
    response.assert_is_denied_and_not_stored();
    let response = get(&application, LISTED).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.allow_origin(), [LISTED]);
    assert_eq!(response.values("cache-control"), [CACHE_CONTROL]);
}

pub(crate) async fn up_to_64_requested_headers_fields_are_echoed<A: Application>() {
    let config = listed().allow_headers(["*"]).allow_credentials(true);
    let application = A::new(policy(config).into(), false).await;
    for (count, are_echoed) in [(0, false), (1, true), (5, true), (64, true), (65, false)] {
        let names = (0..count).map(|number| format!("x-{number}, y-{number}"));
        let names: Vec<_> = names.collect();
        let response = preflight(&application, LISTED, &names).await;
        assert_eq!(response.status, 204, "{count}");
        assert_eq!(response.allow_origin(), [LISTED], "{count}");
        let expected: &[String] = if are_echoed { &names } else { &[] };
        let echoed = response.values("access-control-allow-headers");
        assert_eq!(echoed, expected, "{count}");
    }
}

pub(crate) async fn exposed_names_of_the_application_are_kept_if_the_policy_merges_them<
    A: Application,
>() {
    let merging = || listed().merge_expose_headers(true);
    let with_etag = || merging().expose_headers(["etag"]);
    let public = || PolicyConfig::new().allow_origins(["*"]);
    for (config, origin, expected) in [
        (with_etag(), LISTED, Some("etag, X-Own, *")),
        (
            with_etag().allow_credentials(true),
            LISTED,
            Some("etag, X-Own"),
        ),
        (merging(), LISTED, Some("X-Own, ETag, *")),
        (with_etag(), UNLISTED, None),
        (
            public().merge_expose_headers(true),
            UNLISTED,
            Some("X-Own, ETag, *"),
        ),
        (
            with_etag().merge_expose_headers(false),
            LISTED,
            Some("etag"),
        ),
        (listed(), LISTED, None),
        (public(), UNLISTED, None),
    ] {
        let application = A::new(policy(config).into(), false).await;
        let response = get(&application, origin).await;
        assert_eq!(response.status, 200, "{response:?}");
        let exposed = response.values("access-control-expose-headers");
        assert_eq!(exposed, Vec::from_iter(expected), "{response:?}");
    }
}

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
    ]));
    let application = A::new(source, true).await;
    for (host, expected) in [
        ("api.example.com", Api),
        ("API.EXAMPLE.COM.", Api),
        ("api.example.com:443", Api),
        ("api.example.com:8080", Public),
        ("tenants.example.com:3000", Tenants),
        ("legacy.example.com", LeftAlone),
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

/// The fields that the function of `on_reject` sends. All but the first are discarded.
#[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
pub(crate) const MADE_FIELDS: [(&str, &str); 3] = [
    ("content-type", "text/x-rejected"),
    ("cache-control", "public"),
    ("access-control-allow-origin", "*"),
];

/// Makes a body in the function of `on_reject`.
#[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
pub(crate) fn make_body(rejection: impl std::fmt::Display) -> String {
    let text = rejection.to_string();
    assert!(
        !text.contains("does not list the host"),
        "a bug in the function"
    );
    format!("rejected: {text}")
}

/// Returns the policy for an application whose adapter has a function for `on_reject`. The function sends [`make_body`] and
/// [`MADE_FIELDS`], with the status 200.
#[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
pub(crate) fn rejecting() -> Policy {
    policy(listed().guard(Guard::All).allow_hosts(["api.example.com"]))
}

/// `application` has the policy [`rejecting`].
#[allow(dead_code, reason = "the crate `omnicors-http` has no `on_reject`")]
pub(crate) async fn only_the_body_of_a_rejected_request_is_replaced(
    application: &impl Application,
) {
    let send = async |method, origin: &str, host: &str| {
        let mut fields = vec![("origin", origin.to_owned()), ("host", host.to_owned())];
        if method == "OPTIONS" {
            fields.push(("access-control-request-method", "PUT".to_owned()));
        }
        application.send(method, "/", &fields).await
    };
    let response = send("GET", UNLISTED, "api.example.com").await;
    assert_eq!(response.status, 403);
    response.assert_is_denied_and_not_stored();
    assert_eq!(response.values("content-type"), ["text/x-rejected"]);
    assert!(
        response.body.starts_with("rejected: the origin is neither"),
        "{response:?}"
    );

    // The function panics. The response is sent without a body.
    let response = send("GET", LISTED, "evil.example").await;
    assert_eq!((response.status, &*response.body), (421, ""));
    assert_eq!(response.values("cache-control"), ["no-store"]);
    assert_eq!(response.allow_origin(), [""; 0]);

    // The guard does not reject these.
    let response = send("OPTIONS", UNLISTED, "api.example.com").await;
    assert_eq!((response.status, &*response.body), (403, ""));
    let response = send("GET", LISTED, "api.example.com").await;
    assert_eq!(response.status, 200);
    assert!(!response.body.contains("rejected"));
    assert_eq!(response.allow_origin(), [LISTED]);
}

/// Defines a test for each function above, with the test attribute of the framework's runtime.
macro_rules! tests {
    (#[$test:meta] $application:ty) => {
        #[$test]
        async fn the_result_of_a_lookup_allows_or_denies_the_origin() {
            contract::the_result_of_a_lookup_allows_or_denies_the_origin::<$application>().await;
        }

        #[$test]
        async fn a_failed_lookup_denies_the_origin_and_is_not_stored() {
            contract::a_failed_lookup_denies_the_origin_and_is_not_stored::<$application>().await;
        }

        #[$test]
        async fn a_request_can_be_dropped_during_its_lookup() {
            contract::a_request_can_be_dropped_during_its_lookup::<$application>().await;
        }

        #[$test]
        async fn without_a_lookup_an_origin_of_a_handles_policy_is_denied_and_not_stored() {
            contract::without_a_lookup_an_origin_is_denied_and_not_stored::<$application>(
                contract::looking_up_from_a_handle(),
            )
            .await;
        }

        #[$test]
        #[should_panic(expected = "set `lookup_origins(true)` in the policy")]
        async fn an_unused_lookup_panics_when_the_service_is_built() {
            <$application>::new(contract::not_looking_up().into(), true).await;
        }

        #[$test]
        async fn a_predicate_that_panics_does_not_allow_the_origin() {
            contract::a_predicate_that_panics_does_not_allow_the_origin::<$application>().await;
        }

        #[$test]
        async fn a_rejected_request_gets_403_and_is_not_stored() {
            contract::a_rejected_request_gets_403_and_is_not_stored::<$application>().await;
        }

        #[$test]
        async fn up_to_64_requested_headers_fields_are_echoed() {
            contract::up_to_64_requested_headers_fields_are_echoed::<$application>().await;
        }

        #[$test]
        async fn exposed_names_of_the_application_are_kept_if_the_policy_merges_them() {
            contract::exposed_names_of_the_application_are_kept_if_the_policy_merges_them::<
                $application,
            >()
            .await;
        }

        #[$test]
        async fn a_response_varies_by_the_fields_that_choose_its_policy() {
            contract::a_response_varies_by_the_fields_that_choose_its_policy::<$application>()
                .await;
        }

        #[$test]
        #[should_panic(expected = "set `lookup_origins(true)` in the policy")]
        async fn an_unused_lookup_of_all_entries_panics_when_the_service_is_built() {
            <$application>::new(contract::not_looking_up_for_paths(), true).await;
        }

        #[$test]
        async fn a_response_varies_by_the_fields_that_the_choice_reads() {
            contract::a_response_varies_by_the_fields_that_the_choice_reads::<$application>().await;
        }

        #[$test]
        async fn the_entry_of_the_path_decides() {
            contract::the_entry_of_the_path_decides::<$application>().await;
        }

        #[$test]
        async fn the_entry_of_the_host_decides() {
            contract::the_entry_of_the_host_decides::<$application>().await;
        }

        #[$test]
        async fn the_guard_of_an_entry_checks_its_path() {
            contract::the_guard_of_an_entry_checks_its_path::<$application>().await;
        }

        #[$test]
        async fn a_response_without_a_policy_gets_only_vary() {
            contract::a_response_without_a_policy_gets_only_vary::<$application>().await;
        }
    };
}
pub(crate) use tests;
