use std::future::poll_fn;
use std::mem;
use std::sync::Arc;
#[cfg(feature = "store")]
use std::sync::OnceLock;
use std::task::{Context, Poll};

use omnicors_core::LookupResult;
use tokio::time::timeout;

use super::failure::{AnyError, LookupFailure};
use super::moment::Moment;
use super::options::LookupOptions;
use super::panics;
use super::permits::Permits;
use super::rate_limit::RateLimit;
use super::result_cache::{CachedResult, CallResult, ResultCache};
use super::single_flight::SingleFlight;

/// The state that all clones of an [`OriginLookup`](super::OriginLookup) share.
pub(super) struct Shared {
    pub(super) lookup: Box<dyn Fn(String) -> PollLookup + Send + Sync>,
    pub(super) options: LookupOptions,
    pub(super) permits: Permits,
    pub(super) cache: ResultCache,
    pub(super) single_flight: SingleFlight,
    /// Limits the events of failed lookups.
    #[cfg(feature = "tracing")]
    pub(super) failures: RateLimit,
    /// Limits the events and reports of requests whose lookup was not begun.
    pub(super) not_begun: RateLimit,
    /// Follows the store that is asked, if there is one.
    #[cfg(feature = "store")]
    pub(super) follower: OnceLock<Arc<dyn Follower>>,
}

/// What follows the changes of a store and invalidates results.
#[cfg(feature = "store")]
pub(crate) trait Follower: Send + Sync {
    /// Returns the revision of the last change that was applied.
    fn revision(&self) -> Option<u64>;

    /// Returns true if the origin is certainly not in the store, so that it need not be asked.
    #[cfg(feature = "filter")]
    fn rules_out(&self, origin: &str) -> bool;
}

/// Polls the future of a lookup function, and boxes its error.
///
/// This is not a future that awaits the function's future, because a future that panics when polled must not be dropped before the
/// panic is caught.
pub(super) type PollLookup =
    Box<dyn FnMut(&mut Context<'_>) -> Poll<Result<bool, AnyError>> + Send>;

impl Shared {
    /// Calls the function and drives its future. A panic in either is a failure.
    pub(super) async fn call(&self, origin: &str) -> Result<bool, LookupFailure> {
        let mut poll_lookup = panics::catch(|| (self.lookup)(origin.to_owned()))?;
        let caught = poll_fn(|context| match panics::catch(|| poll_lookup(context)) {
            Ok(polled) => polled.map(|result| result.map_err(LookupFailure::Failed)),
            Err(panicked) => Poll::Ready(Err(panicked)),
        });
        let mut outcome = timeout(self.options.timeout, caught)
            .await
            .unwrap_or(Err(LookupFailure::TimedOut));
        // The first panic is the one that is reported.
        if let Err(panicked) = panics::catch(|| drop(poll_lookup))
            && !matches!(outcome, Err(LookupFailure::Panicked { .. }))
        {
            panics::discard(mem::replace(&mut outcome, Err(panicked)));
        }
        outcome
    }

    /// Returns the result for a request whose lookup was not begun, and reports that.
    pub(super) fn result_without_call(&self, origin: &str) -> LookupResult {
        self.report_not_begun(origin);
        self.last_result(origin, LookupResult::NotBegun)
    }

    /// Returns the result for a request that no longer waits for a lookup: the cached result, or else `otherwise`.
    ///
    /// This never allows more than the cached result, because any client can cause it by keeping the function busy.
    pub(super) fn last_result(&self, origin: &str, otherwise: LookupResult) -> LookupResult {
        match self.cache.get(origin) {
            Some(CachedResult::Fresh { result, .. }) => result,
            Some(CachedResult::Known { is_usable: true }) => LookupResult::Allowed,
            Some(CachedResult::Known { is_usable: false }) | None => otherwise,
        }
    }

    /// Stores the outcome of a lookup in the cache, and returns the result.
    ///
    /// The time for which a result is kept counts from the beginning of the lookup, because it may have read its data then.
    pub(super) fn store(
        &self,
        origin: &Arc<str>,
        begun: Moment,
        outcome: &Result<bool, LookupFailure>,
    ) -> CallResult {
        let options = &self.options;
        match outcome {
            Ok(true) => {
                let keep = options.keep_allowed;
                self.cache
                    .insert_allowed(origin, begun, keep, options.usable_for());
                self.call_result(begun, true)
            }
            Ok(false) => {
                self.cache
                    .insert_denied(origin, begun + options.keep_denied);
                self.call_result(begun, false)
            }
            Err(failure) => {
                let otherwise = options.when_failed.result(failure);
                self.cache
                    .insert_failed(origin, options.keep_failed, otherwise)
            }
        }
    }

    /// Returns the result of a successful call that began at `begun`.
    ///
    /// A request may wait for the timeout, also if results are used for a shorter time, or for none. The call began up to a timeout earlier.
    pub(super) fn call_result(&self, begun: Moment, is_allowed: bool) -> CallResult {
        let options = &self.options;
        let end = begun + options.usable_for().max(options.timeout * 2);
        CallResult::until(end, is_allowed.into(), LookupResult::TimedOut)
    }

    /// Logs and reports a failure. A panic in either is caught and ignored, because the panic hook has printed it.
    pub(super) fn report(&self, origin: &str, failure: &LookupFailure) {
        // `pass` has released its lock, because a subscriber may be slow.
        #[cfg(feature = "tracing")]
        if let Some(suppressed) = self.failures.pass() {
            let _panicked = panics::catch(
                || tracing::warn!(target: "omnicors", origin, suppressed, "CORS: {failure:#}"),
            );
        }
        self.call_report(origin, failure);
    }

    /// Logs and reports requests whose lookup was not begun, at most once a second.
    fn report_not_begun(&self, origin: &str) {
        let Some(suppressed) = self.not_begun.pass() else {
            return;
        };
        let failure = LookupFailure::NotBegun {
            requests: suppressed + 1,
        };
        #[cfg(feature = "tracing")]
        let _panicked = panics::catch(
            || tracing::warn!(target: "omnicors", origin, suppressed, "CORS: {failure}"),
        );
        self.call_report(origin, &failure);
    }

    fn call_report(&self, origin: &str, failure: &LookupFailure) {
        if let Some(report) = &self.options.report {
            let _panicked = panics::catch(|| report(origin, failure));
        }
    }
}
