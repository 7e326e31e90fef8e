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

use omnicors_core::limits;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

pub use self::options::{LookupOptions, WhenFailed};
use self::result_cache::{CachedResult, ResultCache};
use self::single_flight::SingleFlight;

/// Origins looked up by an async function, in a database say, behind a bounded cache. A clone shares the cache.
///
/// It goes where an adapter lets an async function decide about origins:
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
/// let policy = PolicyConfig::new().decide_origins_outside(true).build()?;
/// let lookup = tenants.clone();
/// let layer = CorsLayer::new(policy)
///     .decide_origins(Duration::from_secs(1), move |origin| lookup.clone().lookup(origin));
///
/// // When a tenant has come or gone:
/// tenants.invalidate("https://tenant.example");
/// # Ok(())
/// # }
/// ```
///
/// What a stranger can cause with origins made up by the million:
///
/// * the cache holds no more than [`LookupOptions::max_origins`], and prefers what is asked about often;
/// * the function runs no more than [`LookupOptions::max_lookups`] times at once, and once at a time for an origin,
///   however many requests wait for it;
/// * no request waits for longer than [`LookupOptions::timeout`]; what is not answered then is denied.
///
/// A lookup that has begun runs on when its requests are gone, up to the timeout, so that a client that hangs up cannot
/// have the same begun again and again.
#[derive(Clone)]
pub struct OriginLookup {
    shared: Arc<Shared>,
}

/// What is the same for all clones.
struct Shared {
    lookup: Box<dyn Fn(String) -> PollLookup + Send + Sync>,
    options: LookupOptions,
    /// One permit for each lookup that may run.
    running: Arc<Semaphore>,
    cache: ResultCache,
    single_flight: SingleFlight,
    #[cfg(feature = "tracing")]
    failure_log: failure_log::FailureLog,
}

/// Polls the future of a lookup function, whatever its type of errors.
///
/// It is not a future that awaits the function's one: if that panics when polled, it must not be dropped before the panic is
/// caught.
type PollLookup = Box<dyn FnMut(&mut Context<'_>) -> Poll<Result<bool, AnyError>> + Send>;
type AnyError = Box<dyn Error + Send + Sync>;

/// Why there is no answer about an origin.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[derive(Debug)]
#[non_exhaustive]
pub enum LookupFailure {
    /// The function returned an error.
    Failed(AnyError),
    /// It had not returned within [`LookupOptions::timeout`].
    TimedOut,
    /// It panicked when it was called, or its future did when it was polled or dropped.
    Panicked {
        /// The message of the panic, if it is a string.
        message: Option<String>,
    },
    /// The runtime that ran it was shut down. A request that waits for it on another runtime reports this.
    Stopped,
}

impl fmt::Display for LookupFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "the lookup failed: {error}"),
            Self::TimedOut => f.write_str("the lookup took too long"),
            Self::Panicked {
                message: Some(message),
            } => write!(f, "the lookup panicked: {message}"),
            Self::Panicked { message: None } => f.write_str("the lookup panicked"),
            Self::Stopped => f.write_str("the lookup was stopped: its runtime was shut down"),
        }
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
    /// Takes the function, with the [default options](LookupOptions).
    pub fn new<F, V, E>(lookup: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self::with_options(LookupOptions::new(), lookup)
    }

    /// Takes the function, and options.
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

    /// Whether the origin is allowed, from the cache or else by the function.
    ///
    /// The limit that is given to an adapter beside this should be longer than [`LookupOptions::timeout`], or else the
    /// adapter denies before what [`LookupOptions::when_failed`] says can be done. Needs a tokio runtime with its clock
    /// enabled.
    pub async fn lookup(self, origin: String) -> bool {
        // The core lets no longer one through; whoever else calls may not, and the cache is counted by origins.
        if origin.len() > limits::ORIGIN {
            return false;
        }
        if let Some(CachedResult::Fresh(allowed)) = self.shared.cache.get(&origin) {
            return allowed;
        }
        let result = single_flight::join(&self.shared, &origin);
        match timeout(self.shared.options.timeout, result).await {
            Ok(allowed) => allowed,
            Err(_) => self.shared.result_after_timeout(&origin),
        }
    }

    /// Forgets what is known about an origin: the next request has it looked up, and so has one that comes while a lookup
    /// runs that may have seen what was true before.
    pub fn invalidate(&self, origin: &str) {
        self.shared
            .single_flight
            .invalidate(origin, || self.shared.cache.remove(origin));
    }

    /// Forgets what is known about all origins, as [`invalidate`](Self::invalidate) does for one.
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

    /// Returns the result for a request whose timeout is over: the cached one, or else denied.
    ///
    /// It never allows more than the cached result, because any client can cause this by keeping the function busy.
    fn result_after_timeout(&self, origin: &str) -> bool {
        match self.cache.get(origin) {
            Some(CachedResult::Fresh(allowed) | CachedResult::Stale { allowed, .. }) => allowed,
            None => false,
        }
    }

    /// Stores the outcome of a lookup in the cache, and returns whether the origin is allowed.
    fn store(&self, origin: &Arc<str>, outcome: &Result<bool, LookupFailure>) -> bool {
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
                self.cache.insert(origin, allowed, now + keep, stale_until);
                allowed
            }
            Err(ref failure) => {
                let retry_at = now + options.keep_failed;
                if let Some(CachedResult::Stale { allowed, until }) = self.cache.get(origin) {
                    self.cache
                        .insert(origin, allowed, retry_at.min(until), Some(until));
                    return allowed;
                }
                let allowed = matches!(failure, LookupFailure::Failed(_))
                    && matches!(options.when_failed, WhenFailed::DangerouslyAllow);
                self.cache.insert(origin, allowed, retry_at, None);
                allowed
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
