//! The same servers, each with a realistic application of that framework: its own routes, errors, authentication and
//! panic handling.
//!
//! All applications have the same routes:
//!
//! | route | what it does |
//! |---|---|
//! | `GET /`, `HEAD /`, `GET /other` | 200, `hello` |
//! | `GET /conflict` | fails with an error that says 409 |
//! | `GET /failure` | fails with an error without a status, or with 500 |
//! | `GET /panic` | panics, inside the panic handler of the framework |
//! | `POST /form` | 200, `posted` |
//! | `GET /stream` | streams `first`, and then waits forever |
//! | `GET /vary` | `Vary: Accept-Encoding` |
//! | `GET /own-headers` | CORS fields of the application, and `X-Own: stays` |
//! | `GET /options`, `OPTIONS /options` | 200, `hello`; 200, `options` |
//! | `/private`, any method | 401 without an `Authorization`; 200, `private` with one |
//!
//! To add a framework: add a file here with a type that implements [`Framework`], and a line in [`all`].

mod actix_web;
mod axum;
mod custom;
mod hyper;
mod poem;
mod rocket;
mod salvo;
mod warp;

use std::fmt;
use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{Stream, StreamExt as _, stream};
use omnicors_adapter::PolicyEntry;
use omnicors_core::{Policy, PolicyConfig};
use omnicors_http::{
    PolicyHandle, PolicySource, PreparedPolicy, ShadowReport, per_host, per_path, per_request,
};

pub use self::actix_web::ActixWeb;
pub use self::axum::Axum;
pub use self::custom::Custom;
pub use self::hyper::Hyper;
pub use self::poem::Poem;
pub use self::rocket::Rocket;
pub use self::salvo::Salvo;
pub use self::warp::{Warp, WarpWrap};
use crate::servers::OverSocket;

/// A framework, and the application written for it.
pub trait Framework {
    /// Returns the name in reports.
    fn name(&self) -> &'static str;

    /// Starts the application behind these policies.
    fn start(&self, policies: Policies) -> Started;
}

/// Returns all frameworks.
#[must_use]
pub fn all() -> Vec<Box<dyn Framework>> {
    vec![
        Box::new(Axum),
        Box::new(Hyper),
        Box::new(Custom),
        Box::new(ActixWeb),
        Box::new(Rocket),
        Box::new(Warp),
        Box::new(WarpWrap),
        Box::new(Poem),
        Box::new(Salvo),
    ]
}

/// Where the policy for a request comes from.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one value at a time")]
pub enum Policies {
    /// A policy handle of the adapter, with this policy.
    Replaceable(Policy),
    /// A function per request: the second policy for paths that begin with `/other`, the first one for all others.
    ByPath([Policy; 2]),
    /// The function `per_path` of the adapter, with these entries. `None` leaves a path alone.
    PerPath(Vec<(&'static str, Option<Policy>)>),
    /// The function `per_host` of the adapter, with these entries. `None` leaves a host alone.
    PerHost(Vec<(&'static str, Option<Policy>)>),
}

/// Returns the entries in the types of an adapter.
fn entries<P: for<'a> From<&'a Policy>>(
    entries: Vec<(&'static str, Option<Policy>)>,
) -> Vec<(&'static str, PolicyEntry<P>)> {
    let entries = entries.into_iter().map(|(name, policy)| {
        let entry = policy.map_or_else(PolicyEntry::left_alone, PolicyEntry::from);
        (name, entry)
    });
    entries.collect()
}

/// Builds the policy of a test.
///
/// # Panics
///
/// Panics if the config has faults.
#[must_use]
pub fn built(config: PolicyConfig) -> Policy {
    config
        .build()
        .unwrap_or_else(|error| panic!("the policy is invalid: {error}"))
}

/// Returns true if the second policy applies to the path.
fn is_other(path: &str) -> bool {
    path.starts_with("/other")
}

/// A running application. It stops when this is dropped.
pub struct Started {
    server: OverSocket,
    runs: Runs,
    replace: Replace,
}

/// The handle to the policy of an adapter.
type Replace = Box<dyn Handle + Send + Sync>;

/// A policy handle of any adapter.
trait Handle {
    fn replace(&self, policy: Policy);

    fn shadow(&self, candidate: Policy);

    fn end_shadow(&self) -> Option<ShadowReport>;
}

impl<P> Handle for omnicors_adapter::PolicyHandle<P>
where
    P: for<'a> From<&'a Policy>,
{
    fn replace(&self, policy: Policy) {
        self.replace(policy);
    }

    fn shadow(&self, candidate: Policy) {
        self.shadow(candidate);
    }

    fn end_shadow(&self) -> Option<ShadowReport> {
        self.end_shadow()
    }
}

impl Started {
    /// Returns the address of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns how often the application has run since the last call.
    pub fn take_runs(&self) -> usize {
        self.runs.0.swap(0, Ordering::SeqCst)
    }

    /// Replaces the policy through the adapter's handle.
    ///
    /// # Panics
    ///
    /// Panics if the application was not started with [`Policies::Replaceable`].
    pub fn replace(&self, policy: Policy) {
        self.replace.replace(policy);
    }

    /// Compares the policy with a candidate, if it has an adapter's handle.
    pub fn shadow(&self, candidate: Policy) {
        self.replace.shadow(candidate);
    }

    /// Ends the comparison with a candidate, and returns what differed, or `None` if there is none.
    #[must_use]
    pub fn end_shadow(&self) -> Option<ShadowReport> {
        self.replace.end_shadow()
    }
}

impl fmt::Debug for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Started")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// Counts how often the code behind the policy runs.
#[derive(Clone, Debug, Default)]
struct Runs(Arc<AtomicUsize>);

impl Runs {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn replacing<P>(handle: &omnicors_adapter::PolicyHandle<P>) -> Replace
where
    P: for<'a> From<&'a Policy> + Send + Sync + 'static,
{
    Box::new(handle.clone())
}

/// A policy that can be replaced, but not compared with a candidate: without an adapter, or chosen per request.
struct OnlyReplaced<F>(F);

impl<F: Fn(Policy)> Handle for OnlyReplaced<F> {
    fn replace(&self, policy: Policy) {
        (self.0)(policy);
    }

    fn shadow(&self, _: Policy) {}

    fn end_shadow(&self) -> Option<ShadowReport> {
        None
    }
}

fn not_replaceable() -> Replace {
    Box::new(OnlyReplaced(|_| {
        panic!("these policies cannot be replaced")
    }))
}

/// Returns the policy source of the adapters that use the crate `http`.
fn http_source(policies: Policies) -> (PolicySource, Replace) {
    match policies {
        Policies::Replaceable(policy) => {
            let handle = PolicyHandle::new(policy);
            let replace = replacing(&handle);
            (handle.into(), replace)
        }
        Policies::ByPath(policies) => {
            let [first, other] = policies.map(PreparedPolicy::shared);
            let source = per_request(move |request| {
                let is_other = is_other(request.path());
                Some(if is_other { &other } else { &first }.clone())
            });
            (source, not_replaceable())
        }
        Policies::PerPath(policies) => (per_path(entries(policies)), not_replaceable()),
        Policies::PerHost(policies) => (per_host(entries(policies)), not_replaceable()),
    }
}

/// The fields of `/own-headers`.
const OWN_HEADERS: [(&str, &str); 5] = [
    ("access-control-allow-origin", "https://own.test"),
    ("access-control-allow-origin", "*"),
    ("access-control-max-age", "1"),
    ("access-control-allow-methods", "DELETE"),
    ("x-own", "stays"),
];

/// The body of `/stream`.
fn endless<E>() -> impl Stream<Item = Result<&'static str, E>> + Send + Sync + 'static
where
    E: Send + Sync + 'static,
{
    stream::iter([Ok("first")]).chain(stream::pending())
}

/// Panics, without the compiler knowing it.
fn panicking() -> &'static str {
    assert!(black_box(false), "on purpose");
    "never"
}
