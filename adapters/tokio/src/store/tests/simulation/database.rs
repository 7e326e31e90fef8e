//! A database with transactions, and what it contained at each time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::store::{Changes, OriginChange, Position};

/// The origins that are ever in the store.
pub(super) const ORIGINS: [&str; 6] = [
    "https://a.example",
    "https://b.example",
    "https://c.example",
    "https://d.example",
    "https://e.example",
    "https://f.example",
];

/// What survives a crash of the server.
#[derive(Default)]
pub(super) struct Database {
    content: Content,
    history: u64,
    backup: Content,
    /// Transactions that are not committed, and what they change.
    in_flight: BTreeMap<u64, Vec<(&'static str, bool)>>,
    /// When each origin was added or removed.
    truth: BTreeMap<&'static str, Vec<(Duration, bool)>>,
    /// The time between a read and the response.
    pub(super) delay: Duration,
    pub(super) whole_reads: u64,
    pub(super) lost: u64,
    pub(super) removals: u64,
    pub(super) late_commits: u64,
}

/// What is in a backup.
#[derive(Clone, Default)]
struct Content {
    origins: BTreeSet<&'static str>,
    /// The changes in the order of their commits.
    log: Vec<Logged>,
    /// The number of the last transaction that has begun.
    last_begun: u64,
    /// The greatest number of a transaction that was committed.
    last_committed: u64,
    /// The transactions whose changes are not in the log any more.
    pruned: BTreeSet<u64>,
}

#[derive(Clone)]
struct Logged {
    transaction: u64,
    origin: &'static str,
    is_in_store: bool,
}

impl Database {
    /// Begins a transaction that changes origins which no other one changes. Returns its number.
    pub(super) fn begin(&mut self, changes: impl IntoIterator<Item = (&'static str, bool)>) -> u64 {
        let locked: BTreeSet<_> = self.in_flight.values().flatten().map(|it| it.0).collect();
        let changes = changes.into_iter();
        let changes = changes.filter(|(origin, _)| !locked.contains(origin));
        self.content.last_begun += 1;
        let number = self.content.last_begun;
        self.in_flight.insert(number, changes.collect());
        number
    }

    pub(super) fn commit(&mut self, number: u64, now: Duration) {
        // A restored server does not know it.
        let Some(changes) = self.in_flight.remove(&number) else {
            return;
        };
        if number < self.content.last_committed {
            self.late_commits += 1;
        }
        self.content.last_committed = self.content.last_committed.max(number);
        for (origin, is_in_store) in changes {
            let has_changed = if is_in_store {
                self.content.origins.insert(origin)
            } else {
                self.content.origins.remove(origin)
            };
            if has_changed {
                self.removals += u64::from(!is_in_store);
                self.truth
                    .entry(origin)
                    .or_default()
                    .push((now, is_in_store));
                self.content.log.push(Logged {
                    transaction: number,
                    origin,
                    is_in_store,
                });
            }
        }
    }

    /// Aborts the transactions, as a crash does.
    pub(super) fn abort_all(&mut self) {
        self.in_flight.clear();
    }

    /// Forgets the changes until now.
    pub(super) fn prune(&mut self) {
        let pruned = self.content.log.drain(..).map(|change| change.transaction);
        self.content.pruned.extend(pruned);
    }

    pub(super) fn back_up(&mut self) {
        self.backup = self.content.clone();
    }

    /// Continues from the backup, with a new history.
    pub(super) fn restore(&mut self, now: Duration) {
        self.abort_all();
        self.history += 1;
        let before = std::mem::replace(&mut self.content, self.backup.clone());
        for origin in ORIGINS {
            let is_in_store = self.content.origins.contains(origin);
            if before.origins.contains(origin) != is_in_store {
                self.removals += u64::from(!is_in_store);
                self.truth
                    .entry(origin)
                    .or_default()
                    .push((now, is_in_store));
            }
        }
    }

    pub(super) fn contains(&self, origin: &str) -> bool {
        self.content.origins.contains(origin)
    }

    pub(super) fn origins(&self) -> Vec<&'static str> {
        self.content.origins.iter().copied().collect()
    }

    /// Returns the position after what is committed. The cursor has the number of the next transaction, and those that are not committed.
    pub(super) fn position(&self) -> Position {
        let in_flight: Vec<_> = self.in_flight.keys().map(u64::to_string).collect();
        let cursor = format!("{}:{}", self.content.last_begun, in_flight.join(","));
        let history = format!("history-{}", self.history);
        Position::new(history, self.content.last_committed).with_cursor(cursor)
    }

    pub(super) fn changes_after(&mut self, position: &Position) -> Changes {
        let present = self.position();
        let (last_begun, in_flight) = position.cursor().split_once(':').unwrap();
        let last_begun: u64 = last_begun.parse().unwrap();
        let in_flight: Vec<u64> = in_flight
            .split(',')
            .filter_map(|number| number.parse().ok())
            .collect();
        let is_after =
            |transaction: &u64| *transaction > last_begun || in_flight.contains(transaction);
        if position.history() != present.history() || self.content.pruned.iter().any(is_after) {
            self.lost += 1;
            return Changes::Lost;
        }
        let log = self.content.log.iter();
        let new = log.filter(|change| is_after(&change.transaction));
        let new = new.map(|change| OriginChange::new(change.origin, change.is_in_store));
        Changes::Read(new.collect(), present)
    }

    /// Returns true if the store contained the origin, or not, at some time from `begin` to `end`.
    pub(super) fn was(
        &self,
        origin: &str,
        is_in_store: bool,
        begin: Duration,
        end: Duration,
    ) -> bool {
        let mut state = false;
        for (time, new) in self.truth.get(origin).into_iter().flatten() {
            if *time > end {
                break;
            }
            // Until this change.
            if state == is_in_store && *time >= begin {
                return true;
            }
            state = *new;
        }
        state == is_in_store
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = ORIGINS[0];
    const B: &str = ORIGINS[1];

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn an_origin_was_in_the_store_from_its_addition_to_its_removal() {
        let mut database = Database::default();
        let number = database.begin([(A, true)]);
        database.commit(number, at(10));
        let number = database.begin([(A, false)]);
        database.commit(number, at(20));
        assert!(!database.was(A, true, at(0), at(9)));
        assert!(database.was(A, true, at(0), at(10)));
        assert!(database.was(A, true, at(20), at(30)));
        assert!(!database.was(A, true, at(21), at(30)));
        assert!(database.was(A, false, at(0), at(9)));
        assert!(!database.was(A, false, at(11), at(19)));
        assert!(!database.was(B, true, at(0), at(99)));
    }

    #[test]
    fn a_transaction_that_is_committed_late_is_after_a_position_from_before() {
        let mut database = Database::default();
        let early = database.begin([(A, true)]);
        let late = database.begin([(B, true)]);
        database.commit(late, at(1));
        let position = database.position();
        database.commit(early, at(2));
        let Changes::Read(changes, new) = database.changes_after(&position) else {
            panic!("they are known");
        };
        assert_eq!(changes, [OriginChange::new(A, true)]);
        assert_eq!(new.revision(), position.revision());
        database.prune();
        assert_eq!(
            database.changes_after(&new),
            Changes::Read(vec![], database.position())
        );
        let number = database.begin([(A, false)]);
        database.commit(number, at(3));
        database.prune();
        assert_eq!(database.changes_after(&new), Changes::Lost);
    }
}
