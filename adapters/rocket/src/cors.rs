use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use omnicors_adapter::omnicors_core::{LookupResult, Rejection, RequestParts};
use omnicors_adapter::{BoxedLookupFunction, Choice, IntoPolicySource, LookupFunction};
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::http::{Method, Status};
use rocket::outcome::Outcome;
use rocket::response::Responder;
use rocket::route::{self, Handler};
use rocket::{Build, Data, Request, Response, Rocket, Route};

use crate::decision::{OnReject, OwnedDecision, decide};
use crate::request::{RequestMap, RequestView};
use crate::response::{Fields, ForwardHeaders};
use crate::slot;
use crate::source::{Choose, PolicySource, PreparedHeaders};

/// A fairing that applies a policy to every request and response of a server. Cloning is cheap, and clones share the policy.
///
/// ```
/// use omnicors_rocket::{Cors, PolicyConfig};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let rocket = rocket::build().attach(Cors::new(policy));
/// # Ok::<(), omnicors_rocket::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cors {
    pub(crate) source: PolicySource,
    lookup: Option<BoxedLookupFunction>,
    /// The fields for all non-CORS requests, if the source is a fixed policy. See the module `slot`.
    fields_without_origin: Option<Arc<ForwardHeaders>>,
    on_reject: Option<OnReject>,
}

impl Cors {
    /// Creates a fairing from a [`Policy`](crate::Policy), a [`PolicyHandle`](crate::PolicyHandle) to replace the policy while
    /// serving, or a choice [per path](crate::per_path), [host](crate::per_host) or [request](crate::per_request).
    ///
    /// ```
    /// use omnicors_rocket::{Cors, PolicyConfig, PolicyHandle};
    ///
    /// let handle = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://old.example"]).build()?);
    /// let rocket = rocket::build().attach(Cors::new(handle.clone()));
    /// // Later, in another task:
    /// handle.replace(PolicyConfig::new().allow_origins(["https://new.example"]).build()?);
    /// # Ok::<(), omnicors_rocket::PolicyError>(())
    /// ```
    ///
    /// A [`PolicyConfig`](crate::PolicyConfig) is not a policy. Call `.build()?` first:
    ///
    /// ```compile_fail,E0277
    /// use omnicors_rocket::{Cors, PolicyConfig};
    ///
    /// let cors = Cors::new(PolicyConfig::new());
    /// ```
    pub fn new(policy: impl IntoPolicySource<Choose, PreparedHeaders>) -> Self {
        let source = policy.into_policy_source();
        let fields_without_origin = match &source {
            PolicySource::Fixed(policy) => {
                let fields = ForwardHeaders::of_non_cors(policy, policy.values());
                Some(Arc::new(fields))
            }
            _ => None,
        };
        Self {
            source,
            lookup: None,
            fields_without_origin,
            on_reject: None,
        }
    }

    /// Looks up origins with an async function. The policy must set
    /// [`lookup_origins`](crate::PolicyConfig::lookup_origins).
    ///
    /// The function is called for each request whose origin is well-formed and not allowed by the rest of the policy, so it
    /// should cache its results. It returns a [`LookupResult`](crate::LookupResult), a `bool`, or a `Result<bool, E>`. If it has
    /// no result after `timeout`, its future is dropped, the origin is denied, and the response has `Cache-Control: no-store`.
    ///
    /// ```
    /// use omnicors_rocket::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// /// Asks the database whether a tenant has this origin.
    /// async fn is_tenant(origin: String) -> bool {
    ///     origin == "https://tenant.example"
    /// }
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let cors = Cors::new(policy).lookup_origins(Duration::from_millis(500), is_tenant);
    /// # Ok::<(), omnicors_rocket::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if this has a fixed policy that does not set `lookup_origins`: the function would never be called.
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

    /// Makes the body of the response to a request that the [guard](crate::PolicyConfig::guard) or
    /// [`allow_hosts`](crate::PolicyConfig::allow_hosts) rejects. Without this call, the body is empty.
    ///
    /// The body and the fields `Content-Type`, `Content-Language` and `Content-Encoding` of the function's response are sent. The
    /// status (403 or 421), `Cache-Control: no-store` and the CORS fields stay. If the function panics, the body is empty.
    ///
    /// ```
    /// use omnicors_rocket::{Cors, Guard, PolicyConfig};
    /// use rocket::response::content::RawJson;
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).guard(Guard::UnsafeMethods).build()?;
    /// let cors = Cors::new(policy).on_reject(|rejection| {
    ///     RawJson(format!("{{\"error\": \"{rejection}\"}}"))
    /// });
    /// # Ok::<(), omnicors_rocket::PolicyError>(())
    /// ```
    #[must_use]
    pub fn on_reject<F, R>(mut self, function: F) -> Self
    where
        F: Fn(Rejection) -> R + Send + Sync + 'static,
        R: for<'r> Responder<'r, 'static>,
    {
        let make = move |rejection, request: &Request<'_>| function(rejection).respond_to(request);
        self.on_reject = Some(omnicors_adapter::OnReject(Arc::new(make)));
        self
    }

    /// Decides about a request without an origin lookup. Returns `None` if nothing needs to be kept.
    fn decide(&self, request: &Request<'_>) -> Option<OwnedDecision> {
        if self.source.is_per_request() {
            let view = RequestView::new(request);
            let Choice { policy, vary_names } = self.source.choose(&view);
            let decision = policy.and_then(|policy| decide(&policy, request, None, false));
            return OwnedDecision::vary_on(decision, vary_names);
        }
        self.source.with_policy(|policy| {
            let knows_non_cors = self.fields_without_origin.is_some();
            decide(policy?, request, None, knows_non_cors)
        })
    }

    /// Decides about a request after its origin lookup, if it needs one. Returns `None` if nothing needs to be kept.
    async fn decide_with_lookup(
        &self,
        lookup: &BoxedLookupFunction,
        request: &Request<'_>,
    ) -> Option<OwnedDecision> {
        // Held during the lookup, so that the policy that needs the lookup also decides.
        let Choice { policy, vary_names } = self.source.choose(&RequestView::new(request));
        let Some(prepared) = policy else {
            return OwnedDecision::vary_on(None, vary_names);
        };
        let policy = prepared.policy();
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
        let knows_non_cors = self.fields_without_origin.is_some();
        let decision = decide(&prepared, request, result, knows_non_cors);
        OwnedDecision::vary_on(decision, vary_names)
    }
}

/// Keeps a decision until the response, and routes the request to the responding route if the application is not run.
fn route(request: &mut Request<'_>, decision: Option<OwnedDecision>) {
    let is_response = decision.as_ref().and_then(OwnedDecision::status).is_some();
    slot::keep(request, decision);
    if is_response {
        request.set_method(RESPONDING_METHOD);
    }
}

#[rocket::async_trait]
impl Fairing for Cors {
    fn info(&self) -> Info {
        Info {
            name: "CORS",
            // A singleton: two fairings would remove each other's header fields.
            kind: Kind::Ignite | Kind::Request | Kind::Response | Kind::Singleton,
        }
    }

    /// # Panics
    ///
    /// Panics if this has a fixed policy that sets `lookup_origins`, and [`lookup_origins`](Self::lookup_origins) was not called.
    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        if self.lookup.is_none() {
            self.source.assert_no_lookup_is_needed();
        }
        Ok(rocket.mount("/", [responding_route()]))
    }

    // `on_request` and `on_response` are written as `async_trait` would expand them, to save an allocation: most requests do not
    // wait, and boxing a future without a size does not allocate.

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
                route(request, decision);
            });
        }
        let decision = self.decide(request);
        route(request, decision);
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
            decision.apply(request, response, is_ours, self.on_reject.as_ref());
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

/// The method of the responding route.
///
/// The fairing changes the method and not the path, because a route of the application such as `/<_..>` can match every path.
/// Applications have no routes for `CONNECT`: Rocket's macros cannot define them, a page cannot send it
/// (<https://fetch.spec.whatwg.org/#forbidden-method>), and other clients send it only to proxies.
const RESPONDING_METHOD: Method = Method::Connect;

/// The lowest rank: Rocket tries the responding route before routes of the application.
const RANK: isize = isize::MIN;

fn responding_route() -> Route {
    let mut route = Route::ranked(RANK, RESPONDING_METHOD, "/<_..>", Responds);
    route.name = Some("CORS response".into());
    route
}

fn is_responding_route(route: &Route) -> bool {
    route.method == RESPONDING_METHOD && route.rank == RANK
}

#[derive(Clone, Copy)]
struct Responds;

#[rocket::async_trait]
impl Handler for Responds {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        if let Some(status) = slot::status(request) {
            // `on_response` sets the status and the fields. Rocket logs the status of this response before that.
            let response = Response::build().status(Status::new(status)).finalize();
            Outcome::Success(response)
        } else {
            // A client sent a `CONNECT` request. Continue as if this route did not exist.
            Outcome::Forward((data, Status::NotFound))
        }
    }
}
