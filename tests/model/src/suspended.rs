//! Checks of lookups in a store, and of replicas, of a machine that is suspended. No result that is as old as the lease may be used.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use omnicors_core::{LookupResult, Origin};
use shuttle::future::{JoinHandle, block_on, spawn, yield_now};
use shuttle::rand::{Rng as _, thread_rng};
use shuttle::thread;
use tokio::task::shut_down;
use tokio::time::{advance, suspend};

use super::options::ReplicaOptions;
use super::origin_store::{OriginStore, StoreSession};
use super::position::{Changes, OriginChange, Position};
use super::replica::OriginReplica;
use super::store_error::StoreError;
use super::store_lookup::LookupInStore;
use crate::clock::Clock;
use crate::explore::explore;
use crate::lookup::{LookupOptions, OriginLookup};
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const LEASE: Duration = Duration::from_secs(100);

const A: &str = "https://a.example";
const B: &str = "https://b.example";

/// A store that contains every origin, according to lookups. What a replica reads is A at first, and then a change.
#[derive(Clone, Default)]
struct Store {
    /// Sessions fail.
    has_no_sessions: Arc<AtomicBool>,
    /// Lookups fail.
    has_no_lookups: Arc<AtomicBool>,
    /// The seconds for which the machine is suspended during each lookup.
    lookups_suspend: Arc<AtomicU64>,
    /// The machine is suspended for a lease during each read of changes.
    reads_suspend: Arc<AtomicBool>,
    /// A was replaced by B.
    has_changed: Arc<AtomicBool>,
}

impl Store {
    /// Returns the changes after a revision, and the revision after them.
    fn changes(&self, revision: u64) -> (Vec<OriginChange>, u64) {
        if revision == 0 && self.has_changed.load(Ordering::SeqCst) {
            let changes = vec![OriginChange::new(A, false), OriginChange::new(B, true)];
            return (changes, 1);
        }
        (Vec::new(), revision)
    }
}

/// A call over a network that may fail.
fn call(fails: &AtomicBool) -> Result<(), StoreError> {
    if fails.load(Ordering::SeqCst) {
        return Err(StoreError::new("the network fails"));
    }
    Ok(())
}

impl OriginStore for Store {
    type Session = Self;

    fn name(&self) -> String {
        String::new()
    }

    async fn connect(&self) -> Result<Self, StoreError> {
        call(&self.has_no_sessions)?;
        Ok(self.clone())
    }

    async fn contains(&self, _: &str) -> Result<bool, StoreError> {
        let seconds = self.lookups_suspend.load(Ordering::SeqCst);
        suspend(Duration::from_secs(seconds));
        call(&self.has_no_lookups)?;
        Ok(true)
    }
}

impl StoreSession for Store {
    async fn present(&mut self) -> Result<Position, StoreError> {
        call(&self.has_no_sessions)?;
        Ok(Position::new("history", 0))
    }

    async fn read_all(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Position, StoreError> {
        each(A);
        self.present().await
    }

    async fn changes_after(&mut self, position: &Position) -> Result<Changes, StoreError> {
        call(&self.has_no_sessions)?;
        let (changes, revision) = self.changes(position.revision());
        if self.reads_suspend.load(Ordering::SeqCst) {
            suspend(LEASE);
        }
        Ok(Changes::Read(changes, Position::new("history", revision)))
    }

    async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
        pending().await
    }
}

async fn ask(lookup: &OriginLookup) -> LookupResult {
    lookup.clone().lookup(A.to_owned()).await
}

fn asking(lookup: &OriginLookup) -> JoinHandle<LookupResult> {
    let lookup = lookup.clone();
    spawn(async move { ask(&lookup).await })
}

/// Returns a lookup that has contact to its store.
async fn followed(store: &Store) -> OriginLookup {
    let options = LookupOptions::new().keep_allowed(LEASE).lease(LEASE);
    let lookup = LookupInStore::new(options, store.clone(), Clock::System).start();
    while lookup.revision().is_none() {
        yield_now().await;
    }
    lookup
}

async fn replica(store: &Store) -> OriginReplica {
    let options = ReplicaOptions::new().lease(LEASE);
    let replica = OriginReplica::with_clock(options, store.clone(), Clock::System);
    replica.await.unwrap()
}

fn origin(text: &str) -> Origin<'_> {
    Origin::parse(text.as_bytes()).unwrap()
}

/// The machine is suspended for longer than the lease. Then there is contact during a request, or there is none, and origins
/// can only be looked up. After that, the machine is suspended again, and the store cannot be reached any more.
pub fn after_each_suspension_of_a_lease_no_earlier_result_is_used() {
    explore("suspended machine", || {
        block_on(async {
            let store = Store::default();
            let lookup = followed(&store).await;
            assert_eq!(ask(&lookup).await, LookupResult::Allowed);

            let has_no_sessions = thread_rng().r#gen();
            store
                .has_no_sessions
                .store(has_no_sessions, Ordering::SeqCst);
            suspend(LEASE);
            let request = asking(&lookup);
            // The driver reads the changes after 1 s.
            for _ in 0..thread_rng().gen_range(1..4) {
                advance(Duration::from_secs(1));
                yield_now().await;
            }
            request.await.unwrap();
            assert_eq!(ask(&lookup).await, LookupResult::Allowed);

            store.has_no_sessions.store(true, Ordering::SeqCst);
            store.has_no_lookups.store(true, Ordering::SeqCst);
            suspend(LEASE);
            assert_ne!(ask(&lookup).await, LookupResult::Allowed);
            // Otherwise, the driver would wait for ever.
            shut_down();
        });
    });
}

/// The function of a lookup needs so long that its result must not be used, whether a request waited for it, or finds it in the cache, or a later
/// lookup fails.
pub fn a_result_that_took_longer_than_the_lease_is_never_used() {
    explore("machine suspended during a lookup", || {
        block_on(async {
            let store = Store::default();
            let lookup = followed(&store).await;
            store
                .lookups_suspend
                .store(LEASE.as_secs(), Ordering::SeqCst);
            let requests = [(); 3].map(|()| asking(&lookup));
            if thread_rng().r#gen() {
                store.has_no_lookups.store(true, Ordering::SeqCst);
            }
            // The driver reads the changes after 1 s, and the requests no longer wait.
            for _ in 0..thread_rng().gen_range(0..3) {
                advance(Duration::from_secs(1));
                yield_now().await;
            }
            for request in requests {
                assert_ne!(request.await.unwrap(), LookupResult::Allowed);
            }
            assert_ne!(ask(&lookup).await, LookupResult::Allowed);
            shut_down();
        });
    });
}

/// A result is not too old when a request begins, and is when its lookup fails.
pub fn a_failed_lookup_uses_no_result_that_became_too_old_while_it_waited() {
    explore("machine suspended during a failing lookup", || {
        block_on(async {
            let store = Store::default();
            let lookup = followed(&store).await;
            assert_eq!(ask(&lookup).await, LookupResult::Allowed);
            suspend(LEASE / 2);
            // There is contact, or none.
            let has_no_sessions = thread_rng().r#gen();
            store
                .has_no_sessions
                .store(has_no_sessions, Ordering::SeqCst);
            for _ in 0..thread_rng().gen_range(0..3) {
                advance(Duration::from_secs(1));
                yield_now().await;
            }
            // As after changes were lost.
            lookup.expire_all();
            store.has_no_lookups.store(true, Ordering::SeqCst);
            store
                .lookups_suspend
                .store(LEASE.as_secs() / 2, Ordering::SeqCst);
            let requests = [(); 2].map(|()| asking(&lookup));
            let expire = spawn({
                let lookup = lookup.clone();
                async move { lookup.expire_all() }
            });
            for request in requests {
                assert_ne!(request.await.unwrap(), LookupResult::Allowed);
            }
            expire.await.unwrap();
            assert_ne!(ask(&lookup).await, LookupResult::Allowed);
            shut_down();
        });
    });
}

/// When the lease is over, A was replaced by B in the store. So A is denied by the lease, and then because it was removed. Each question overlaps
/// with the read that removes A and renews the lease.
pub fn a_replica_reads_the_end_of_the_lease_before_the_set() {
    explore("end of the lease before the set", || {
        block_on(async {
            let store = Store::default();
            let replica = replica(&store).await;
            assert!(replica.contains(&origin(A)));
            store.has_changed.store(true, Ordering::SeqCst);
            suspend(LEASE);
            ask_during_a_read(&replica, A).await;
            while replica.status().lease_remaining.is_zero() {
                // The read that returned the change may have begun before the suspension.
                advance(Duration::from_secs(1));
                yield_now().await;
            }
            assert!(replica.contains(&origin(B)), "there was contact");
            shut_down();
        });
    });
}

/// The read that adds B takes longer than the lease, so when B is in the set, the lease is over.
pub fn a_replica_reads_the_clock_after_the_set() {
    explore("clock after the set", || {
        block_on(async {
            let store = Store::default();
            let replica = replica(&store).await;
            store.reads_suspend.store(true, Ordering::SeqCst);
            store.has_changed.store(true, Ordering::SeqCst);
            ask_during_a_read(&replica, B).await;
            shut_down();
        });
    });
}

/// Asks for an origin that must be denied, again and again while the driver reads the changes.
async fn ask_during_a_read(replica: &OriginReplica, text: &'static str) {
    let asks = thread::spawn({
        let replica = replica.clone();
        move || {
            for _ in 0..4 {
                assert!(!replica.contains(&origin(text)), "{text} is allowed");
            }
        }
    });
    while replica.revision() == Some(0) {
        advance(Duration::from_secs(1));
        yield_now().await;
    }
    asks.join().unwrap();
    assert!(!replica.contains(&origin(text)), "{text} is allowed");
}
