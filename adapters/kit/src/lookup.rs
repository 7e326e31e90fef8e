use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use omnicors_core::Origin;
use pin_project_lite::pin_project;
use tokio::time::{Timeout, timeout};

use crate::source::Source;

/// An async function that decides about origins, and how long it may take.
///
/// For an adapter that cannot use a [`Decider`](crate::Decider), which has one.
#[derive(Clone, Copy)]
pub struct OriginDecider<F: ?Sized> {
    limit: Duration,
    decide: F,
}

/// An [`OriginDecider`] under one type, for adapters whose users expect a type without parameters. A clone is cheap.
pub type AnyOriginDecider = Arc<OriginDecider<dyn Fn(String) -> BoxedVerdict + Send + Sync>>;

type BoxedVerdict = Pin<Box<dyn Future<Output = bool> + Send>>;

impl<F> OriginDecider<F> {
    /// Takes where the policy comes from, how long the function may take, and the function.
    pub fn new<C: ?Sized, P>(source: &Source<C, P>, limit: Duration, decide: F) -> Self {
        #[cfg(feature = "tracing")]
        source.tell_if_never_asked();
        #[cfg(not(feature = "tracing"))]
        let _ = source;
        Self { limit, decide }
    }

    /// The same as [`new`](Self::new), under one type.
    pub fn any<C: ?Sized, P, V>(
        source: &Source<C, P>,
        limit: Duration,
        decide: F,
    ) -> AnyOriginDecider
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = bool> + Send + 'static,
    {
        let decide = move |origin| -> BoxedVerdict { Box::pin(decide(origin)) };
        Arc::new(OriginDecider::new(source, limit, decide))
    }
}

impl<F: ?Sized> OriginDecider<F> {
    /// What the function decides about an origin that there is [to decide](omnicors_core::Policy::origin_to_decide). This needs
    /// a tokio runtime with its clock enabled.
    ///
    /// What is returned borrows nothing: it can wait beside the request whose origin this is.
    pub fn decide<V>(&self, origin: &Origin<'_>) -> OriginVerdict<V>
    where
        F: Fn(String) -> V,
        V: Future<Output = bool>,
    {
        OriginVerdict {
            within: timeout(self.limit, (self.decide)(origin.as_str().to_owned())),
        }
    }
}

pin_project! {
    /// The verdict on an origin: `None` when it has not come in time, which is as good as undecided, and denied.
    #[derive(Debug)]
    pub struct OriginVerdict<V> {
        #[pin]
        within: Timeout<V>,
    }
}

impl<V: Future<Output = bool>> Future for OriginVerdict<V> {
    type Output = Option<bool>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<bool>> {
        self.project().within.poll(context).map(Result::ok)
    }
}

impl<F: ?Sized> fmt::Debug for OriginDecider<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginDecider")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
