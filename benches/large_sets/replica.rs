//! A replica of a store that contains the members.

use omnicors_core::{Policy, PolicyConfig};
use omnicors_tokio::OriginReplica;
use tokio::runtime::Runtime;

use crate::store::{Members, runtime};

/// A policy that asks a replica, and the runtime in which the replica follows its store.
pub(crate) struct Replica {
    policy: Policy,
    _runtime: Runtime,
}

impl Replica {
    /// With changes, the store has changed since all of it was read, as usual.
    pub(crate) fn new(members: &[String], has_changes: bool) -> Self {
        Self::with(members, has_changes, |replica| {
            PolicyConfig::new().allow_origins_in(replica)
        })
    }

    /// The policy asks the replica in a predicate, so it parses each origin.
    pub(crate) fn in_predicate(members: &[String]) -> Self {
        Self::with(members, false, |replica| {
            PolicyConfig::new().allow_origins_if(move |origin| replica.contains(origin))
        })
    }

    /// A function, because a closure that uses only the field would drop the runtime.
    pub(crate) fn policy(&self) -> &Policy {
        &self.policy
    }

    fn with(
        members: &[String],
        has_changes: bool,
        config: impl FnOnce(OriginReplica) -> PolicyConfig,
    ) -> Self {
        let runtime = runtime();
        let store = Members::new(members, has_changes);
        let replica = runtime.block_on(async {
            let replica = OriginReplica::new(store.clone()).await;
            store.followed().await;
            replica.expect("the store answers")
        });
        Self {
            policy: config(replica).build().expect("a valid policy"),
            _runtime: runtime,
        }
    }
}
