use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use omnicors_adapter::omnicors_core::{LookupResult, RequestParts};
use omnicors_adapter::{BoxedLookupFunction, IntoPolicySource, LookupFunction, NoPreparedValues};
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::http::{Method, Status};
use rocket::outcome::Outcome;
use rocket::route::{self, Handler};
use rocket::{Build, Data, Request, Response, Rocket, Route};

use crate::decision::{OwnedDecision, decide, non_cors_fields};
use crate::request::RequestMap;
use crate::response::{Fields, ForwardHeaders};
use crate::slot;
use crate::source::{Choose, PolicySource};

/// A fairing that applies a policy to every request and response of a server. A clone is cheap, and shares the policy.
#[derive(Clone, Debug)]
pub struct Cors {
    pub(crate) source: PolicySource,
    lookup: Option<BoxedLookupFunction>,
    /// The fields for all non-CORS requests, if one policy decides all requests: see the module `slot`.
    fields_without_origin: Option<Arc<ForwardHeaders>>,
}

impl Cors {
    /// Takes a [`Policy`](crate::Policy) for all requests, a [`PolicyHandle`](crate::PolicyHandle) to replace it while
    /// serving, or a [`per_request`](crate::per_request) function.
    ///
    /// ```
    /// use omnicors_rocket::{Cors, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let rocket = rocket::build().attach(Cors::new(handle.clone()));
    /// // … later, in another task …
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_rocket::PolicyError>(())
    /// ```
    ///
    /// A config has to be built first:
    ///
    /// ```compile_fail,E0277
    /// use omnicors_rocket::{Cors, PolicyConfig};
    ///
    /// let cors = Cors::new(PolicyConfig::new());
    /// ```
    pub fn new(policy: impl IntoPolicySource<Choose, NoPreparedValues>) -> Self {
        let source = policy.into_policy_source();
        let fields_without_origin = match &source {
            PolicySource::Fixed(policy) => Some(Arc::new(non_cors_fields(policy.policy()))),
            _ => None,
        };
        Self {
            source,
            lookup: None,
            fields_without_origin,
        }
    }

    /// Looks up origins by an async function, for a policy that
    /// [needs it](crate::PolicyConfig::lookup_origins).
    ///
    /// The function is called once per request whose origin is well-formed and not allowed by anything else in the policy. So
    /// cache its results. It returns a [`LookupResult`](crate::LookupResult), a `bool`, or a `Result<bool, E>`. A lookup without
    /// a result within `timeout` has failed: its future is dropped, the origin is denied, and no cache may store the response.
    ///
    /// ```
    /// use omnicors_rocket::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let cors = Cors::new(policy)
    ///     .lookup_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_rocket::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if this was made from one policy that does not look origins up: the function would never be called.
    #[must_use]
    #[track_caller]
    pub fn lookup_origins<F, L>(mut self, timeout: Duration, function: F) -> Self
    where
        F: Fn(String) -> L + Send + Sync + 'static,
        L: Future<Output: Into<LookupResult>> + Send + 'static,
    {
        self.lookup = Some(LookupFunction::boxed(&self.source, timeout, function));
        self
    }

    /// Decides about a request without an origin lookup. Returns `None` if there is nothing to keep.
    fn decide(&self, request: &Request<'_>) -> Option<OwnedDecision> {
        self.source.with_chosen(request, |policy| {
            decide(
                policy?.policy(),
                request,
                None,
                self.fields_without_origin.is_some(),
            )
        })
    }

    /// Decides about a request after the lookup of its origin, if it needs one. Returns `None` if there is nothing to keep.
    async fn decide_with_lookup(
        &self,
        lookup: &BoxedLookupFunction,
        request: &Request<'_>,
    ) -> Option<OwnedDecision> {
        // Held during the lookup, so that the policy that needs it also decides.
        let policy = self.source.choose(request)?;
        let policy = policy.policy();
        let started = {
            let fields = RequestMap::new(request);
            let parts = RequestParts::read(policy, request.method().as_str(), &fields);
            let origin = policy.origin_to_look_up(&parts);
            origin.map(|origin| lookup.start(&origin))
        };
        let result = match started {
            Some(lookup) => Some(lookup.await),
            None => None,
        };
        decide(
            policy,
            request,
            result,
            self.fields_without_origin.is_some(),
        )
    }

    /// Keeps a decision for the response, and leads the request to our own route if the application is not to be run.
    fn route(&self, request: &mut Request<'_>, decision: Option<OwnedDecision>) {
        let decision = OwnedDecision::vary_on(decision, self.source.vary_names());
        let is_response = decision.as_ref().is_some_and(OwnedDecision::is_response);
        slot::keep(request, decision);
        if is_response {
            request.set_method(RESPONDING_METHOD);
        }
    }
}

#[rocket::async_trait]
impl Fairing for Cors {
    fn info(&self) -> Info {
        Info {
            name: "CORS",
            // One policy is the authority on a response: each of two fairings would remove what the other has set.
            kind: Kind::Ignite | Kind::Request | Kind::Response | Kind::Singleton,
        }
    }

    /// # Panics
    ///
    /// Panics if the policy looks origins up and [`lookup_origins`](Self::lookup_origins) was not called.
    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        if self.lookup.is_none() {
            self.source.assert_no_lookup_is_needed();
        }
        Ok(rocket.mount("/", [responding_route()]))
    }

    // The next two are written like the expansion of an `async fn`, which would be boxed. Most requests have nothing to wait
    // for, and a future of no size costs no allocation when it is boxed.

    fn on_request<'fairing, 'request, 'r, 'data, 'd, 'all>(
        &'fairing self,
        request: &'request mut Request<'r>,
        _: &'data mut Data<'d>,
    ) -> BoxFuture<'all>
    where
        Self: 'all,
        'fairing: 'all,
        'request: 'all,
        'r: 'all,
        'data: 'all,
        'd: 'all,
    {
        if let Some(lookup) = &self.lookup {
            return Box::pin(async move {
                let decision = self.decide_with_lookup(lookup, request).await;
                self.route(request, decision);
            });
        }
        let decision = self.decide(request);
        self.route(request, decision);
        done()
    }

    fn on_response<'r, 'fairing, 'q, 'response, 'all>(
        &'fairing self,
        request: &'r Request<'q>,
        response: &'response mut Response<'r>,
    ) -> BoxFuture<'all>
    where
        Self: 'all,
        'r: 'all,
        'fairing: 'all,
        'q: 'all,
        'response: 'all,
    {
        if let Some(decision) = slot::take(request) {
            let is_ours = request.route().is_some_and(is_responding_route);
            decision.apply(response, is_ours);
        } else if let Some(fields) = &self.fields_without_origin {
            ForwardHeaders::clone(fields).apply(&mut Fields(response));
        }
        done()
    }
}

type BoxFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Returns a future that is ready. It has no size, and so boxing it does not allocate.
fn done<'a>() -> BoxFuture<'a> {
    Box::pin(poll_fn(|_| Poll::Ready(())))
}

/// The method that leads a request to our own route.
///
/// Rewriting the path instead would need a path that no route of the application matches, and there is none: `/<_..>` matches
/// all paths. But no application has routes for this method: Rocket's macros do not make any, no page can send it (Fetch,
/// "forbidden method"), and clients send it only to proxies.
const RESPONDING_METHOD: Method = Method::Connect;

/// Before every route of the application, should it have any for this method.
const RANK: isize = isize::MIN;

fn responding_route() -> Route {
    let mut route = Route::ranked(RANK, RESPONDING_METHOD, "/<_..>", Responder);
    route.name = Some("CORS response".into());
    route
}

fn is_responding_route(route: &Route) -> bool {
    route.method == RESPONDING_METHOD && route.rank == RANK
}

#[derive(Clone, Copy)]
struct Responder;

#[rocket::async_trait]
impl Handler for Responder {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        if slot::is_response(request) {
            // The fairing fills it in when it sees the response.
            Outcome::Success(Response::new())
        } else {
            // A request that was sent with this method is treated as if this route did not exist.
            Outcome::Forward((data, Status::NotFound))
        }
    }
}
