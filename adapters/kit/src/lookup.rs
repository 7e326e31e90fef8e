use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use omnicors_core::{LookupResult, Origin};
use pin_project_lite::pin_project;
use tokio::time::{Timeout, timeout};

use crate::panics;
use crate::source::PolicySource;

/// An async function that looks up origins, and its timeout.
#[derive(Clone, Copy)]
pub struct LookupFunction<F> {
    timeout: Duration,
    function: F,
}

/// A [`LookupFunction`] whose type does not name the function: for adapters whose users expect a type without parameters. A
/// clone is cheap.
#[derive(Clone)]
pub struct BoxedLookupFunction(Arc<dyn Fn(&Origin<'_>) -> BoxedLookup + Send + Sync>);

/// The lookup of an origin by a [`BoxedLookupFunction`]. If it panics, it has failed.
pub type BoxedLookup = Pin<Box<dyn Future<Output = LookupResult> + Send>>;

impl<F> LookupFunction<F> {
    /// Takes the function, which returns what it found out about an origin ([`LookupResult`], `bool` or
    /// `Result<bool, E>`), and how long it may take.
    ///
    /// # Panics
    ///
    /// Panics if the source is one policy that does not [look origins up](omnicors_core::PolicyConfig::lookup_origins): the
    /// function would never be called. This is a mistake in the program, found when it starts.
    #[track_caller]
    pub fn new<C: ?Sized, P>(source: &PolicySource<C, P>, timeout: Duration, function: F) -> Self {
        source.assert_lookup_is_used();
        Self { timeout, function }
    }

    /// Does the same as [`new`](Self::new), and boxes the function and its futures.
    ///
    /// # Panics
    ///
    /// Panics as [`new`](Self::new) does.
    #[track_caller]
    pub fn boxed<C: ?Sized, P, L>(
        source: &PolicySource<C, P>,
        timeout: Duration,
        function: F,
    ) -> BoxedLookupFunction
    where
        F: Fn(String) -> L + Send + Sync + 'static,
        L: Future<Output: Into<LookupResult>> + Send + 'static,
    {
        let function = Self::new(source, timeout, function);
        BoxedLookupFunction(Arc::new(move |origin| Box::pin(function.start(origin))))
    }

    /// Starts the lookup of an origin that the policy [needs](omnicors_core::Policy::origin_to_look_up). Call it inside a tokio
    /// runtime with its clock enabled.
    ///
    /// The future borrows nothing, so that it can be kept beside the request. The request parts are not `Send`, and must not be
    /// held while it is awaited: read them in a block that ends with this call, and again when there is a result.
    pub fn start<L>(&self, origin: &Origin<'_>) -> PendingLookup<L>
    where
        F: Fn(String) -> L,
        L: Future<Output: Into<LookupResult>>,
    {
        let lookup = panics::caught(|| (self.function)(origin.as_str().to_owned()));
        PendingLookup {
            lookup: lookup.map(|lookup| timeout(self.timeout, lookup)),
        }
    }
}

impl BoxedLookupFunction {
    /// Starts the lookup of an origin: see [`LookupFunction::start`].
    pub fn start(&self, origin: &Origin<'_>) -> BoxedLookup {
        (self.0)(origin)
    }
}

pin_project! {
    /// The lookup of an origin. If it panics, it has failed.
    ///
    /// It can be dropped before it has a result, as when the client closes the connection. Then, too, a panic in the drop of the
    /// user's future is caught.
    #[derive(Debug)]
    pub struct PendingLookup<L> {
        // `None` if the function has panicked, and when there is a result.
        #[pin]
        lookup: Option<Timeout<L>>,
    }

    impl<L> PinnedDrop for PendingLookup<L> {
        fn drop(this: Pin<&mut Self>) {
            // There is nobody to report a panic to.
            let _ = this.drop_lookup();
        }
    }
}

impl<L> PendingLookup<L> {
    /// Drops the user's future. Returns `None` if that panics.
    fn drop_lookup(self: Pin<&mut Self>) -> Option<()> {
        let mut lookup = self.project().lookup;
        panics::caught(|| lookup.set(None))
    }
}

impl<L: Future<Output: Into<LookupResult>>> Future for PendingLookup<L> {
    type Output = LookupResult;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<LookupResult> {
        let Some(lookup) = self.as_mut().project().lookup.as_pin_mut() else {
            return Poll::Ready(LookupResult::Failed);
        };
        let result = match panics::caught(|| lookup.poll(context).map_ok(Into::into)) {
            Some(Poll::Pending) => return Poll::Pending,
            Some(Poll::Ready(result)) => Some(result.unwrap_or(LookupResult::TimedOut)),
            // It panicked.
            None => None,
        };
        let dropped = self.drop_lookup();
        Poll::Ready(
            result
                .filter(|_| dropped.is_some())
                .unwrap_or(LookupResult::Failed),
        )
    }
}

impl<F> fmt::Debug for LookupFunction<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupFunction")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for BoxedLookupFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoxedLookupFunction")
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

    #[tokio::test]
    #[should_panic(expected = "set `lookup_origins(true)` in the policy")]
    async fn a_lookup_that_would_never_be_called_is_a_mistake() {
        let policy = PolicyConfig::new().allow_origin("https://a.example");
        let source = PolicySource::<Choose, NoPreparedValues>::from(policy.build().unwrap());
        let _ = LookupFunction::new(&source, Duration::MAX, |_: String| ready(true));
    }

    #[tokio::test]
    async fn a_lookup_that_panics_has_failed() {
        fn no_future(_: String) -> std::future::Ready<bool> {
            panic!("before there is a future")
        }
        let policy = PolicyConfig::new().lookup_origins(true);
        let source = PolicySource::<Choose, NoPreparedValues>::from(policy.build().unwrap());
        let origin = Origin::parse(b"https://a.example").unwrap();
        let at_once = LookupFunction::new(&source, Duration::from_secs(1), no_future);
        assert_eq!(at_once.start(&origin).await, LookupResult::Failed);
        let when_polled = LookupFunction::new(&source, Duration::from_secs(1), async |_| -> bool {
            panic!("polled")
        });
        assert_eq!(when_polled.start(&origin).await, LookupResult::Failed);
    }

    /// Panics when it is polled, if so chosen, and when it is dropped.
    struct Panics {
        when_polled: bool,
    }

    impl Future for Panics {
        type Output = bool;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<bool> {
            assert!(!self.when_polled, "polled");
            Poll::Ready(true)
        }
    }

    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    /// If the second panic were not caught after the first one, the process would abort.
    #[tokio::test]
    async fn a_lookup_that_panics_when_it_is_dropped_has_failed() {
        let policy = PolicyConfig::new().lookup_origins(true);
        let source = PolicySource::<Choose, NoPreparedValues>::from(policy.build().unwrap());
        let origin = Origin::parse(b"https://a.example").unwrap();
        for when_polled in [false, true] {
            let panics = move |_| Panics { when_polled };
            let function = LookupFunction::new(&source, Duration::from_secs(1), panics);
            assert_eq!(function.start(&origin).await, LookupResult::Failed);
            let boxed = LookupFunction::boxed(&source, Duration::from_secs(1), panics);
            assert_eq!(boxed.start(&origin).await, LookupResult::Failed);
        }
    }

    /// As when the client closes the connection.
    #[tokio::test]
    async fn a_panic_in_the_drop_of_a_pending_lookup_is_caught() {
        let policy = PolicyConfig::new().lookup_origins(true);
        let source = PolicySource::<Choose, NoPreparedValues>::from(policy.build().unwrap());
        let origin = Origin::parse(b"https://a.example").unwrap();
        let panics = |_| Panics { when_polled: false };
        let function = LookupFunction::new(&source, Duration::from_secs(1), panics);
        drop(function.start(&origin));
        let boxed = LookupFunction::boxed(&source, Duration::from_secs(1), panics);
        drop(boxed.start(&origin));
    }

    #[tokio::test(start_paused = true)]
    async fn a_lookup_has_a_result_or_times_out() {
        let policy = PolicyConfig::new().lookup_origins(true);
        let source = PolicySource::<Choose, NoPreparedValues>::from(policy.build().unwrap());
        let boxed = LookupFunction::boxed(&source, Duration::from_secs(1), |origin| async move {
            match &*origin {
                "https://hanging.example" => pending().await,
                origin => ready(origin == "https://allowed.example").await,
            }
        });
        for (origin, result) in [
            ("https://allowed.example", LookupResult::Allowed),
            ("https://denied.example", LookupResult::NotAllowed),
            ("https://hanging.example", LookupResult::TimedOut),
        ] {
            let origin = Origin::parse(origin.as_bytes()).unwrap();
            assert_eq!(boxed.start(&origin).await, result, "{origin:?}");
        }
    }
}
