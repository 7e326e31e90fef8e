//! The filter in front of lookups in a store: it rules out most origins that are not in the store, without asking it.
//!
//! A binary fuse filter (Graf and Lemire, <https://arxiv.org/abs/2201.01174>) is built once from all origins of the store, and holds a byte or so
//! of each. It never rules out one of them. Origins that were added later are in an exact set beside it, until the filter is built again.
//!
//! ```text
//! read of the whole store begins ──▶ ends, at revision 40
//! changes that arrive:  38 39 40 41 42 43 …   all of them are in the exact set, so none after 40 is missing
//! ```

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard, Weak};
use std::time::Duration;

use omnicors_adapter::caught;
use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;
use xorf::{BinaryFuse8, Filter as _};

use super::events;
use super::follower;
use super::origin_store::OriginStore;
use super::position::{OriginChange, Position};
use super::store_error::StoreError;

/// The filter is built again when more origins than this were added, and more than a fraction of it.
const MIN_ADDED: usize = 4_096;
const FRACTION: usize = 32;

/// The maximum time to read the whole store.
const READ_TIMEOUT: Duration = Duration::from_secs(600);

/// The time after which a filter that could not be built is tried again.
const RETRY: Duration = Duration::from_secs(10);

/// A filter that is built by [`build`].
pub(super) struct Filter {
    /// Random, so that clients cannot find origins that pass.
    keys: RandomState,
    /// Read by requests. Written while `building` is locked.
    state: RwLock<State>,
    building: Mutex<Building>,
    /// The number of the build that is wanted.
    wanted: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    built: Option<Built>,
    /// Origins that were added since the read of `built` began.
    added: HashSet<Box<str>>,
}

struct Built {
    /// `None` if the store was empty.
    fuse: Option<BinaryFuse8>,
    origins: usize,
}

/// The build that runs, or will.
struct Building {
    number: u64,
    /// The position before the read, and the origins that were added since. `None` if no build runs.
    since: Option<(Position, HashSet<Box<str>>)>,
}

impl Filter {
    /// Returns the filter, and what [`build`] waits for.
    pub(super) fn new() -> (Self, watch::Receiver<u64>) {
        let (wanted, receiver) = watch::channel(0);
        let filter = Self {
            keys: RandomState::new(),
            state: RwLock::default(),
            building: Mutex::new(Building {
                number: 0,
                since: None,
            }),
            wanted,
        };
        (filter, receiver)
    }

    /// Returns true if the origin is certainly not in the store, as far as its changes were applied.
    pub(super) fn rules_out(&self, origin: &str) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let Some(built) = &state.built else {
            return false;
        };
        let is_in_fuse = built
            .fuse
            .as_ref()
            .is_some_and(|fuse| fuse.contains(&self.keys.hash_one(origin)));
        !is_in_fuse && !state.added.contains(origin)
    }

    /// Forgets everything, because changes before this position may have been missed, and begins a new build.
    pub(super) fn restart(&self, position: Position) {
        let mut building = self.building();
        *self.write() = State::default();
        self.begin(&mut building, position);
    }

    /// Applies changes, after which the position is reached.
    pub(super) fn apply(&self, changes: &[OriginChange], position: &Position) {
        if changes.is_empty() {
            return;
        }
        let mut building = self.building();
        let mut state = self.write();
        // Without a filter, there is nothing to add to.
        let State { built, added } = &mut *state;
        let in_use = built.is_some().then_some(added);
        let since = building.since.as_mut().map(|(_, since)| since);
        for set in in_use.into_iter().chain(since) {
            for change in changes {
                if change.is_in_store() {
                    set.insert(change.origin().into());
                } else {
                    // The filter may know the origin. Then the store is asked.
                    set.remove(change.origin());
                }
            }
        }
        let is_full = |built: &Built| state.added.len() > MIN_ADDED.max(built.origins / FRACTION);
        let is_full = state.built.as_ref().is_some_and(is_full);
        drop(state);
        if is_full && building.since.is_none() {
            self.begin(&mut building, position.clone());
        }
    }

    /// Begins a build of a store whose changes up to the position were applied. It replaces one that runs.
    fn begin(&self, building: &mut Building, position: Position) {
        building.number += 1;
        building.since = Some((position, HashSet::new()));
        self.wanted.send_replace(building.number);
    }

    /// Uses a set that was read. Returns an error if it does not fit to the changes that were applied.
    fn install(&self, number: u64, built: Built, read: &Position) -> Result<(), StoreError> {
        let mut building = self.building();
        if building.number != number {
            // The next build runs already.
            return Ok(());
        }
        let Some((begun, since)) = &mut building.since else {
            return Ok(());
        };
        // Another server, or one that has lost changes.
        if begun.history() != read.history() || read.revision() < begun.revision() {
            return Err(StoreError::new("the store is not the same any more"));
        }
        events::filter_built(read, built.origins);
        let state = State {
            built: Some(built),
            added: mem::take(since),
        };
        building.since = None;
        let old = mem::replace(&mut *self.write(), state);
        drop(building);
        // Not under the lock, because it may be large.
        drop(old);
        Ok(())
    }

    fn building(&self) -> MutexGuard<'_, Building> {
        self.building.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Builds the filter each time that it is wanted, until it is dropped.
pub(super) async fn build<S: OriginStore>(
    store: Arc<S>,
    filter: Weak<Filter>,
    mut wanted: watch::Receiver<u64>,
) {
    while wanted.changed().await.is_ok() {
        loop {
            let number = *wanted.borrow_and_update();
            // In a task of its own, so that a panic of the store ends only this attempt. It ends with the set.
            let mut attempt = JoinSet::new();
            attempt.spawn(build_once(Arc::clone(&store), filter.clone(), number));
            let outcome = tokio::select! {
                joined = attempt.join_next() => joined,
                changed = wanted.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return,
                },
            };
            let error = match outcome {
                Some(Ok(Ok(()))) | None => break,
                Some(Ok(Err(error))) => error,
                Some(Err(error)) => StoreError::new(error),
            };
            // A subscriber may panic.
            let _panicked = caught(|| events::filter_not_built(&error));
            tokio::select! {
                () = sleep(RETRY) => {}
                changed = wanted.changed() => if changed.is_err() {
                    return;
                },
            }
        }
    }
}

async fn build_once<S: OriginStore>(
    store: Arc<S>,
    filter: Weak<Filter>,
    number: u64,
) -> Result<(), StoreError> {
    let Some(keys) = filter.upgrade().map(|filter| filter.keys.clone()) else {
        return Ok(());
    };
    let mut session = follower::connect(&*store).await?;
    let mut hashes = Vec::new();
    let mut each = |origin: &str| hashes.push(keys.hash_one(origin));
    let read = follower::read_all(&mut session, READ_TIMEOUT, &mut each).await?;
    drop(session);
    let built = spawn_blocking(move || Built::new(hashes));
    let built = built.await.map_err(StoreError::new)??;
    match filter.upgrade() {
        Some(filter) => filter.install(number, built, &read),
        None => Ok(()),
    }
}

impl Built {
    fn new(mut hashes: Vec<u64>) -> Result<Self, StoreError> {
        // A key that comes twice makes a fuse filter impossible.
        hashes.sort_unstable();
        hashes.dedup();
        let origins = hashes.len();
        let fuse = match origins {
            0 => None,
            _ => Some(BinaryFuse8::try_from(&hashes).map_err(StoreError::new)?),
        };
        Ok(Self { fuse, origins })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small sets are special cases of the construction.
    #[test]
    fn a_filter_never_rules_out_an_origin_of_the_store() {
        let (filter, _wanted) = Filter::new();
        for count in (0..70).chain([1_000, 10_000, 100_000]) {
            let name = |number: usize| format!("https://{number}.example");
            let hashes = (0..count).map(|number| filter.keys.hash_one(&*name(number)));
            // Reads may return an origin twice.
            let hashes: Vec<u64> = hashes.clone().chain(hashes.take(3)).collect();
            let position = Position::new("history", 0);
            filter.restart(position.clone());
            let number = filter.building().number;
            let built = Built::new(hashes).unwrap();
            assert!(
                !filter.rules_out("https://other.example"),
                "before it is built"
            );
            filter.install(number, built, &position).unwrap();
            for number in 0..count {
                assert!(!filter.rules_out(&name(number)), "{number} of {count}");
            }
            let strangers = (0..10_000)
                .filter(|number| !filter.rules_out(&format!("https://{number}.stranger.example")));
            // 1 of 256 passes: 39. With 200, the deviation is 25 times the usual one.
            assert!(strangers.count() < 200, "of {count}");
        }
    }

    #[test]
    fn a_read_of_another_history_or_of_an_earlier_revision_is_not_used() {
        let (filter, _wanted) = Filter::new();
        filter.restart(Position::new("history", 7));
        let built = || Built::new(Vec::new()).unwrap();
        for read in [Position::new("other", 7), Position::new("history", 6)] {
            assert!(filter.install(1, built(), &read).is_err(), "{read}");
            assert!(!filter.rules_out("https://a.example"));
        }
        let read = Position::new("history", 8);
        filter.install(1, built(), &read).unwrap();
        assert!(filter.rules_out("https://a.example"));
    }

    #[test]
    fn a_read_from_before_a_restart_is_not_used() {
        let (filter, _wanted) = Filter::new();
        let position = Position::new("history", 7);
        filter.restart(position.clone());
        filter.restart(position.clone());
        filter
            .install(1, Built::new(Vec::new()).unwrap(), &position)
            .unwrap();
        assert!(!filter.rules_out("https://a.example"));
    }
}
