use std::error::Error;
use std::fmt;
use std::sync::Arc;
#[cfg(feature = "store")]
use std::sync::{OnceLock, Weak};
#[cfg(feature = "store")]
use std::time::Duration;

use omnicors_core::{LookupResult, limits};

#[cfg(feature = "metrics")]
use super::counters::{self, Source};
use super::join::{join, refresh};
use super::options::LookupOptions;
use super::permits::Permits;
use super::rate_limit::RateLimit;
use super::result_cache::{CachedResult, ResultCache};
#[cfg(feature = "store")]
use super::shared::Follower;
use super::shared::{PollLookup, Shared};
use super::single_flight::SingleFlight;
use crate::clock::Clock;

/// Looks up origins with an async function, for example in a database, behind a bounded cache. Clones share the cache.
///
/// Pass it to `lookup_origins` of an adapter:
///
/// ```
/// use omnicors_tokio::{OriginLookup, PolicyConfig};
/// use omnicors_tower::CorsLayer;
/// use std::time::Duration;
///
/// use std::io;
///
/// #[derive(Clone)]
/// struct Database;
///
/// impl Database {
///     async fn has_tenant(&self, origin: &str) -> io::Result<bool> {
///         Ok(origin == "https://tenant.example")
///     }
/// }
///
/// let database = Database;
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
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Floods of invented origins
///
/// Clients can send any number of origins. These limits protect the server and the database:
///
/// * The cache holds at most [`LookupOptions::max_origins`] allowed origins, and as many others, which never evict an allowed one.
/// * At most [`LookupOptions::max_lookups`] lookups run at once. All requests of one origin share one lookup. (After an invalidation,
///   a new lookup may start while the old one still runs.)
/// * Some of these lookups are reserved for known origins ([`LookupOptions::reserve_for_known`]), which are looked up again before
///   their result expires. So origins that were allowed before do not wait for invented ones.
/// * No request waits longer than [`LookupOptions::timeout`], and only a limited number of unknown origins waits for a lookup.
///   The result for all others is [`LookupResult::NotBegun`], which denies.
///
/// An origin that is allowed but was not looked up before cannot be distinguished from an invented one. While more unknown
/// origins are requested than can be looked up, it is denied until one of its requests gets a lookup. To prevent this, do one of
/// the following:
///
/// * Raise `max_lookups`.
/// * List your most important origins in `allow_origins`. They never need a lookup.
/// * Reject floods in front of the server.
/// * Keep a copy of all origins in memory, and let the function ask the copy.
///
/// # Cancellation and panics
///
/// A lookup continues when its requests are cancelled, until it times out. So a client that disconnects and retries does not start
/// the same lookup again.
///
/// A panic in the function or in its future is a failed lookup, [`LookupFailure::Panicked`](super::LookupFailure::Panicked).
#[derive(Clone)]
pub struct OriginLookup {
    pub(super) shared: Arc<Shared>,
}

impl OriginLookup {
    /// Creates a lookup from a function, with the [default options](LookupOptions::new).
    ///
    /// ```
    /// use omnicors_tokio::OriginLookup;
    ///
    /// let tenants = OriginLookup::new(is_tenant);
    ///
    /// /// Asks the database.
    /// async fn is_tenant(origin: String) -> Result<bool, std::io::Error> {
    ///     Ok(origin == "https://tenant.example")
    /// }
    /// ```
    pub fn new<F, V, E>(lookup: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self::with_options(LookupOptions::new(), lookup)
    }

    /// Creates a lookup from a function and options.
    ///
    /// ```
    /// use omnicors_tokio::{LookupOptions, OriginLookup};
    /// use std::time::Duration;
    ///
    /// let options = LookupOptions::new().keep_allowed(Duration::from_secs(20));
    /// let tenants = OriginLookup::with_options(options, is_tenant);
    ///
    /// /// Asks the database.
    /// async fn is_tenant(origin: String) -> Result<bool, std::io::Error> {
    ///     Ok(origin == "https://tenant.example")
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if [`keep_allowed`](LookupOptions::keep_allowed) is longer than the [`lease`](LookupOptions::lease).
    #[track_caller]
    pub fn with_options<F, V, E>(options: LookupOptions, lookup: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self::with_clock(options, Clock::System, lookup)
    }

    #[track_caller]
    pub(crate) fn with_clock<F, V, E>(options: LookupOptions, clock: Clock, lookup: F) -> Self
    where
        F: Fn(String) -> V + Send + Sync + 'static,
        V: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        options.assert_consistent();
        #[cfg(feature = "metrics")]
        counters::describe();
        let lookup = move |origin| -> PollLookup {
            let mut future = Box::pin(lookup(origin));
            Box::new(move |context| future.as_mut().poll(context).map_err(Into::into))
        };
        Self {
            shared: Arc::new(Shared {
                lookup: Box::new(lookup),
                permits: Permits::new(options.max_lookups, options.reserved),
                cache: ResultCache::new(options.max_origins, clock),
                single_flight: SingleFlight::default(),
                #[cfg(feature = "tracing")]
                failures: RateLimit::default(),
                not_begun: RateLimit::default(),
                #[cfg(feature = "store")]
                follower: OnceLock::new(),
                options,
            }),
        }
    }

    /// Returns the result for an origin from the cache, or else calls the function.
    ///
    /// If the function fails, the result is [`LookupResult::Failed`]; if it times out, [`LookupResult::TimedOut`]. If it was not
    /// called because too many lookups run or wait, the result is [`LookupResult::NotBegun`]. In each of these cases,
    /// [`LookupOptions::when_failed`] can allow the origin.
    ///
    /// The timeout that you pass to the adapter should be longer than [`LookupOptions::timeout`]. Otherwise the adapter
    /// denies the origin before [`LookupOptions::when_failed`] takes effect.
    ///
    /// ```
    /// use omnicors_tokio::{LookupResult, OriginLookup};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let tenants = OriginLookup::new(async |origin: String| Ok::<_, std::io::Error>(origin == "https://tenant.example"));
    ///
    /// let result = tenants.clone().lookup("https://tenant.example".to_owned()).await;
    /// assert_eq!(result, LookupResult::Allowed);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime, or if the runtime has no timer.
    pub async fn lookup(self, origin: String) -> LookupResult {
        // Adapters never pass a longer origin, but other callers may. The cache limits the number of entries, not their bytes.
        if origin.len() > limits::ORIGIN {
            return LookupResult::NotAllowed;
        }
        let Some(CachedResult::Fresh {
            result,
            needs_refresh,
        }) = self.shared.cache.get(&origin)
        else {
            #[cfg(feature = "filter")]
            if self
                .follower()
                .is_some_and(|follower| follower.rules_out(&origin))
            {
                #[cfg(feature = "metrics")]
                Source::Filter.count(LookupResult::NotAllowed);
                return LookupResult::NotAllowed;
            }
            let result = join(&self.shared, &origin).await;
            #[cfg(feature = "metrics")]
            Source::Function.count(result);
            return result;
        };
        #[cfg(feature = "metrics")]
        Source::Cache.count(result);
        if needs_refresh {
            refresh(&self.shared, &origin);
        }
        result
    }

    /// Removes the result for an origin. The next request looks it up again, even if a lookup is running, because that one may have
    /// read old data. An origin that was allowed stays known ([`LookupOptions::reserve_for_known`]).
    ///
    /// ```
    /// use omnicors_tokio::OriginLookup;
    ///
    /// fn tenant_was_removed(tenants: &OriginLookup, origin: &str) {
    ///     tenants.invalidate(origin);
    /// }
    /// ```
    pub fn invalidate(&self, origin: &str) {
        self.shared
            .single_flight
            .invalidate(origin, || self.shared.cache.remove(origin));
    }

    /// Removes the results for all origins, as [`invalidate`](Self::invalidate) does for one.
    ///
    /// ```
    /// use omnicors_tokio::OriginLookup;
    ///
    /// fn tenants_were_imported(tenants: &OriginLookup) {
    ///     tenants.invalidate_all();
    /// }
    /// ```
    pub fn invalidate_all(&self) {
        self.shared
            .single_flight
            .invalidate_all(|| self.shared.cache.clear());
    }
}

/// For lookups in a store.
#[cfg(feature = "store")]
impl OriginLookup {
    pub(crate) fn lease(&self) -> Duration {
        self.shared.options.usable_for()
    }

    /// Sets what follows the store. It lives as long as the last clone.
    pub(crate) fn set_follower(&self, follower: Arc<dyn Follower>) {
        // There is one follower for each lookup.
        let _ = self.shared.follower.set(follower);
    }

    pub(crate) fn follower(&self) -> Option<&Arc<dyn Follower>> {
        self.shared.follower.get()
    }

    pub(crate) fn downgrade(&self) -> WeakLookup {
        WeakLookup(Arc::downgrade(&self.shared))
    }

    /// Makes the results for all origins old, also those of lookups that run. Each origin must be looked up again; if that fails, the
    /// last result counts.
    pub(crate) fn expire_all(&self) {
        self.shared
            .single_flight
            .invalidate_all(|| self.shared.cache.expire());
    }

    /// From now on, invalidations may be missed, so all results are old, and new ones become old soon.
    pub(crate) fn begin_missing_invalidations(&self) {
        self.shared.cache.begin_missing_invalidations();
        self.expire_all();
    }

    /// The invalidations that were missed were made up for.
    pub(crate) fn end_missing_invalidations(&self) {
        self.shared.cache.end_missing_invalidations();
    }
}

/// An [`OriginLookup`] that does not keep its cache alive.
#[cfg(feature = "store")]
pub(crate) struct WeakLookup(Weak<Shared>);

#[cfg(feature = "store")]
impl WeakLookup {
    pub(crate) fn upgrade(&self) -> Option<OriginLookup> {
        self.0.upgrade().map(|shared| OriginLookup { shared })
    }
}

impl fmt::Debug for OriginLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OriginLookup")
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}
