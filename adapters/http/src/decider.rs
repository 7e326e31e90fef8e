use std::sync::LazyLock;
use std::time::Duration;

use http::header::HOST;
use http::{Extensions, HeaderMap, Method, Uri};

use crate::outside::{AnyOriginDecider, OriginDecider};
use crate::policy::HttpDecision;
use crate::request::RequestHead;
use crate::source::PolicySource;

/// All that an adapter for an async framework asks about a request: where its policy comes from, and, where that leaves
/// origins to its caller, how they are decided. A clone is cheap.
///
/// ```
/// use http::Request;
/// use omnicors_http::{Decider, HttpDecision, PolicyConfig};
/// use std::time::Duration;
///
/// # async fn is_tenant(origin: &str) -> bool { origin == "https://tenant.example" }
/// # async fn serve(request: Request<()>) -> Result<(), omnicors_http::PolicyError> {
/// let policy = PolicyConfig::new().decide_origins_outside(true).build()?;
/// let decider = Decider::new(policy)
///     .decide_origins(Duration::from_millis(500), |origin: String| async move { is_tenant(&origin).await });
///
/// match decider.decide(&request).await {
///     HttpDecision::Answer(response) => { /* this is the response */ }
///     HttpDecision::Forward(headers) => { /* run the application, then put these onto its response */ }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Decider {
    source: PolicySource,
    outside: Option<AnyOriginDecider>,
}

impl Decider {
    /// Takes a [`Policy`](crate::Policy) for all requests, a [`PolicyHandle`](crate::PolicyHandle) to replace it while
    /// serving, or a [`per_request`](crate::per_request) function.
    pub fn new(policy: impl Into<PolicySource>) -> Self {
        Self {
            source: policy.into(),
            outside: None,
        }
    }

    /// Lets an async function decide about the origins that the policy
    /// [leaves to its caller](crate::PolicyConfig::decide_origins_outside).
    ///
    /// It is asked about well-formed origins that nothing else in the policy allows, and about nothing else: once per
    /// request, so that what it looks up is best cached. What it has not decided when `limit` has passed is denied; its
    /// future is dropped then. This needs a tokio runtime with its clock enabled.
    #[must_use]
    pub fn decide_origins<F, V>(mut self, limit: Duration, decide: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = bool> + Send + 'static,
    {
        self.outside = Some(OriginDecider::any(&self.source, limit, decide));
        self
    }

    /// Decides about a request. Where CORS is none of our business for it, it is forwarded, and its response
    /// [left as it is](crate::ForwardHeaders::is_nothing).
    ///
    /// Waits for nothing, and allocates nothing of its own, unless an origin has to be decided outside.
    pub async fn decide<'a>(&self, request: impl Into<RequestHead<'a>>) -> HttpDecision {
        let head = request.into();
        let Some(outside) = &self.outside else {
            return self.decide_at_once(head);
        };
        // Held while the origin is decided: the policy that asks is the one that is answered by.
        let Some(policy) = self.source.choose(&head) else {
            return HttpDecision::default();
        };
        let verdict = match policy.origin_to_decide(head) {
            Some(origin) => outside.decide(&origin).await,
            None => None,
        };
        policy.decide_given(head, verdict)
    }

    /// True where [`decide`](Self::decide) may have to wait, because a function decides about origins. Where it has not,
    /// [`decide_at_once`](Self::decide_at_once) does the same, and takes less time: an `async` function moves what it returns.
    #[inline]
    pub fn may_wait(&self) -> bool {
        self.outside.is_some()
    }

    /// Decides about a request without a function that decides about origins: what is left to it, is denied.
    #[inline]
    pub fn decide_at_once<'a>(&self, request: impl Into<RequestHead<'a>>) -> HttpDecision {
        let head = request.into();
        self.source.decide_at_once(head)
    }

    /// Decides by the method and the header lines alone, at once, for an adapter that is lent those, and would have to copy the
    /// rest; `None` where the rest may count, or someone may have to be asked.
    ///
    /// That is where a function chooses the policy, or decides about origins; where the policy
    /// [refuses](crate::PolicyConfig::refuse_disallowed_origins) and no line tells the host; and while someone listens to the
    /// events of feature `tracing`, which tell the path.
    #[inline]
    pub fn decide_by_lines(&self, method: &Method, headers: &HeaderMap) -> Option<HttpDecision> {
        static NO_TARGET: LazyLock<Uri> = LazyLock::new(Uri::default);

        if self.may_wait() || matches!(self.source, PolicySource::PerRequest(_)) {
            return None;
        }
        #[cfg(feature = "tracing")]
        if crate::trace::is_enabled() {
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
            let needs_target =
                policy.policy().refuses_disallowed_origins() && !headers.contains_key(HOST);
            (!needs_target).then(|| policy.decide(head))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use http::Request;
    use omnicors_core::PolicyConfig;

    use super::*;
    use crate::{PolicyHandle, SharedPolicy, per_request};

    async fn is_allowed(decider: &Decider, origin: &str) -> bool {
        let request = Request::get("/").header("origin", origin).body(()).unwrap();
        let HttpDecision::Forward(headers) = decider.decide(&request).await else {
            panic!()
        };
        headers
            .onto(http::Response::new(()))
            .headers()
            .contains_key("access-control-allow-origin")
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_decided_in_time_is_denied() {
        let policy = PolicyConfig::new()
            .allow_origins(["https://listed.example"])
            .decide_origins_outside(true);
        let decider = Decider::new(policy.build().unwrap());
        assert!(is_allowed(&decider, "https://listed.example").await);
        assert!(!is_allowed(&decider, "https://quick.example").await);
        let decider = decider.decide_origins(Duration::from_millis(500), |origin| async move {
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
            "never asked about"
        );
        assert!(is_allowed(&decider, "https://quick.example").await);
        assert!(is_allowed(&decider, "https://slow.example").await);
        assert!(!is_allowed(&decider, "https://late.example").await);
        assert!(!is_allowed(&decider, "https://hanging.example").await);
        assert!(!is_allowed(&decider, "null").await);
    }

    #[tokio::test]
    async fn what_is_none_of_its_business_is_forwarded_with_nothing() {
        let decider = Decider::new(per_request(|_| None));
        let asking = decider
            .clone()
            .decide_origins(Duration::MAX, |_| ready(true));
        let request = Request::get("/").header("origin", "https://a.example");
        let request = request.body(()).unwrap();
        for decider in [decider, asking] {
            let HttpDecision::Forward(headers) = decider.decide(&request).await else {
                panic!()
            };
            assert!(headers.is_nothing());
            let response = http::Response::builder()
                .header("access-control-allow-origin", "*")
                .body(());
            let response = headers.onto(response.unwrap());
            assert_eq!(response.headers().len(), 1);
        }
    }

    #[test]
    fn lines_suffice_where_nothing_else_counts() {
        let policy = || PolicyConfig::new().allow_origins(["https://listed.example"]);
        let refusing = || policy().refuse_disallowed_origins(true).build().unwrap();
        let policy = || policy().build().unwrap();
        let shared = SharedPolicy::new(policy());
        let (with_host, without) = (
            HeaderMap::from_iter([(HOST, "h".parse().unwrap())]),
            HeaderMap::new(),
        );
        for (decider, headers, suffice) in [
            (Decider::new(policy()), &without, true),
            (Decider::new(PolicyHandle::new(policy())), &without, true),
            (Decider::new(refusing()), &with_host, true),
            (Decider::new(refusing()), &without, false),
            (
                Decider::new(per_request(move |_| Some(shared.clone()))),
                &with_host,
                false,
            ),
            (
                Decider::new(policy()).decide_origins(Duration::MAX, |_| ready(true)),
                &with_host,
                false,
            ),
        ] {
            let decision = decider.decide_by_lines(&Method::GET, headers);
            assert_eq!(decision.is_some(), suffice, "{decider:?}");
        }
    }
}
