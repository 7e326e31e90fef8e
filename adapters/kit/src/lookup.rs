use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use omnicors_core::Origin;
use pin_project_lite::pin_project;
use tokio::time::{Timeout, timeout};

use crate::source::PolicySource;

/// An async function that looks up origins, and its timeout.
#[derive(Clone, Copy)]
pub struct LookupFunction<F: ?Sized> {
    timeout: Duration,
    function: F,
}

/// A [`LookupFunction`] whose type does not name the function: for adapters whose users expect a type without parameters. A
/// clone is cheap.
pub type BoxedLookupFunction = Arc<LookupFunction<dyn Fn(String) -> BoxedLookup + Send + Sync>>;

/// The future of a [`BoxedLookupFunction`].
pub type BoxedLookup = Pin<Box<dyn Future<Output = bool> + Send>>;

impl<F> LookupFunction<F> {
    /// Takes the function, which returns whether an origin is allowed, and how long it may take.
    ///
    /// With feature `tracing`, this warns if no policy of the source needs a lookup.
    pub fn new<C: ?Sized, P>(source: &PolicySource<C, P>, timeout: Duration, function: F) -> Self {
        #[cfg(feature = "tracing")]
        source.warn_of_unused_lookup();
        #[cfg(not(feature = "tracing"))]
        let _ = source;
        Self { timeout, function }
    }

    /// Does the same as [`new`](Self::new), and boxes the function and its futures.
    pub fn boxed<C: ?Sized, P, L>(
        source: &PolicySource<C, P>,
        timeout: Duration,
        function: F,
    ) -> BoxedLookupFunction
    where
        F: Fn(String) -> L + Send + Sync + 'static,
        L: Future<Output = bool> + Send + 'static,
    {
        let function = move |origin| -> BoxedLookup { Box::pin(function(origin)) };
        Arc::new(LookupFunction::new(source, timeout, function))
    }
}

impl<F: ?Sized> LookupFunction<F> {
    /// Starts the lookup of an origin that the policy [needs](omnicors_core::Policy::origin_to_decide). Call it inside a tokio
    /// runtime with its clock enabled.
    ///
    /// The future borrows nothing, so that it can be kept beside the request.
    pub fn start<L>(&self, origin: &Origin<'_>) -> PendingLookup<L>
    where
        F: Fn(String) -> L,
        L: Future<Output = bool>,
    {
        PendingLookup {
            lookup: timeout(self.timeout, (self.function)(origin.as_str().to_owned())),
        }
    }
}

pin_project! {
    /// The lookup of an origin. Its result is whether the origin is allowed, or `None` if the lookup timed out; then the
    /// origin is denied.
    #[derive(Debug)]
    pub struct PendingLookup<L> {
        #[pin]
        lookup: Timeout<L>,
    }
}

impl<L: Future<Output = bool>> Future for PendingLookup<L> {
    type Output = Option<bool>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<bool>> {
        self.project().lookup.poll(context).map(Result::ok)
    }
}

impl<F: ?Sized> fmt::Debug for LookupFunction<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupFunction")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use omnicors_core::PolicyConfig;

    use super::*;
    use crate::prepared::{NoPreparedValues, PreparedPolicy};

    type Choose = dyn Fn(()) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;

    #[tokio::test(start_paused = true)]
    async fn a_lookup_has_a_result_or_times_out() {
        let policy = PolicyConfig::new().decide_origins_outside(true);
        let source = PolicySource::<Choose, NoPreparedValues>::from(policy.build().unwrap());
        let boxed = LookupFunction::boxed(&source, Duration::from_secs(1), |origin| async move {
            match &*origin {
                "https://hanging.example" => pending().await,
                origin => ready(origin == "https://allowed.example").await,
            }
        });
        for (origin, result) in [
            ("https://allowed.example", Some(true)),
            ("https://denied.example", Some(false)),
            ("https://hanging.example", None),
        ] {
            let origin = Origin::parse(origin.as_bytes()).unwrap();
            assert_eq!(boxed.start(&origin).await, result, "{origin:?}");
        }
    }
}
