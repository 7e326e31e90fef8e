#[cfg(feature = "tracing")]
mod failure_log;
mod options;
mod panics;
mod result_cache;
mod single_flight;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use omnicors_core::{LookupResult, limits};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

pub use self::options::{LookupOptions, WhenFailed};
use self::result_cache::{CachedResult, ResultCache};
use self::single_flight::SingleFlight;
use crate::sources;

/// Looks up origins with an async function, for example in a database, behind a bounded cache. Clones share the cache.
///
/// Pass it to `lookup_origins` of an adapter:
///
/// ```
/// use omnicors_tokio::{OriginLookup, PolicyConfig};
/// use omnicors_tower::CorsLayer;
/// use std::time::Duration;
///
/// # #[derive(Clone)] struct Database;
/// # impl Database { async fn has_tenant(&self, _: &str) -> Result<bool, std::io::Error> { Ok(true) } }
/// # fn layer(database: Database) -> Result<(), omnicors_tokio::PolicyError> {
/// let tenants = OriginLookup::new(move |origin: String| {
///     let database = database.clone();
///     async move { database.has_tenant(&origin).await }
/// });
///
/// let policy = PolicyConfig::new().lookup_origins(true).build()?;
/// let lookup = tenants.clone();
/// let layer = CorsLayer::new(policy)
///     .lookup_origins(Duration::from_secs(1), move |origin| lookup.clone().lookup(origin));
///
/// // When you add or remove a tenant:
/// tenants.invalidate("https://tenant.example");
/// # Ok(())
/// # }
/// ```
///
/// A client that sends millions of invented origins meets these limits:
///
/// * The cache holds at most [`LookupOptions::max_origins`] origins, and prefers those that are requested often.
/// * At most [`LookupOptions::max_lookups`] lookups run at once, and only one for each origin, however many requests wait for it.
///   After an invalidation, a new one may start while the old one still runs.
/// * No request waits longer than [`LookupOptions::timeout`]. Then its origin is denied, unless the cache has a result.
///
/// A lookup continues when its requests are cancelled, until it times out. So a client that hangs up and retries does not start
/// the same lookup again.
///
/// A panic in the function or in its future is a failed lookup, [`LookupFailure::Panicked`].
#[derive(Clone)]
pub struct OriginLookup {
    shared: Arc<Shared>,
}

/// The state that all clones share.
struct Shared {
    lookup: Box<dyn Fn(String) -> PollLookup + Send + Sync>,
    options: LookupOptions,
    /// Holds one permit for each lookup that may start.
    running: Arc<Semaphore>,
    cache: ResultCache,
    single_flight: SingleFlight,
    #[cfg(feature = "tracing")]
    failure_log: failure_log::FailureLog,
}

/// Polls the future of a lookup function, whatever its type of errors.
///
/// This is not a future that awaits the function's future: a future that panics when polled must not be dropped before the panic is
/// caught.
type PollLookup = Box<dyn FnMut(&mut Context<'_>) -> Poll<Result<bool, AnyError>> + Send>;
type AnyError = Box<dyn Error + Send + Sync>;

/// Why an origin lookup has no result.
///
/// The error that the function returned is the [`source`](Error::source). `{failure}` does not print it, `{failure:#}` does.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[derive(Debug)]
#[non_exhaustive]
pub enum LookupFailure {
    /// The function returned an error.
    Failed(AnyError),
    /// The lookup did not complete within [`LookupOptions::timeout`].
    TimedOut,
    /// The function panicked, or its future panicked when it was polled or dropped.
    Panicked {
        /// The message of the panic, if it is a string.
        message: Option<String>,
    },
    /// The runtime of the lookup was shut down. A request that waits for the result on another runtime reports this.
    Stopped,
}

impl fmt::Display for LookupFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(_) => f.write_str("the origin lookup failed"),
            Self::TimedOut => f.write_str("the origin lookup timed out"),
            Self::Panicked {
                message: Some(message),
            } => write!(f, "the origin lookup panicked: {message}"),
            Self::Panicked { message: None } => f.write_str("the origin lookup panicked"),
            Self::Stopped => {
                f.write_str("the origin lookup was stopped because its runtime was shut down")
            }
        }?;
        if f.alternate() {
            sources::write(f, self)?;
        }
        Ok(())
    }
}

impl Error for LookupFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => Some(&**error),
            Self::TimedOut | Self::Panicked { .. } | Self::Stopped => None,
        }
    }
}

impl OriginLookup {
    /// Creates a lookup from a function, with the [default options](LookupOptions::new).
    pub fn new<F, V, E>(lookup: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self::with_options(LookupOptions::new(), lookup)
    }

    /// Creates a lookup from a function and options.
    pub fn with_options<F, V, E>(options: LookupOptions, lookup: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let lookup = move |origin| -> PollLookup {
            let mut future = Box::pin(lookup(origin));
            Box::new(move |context| future.as_mut().poll(context).map_err(Into::into))
        };
        Self {
            shared: Arc::new(Shared {
                lookup: Box::new(lookup),
                running: Arc::new(Semaphore::new(options.max_lookups)),
                cache: ResultCache::new(options.max_origins),
                single_flight: SingleFlight::default(),
                #[cfg(feature = "tracing")]
                failure_log: failure_log::FailureLog::default(),
                options,
            }),
        }
    }

    /// Returns the result for an origin, from the cache or else from the function. Without a result, it is
    /// [`LookupResult::Failed`], unless [`LookupOptions::when_failed`] says otherwise.
    ///
    /// The time limit that you pass to the adapter should be longer than [`LookupOptions::timeout`]. Otherwise the adapter
    /// denies the origin before [`LookupOptions::when_failed`] takes effect.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, or if the runtime has no timer.
    pub async fn lookup(self, origin: String) -> LookupResult {
        // Adapters never pass a longer origin, but other callers may, and the cache has a limit of entries, not of bytes.
        if origin.len() > limits::ORIGIN {
            return LookupResult::NotAllowed;
        }
        if let Some(CachedResult::Fresh(result)) = self.shared.cache.get(&origin) {
            return result;
        }
        let result = single_flight::join(&self.shared, &origin);
        match timeout(self.shared.options.timeout, result).await {
            Ok(result) => result,
            Err(_) => self.shared.result_after_timeout(&origin),
        }
    }

    /// Removes the result for an origin. The next request looks it up again, even if a lookup is running, because that one may have
    /// read old data.
    pub fn invalidate(&self, origin: &str) {
        self.shared
            .single_flight
            .invalidate(origin, || self.shared.cache.remove(origin));
    }

    /// Removes the results for all origins, as [`invalidate`](Self::invalidate) does for one.
    pub fn invalidate_all(&self) {
        self.shared
            .single_flight
            .invalidate_all(|| self.shared.cache.clear());
    }
}

impl Shared {
    /// Calls the function and drives its future. A panic in either is a failure.
    async fn call(&self, origin: &str) -> Result<bool, LookupFailure> {
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

    /// Returns the result for a request whose timeout is over: the cached one, or else a failure.
    ///
    /// It never allows more than the cached result, because any client can cause this by keeping the function busy.
    fn result_after_timeout(&self, origin: &str) -> LookupResult {
        match self.cache.get(origin) {
            Some(CachedResult::Fresh(result) | CachedResult::Stale { result, .. }) => result,
            None => LookupResult::Failed,
        }
    }

    /// Stores the outcome of a lookup in the cache, and returns the result.
    fn store(&self, origin: &Arc<str>, outcome: &Result<bool, LookupFailure>) -> LookupResult {
        let options = &self.options;
        let now = Instant::now();
        match *outcome {
            Ok(allowed) => {
                let keep = if allowed {
                    options.keep_allowed
                } else {
                    options.keep_denied
                };
                let stale_until = match options.when_failed {
                    WhenFailed::LastResult { keep: last } => {
                        Some(now + options::bounded(keep.saturating_add(last)))
                    }
                    WhenFailed::Deny | WhenFailed::DangerouslyAllow => None,
                };
                let result = allowed.into();
                self.cache.insert(origin, result, now + keep, stale_until);
                result
            }
            Err(ref failure) => {
                let retry_at = now + options.keep_failed;
                if let Some(CachedResult::Stale { result, until }) = self.cache.get(origin) {
                    self.cache
                        .insert(origin, result, retry_at.min(until), Some(until));
                    return result;
                }
                let is_allowed = matches!(failure, LookupFailure::Failed(_))
                    && matches!(options.when_failed, WhenFailed::DangerouslyAllow);
                let result = if is_allowed {
                    LookupResult::Allowed
                } else {
                    LookupResult::Failed
                };
                self.cache.insert(origin, result, retry_at, None);
                result
            }
        }
    }

    /// Logs and reports a failure. A panic in either is caught, and changes nothing: the panic hook has printed it.
    fn report(&self, origin: &str, failure: &LookupFailure) {
        #[cfg(feature = "tracing")]
        let _panicked = panics::catch(|| self.failure_log.log(origin, failure));
        if let Some(report) = &self.options.report {
            let _panicked = panics::catch(|| report(origin, failure));
        }
    }
}

impl fmt::Debug for OriginLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginLookup")
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}
