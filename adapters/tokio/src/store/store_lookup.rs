use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::check::check_stored_origin;
use super::clock::Clock;
use super::events;
use super::follower::{self, Receiver};
use super::gauges::Mode;
use super::lease::Lease;
use super::origin_store::{OriginStore, StoreSession};
use super::position::{OriginChange, Position};
use super::store_error::StoreError;
use crate::lookup::{Follower, LookupOptions, OriginLookup, WeakLookup};

impl OriginLookup {
    /// Creates a lookup in a store, and follows the changes of the store in a task that ends when the last clone is dropped.
    ///
    /// A request asks the store about an origin that is not in the cache. An origin that was removed from the store is removed from the
    /// cache as soon as the change has arrived: without hints from the store after about 1 s, with them usually within milliseconds.
    /// While the changes cannot be followed, each allowed origin is looked up again, and then at most every second. If that fails too, it
    /// stays allowed until the [`lease`](LookupOptions::lease) is over, as after each failed lookup.
    ///
    /// The time of the lease is that of a clock that is never set. A process that was stopped for longer, for example with its machine,
    /// forgets all results.
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
        with_clock(options, store, Clock::System)
    }
}

#[track_caller]
pub(super) fn with_clock(
    options: LookupOptions,
    store: impl OriginStore,
    clock: Clock,
) -> OriginLookup {
    let store = Arc::new(store);
    let asked = Arc::clone(&store);
    let lookup = OriginLookup::with_options(options, move |origin: String| {
        let store = Arc::clone(&asked);
        async move {
            // The store is not asked about what it must not contain.
            if check_stored_origin(&origin).is_err() {
                return Ok(false);
            }
            store.contains(&origin).await
        }
    });
    Mode::Lookup.begin(lookup.lease());
    // Nothing was read from the store yet.
    lookup.begin_missing_invalidations();
    let follower = Arc::new(LookupFollower {
        lease: Lease::new(lookup.lease(), clock),
        lookup: lookup.downgrade(),
        position: Mutex::new(None),
        is_connected: AtomicBool::new(false),
        has_reported_end: AtomicBool::new(false),
        has_forgotten: Mutex::new(false),
    });
    // Results that are looked up before the first contact are not older than this.
    follower.lease.renew(follower.lease.begin());
    tokio::spawn(follower::follow(store, Arc::downgrade(&follower)));
    lookup.set_follower(follower);
    lookup
}

struct LookupFollower {
    lookup: WeakLookup,
    lease: Lease,
    position: Mutex<Option<Position>>,
    is_connected: AtomicBool,
    /// The end of the lease was reported, and there was no contact since.
    has_reported_end: AtomicBool,
    /// All results were forgotten, and there was no contact since.
    has_forgotten: Mutex<bool>,
}

impl LookupFollower {
    fn lock_forgotten(&self) -> MutexGuard<'_, bool> {
        self.has_forgotten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn set_position(&self, position: Position) {
        *self.position.lock().unwrap_or_else(PoisonError::into_inner) = Some(position);
    }
}

impl Follower for LookupFollower {
    fn now(&self) -> Duration {
        self.lease.begin()
    }

    fn is_over_since(&self, begun: Duration) -> bool {
        self.lease.begin().saturating_sub(begun) >= self.lease.length()
    }

    fn forget_if_over(&self, forget: &dyn Fn()) {
        if self.lease.is_valid() {
            return;
        }
        // The others wait until the results are forgotten.
        let mut has_forgotten = self.lock_forgotten();
        if !*has_forgotten {
            forget();
            *has_forgotten = true;
        }
    }
}

impl Receiver for LookupFollower {
    fn begin(&self) -> Duration {
        self.lease.begin()
    }

    fn position(&self) -> Option<Position> {
        let position = self.position.lock();
        position.unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn restart<S: StoreSession>(self: Arc<Self>, session: &mut S) -> Result<(), StoreError> {
        // The position first: what is looked up after the results became old is at least as new.
        let position = follower::within(follower::TIMEOUT, session.present()).await?;
        if let Some(lookup) = self.lookup.upgrade() {
            lookup.expire_all();
        }
        Mode::Lookup.restart();
        self.set_position(position);
        Ok(())
    }

    fn apply(self: &Arc<Self>, changes: &[OriginChange], position: Position) {
        Mode::Lookup.changes(changes.len());
        if let Some(lookup) = self.lookup.upgrade() {
            for change in changes {
                lookup.invalidate(change.origin());
            }
        }
        self.set_position(position);
    }

    fn contact(self: &Arc<Self>, begun: Duration) {
        self.lease.renew(begun);
        *self.lock_forgotten() = false;
        self.has_reported_end.store(false, Ordering::Release);
        let revision = self.position().map_or(0, |position| position.revision());
        Mode::Lookup.contact(revision, self.lease.age());
        if !self.is_connected.swap(true, Ordering::AcqRel) {
            if let Some(lookup) = self.lookup.upgrade() {
                lookup.end_missing_invalidations();
            }
            events::connected(revision);
        }
    }

    fn disconnected(&self, error: &StoreError) {
        if self.is_connected.swap(false, Ordering::AcqRel)
            && let Some(lookup) = self.lookup.upgrade()
        {
            lookup.begin_missing_invalidations();
        }
        Mode::Lookup.disconnected();
        events::disconnected(error, self.lease.remaining());
        if !self.lease.is_valid() && !self.has_reported_end.swap(true, Ordering::AcqRel) {
            events::lease_ended();
        }
    }
}
