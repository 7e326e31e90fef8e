//! A replica of a store that contains the members.

use std::sync::Arc;

use omnicors_core::{Policy, PolicyConfig};
use omnicors_tokio::{Changes, OriginReplica, OriginStore, Position, StoreError, StoreSession};
use tokio::runtime::{Builder, Runtime};

/// A policy that asks a replica, and the runtime in which the replica follows its store.
pub(crate) struct Replica {
    pub(crate) policy: Policy,
    _runtime: Runtime,
}

impl Replica {
    pub(crate) fn new(members: &[String]) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()
            .expect("a runtime");
        let store = Members(members.into());
        let replica = runtime
            .block_on(OriginReplica::new(store))
            .expect("the store answers");
        let policy = PolicyConfig::new()
            .allow_origins_if(move |origin| replica.contains(origin))
            .build()
            .expect("a valid policy");
        Self {
            policy,
            _runtime: runtime,
        }
    }
}

/// A store that never changes.
#[derive(Clone)]
struct Members(Arc<[String]>);

impl Members {
    fn position() -> Position {
        Position::new("members", 0)
    }
}

impl OriginStore for Members {
    type Session = Self;

    fn name(&self) -> String {
        "members".to_owned()
    }

    async fn connect(&self) -> Result<Self, StoreError> {
        Ok(self.clone())
    }

    async fn contains(&self, origin: &str) -> Result<bool, StoreError> {
        Ok(self.0.iter().any(|member| member == origin))
    }
}

impl StoreSession for Members {
    async fn present(&mut self) -> Result<Position, StoreError> {
        Ok(Self::position())
    }

    async fn read_all(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Position, StoreError> {
        self.0.iter().for_each(|member| each(member));
        Ok(Self::position())
    }

    async fn changes_after(&mut self, _: &Position) -> Result<Changes, StoreError> {
        Ok(Changes::Read(Vec::new(), Self::position()))
    }

    async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
        std::future::pending().await
    }
}
