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
///
/// Call [`start`](Self::start) if the policy returns an origin from
/// [`origin_to_look_up`](omnicors_core::Policy::origin_to_look_up), await the result, and evaluate the request with it:
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use omnicors_adapter::omnicors_core::{RequestParts, evaluate};
/// use omnicors_adapter::{LookupFunction, NoPreparedValues, PolicyConfig};
///
/// struct Request;
/// type Choose = dyn Fn(&Request) -> Option<Arc<omnicors_adapter::PreparedPolicy<NoPreparedValues>>>;
/// type PolicySource = omnicors_adapter::PolicySource<Choose, NoPreparedValues>;
///
/// /// Asks the database whether a tenant has this origin.
/// async fn is_tenant(origin: String) -> bool {
///     origin == "https://tenant.example"
/// }
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), omnicors_adapter::PolicyError> {
///     let policy = PolicyConfig::new().lookup_origins(true).build()?;
///     let source = PolicySource::from(policy.clone());
///     let function = LookupFunction::new(&source, Duration::from_millis(500), is_tenant);
///
///     let request = RequestParts::new("GET").origin("https://tenant.example");
///     let lookup = policy.origin_to_look_up(&request).map(|origin| function.start(&origin));
///     let result = match lookup {
///         Some(lookup) => Some(lookup.await),
///         None => None,
///     };
///     let request = request.lookup_result(result);
///     let decision = evaluate(&policy, &request);
///     assert!(decision.headers().iter().any(|field| field.to_string().contains("https://tenant.example")));
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy)]
pub struct LookupFunction<F> {
    timeout: Duration,
    function: F,
}

/// A [`LookupFunction`] without type parameters, for an adapter whose public type has none. Cloning is cheap.
///
/// `L` is the future of a lookup: [`BoxedLookup`] or [`LocalBoxedLookup`].
///
/// Made by [`LookupFunction::boxed`] and [`LookupFunction::boxed_local`], which have examples.
pub struct BoxedLookupFunction<L = BoxedLookup>(Arc<dyn Fn(&Origin<'_>) -> L + Send + Sync>);

/// The future of a lookup by a [`BoxedLookupFunction`]. If the lookup panics, the result is [`LookupResult::Failed`].
///
/// [`LookupFunction::boxed`] has an example.
pub type BoxedLookup = Pin<Box<dyn Future<Output = LookupResult> + Send>>;

/// A [`BoxedLookup`] that stays on the thread on which it was started.
///
/// [`LookupFunction::boxed_local`] has an example.
pub type LocalBoxedLookup = Pin<Box<dyn Future<Output = LookupResult>>>;

impl<F> LookupFunction<F> {
    /// Creates a lookup from an async function and its timeout. The function returns a [`LookupResult`], a `bool`, or a
    /// `Result<bool, E>`.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    ///
    /// use omnicors_adapter::{LookupFunction, NoPreparedValues, PolicyConfig, PolicySource, PreparedPolicy};
    ///
    /// type Choose = dyn Fn(&str) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// let source = PolicySource::<Choose, NoPreparedValues>::from(policy);
    /// let function = LookupFunction::new(&source, Duration::from_millis(500), async |origin: String| {
    ///     origin == "https://tenant.example"
    /// });
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the source is a fixed policy that does not set
    /// [`lookup_origins`](omnicors_core::PolicyConfig::lookup_origins): the function would never be called.
    #[track_caller]
    pub fn new<C: ?Sized, P>(source: &PolicySource<C, P>, timeout: Duration, function: F) -> Self {
        source.assert_lookup_is_used();
        Self { timeout, function }
    }

    /// Creates a lookup as [`new`](Self::new) does, and boxes the function and its futures.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    ///
    /// use omnicors_adapter::omnicors_core::{LookupResult, Origin};
    /// use omnicors_adapter::{LookupFunction, NoPreparedValues, PolicyConfig, PolicySource, PreparedPolicy};
    ///
    /// type Choose = dyn Fn(&str) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let policy = PolicyConfig::new().lookup_origins(true).build()?;
    ///     let source = PolicySource::<Choose, NoPreparedValues>::from(policy);
    ///     let function = LookupFunction::boxed(&source, Duration::from_millis(500), async |origin: String| {
    ///         origin == "https://tenant.example"
    ///     });
    ///     let result = function.start(&Origin::parse(b"https://tenant.example")?).await;
    ///     assert_eq!(result, LookupResult::Allowed);
    ///     Ok(())
    /// }
    /// ```
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

    /// Does the same as [`boxed`](Self::boxed), for a framework that polls the future of a request only on one thread. The future of the lookup
    /// need not be `Send`.
    ///
    /// ```
    /// use std::rc::Rc;
    /// use std::sync::Arc;
    /// use std::time::Duration;
    ///
    /// use omnicors_adapter::omnicors_core::{LookupResult, Origin};
    /// use omnicors_adapter::{LookupFunction, NoPreparedValues, PolicyConfig, PolicySource, PreparedPolicy};
    ///
    /// type Choose = dyn Fn(&str) -> Option<Arc<PreparedPolicy<NoPreparedValues>>>;
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let policy = PolicyConfig::new().lookup_origins(true).build()?;
    ///     let source = PolicySource::<Choose, NoPreparedValues>::from(policy);
    ///     let function = LookupFunction::boxed_local(&source, Duration::from_millis(500), async |origin: String| {
    ///         let tenant = Rc::new("https://tenant.example");
    ///         tokio::task::yield_now().await;
    ///         origin == *tenant
    ///     });
    ///     let result = function.start(&Origin::parse(b"https://tenant.example")?).await;
    ///     assert_eq!(result, LookupResult::Allowed);
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics as [`new`](Self::new) does.
    #[track_caller]
    pub fn boxed_local<C: ?Sized, P, L>(
        source: &PolicySource<C, P>,
        timeout: Duration,
        function: F,
    ) -> BoxedLookupFunction<LocalBoxedLookup>
    where
        F: Fn(String) -> L + Send + Sync + 'static,
        L: Future<Output: Into<LookupResult>> + 'static,
    {
        let function = Self::new(source, timeout, function);
        BoxedLookupFunction(Arc::new(move |origin| Box::pin(function.start(origin))))
    }

    /// Starts the lookup of the origin that [`origin_to_look_up`](omnicors_core::Policy::origin_to_look_up) returned.
    ///
    /// Call this inside a tokio runtime whose clock is enabled. The future borrows nothing, so an adapter can store it with
    /// the request. [`RequestParts`](omnicors_core::RequestParts) are not `Send`: read them in a block that ends with this
    /// call, and read them again when there is a result.
    ///
    /// ```
    /// use omnicors_adapter::omnicors_core::{LookupResult, Policy, RequestParts};
    /// use omnicors_adapter::LookupFunction;
    ///
    /// async fn look_up<F, L>(
    ///     function: &LookupFunction<F>,
    ///     policy: &Policy,
    ///     request: &RequestParts<'_>,
    /// ) -> Option<LookupResult>
    /// where
    ///     F: Fn(String) -> L,
    ///     L: Future<Output = bool>,
    /// {
    ///     let lookup = function.start(&policy.origin_to_look_up(request)?);
    ///     Some(lookup.await)
    /// }
    /// ```
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

impl<L> BoxedLookupFunction<L> {
    /// Starts the lookup of an origin, as [`LookupFunction::start`] does. [`LookupFunction::boxed`] has an example.
    pub fn start(&self, origin: &Origin<'_>) -> L {
        (self.0)(origin)
    }
}

impl<L> Clone for BoxedLookupFunction<L> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

pin_project! {
    /// The future of a lookup: made by [`LookupFunction::start`]. If the lookup panics, the result is
    /// [`LookupResult::Failed`].
    ///
    /// A server drops it before it has a result if the client closes the connection. A panic in the drop of the user's future
    /// is caught.
    #[derive(Debug)]
    pub struct PendingLookup<L> {
        // `None` if the function has panicked, and when there is a result.
        #[pin]
        lookup: Option<Timeout<L>>,
    }

    impl<L> PinnedDrop for PendingLookup<L> {
        fn drop(this: Pin<&mut Self>) {
            // A panic cannot be reported here. The panic hook has printed it.
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

impl<L> fmt::Debug for BoxedLookupFunction<L> {
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
    async fn a_lookup_that_would_never_be_called_panics() {
        let policy = PolicyConfig::new().allow_origin("https://a.example");
        let source = PolicySource::<Choose, NoPreparedValues>::from(policy.build().unwrap());
        let _ = LookupFunction::new(&source, Duration::MAX, |_: String| ready(true));
    }

    #[tokio::test]
    async fn a_lookup_that_panics_has_failed() {
        fn panicking(_: String) -> std::future::Ready<bool> {
            panic!("before it returns a future")
        }
        let policy = PolicyConfig::new().lookup_origins(true);
        let source = PolicySource::<Choose, NoPreparedValues>::from(policy.build().unwrap());
        let origin = Origin::parse(b"https://a.example").unwrap();
        let when_called = LookupFunction::new(&source, Duration::from_secs(1), panicking);
        assert_eq!(when_called.start(&origin).await, LookupResult::Failed);
        let when_polled = LookupFunction::new(&source, Duration::from_secs(1), async |_| -> bool {
            panic!("polled")
        });
        assert_eq!(when_polled.start(&origin).await, LookupResult::Failed);
    }

    /// A future that panics when it is dropped and, if `when_polled` is true, when it is polled.
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

    /// A panic in `poll` is followed by one in `drop`. If the second were not caught, the process would abort.
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

    /// A server drops the future if the client closes the connection.
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
