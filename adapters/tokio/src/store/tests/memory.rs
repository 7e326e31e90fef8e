//! A store in memory, and a network that can fail.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use omnicors_core::Origin;
use tokio::sync::watch;

use crate::store::{
    Changes, OriginChange, OriginStore, OriginStoreWriter, Position, StoreError, StoreSession,
};

/// A client of the store. Clones share the store.
#[derive(Clone)]
pub(super) struct MemoryStore {
    server: Arc<Server>,
}

struct Server {
    data: Mutex<Data>,
    network: watch::Sender<Network>,
    /// The number of reads of the whole store, of changes, and of single origins.
    whole_reads: AtomicUsize,
    lookups: AtomicUsize,
    clock: Arc<AtomicU64>,
}

#[derive(Default)]
struct Data {
    name: String,
    history: u64,
    origins: BTreeSet<String>,
    /// The change with the revision `i + 1`.
    changes: Vec<OriginChange>,
    /// Changes up to this revision were forgotten.
    forgotten: u64,
}

#[derive(Clone, Copy)]
struct Network {
    /// What happens to calls.
    state: State,
    /// The number of times that all connections were ended.
    ended: u64,
    /// The greatest revision that was announced.
    announced: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Works,
    /// Calls fail at once.
    Refuses,
    /// Calls are not answered.
    Silent,
    /// Calls panic.
    Panics,
    /// Changes are not announced.
    WithoutHints,
    /// Reads of changes are not answered until another state is set, all others are.
    SlowChanges,
    /// Reads of the whole store return one origin and then nothing, all others are answered.
    StuckWholeReads,
}

impl MemoryStore {
    pub(super) fn new(origins: &[&str]) -> Self {
        let data = Data {
            origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            ..Data::default()
        };
        let network = Network {
            state: State::Works,
            ended: 0,
            announced: 0,
        };
        Self {
            server: Arc::new(Server {
                data: Mutex::new(data),
                network: watch::Sender::new(network),
                whole_reads: AtomicUsize::new(0),
                lookups: AtomicUsize::new(0),
                // Not zero, because a clock never is.
                clock: Arc::new(AtomicU64::new(1_000_000_000)),
            }),
        }
    }

    pub(super) fn set_network(&self, state: State) {
        self.server
            .network
            .send_modify(|network| network.state = state);
    }

    pub(super) fn end_connections(&self) {
        self.server
            .network
            .send_modify(|network| network.ended += 1);
    }

    pub(super) fn forget_changes(&self) {
        let mut data = self.data();
        data.forgotten = data.changes.len() as u64;
    }

    /// Continues as a server that has lost the last changes, and their effect, and does not know it.
    pub(super) fn go_back_to(&self, revision: usize, origins: &[&str]) {
        let mut data = self.data();
        data.changes.truncate(revision);
        data.origins = origins.iter().map(|&origin| origin.to_owned()).collect();
    }

    pub(super) fn replace_history(&self) {
        self.data().history += 1;
    }

    pub(super) fn rename(&self, name: &str) {
        name.clone_into(&mut self.data().name);
    }

    pub(super) fn put(&self, origin: &str) {
        self.change(&[origin], true);
    }

    pub(super) fn take(&self, origin: &str) {
        self.change(&[origin], false);
    }

    pub(super) fn whole_reads(&self) -> usize {
        self.server.whole_reads.load(Ordering::SeqCst)
    }

    pub(super) fn lookups(&self) -> usize {
        self.server.lookups.load(Ordering::SeqCst)
    }

    /// Returns the number of clients and sessions.
    pub(super) fn users(&self) -> usize {
        Arc::strong_count(&self.server)
    }

    /// The clock of the nodes, in nanoseconds.
    pub(super) fn clock(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.server.clock)
    }

    fn data(&self) -> MutexGuard<'_, Data> {
        self.server.data.lock().unwrap()
    }

    fn change(&self, origins: &[&str], is_in_store: bool) -> usize {
        let mut data = self.data();
        let mut count = 0;
        for &origin in origins {
            let has_changed = if is_in_store {
                data.origins.insert(origin.to_owned())
            } else {
                data.origins.remove(origin)
            };
            if has_changed {
                data.changes.push(OriginChange::new(origin, is_in_store));
                count += 1;
            }
        }
        let announced = data.changes.len() as u64;
        drop(data);
        self.server.network.send_modify(|network| {
            if network.state != State::WithoutHints {
                network.announced = announced;
            }
        });
        count
    }

    /// A call over the network.
    async fn call(&self) -> Result<(), StoreError> {
        let state = self.server.network.borrow().state;
        match state {
            State::Works | State::WithoutHints | State::SlowChanges | State::StuckWholeReads => {
                Ok(())
            }
            State::Refuses => Err(StoreError::new("connection refused")),
            State::Silent => std::future::pending().await,
            State::Panics => panic!("the store panics"),
        }
    }
}

impl OriginStore for MemoryStore {
    type Session = MemorySession;

    fn name(&self) -> String {
        self.data().name.clone()
    }

    async fn connect(&self) -> Result<MemorySession, StoreError> {
        self.call().await?;
        Ok(MemorySession {
            network: self.server.network.subscribe(),
            ended: self.server.network.borrow().ended,
            seen: 0,
            store: self.clone(),
        })
    }

    async fn contains(&self, origin: &str) -> Result<bool, StoreError> {
        self.call().await?;
        self.server.lookups.fetch_add(1, Ordering::SeqCst);
        Ok(self.data().origins.contains(origin))
    }
}

impl OriginStoreWriter for MemoryStore {
    async fn add(&self, origins: &[Origin<'_>]) -> Result<usize, StoreError> {
        let origins: Vec<_> = origins.iter().map(Origin::as_str).collect();
        Ok(self.change(&origins, true))
    }

    async fn remove(&self, origins: &[Origin<'_>]) -> Result<usize, StoreError> {
        let origins: Vec<_> = origins.iter().map(Origin::as_str).collect();
        Ok(self.change(&origins, false))
    }
}

pub(super) struct MemorySession {
    store: MemoryStore,
    network: watch::Receiver<Network>,
    ended: u64,
    /// The greatest revision that was announced or read.
    seen: u64,
}

impl MemorySession {
    async fn call(&self) -> Result<(), StoreError> {
        if self.network.borrow().ended != self.ended {
            return Err(StoreError::new("the connection was ended"));
        }
        self.store.call().await
    }
}

impl Data {
    fn position(&self) -> Position {
        let history = format!("history {}", self.history);
        Position::new(history, self.changes.len() as u64)
    }
}

impl StoreSession for MemorySession {
    async fn present(&mut self) -> Result<Position, StoreError> {
        self.call().await?;
        Ok(self.store.data().position())
    }

    async fn read_all(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Position, StoreError> {
        self.call().await?;
        self.store.server.whole_reads.fetch_add(1, Ordering::SeqCst);
        let state = self.network.borrow().state;
        if state == State::StuckWholeReads {
            each("https://first.example");
            return std::future::pending().await;
        }
        let data = self.store.data();
        data.origins.iter().for_each(|origin| each(origin));
        Ok(data.position())
    }

    async fn changes_after(&mut self, position: &Position) -> Result<Changes, StoreError> {
        self.call().await?;
        let is_over = |network: &Network| network.state != State::SlowChanges;
        self.network
            .wait_for(is_over)
            .await
            .map_err(StoreError::new)?;
        let data = self.store.data();
        let present = data.position();
        self.seen = present.revision();
        let after = usize::try_from(position.revision()).unwrap();
        Ok(match data.changes.get(after..) {
            Some(changes)
                if present.history() == position.history()
                    && position.revision() >= data.forgotten =>
            {
                Changes::Read(changes.to_vec(), present)
            }
            _ => Changes::Lost,
        })
    }

    async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
        let (ended, seen) = (self.ended, self.seen);
        let network = self.network.wait_for(|network| {
            network.ended != ended || network.announced > seen || network.state == State::Panics
        });
        let network = *network.await.map_err(StoreError::new)?;
        self.seen = network.announced.max(seen);
        self.call().await
    }
}
