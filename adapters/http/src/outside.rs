use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use omnicors_core::Origin;

/// An async function that decides about origins, and how long it may take. A clone is cheap.
///
/// For an adapter whose framework does not speak the types of the `http` crate; others have it in a
/// [`Decider`](crate::Decider).
#[derive(Clone)]
pub struct OriginDecider {
    decide: Arc<dyn Fn(String) -> Verdict + Send + Sync>,
    limit: Duration,
}

/// What a function that decides about origins returns.
type Verdict = Pin<Box<dyn Future<Output = bool> + Send>>;

impl OriginDecider {
    /// Takes the function, and how long it may take.
    pub fn new<F, V>(limit: Duration, decide: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = bool> + Send + 'static,
    {
        Self {
            decide: Arc::new(move |origin| Box::pin(decide(origin))),
            limit,
        }
    }

    /// What the function decides; `None` when it has not within its time, which is as good as undecided, and denied. Its
    /// future is dropped then. This needs a tokio runtime with its clock enabled.
    ///
    /// What is returned borrows nothing: it can wait beside the request whose origin this is.
    pub fn decide(&self, origin: &Origin<'_>) -> impl Future<Output = Option<bool>> + Send + use<> {
        let verdict = (self.decide)(origin.as_str().to_owned());
        let limit = self.limit;
        async move { tokio::time::timeout(limit, verdict).await.ok() }
    }
}

impl fmt::Debug for OriginDecider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginDecider")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
