use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use omnicors_http::{AnyOriginDecider, OriginDecider};
use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::http::{Method, Status};
use rocket::outcome::Outcome;
use rocket::route::{self, Handler};
use rocket::{Build, Data, Request, Response, Rocket, Route};

use crate::decided::{self, Changes, Decided};
use crate::request::parts;
use crate::source::PolicySource;

/// A fairing that applies a policy to every request and response of a server. A clone is cheap, and shares the policy.
#[derive(Clone, Debug)]
pub struct Cors {
    pub(crate) source: PolicySource,
    outside: Option<AnyOriginDecider>,
    /// What is done with the responses to most requests, and need not be kept with each: what the policy says to one without an
    /// origin; where there are several, what was said to the first such request. It is no answer.
    usual: Arc<OnceLock<Changes>>,
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
    pub fn new(policy: impl Into<PolicySource>) -> Self {
        let source = policy.into();
        let usual = match &source {
            PolicySource::Fixed(policy) => Changes::without_origin(policy.policy()).into(),
            PolicySource::Handle(handle) => Changes::without_origin(handle.peek().policy()).into(),
            _ => OnceLock::new(),
        };
        Self {
            source,
            outside: None,
            usual: Arc::new(usual),
        }
    }

    /// Lets an async function decide about the origins that the policy
    /// [leaves to its caller](crate::PolicyConfig::decide_origins_outside).
    ///
    /// It is asked about well-formed origins that nothing else in the policy allows, and about nothing else: once per
    /// request, so that what it looks up is best cached. What it has not decided when `limit` has passed is denied; its
    /// future is dropped then.
    ///
    /// ```
    /// use omnicors_rocket::{Cors, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
    /// let policy = PolicyConfig::new().decide_origins_outside(true).build()?;
    /// let cors = Cors::new(policy)
    ///     .decide_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
    /// # Ok::<(), omnicors_rocket::PolicyError>(())
    /// ```
    #[must_use]
    pub fn decide_origins<F, V>(mut self, limit: Duration, decide: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = bool> + Send + 'static,
    {
        self.outside = Some(OriginDecider::any(&self.source, limit, decide));
        self
    }

    /// Decides about a request, where no origin is decided outside.
    fn decide(&self, request: &Request<'_>) -> Decided {
        self.source.with_chosen(request, |policy| match policy {
            Some(policy) => decided::decide(policy, request, None, &self.usual),
            None => Decided::nothing(),
        })
    }

    /// Decides about a request, where origins are.
    async fn decide_outside(&self, outside: &AnyOriginDecider, request: &Request<'_>) -> Decided {
        // Held while the origin is decided: the policy that asks is the one that is answered by.
        let Some(policy) = self.source.choose(request) else {
            return Decided::nothing();
        };
        let origin = policy
            .policy()
            .origin_to_decide(&parts(request, false, None));
        let verdict = match origin {
            Some(origin) => outside.decide(&origin).await,
            None => None,
        };
        decided::decide(&policy, request, verdict, &self.usual)
    }
}

/// Lets a request go its way, which an answer cuts short.
fn send_on(request: &mut Request<'_>, decided: Decided) {
    let is_answer = decided.is_answer();
    decided::keep(request, decided);
    if is_answer {
        request.set_method(ANSWERED_METHOD);
    }
}

#[rocket::async_trait]
impl Fairing for Cors {
    fn info(&self) -> Info {
        Info {
            name: "CORS",
            // One policy is the authority on a response: two fairings would each remove what the other has set.
            kind: Kind::Ignite | Kind::Request | Kind::Response | Kind::Singleton,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        Ok(rocket.mount("/", [answering_route()]))
    }

    // The next two are what becomes of an `async fn` here, written out: it would be boxed, and for most requests there is
    // nothing to wait for. A future without a field costs no allocation, boxed or not.

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
        if let Some(outside) = &self.outside {
            return Box::pin(async move {
                let decided = self.decide_outside(outside, request).await;
                send_on(request, decided);
            });
        }
        let decided = self.decide(request);
        send_on(request, decided);
        Box::pin(Done)
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
        match decided::take(request) {
            Decided::Usual => {
                if let Some(usual) = self.usual.get() {
                    usual.apply_usual(response);
                }
            }
            Decided::Unusual(changes) => {
                let is_ours = request.route().is_some_and(is_answering_route);
                changes.apply(response, is_ours);
            }
        }
        Box::pin(Done)
    }
}

type BoxFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A future of something that is done already, without a field.
struct Done;

impl Future for Done {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// What Rocket routes an answered request by. Rewriting the path instead would take a path that no route of the
/// application matches, and there is none: `/<_..>` matches all. But no application has routes for this method: Rocket's
/// macros do not make any, no page can send it (Fetch, "forbidden method"), and of a server that is no proxy nobody asks it.
const ANSWERED_METHOD: Method = Method::Connect;

/// Before any route that an application might have all the same.
const RANK: isize = isize::MIN;

fn answering_route() -> Route {
    let mut route = Route::ranked(RANK, ANSWERED_METHOD, "/<_..>", Answering);
    route.name = Some("CORS answer".into());
    route
}

fn is_answering_route(route: &Route) -> bool {
    route.method == ANSWERED_METHOD && route.rank == RANK
}

#[derive(Clone, Copy)]
struct Answering;

#[rocket::async_trait]
impl Handler for Answering {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> route::Outcome<'r> {
        if decided::is_answered(request) {
            // What it says is put in when it leaves, by the fairing.
            Outcome::Success(Response::new())
        } else {
            // A request that came with this method is as if this route were not there.
            Outcome::Forward((data, Status::NotFound))
        }
    }
}
