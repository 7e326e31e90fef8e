use std::sync::Arc;
use std::time::Duration;

use super::check::check_stored_origin;
use super::contact::Contact;
#[cfg(feature = "filter")]
use super::filter::{self, Filter};
use super::follower::{self, Receiver};
use super::gauges::Mode;
use super::origin_store::{OriginStore, StoreSession};
use super::position::{OriginChange, Position};
use super::store_error::StoreError;
use crate::clock::Clock;
use crate::lookup::{Follower, LookupOptions, OriginLookup, WeakLookup};

impl OriginLookup {
    /// Creates a lookup in a store, and follows the changes of the store in a task that ends when the last clone is dropped.
    ///
    /// A request asks the store about an origin that is not in the cache. An origin that was removed from the store is removed from the
    /// cache as soon as the change has arrived: without hints from the store after about 1 s, with them usually within milliseconds.
    /// While the changes cannot be followed, each allowed origin is looked up again, and then at most every second. If that fails too, it
    /// stays allowed until the [`lease`](LookupOptions::lease) is over, as after each failed lookup.
    ///
    /// An allowed origin is used for no longer than the lease after the beginning of its lookup, on a clock that is never set, and on Linux
    /// continues while the machine is suspended. So a process that was stopped for longer looks its origins up again.
    ///
    /// ```
    /// use axum::Router;
    /// use omnicors_tokio::{LookupOptions, OriginLookup, OriginStore, PolicyConfig, PolicyError};
    /// use omnicors_tower::CorsLayer;
    /// use std::time::Duration;
    ///
    /// fn with_cors(routes: Router, store: impl OriginStore) -> Result<Router, PolicyError> {
    ///     let tenants = OriginLookup::with_store(LookupOptions::new(), store);
    ///     let policy = PolicyConfig::new().lookup_origins(true).build()?;
    ///     let cors = CorsLayer::new(policy)
    ///         .lookup_origins(Duration::from_secs(1), move |origin| tenants.clone().lookup(origin));
    ///     Ok(routes.layer(cors))
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime, or if the runtime has no timer, and as [`with_options`](Self::with_options) does.
    #[track_caller]
    pub fn with_store(options: LookupOptions, store: impl OriginStore) -> Self {
        LookupInStore::new(options, store, Clock::System).start()
    }

    /// Does what [`with_store`](Self::with_store) does, and keeps a filter of all origins of the store in memory, a little more than a
    /// byte for each. An origin that the filter does not know is denied at once, without a lookup: of made-up origins, about one of 256
    /// reaches the store.
    ///
    /// The whole store is read in the background, over a connection of its own: at the start, after changes were lost, and after many origins
    /// were added. Meanwhile there is no filter. An origin that was added is allowed as soon as the change has arrived, also if the filter
    /// was built before. Without contact to the store, the filter is used until the [`lease`](LookupOptions::lease) is over, so an origin
    /// that was added in this time is denied until then.
    ///
    /// ```
    /// use omnicors_tokio::{LookupOptions, OriginLookup, OriginStore};
    ///
    /// fn lookup(store: impl OriginStore) -> OriginLookup {
    ///     OriginLookup::with_filtered_store(LookupOptions::new(), store)
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`with_store`](Self::with_store).
    #[cfg(feature = "filter")]
    #[cfg_attr(docsrs, doc(cfg(feature = "filter")))]
    #[track_caller]
    pub fn with_filtered_store(options: LookupOptions, store: impl OriginStore) -> Self {
        LookupInStore::new(options, store, Clock::System).start_with_filter()
    }

    /// Returns the revision of the last change that was applied to the cache. Returns `None` before the first contact, and for a lookup
    /// without a store. Pass it to [`origins_revision`](omnicors_core::PolicyConfig::origins_revision), so that the events of denied
    /// requests contain it.
    ///
    /// ```
    /// use omnicors_tokio::{OriginLookup, Policy, PolicyConfig, PolicyError};
    ///
    /// fn policy(tenants: &OriginLookup) -> Result<Policy, PolicyError> {
    ///     let tenants = tenants.clone();
    ///     PolicyConfig::new()
    ///         .lookup_origins(true)
    ///         .origins_revision(move || tenants.revision())
    ///         .build()
    /// }
    /// ```
    pub fn revision(&self) -> Option<u64> {
        self.follower()?.revision()
    }
}

/// A lookup that does not follow its store yet.
pub(super) struct LookupInStore<S> {
    store: Arc<S>,
    lookup: OriginLookup,
    clock: Clock,
}

impl<S: OriginStore> LookupInStore<S> {
    #[track_caller]
    pub(super) fn new(options: LookupOptions, store: S, clock: Clock) -> Self {
        let store = Arc::new(store);
        let asked = Arc::clone(&store);
        let lookup = OriginLookup::with_clock(options, clock.clone(), move |origin: String| {
            let store = Arc::clone(&asked);
            async move {
                // The store is not asked about what it must not contain.
                if check_stored_origin(&origin).is_err() {
                    return Ok(false);
                }
                store.contains(&origin).await
            }
        });
        // Nothing was read from the store yet.
        lookup.begin_missing_invalidations();
        Self {
            store,
            lookup,
            clock,
        }
    }

    pub(super) fn start(self) -> OriginLookup {
        self.follow(
            #[cfg(feature = "filter")]
            None,
        )
    }

    #[cfg(feature = "filter")]
    pub(super) fn start_with_filter(self) -> OriginLookup {
        let (filter, wanted) = Filter::new();
        let filter = Arc::new(filter);
        let store = Arc::clone(&self.store);
        tokio::spawn(filter::build(store, Arc::downgrade(&filter), wanted));
        self.follow(Some(filter))
    }

    fn follow(self, #[cfg(feature = "filter")] filter: Option<Arc<Filter>>) -> OriginLookup {
        let Self {
            store,
            lookup,
            clock,
        } = self;
        let follower = Arc::new(LookupFollower {
            contact: Contact::new(Mode::Lookup, lookup.lease(), clock, None),
            lookup: lookup.downgrade(),
            #[cfg(feature = "filter")]
            filter,
        });
        // The lease begins now. Otherwise its end would be reported at once.
        let lease = &follower.contact.lease;
        lease.renew(lease.begin());
        tokio::spawn(follower::follow(store, Arc::downgrade(&follower)));
        lookup.set_follower(follower);
        lookup
    }
}

struct LookupFollower {
    lookup: WeakLookup,
    contact: Contact,
    #[cfg(feature = "filter")]
    filter: Option<Arc<Filter>>,
}

impl Follower for LookupFollower {
    #[cfg(feature = "filter")]
    fn rules_out(&self, origin: &str) -> bool {
        let filter = self.filter.as_ref();
        let lease = &self.contact.lease;
        // The end before the filter, the clock after it: a process that was stopped in between must not use what it read before.
        let end = lease.end();
        filter.is_some_and(|filter| filter.rules_out(origin)) && lease.is_before(end)
    }

    fn revision(&self) -> Option<u64> {
        self.contact.revision()
    }
}

impl Receiver for LookupFollower {
    fn begin(&self) -> Duration {
        self.contact.lease.begin()
    }

    fn position(&self) -> Option<Position> {
        self.contact.position()
    }

    async fn restart<S: StoreSession>(self: Arc<Self>, session: &mut S) -> Result<(), StoreError> {
        // The position first: what is looked up after the results became old is at least as new.
        let position = follower::within(follower::TIMEOUT, session.present()).await?;
        if let Some(lookup) = self.lookup.upgrade() {
            lookup.expire_all();
        }
        #[cfg(feature = "filter")]
        if let Some(filter) = &self.filter {
            filter.restart(position.clone());
        }
        Mode::Lookup.restart();
        self.contact.set_position(position);
        Ok(())
    }

    fn apply(self: &Arc<Self>, changes: &[OriginChange], position: Position) {
        Mode::Lookup.changes(changes.len());
        // Before the results are removed: the filter must not rule out an origin that is looked up again.
        #[cfg(feature = "filter")]
        if let Some(filter) = &self.filter {
            filter.apply(changes, &position);
        }
        if let Some(lookup) = self.lookup.upgrade() {
            for change in changes {
                lookup.invalidate(change.origin());
            }
        }
        self.contact.set_position(position);
    }

    fn contact(self: &Arc<Self>, begun: Duration) {
        if self.contact.renew(begun)
            && let Some(lookup) = self.lookup.upgrade()
        {
            lookup.end_missing_invalidations();
        }
    }

    fn report_lease(&self) {
        self.contact.report_lease();
    }

    fn disconnected(&self, error: &StoreError) {
        // First, because a listener of the report may panic.
        if self.contact.lose()
            && let Some(lookup) = self.lookup.upgrade()
        {
            lookup.begin_missing_invalidations();
        }
        self.contact.report_lost(error);
    }
}
