//! The set of a replica: a compact set that is built once, and the origins that were changed since.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use arc_swap::ArcSwap;
use omnicors_adapter::caught;
use omnicors_core::{OriginSet, Policy, PolicyConfig, PolicyError};

use super::changed_origins::ChangedOrigins;
use super::check::check_stored_origin;
use super::position::OriginChange;
use crate::sync::{Mutex, MutexGuard, PoisonError};

/// Changes are merged into the compact set when there are more than this, and more than a fraction of the set.
const MIN_CHANGES: usize = 4_096;
const FRACTION: usize = 32;

/// A set of origins that is read without locks.
pub(super) struct ReplicaSet {
    state: ArcSwap<State>,
    writer: Mutex<Writer>,
}

struct State {
    /// A policy with the set.
    compact: Policy,
    /// What was changed after `compact` was built.
    changed: ChangedOrigins,
}

/// Held while the set is changed.
#[derive(Default)]
struct Writer {
    /// The number of changes of the state.
    changes: usize,
    /// The changes since the beginning of the merge that runs.
    since_merge: Option<Vec<OriginChange>>,
    /// Origins that were read from the store and not taken, because they fail [`check_stored_origin`].
    rejected: u64,
    /// Counts the reads of the whole store that have begun, and the calls of [`apply`](ReplicaSet::apply).
    steps: u64,
}

/// A read of the whole store.
#[derive(Clone, Copy, Debug)]
pub(super) struct WholeRead(u64);

/// A merge that has to be run, on a thread that may be busy for seconds.
pub(super) struct Merge {
    state: Arc<State>,
}

/// A set that is read from a store or from an image, before it is in use.
pub(super) struct NewSet {
    config: PolicyConfig,
    chunk: Vec<Box<str>>,
    rejected: u64,
}

/// How many origins are passed to the config at once.
const CHUNK: usize = 1_024;

impl NewSet {
    pub(super) fn new() -> Self {
        Self {
            // So that the set may be empty.
            config: PolicyConfig::new().lookup_origins(true),
            chunk: Vec::with_capacity(CHUNK),
            rejected: 0,
        }
    }

    /// Adds an origin if it passes [`check_stored_origin`].
    pub(super) fn add(&mut self, origin: &str) {
        if check_stored_origin(origin).is_err() {
            self.rejected += 1;
            return;
        }
        self.chunk.push(origin.into());
        if self.chunk.len() == CHUNK {
            self.flush();
        }
    }

    #[cfg(test)]
    pub(super) fn len(self) -> usize {
        let (policy, _) = self.build().unwrap();
        policy.origins().map_or(0, OriginSet::len)
    }

    fn flush(&mut self) {
        let config = mem::take(&mut self.config);
        self.config = config.allow_origins(self.chunk.drain(..));
    }

    /// Takes seconds for millions of origins.
    fn build(mut self) -> Result<(Policy, u64), PolicyError> {
        self.flush();
        Ok((self.config.build()?, self.rejected))
    }
}

impl ReplicaSet {
    pub(super) fn of(new: NewSet) -> Result<Self, PolicyError> {
        let (compact, rejected) = new.build()?;
        let writer = Writer {
            rejected,
            ..Writer::default()
        };
        Ok(Self {
            state: ArcSwap::from_pointee(State::of(compact)),
            writer: Mutex::new(writer),
        })
    }

    #[inline]
    pub(super) fn contains(&self, origin: &[u8]) -> bool {
        let state = self.state.load();
        state.changed.get(origin).unwrap_or_else(|| {
            let compact = state.compact.origins();
            compact.is_some_and(|compact| compact.contains(origin))
        })
    }

    /// Returns the number of origins, which counts a change of the last seconds twice.
    pub(super) fn len(&self) -> usize {
        self.state.load().compact_len() + self.lock().changes
    }

    /// Returns the number of origins from the store that are not origins as a browser sends them.
    pub(super) fn rejected(&self) -> u64 {
        self.lock().rejected
    }

    /// Applies changes in order. Returns a merge if it is time for one.
    pub(super) fn apply(&self, changes: &[OriginChange]) -> Option<Merge> {
        let mut writer = self.lock();
        writer.steps += 1;
        let state = self.state.load_full();
        if let Some(since_merge) = &mut writer.since_merge {
            since_merge.extend_from_slice(changes);
        }
        writer.rejected += state.apply(changes);
        writer.changes = state.changed.len();
        let must_merge = writer.since_merge.is_none()
            && writer.changes > changes_before_merge(state.compact_len());
        must_merge.then(|| {
            writer.since_merge = Some(Vec::new());
            Merge { state }
        })
    }

    /// Runs a merge. Changes that are applied meanwhile are kept.
    pub(super) fn merge(&self, merge: &Merge) -> Result<(), PolicyError> {
        let built = caught(|| {
            let mut new = NewSet::new();
            merge.state.for_each(&mut |origin| new.add(origin));
            new.build()
        });
        let mut writer = self.lock();
        let since_merge = writer.since_merge.take().unwrap_or_default();
        // It panicked, or the set was replaced meanwhile.
        let Some(built) = built else { return Ok(()) };
        if !Arc::ptr_eq(&self.state.load(), &merge.state) {
            return Ok(());
        }
        let state = State::of(built?.0);
        state.apply(&since_merge);
        writer.changes = state.changed.len();
        self.state.store(Arc::new(state));
        Ok(())
    }

    /// Begins a read of the whole store, whose result is passed to [`replace`](Self::replace).
    pub(super) fn begin_read(&self) -> WholeRead {
        let mut writer = self.lock();
        writer.steps += 1;
        WholeRead(writer.steps)
    }

    /// Replaces the set by what was read, unless changes were applied since the read began, or another read has begun: a read that was
    /// given up can still build its set, which is older than what followed.
    pub(super) fn replace(&self, read: WholeRead, new: NewSet) -> Result<(), PolicyError> {
        let (compact, rejected) = new.build()?;
        let state = State::of(compact);
        let mut writer = self.lock();
        if read.0 != writer.steps {
            return Ok(());
        }
        // A merge that runs is of the old set.
        *writer = Writer {
            rejected,
            since_merge: mem::take(&mut writer.since_merge).map(|_| Vec::new()),
            steps: writer.steps,
            changes: 0,
        };
        self.state.store(Arc::new(state));
        Ok(())
    }

    /// Passes each origin to `each`. Changes that are applied meanwhile may be passed or not.
    pub(super) fn for_each(&self, each: &mut dyn FnMut(&str)) {
        self.state.load_full().for_each(each);
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        // No code panics under this lock while the state is inconsistent.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn of(compact: Policy) -> Self {
        let len = compact.origins().map_or(0, OriginSet::len);
        Self {
            compact,
            changed: ChangedOrigins::new(changes_before_merge(len)),
        }
    }

    fn compact_len(&self) -> usize {
        self.compact.origins().map_or(0, OriginSet::len)
    }

    /// Applies the last change of each origin, so that no request sees an earlier one. Returns how many of them add what is not an origin
    /// of one site. Such a text is not in the set, so removing it changes nothing.
    fn apply(&self, changes: &[OriginChange]) -> u64 {
        let mut last: HashMap<&str, bool> = HashMap::with_capacity(changes.len());
        for change in changes {
            last.insert(change.origin(), change.is_in_store());
        }
        let mut rejected = 0;
        last.retain(|origin, is_in_store| {
            let is_valid = check_stored_origin(origin).is_ok();
            rejected += u64::from(!is_valid && *is_in_store);
            is_valid
        });
        self.changed.set_all(last.into_iter());
        rejected
    }

    fn for_each(&self, each: &mut dyn FnMut(&str)) {
        for origin in self
            .compact
            .origins()
            .into_iter()
            .flat_map(OriginSet::patterns)
        {
            if self.changed.get(origin.as_bytes()).is_none() {
                each(origin);
            }
        }
        self.changed.for_each(&mut |origin, is_in_store| {
            if is_in_store {
                each(origin);
            }
        });
    }
}

/// Returns the number of changes that are merged into a compact set of this size.
fn changes_before_merge(len: usize) -> usize {
    MIN_CHANGES.max(len / FRACTION)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    fn set(origins: &[&str]) -> ReplicaSet {
        let mut new = NewSet::new();
        for origin in origins {
            new.add(origin);
        }
        ReplicaSet::of(new).unwrap()
    }

    fn origins(set: &ReplicaSet) -> BTreeSet<String> {
        let mut origins = BTreeSet::new();
        set.for_each(&mut |origin| {
            assert!(origins.insert(origin.to_owned()), "{origin} twice");
        });
        origins
    }

    fn added(origin: &str) -> OriginChange {
        OriginChange::new(origin, true)
    }

    fn removed(origin: &str) -> OriginChange {
        OriginChange::new(origin, false)
    }

    #[test]
    fn an_empty_set_contains_nothing() {
        let set = set(&[]);
        assert!(!set.contains(b"https://a.example"));
        assert_eq!(set.len(), 0);
    }

    #[test]
    fn the_last_change_of_an_origin_counts() {
        let set = set(&["https://a.example"]);
        assert!(set.apply(&[removed("https://a.example")]).is_none());
        assert!(!set.contains(b"https://a.example"));
        set.apply(&[
            added("https://a.example"),
            added("https://b.example"),
            removed("https://b.example"),
        ]);
        assert!(set.contains(b"https://a.example"));
        assert!(!set.contains(b"https://b.example"));
        assert_eq!(
            origins(&set),
            BTreeSet::from(["https://a.example".to_owned()])
        );
    }

    #[test]
    fn no_request_sees_an_origin_that_was_added_and_removed_again() {
        let set = set(&[]);
        let x = "https://x.example";
        let mut changes = vec![added(x)];
        changes.extend((0..20_000).map(|number| added(&format!("https://{number}.example"))));
        changes.push(removed(x));
        let is_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(Ordering::Acquire) {
                    assert!(!set.contains(x.as_bytes()));
                }
            });
            set.apply(&changes);
            is_done.store(true, Ordering::Release);
        });
    }

    #[test]
    fn what_is_not_an_origin_of_one_site_is_counted_and_not_contained() {
        let set = set(&[
            "null",
            "https://*.example",
            "https://a.example",
            "https://B.example",
        ]);
        assert_eq!(set.rejected(), 3);
        set.apply(&[added("*"), added("file://"), removed("null")]);
        assert_eq!(set.rejected(), 5);
        for origin in [
            "null",
            "*",
            "file://",
            "https://x.example",
            "https://b.example",
        ] {
            assert!(!set.contains(origin.as_bytes()), "{origin}");
        }
        assert_eq!(origins(&set).len(), 1);
    }

    #[test]
    fn changes_are_merged_and_none_is_lost_meanwhile() {
        let set = set(&["https://kept.example", "https://removed.example"]);
        let changes: Vec<_> = (0..=MIN_CHANGES)
            .map(|number| added(&format!("https://{number}.example")))
            .collect();
        let merge = set.apply(&changes).expect("there are enough changes");
        // While the merge runs, no other begins.
        assert!(set.apply(&[removed("https://removed.example")]).is_none());
        assert!(
            set.apply(&[removed("https://0.example"), added("https://new.example")])
                .is_none()
        );
        set.merge(&merge).unwrap();

        assert!(set.contains(b"https://kept.example"));
        assert!(set.contains(b"https://1.example"));
        assert!(set.contains(b"https://new.example"));
        assert!(!set.contains(b"https://removed.example"));
        assert!(!set.contains(b"https://0.example"));
        assert_eq!(origins(&set).len(), MIN_CHANGES + 2);
        // The next merge needs as many changes again.
        assert!(set.apply(&changes[..MIN_CHANGES - 3]).is_none());
    }

    #[test]
    fn a_read_that_was_given_up_does_not_replace_a_later_one() {
        let set = set(&["https://a.example"]);
        let new = |origin: &str| {
            let mut new = NewSet::new();
            new.add(origin);
            new
        };
        let given_up = set.begin_read();
        let later = set.begin_read();
        set.replace(later, new("https://later.example")).unwrap();
        set.replace(given_up, new("https://earlier.example"))
            .unwrap();
        assert_eq!(
            origins(&set),
            BTreeSet::from(["https://later.example".to_owned()])
        );
    }

    #[test]
    fn a_read_that_was_given_up_does_not_undo_changes() {
        for changes in [&[removed("https://a.example")][..], &[]] {
            let set = set(&["https://a.example"]);
            let given_up = set.begin_read();
            set.apply(changes);
            let mut new = NewSet::new();
            new.add("https://earlier.example");
            set.replace(given_up, new).unwrap();
            assert!(!set.contains(b"https://earlier.example"));
            assert_eq!(set.contains(b"https://a.example"), changes.is_empty());
        }
    }

    #[test]
    fn a_merge_of_a_set_that_was_replaced_is_dropped() {
        let set = set(&[]);
        let changes: Vec<_> = (0..=MIN_CHANGES)
            .map(|number| added(&format!("https://{number}.example")))
            .collect();
        let merge = set.apply(&changes).expect("there are enough changes");
        let mut new = NewSet::new();
        new.add("https://new.example");
        set.replace(set.begin_read(), new).unwrap();
        set.apply(&[added("https://later.example")]);
        set.merge(&merge).unwrap();
        assert_eq!(
            origins(&set),
            BTreeSet::from([
                "https://later.example".to_owned(),
                "https://new.example".to_owned()
            ])
        );
        assert!(set.apply(&changes).is_some(), "merges go on");
    }
}
