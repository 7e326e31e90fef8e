//! A store that contains the members.

use std::sync::Arc;

use omnicors_tokio::{Changes, OriginChange, OriginStore, Position, StoreError, StoreSession};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

/// The origins that are added after all members were read, if there are changes.
const CHANGES: usize = 100;

#[derive(Clone)]
pub(crate) struct Members {
    origins: Arc<[String]>,
    has_changes: bool,
    followed: Arc<Notify>,
}

impl Members {
    pub(crate) fn new(members: &[String], has_changes: bool) -> Self {
        Self {
            origins: members.into(),
            has_changes,
            followed: Arc::default(),
        }
    }

    /// Returns when a session has read all changes.
    pub(crate) async fn followed(&self) {
        self.followed.notified().await;
    }

    fn revision(&self) -> u64 {
        u64::from(self.has_changes)
    }
}

/// Returns a runtime in which a store is followed.
pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .expect("a runtime")
}

fn position(revision: u64) -> Position {
    Position::new("members", revision)
}

impl OriginStore for Members {
    type Session = Self;

    fn name(&self) -> String {
        "members".to_owned()
    }

    async fn connect(&self) -> Result<Self, StoreError> {
        Ok(self.clone())
    }

    /// Only members are asked about.
    async fn contains(&self, _: &str) -> Result<bool, StoreError> {
        Ok(true)
    }
}

impl StoreSession for Members {
    async fn present(&mut self) -> Result<Position, StoreError> {
        Ok(position(self.revision()))
    }

    async fn read_all(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Position, StoreError> {
        self.origins.iter().for_each(|member| each(member));
        Ok(position(0))
    }

    async fn changes_after(&mut self, known: &Position) -> Result<Changes, StoreError> {
        let changes = if known.revision() < self.revision() {
            let added = |number| OriginChange::new(format!("https://new-{number}.example"), true);
            (0..CHANGES).map(added).collect()
        } else {
            Vec::new()
        };
        Ok(Changes::Read(changes, position(self.revision())))
    }

    async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
        self.followed.notify_one();
        std::future::pending().await
    }
}
