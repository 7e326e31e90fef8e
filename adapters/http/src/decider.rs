use std::time::Duration;

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
///     None => { /* run the application, and leave its response alone */ }
///     Some(HttpDecision::Answer(response)) => { /* this is the response */ }
///     Some(HttpDecision::Forward(headers)) => { /* run the application, then put these onto its response */ }
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

    /// Decides about a request; `None` where CORS is none of our business for it, and nothing is done.
    ///
    /// Waits for nothing, and allocates nothing of its own, unless an origin has to be decided outside.
    pub async fn decide<'a>(&self, request: impl Into<RequestHead<'a>>) -> Option<HttpDecision> {
        let head = request.into();
        let Some(outside) = &self.outside else {
            return self.source.with_chosen(&head, |policy| policy.decide(head));
        };
        // Held while the origin is decided: the policy that asks is the one that is answered by.
        let policy = self.source.choose(&head)?;
        let verdict = match policy.origin_to_decide(head) {
            Some(origin) => outside.decide(&origin).await,
            None => None,
        };
        Some(policy.decide_given(head, verdict))
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use omnicors_core::PolicyConfig;

    use super::*;

    async fn is_allowed(decider: &Decider, origin: &str) -> bool {
        let request = Request::get("/").header("origin", origin).body(()).unwrap();
        let Some(HttpDecision::Forward(headers)) = decider.decide(&request).await else {
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
            if origin == "https://hanging.example" {
                std::future::pending::<()>().await;
            }
            origin != "https://listed.example"
        });
        assert!(
            is_allowed(&decider, "https://listed.example").await,
            "never asked about"
        );
        assert!(is_allowed(&decider, "https://quick.example").await);
        assert!(!is_allowed(&decider, "https://hanging.example").await);
        assert!(!is_allowed(&decider, "null").await);
    }
}
