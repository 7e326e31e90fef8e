use std::sync::LazyLock;
use std::time::Duration;

use http::header::ORIGIN;
use http::{Extensions, HeaderMap, Method, Uri};
use omnicors_adapter::{BoxedLookupFunction, IntoPolicySource, LookupFunction};
use omnicors_core::LookupResult;

use crate::decision::{HttpDecision, decide_about, decide_with_result, start_lookup};
use crate::prepared::PreparedHeaders;
use crate::request::RequestHead;
use crate::source::{Choose, PolicySource, decide_by_source};

/// Decides about requests in an async framework: a policy source and, if there is one, an origin lookup. A clone is cheap.
///
/// ```
/// use http::Request;
/// use omnicors_http::{Decider, HttpDecision, PolicyConfig};
/// use std::time::Duration;
///
/// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
/// # async fn serve(request: Request<()>) -> Result<(), omnicors_http::PolicyError> {
/// let policy = PolicyConfig::new().lookup_origins(true).build()?;
/// let decider = Decider::new(policy)
///     .lookup_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
///
/// match decider.decide(&request).await {
///     HttpDecision::Respond(response) => { /* send this response */ }
///     HttpDecision::Forward(headers) => { /* run the application, then apply these to its response */ }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Decider {
    source: PolicySource,
    lookup: Option<BoxedLookupFunction>,
}

impl Decider {
    /// Takes a [`Policy`](crate::Policy) for all requests, a [`PolicyHandle`](crate::PolicyHandle) to replace it while
    /// serving, or a [`per_request`](crate::per_request) function.
    ///
    /// A config has to be built first:
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

    /// Looks up origins by an async function, for a policy that
    /// [needs it](crate::PolicyConfig::lookup_origins).
    ///
    /// The function is called once per request whose origin is well-formed and not allowed by anything else in the policy. So
    /// cache its results. It returns a [`LookupResult`], a `bool`, or a `Result<bool, E>`. A lookup without a result within
    /// `timeout` has failed: its future is dropped, the origin is denied, and no cache may store the response. Lookups need a
    /// tokio runtime with its clock enabled.
    ///
    /// If a policy needs lookups and this was not called, origins that are not listed are denied, with
    /// `Cache-Control: no-store`, and feature `tracing` logs a warning. An adapter finds this mistake earlier: see
    /// [`assert_no_lookup_is_missing`](Self::assert_no_lookup_is_missing).
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

    /// Decides about a request. If CORS does not apply to it, it is forwarded and its response [left as it
    /// is](crate::ForwardHeaders::is_empty), except for the names that the source [varies on](PolicySource::vary_on).
    ///
    /// Waits only for an origin lookup.
    pub async fn decide<'a>(&self, request: impl Into<RequestHead<'a>>) -> HttpDecision {
        let head = request.into();
        let Some(lookup) = &self.lookup else {
            return self.decide_without_lookup(head);
        };
        // Held during the lookup, so that the policy that needs it also decides.
        let mut decision = match self.source.choose(&head) {
            Some(policy) => {
                let result = match start_lookup(&policy, head, |origin| lookup.start(origin)) {
                    Some(lookup) => Some(lookup.await),
                    None => None,
                };
                decide_with_result(&policy, head, result)
            }
            None => HttpDecision::default(),
        };
        decision.vary_on(self.source.vary_names());
        decision
    }

    /// Checks that this has an origin lookup if its policy needs one. Adapters call this when their framework builds the
    /// service.
    ///
    /// # Panics
    ///
    /// Panics if it was made from one policy that looks origins up, and has no lookup.
    #[track_caller]
    pub fn assert_no_lookup_is_missing(&self) {
        if self.lookup.is_none() {
            self.source.assert_no_lookup_is_needed();
        }
    }

    /// Returns true if [`decide`](Self::decide) may have to wait for an origin lookup. If not,
    /// [`decide_without_lookup`](Self::decide_without_lookup) does the same and is cheaper, because an `async` function moves
    /// its result.
    #[inline]
    pub fn has_lookup(&self) -> bool {
        self.lookup.is_some()
    }

    /// Decides about a request without an origin lookup: origins that need one are denied.
    #[inline]
    pub fn decide_without_lookup<'a>(&self, request: impl Into<RequestHead<'a>>) -> HttpDecision {
        decide_by_source(&self.source, request)
    }

    /// Decides by the method and the header fields alone, or returns `None` if they may not suffice. This is for an adapter
    /// that can borrow only these and would have to copy the rest of the request.
    ///
    /// They do not suffice if a function chooses the policy, if there is an origin lookup, if the policy
    /// [rejects requests](crate::PolicyConfig::refuse_disallowed_origins) and this one has an `Origin`, and while someone listens
    /// to the events of feature `tracing`, which have the path.
    #[inline]
    pub fn decide_by_fields(&self, method: &Method, headers: &HeaderMap) -> Option<HttpDecision> {
        static NO_TARGET: LazyLock<Uri> = LazyLock::new(Uri::default);

        if self.has_lookup() || matches!(self.source, PolicySource::PerRequest { .. }) {
            return None;
        }
        #[cfg(feature = "tracing")]
        if omnicors_adapter::events::is_enabled() {
            return None;
        }
        let head = RequestHead {
            method,
            uri: &NO_TARGET,
            headers,
            extensions: &Extensions::new(),
        };
        self.source.with_chosen(&head, |policy| {
            let policy = policy?;
            // To tell a request of the server's own pages, the host of the target counts as well.
            let needs_target =
                policy.policy().refuse_disallowed_origins() && headers.contains_key(ORIGIN);
            (!needs_target).then(|| decide_about(policy, &head, None))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use http::Request;
    use omnicors_core::PolicyConfig;

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
    fn method_and_fields_suffice_if_nothing_else_is_read() {
        let policy = || PolicyConfig::new().allow_origins(["https://listed.example"]);
        let rejecting = || policy().refuse_disallowed_origins(true).build().unwrap();
        let lookup = || policy().lookup_origins(true).build().unwrap();
        let policy = || policy().build().unwrap();
        let shared = PreparedPolicy::shared(policy());
        let (with_origin, without) = (
            HeaderMap::from_iter([(ORIGIN, "https://listed.example".parse().unwrap())]),
            HeaderMap::new(),
        );
        for (decider, headers, suffice) in [
            (Decider::new(policy()), &without, true),
            (Decider::new(PolicyHandle::new(policy())), &without, true),
            (Decider::new(rejecting()), &without, true),
            (Decider::new(rejecting()), &with_origin, false),
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
            assert_eq!(decision.is_some(), suffice, "{decider:?}");
        }
    }
}
