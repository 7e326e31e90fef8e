use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::checker::{Checked, Promise, check};
use crate::client::Client;
use crate::engine::Database;
use crate::history::{Answer, Change, Cut, History, Moment};

/// Records a history while it happens. Clones record the same.
#[derive(Clone, Debug)]
pub struct Recorder {
    begun: Instant,
    history: Arc<Mutex<History>>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            history: Arc::default(),
        }
    }
}

impl Recorder {
    /// Records that the store contains these origins since before the history began.
    pub fn contains(&self, origins: &[String]) {
        self.record_changes(origins, true, Moment::ZERO, Moment::ZERO);
    }

    /// Adds origins that the store does not contain.
    pub async fn add(&self, database: &Database, origins: &[String]) {
        let begun = self.begun.elapsed();
        database.add(origins).await;
        self.changed(origins, true, begun);
    }

    /// Removes origins that the store contains.
    pub async fn remove(&self, database: &Database, origins: &[String]) {
        let begun = self.begun.elapsed();
        database.remove(origins).await;
        self.changed(origins, false, begun);
    }

    /// Asks a node. Returns true if a page of this origin may read the response.
    pub async fn ask(&self, node: usize, client: &mut Client, origin: &str) -> bool {
        let begun = self.begun.elapsed();
        let is_allowed = client.may_read(origin).await;
        let ended = self.begun.elapsed();
        let origin = origin.to_owned();
        self.lock().answers.push(Answer {
            node,
            origin,
            is_allowed,
            begun,
            ended,
        });
        is_allowed
    }

    /// Takes the contact to the store from these nodes by a fault.
    pub fn cut(&self, nodes: impl IntoIterator<Item = usize>, fault: impl FnOnce()) {
        let begun = self.begun.elapsed();
        fault();
        let in_force = self.begun.elapsed();
        let cuts = nodes.into_iter().map(|node| Cut {
            node,
            begun,
            in_force,
            mending: None,
            mended: None,
            followed: None,
        });
        self.lock().cuts.extend(cuts);
    }

    /// Ends the fault of these nodes.
    pub fn mend(&self, nodes: impl IntoIterator<Item = usize>, mend: impl FnOnce()) {
        let mending = self.begun.elapsed();
        mend();
        let mended = self.begun.elapsed();
        for node in nodes {
            self.last_cut(node, |cut| {
                cut.mending = Some(mending);
                cut.mended = Some(mended);
            });
        }
    }

    /// Call this when the node was seen to follow the store after the end of the fault.
    pub fn followed(&self, node: usize) {
        let now = self.begun.elapsed();
        self.last_cut(node, |cut| cut.followed = Some(now));
    }

    /// Call this when all nodes were seen to follow the store after the end of their faults.
    pub fn all_followed(&self) {
        let now = self.begun.elapsed();
        for cut in &mut self.lock().cuts {
            assert!(cut.mended.is_some(), "the fault goes on");
            cut.followed.get_or_insert(now);
        }
    }

    /// Returns the history so far.
    #[must_use]
    pub fn history(&self) -> History {
        self.lock().clone()
    }

    /// Checks the history so far.
    ///
    /// # Panics
    ///
    /// If the nodes do not do what is promised.
    pub fn check(&self, promise: Promise) -> Checked {
        check(&self.history(), promise).unwrap_or_else(|violations| {
            let lines: Vec<_> = violations.iter().map(ToString::to_string).collect();
            let shown = lines.get(..20).unwrap_or(&lines);
            panic!("{} violations:\n{}", lines.len(), shown.join("\n"))
        })
    }

    fn changed(&self, origins: &[String], is_added: bool, begun: Moment) {
        self.record_changes(origins, is_added, begun, self.begun.elapsed());
    }

    fn record_changes(
        &self,
        origins: &[String],
        is_added: bool,
        begun: Moment,
        acknowledged: Moment,
    ) {
        let changes = origins.iter().map(|origin| Change {
            origin: origin.clone(),
            is_added,
            begun,
            acknowledged,
        });
        self.lock().changes.extend(changes);
    }

    fn last_cut(&self, node: usize, change: impl FnOnce(&mut Cut)) {
        let mut history = self.lock();
        let mut cuts = history.cuts.iter_mut().rev();
        change(
            cuts.find(|cut| cut.node == node)
                .expect("the node was cut off"),
        );
    }

    fn lock(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
