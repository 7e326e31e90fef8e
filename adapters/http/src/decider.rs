use std::sync::LazyLock;
use std::time::Duration;

use http::{Extensions, HeaderMap, Method, Uri};
use omnicors_adapter::{BoxedLookupFunction, IntoPolicySource, LookupFunction};
use omnicors_core::{LookupResult, RequestParts};

use crate::decision::{HttpDecision, decide_with_result, evaluate_fields, forward, start_lookup};
use crate::prepared::PreparedHeaders;
use crate::request::{Fields, RequestHead};
use crate::source::{Choose, PolicySource, decide_by_source};

/// A policy source and an optional origin lookup, for an async server or adapter. Cloning is cheap.
///
/// ```
/// use http::{Request, Response};
/// use omnicors_http::{Decider, HttpDecision};
///
/// async fn serve(decider: &Decider, request: Request<String>) -> Response<String> {
///     match decider.decide(&request).await {
///         HttpDecision::Respond(response) => response.map(|()| String::new()),
///         HttpDecision::Forward(mut headers) => {
///             let mut response = application(request).await;
///             headers.apply(response.headers_mut());
///             response
///         }
///     }
/// }
///
/// async fn application(request: Request<String>) -> Response<String> {
///     Response::new(request.into_body())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Decider {
    source: PolicySource,
    lookup: Option<BoxedLookupFunction>,
}

impl Decider {
    /// Creates a decider from a [`Policy`](crate::Policy), a [`PolicyHandle`](crate::PolicyHandle) to replace the policy while
    /// serving, or a choice [per path](crate::per_path), [host](crate::per_host) or [request](crate::per_request).
    ///
    /// ```
    /// use omnicors_http::{Decider, PolicyConfig};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let decider = Decider::new(policy);
    /// # Ok::<(), omnicors_http::PolicyError>(())
    /// ```
    ///
    /// A [`PolicyConfig`](crate::PolicyConfig) is not a policy. Call `.build()?` first:
    ///
    /// ```compile_fail,E0277
    /// use omnicors_http::{Decider, PolicyConfig};
    ///
    /// let decider = Decider::new(PolicyConfig::new());
    /// ```
    pub fn new(policy: impl IntoPolicySource<Choose, PreparedHeaders>) -> Self {
        Self {
            source: policy.into_policy_source(),
            lookup: None,
        }
    }

    /// Looks up origins with an async function. The policy must set
    /// [`lookup_origins`](crate::PolicyConfig::lookup_origins).
    ///
    /// The function is called for each request whose origin is well-formed and not allowed by the rest of the policy, so it
    /// should cache its results. It returns a [`LookupResult`], a `bool`, or a `Result<bool, E>`. If it has no result after
    /// `timeout`, its future is dropped, the origin is denied, and the response has `Cache-Control: no-store`.
    ///
    /// Call [`decide`](Self::decide) inside a tokio runtime whose clock is enabled.
    ///
    /// ```
    /// use omnicors_http::{Decider, PolicyConfig};
    /// use std::time::Duration;
    ///
    /// /// Asks the database whether a tenant has this origin.
    /// async fn is_tenant(origin: String) -> bool {
    ///     origin == "https://tenant.example"
    /// }
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let decider = Decider::new(policy).lookup_origins(Duration::from_millis(500), is_tenant);
    /// # Ok::<(), omnicors_http::PolicyError>(())
    /// ```
    ///
    /// If the policy needs lookups and this is not called, every origin that is not listed is denied, and the response has
    /// `Cache-Control: no-store`. An adapter reports this mistake at start-up: see
    /// [`assert_no_lookup_is_missing`](Self::assert_no_lookup_is_missing).
    ///
    /// # Panics
    ///
    /// Panics if the decider has a fixed policy that does not set `lookup_origins`: the function would never be called.
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

    /// Decides about a request. Waits only for an origin lookup.
    ///
    /// If the source chooses no policy, the request bypasses CORS: it is forwarded, and its response gets only the names that
    /// the source [varies on](PolicySource::vary_on).
    ///
    /// ```
    /// use http::Request;
    /// use omnicors_http::{Decider, HttpDecision, PolicyConfig};
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let decider = Decider::new(PolicyConfig::public_read_only().build()?);
    ///     let request = Request::get("/").header("origin", "https://example.com").body(())?;
    ///     assert!(matches!(decider.decide(&request).await, HttpDecision::Forward(_)));
    ///     Ok(())
    /// }
    /// ```
    pub async fn decide<'a>(&self, request: impl Into<RequestHead<'a>>) -> HttpDecision {
        let head = request.into();
        let Some(lookup) = &self.lookup else {
            return self.decide_without_lookup(head);
        };
        // Held during the lookup, so that the policy that needs the lookup also decides.
        let choice = self.source.choose(&head);
        let mut decision = match choice.policy {
            Some(policy) => {
                let result = match start_lookup(&policy, head, |origin| lookup.start(origin)) {
                    Some(lookup) => Some(lookup.await),
                    None => None,
                };
                decide_with_result(&policy, head, result)
            }
            None => HttpDecision::default(),
        };
        decision.vary_on(choice.vary_names);
        decision
    }

    /// Checks that there is an origin lookup if the policy needs one. An adapter calls this when its framework builds the
    /// service.
    ///
    /// ```
    /// use omnicors_http::{Decider, PolicyConfig};
    ///
    /// let decider = Decider::new(PolicyConfig::public_read_only().build()?);
    /// decider.assert_no_lookup_is_missing();
    /// # Ok::<(), omnicors_http::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the decider has a fixed policy that sets `lookup_origins`, and no lookup.
    #[track_caller]
    pub fn assert_no_lookup_is_missing(&self) {
        if self.lookup.is_none() {
            self.source.assert_no_lookup_is_needed();
        }
    }

    /// Returns true if there is an origin lookup.
    ///
    /// If there is none, [`decide_without_lookup`](Self::decide_without_lookup) makes the same decisions as
    /// [`decide`](Self::decide), and is cheaper because it is not `async`.
    ///
    /// ```
    /// use omnicors_http::{Decider, PolicyConfig};
    ///
    /// let decider = Decider::new(PolicyConfig::public_read_only().build()?);
    /// assert!(!decider.has_lookup());
    /// # Ok::<(), omnicors_http::PolicyError>(())
    /// ```
    #[inline]
    pub fn has_lookup(&self) -> bool {
        self.lookup.is_some()
    }

    /// Returns true if the policy is chosen per request.
    ///
    /// An adapter can check this before it reads what only a choice needs:
    ///
    /// ```
    /// use omnicors_http::{Decider, PolicyConfig, per_path};
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// assert!(!Decider::new(policy.clone()).is_per_request());
    /// assert!(Decider::new(per_path([("/public", policy)])).is_per_request());
    /// # Ok::<(), omnicors_http::PolicyError>(())
    /// ```
    #[inline]
    pub fn is_per_request(&self) -> bool {
        self.source.is_per_request()
    }

    /// Decides about a request without an origin lookup. Origins that need a lookup are denied.
    ///
    /// ```
    /// use http::Request;
    /// use omnicors_http::{Decider, HttpDecision, PolicyConfig};
    ///
    /// let decider = Decider::new(PolicyConfig::public_read_only().build()?);
    /// let request = Request::get("/").header("origin", "https://example.com").body(())?;
    /// assert!(matches!(decider.decide_without_lookup(&request), HttpDecision::Forward(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn decide_without_lookup<'a>(&self, request: impl Into<RequestHead<'a>>) -> HttpDecision {
        decide_by_source(&self.source, request)
    }

    /// Decides about a request by its method and header fields, or returns `None` if the decision may need more.
    ///
    /// This is for an adapter that would have to copy the rest of the request. The decision needs more if:
    ///
    /// * the policy is chosen per request;
    /// * there is an origin lookup;
    /// * the decision depends on the host of the request, because of [`allow_hosts`](crate::PolicyConfig::allow_hosts) or because a guard compares
    ///   the origin with the host;
    /// * a subscriber listens to an event about the request, which has the path;
    /// * the policy has a [shadow](crate::PolicyHandle::shadow).
    ///
    /// ```
    /// use http::{HeaderMap, Method, Request};
    /// use omnicors_http::{Decider, HttpDecision, PolicyConfig};
    ///
    /// let decider = Decider::new(PolicyConfig::public_read_only().build()?);
    /// let decision = decider
    ///     .decide_by_fields(&Method::GET, &HeaderMap::new())
    ///     .unwrap_or_else(|| decider.decide_without_lookup(&Request::new(())));
    /// assert!(matches!(decision, HttpDecision::Forward(_)));
    /// # Ok::<(), omnicors_http::PolicyError>(())
    /// ```
    #[inline]
    pub fn decide_by_fields(&self, method: &Method, headers: &HeaderMap) -> Option<HttpDecision> {
        static NO_TARGET: LazyLock<Uri> = LazyLock::new(Uri::default);

        if self.has_lookup() || self.source.is_per_request() {
            return None;
        }
        let head = RequestHead {
            method,
            uri: &NO_TARGET,
            headers,
            extensions: &Extensions::new(),
        };
        self.source.with_policy(|policy| {
            let policy = policy?;
            let fields = Fields::new(&head);
            if !policy.is_observed() {
                if let Some(outline) = policy.outline(method.as_str(), &fields, None) {
                    return Some(forward(policy, &fields, *outline));
                }
            }
            // Before the decision, because it must not be observed if it is not used.
            let read = || RequestParts::read(policy.policy(), method.as_str(), &fields);
            if policy.needs_target(read) || fields.has_read_authority() {
                return None;
            }
            let decision = evaluate_fields(policy, &fields, None);
            (!fields.has_read_authority()).then_some(decision)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use http::Request;
    use http::header::ORIGIN;
    use omnicors_core::{Guard, PolicyConfig};

    use super::*;
    use crate::{PolicyHandle, PreparedPolicy, per_request};

    async fn is_allowed(decider: &Decider, origin: &str) -> bool {
        let request = Request::get("/").header("origin", origin).body(()).unwrap();
        let HttpDecision::Forward(mut fields) = decider.decide(&request).await else {
            panic!()
        };
        let mut headers = HeaderMap::new();
        fields.apply(&mut headers);
        headers.contains_key("access-control-allow-origin")
    }

    #[tokio::test(start_paused = true)]
    async fn an_origin_whose_lookup_times_out_is_denied() {
        let policy = PolicyConfig::new()
            .allow_origins(["https://listed.example"])
            .lookup_origins(true);
        let decider = Decider::new(policy.build().unwrap());
        assert!(is_allowed(&decider, "https://listed.example").await);
        assert!(!is_allowed(&decider, "https://quick.example").await);
        let decider = decider.lookup_origins(Duration::from_millis(500), |origin| async move {
            match &*origin {
                "https://slow.example" => tokio::time::sleep(Duration::from_millis(499)).await,
                "https://late.example" => tokio::time::sleep(Duration::from_millis(501)).await,
                "https://hanging.example" => std::future::pending().await,
                _ => {}
            }
            origin != "https://listed.example"
        });
        assert!(
            is_allowed(&decider, "https://listed.example").await,
            "a listed origin is not looked up"
        );
        assert!(is_allowed(&decider, "https://quick.example").await);
        assert!(is_allowed(&decider, "https://slow.example").await);
        assert!(!is_allowed(&decider, "https://late.example").await);
        assert!(!is_allowed(&decider, "https://hanging.example").await);
        assert!(!is_allowed(&decider, "null").await);
    }

    #[tokio::test]
    async fn a_request_without_a_policy_is_forwarded_without_fields() {
        let decider = Decider::new(per_request(|_| None));
        let with_lookup = decider
            .clone()
            .lookup_origins(Duration::MAX, |_| ready(true));
        let request = Request::get("/").header("origin", "https://a.example");
        let request = request.body(()).unwrap();
        for decider in [decider, with_lookup] {
            let HttpDecision::Forward(mut fields) = decider.decide(&request).await else {
                panic!()
            };
            assert!(fields.is_empty());
            let own = ("access-control-allow-origin", "*");
            let own = (own.0.parse().unwrap(), own.1.parse().unwrap());
            let mut headers = HeaderMap::from_iter([own]);
            fields.apply(&mut headers);
            assert_eq!(headers.len(), 1);
        }
    }

    #[test]
    fn a_decision_by_fields_is_made_only_if_the_policy_needs_nothing_else() {
        let policy = || PolicyConfig::new().allow_origins(["https://listed.example"]);
        let rejecting = || policy().guard(Guard::All).build().unwrap();
        let of_hosts = || policy().allow_hosts(["api.example"]).build().unwrap();
        let lookup = || policy().lookup_origins(true).build().unwrap();
        let policy = || policy().build().unwrap();
        let shared = PreparedPolicy::shared(policy());
        let with = |origin: &str| HeaderMap::from_iter([(ORIGIN, origin.parse().unwrap())]);
        let (with_origin, with_other) = (
            with("https://listed.example"),
            with("https://other.example"),
        );
        let mut with_site = with_other.clone();
        with_site.insert("sec-fetch-site", "cross-site".parse().unwrap());
        let without = HeaderMap::new();
        for (decider, headers, is_decided) in [
            (Decider::new(policy()), &without, true),
            (Decider::new(PolicyHandle::new(policy())), &without, true),
            (Decider::new(rejecting()), &without, true),
            (Decider::new(rejecting()), &with_origin, true),
            (Decider::new(rejecting()), &with_site, true),
            // The origin is compared with the host.
            (Decider::new(rejecting()), &with_other, false),
            (Decider::new(of_hosts()), &without, false),
            (Decider::new(of_hosts()), &with_origin, false),
            (
                Decider::new(per_request(move |_| Some(shared.clone()))),
                &with_origin,
                false,
            ),
            (
                Decider::new(lookup()).lookup_origins(Duration::MAX, |_| ready(true)),
                &with_origin,
                false,
            ),
        ] {
            let decision = decider.decide_by_fields(&Method::GET, headers);
            assert_eq!(decision.is_some(), is_decided, "{headers:?} {decider:?}");
        }
    }
}
