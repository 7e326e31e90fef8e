//! A server of the platform, and how it knows the tenants.

use std::fmt;
use std::time::Duration;

use axum::Router;
use omnicors::adapters::tokio::{
    LookupOptions, OriginLookup, OriginReplica, PolicyConfig, PolicyError,
};
use omnicors::adapters::tower::CorsLayer;

use crate::tenants::{AnyError, Store, Tenants};

/// The timeout of the adapter. It is longer than the timeout of a lookup (400 ms by default), which is longer than that of the
/// database (300 ms). So a slow database is reported as the reason, and not a timeout of the layers above it.
const TIMEOUT: Duration = Duration::from_secs(1);

/// How a server knows the tenants of a shared store.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    /// It looks an origin up when it is first seen.
    Lookup,
    /// It has all origins in memory.
    Replica,
}

#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) tenants: Tenants,
    origins: Origins,
}

#[derive(Clone)]
enum Origins {
    Lookup(OriginLookup),
    Replica(OriginReplica),
}

impl Node {
    pub(crate) async fn new(tenants: Tenants, mode: Mode) -> Result<Self, AnyError> {
        Self::with_options(tenants, mode, LookupOptions::new()).await
    }

    pub(crate) async fn with_options(
        tenants: Tenants,
        mode: Mode,
        options: LookupOptions,
    ) -> Result<Self, AnyError> {
        let origins = match (tenants.store(), mode) {
            (Store::Sqlite(sqlite), _) => {
                let sqlite = sqlite.clone();
                Origins::Lookup(OriginLookup::with_options(
                    options,
                    move |origin: String| {
                        let sqlite = sqlite.clone();
                        async move { sqlite.has(&origin).await }
                    },
                ))
            }
            (Store::Postgres(store), Mode::Lookup) => {
                Origins::Lookup(OriginLookup::with_store(options, store.clone()))
            }
            (Store::Postgres(store), Mode::Replica) => {
                Origins::Replica(OriginReplica::new(store.clone()).await?)
            }
            (Store::Redis(store), Mode::Lookup) => {
                Origins::Lookup(OriginLookup::with_store(options, (**store).clone()))
            }
            (Store::Redis(store), Mode::Replica) => {
                Origins::Replica(OriginReplica::new((**store).clone()).await?)
            }
        };
        Ok(Self { tenants, origins })
    }

    /// Adds the policy to routes. It does not allow credentials. If it did, the page of each tenant could act as every user that visits
    /// it. If you need credentials, check in each route which tenant's page sent the request.
    pub(crate) fn add_cors(&self, routes: Router) -> Result<Router, PolicyError> {
        Ok(match &self.origins {
            Origins::Lookup(lookup) => {
                let (lookup, for_events) = (lookup.clone(), lookup.clone());
                let policy = PolicyConfig::new()
                    .lookup_origins(true)
                    .origins_revision(move || for_events.revision())
                    .build()?;
                let cors = CorsLayer::new(policy)
                    .lookup_origins(TIMEOUT, move |origin| lookup.clone().lookup(origin));
                routes.layer(cors)
            }
            Origins::Replica(replica) => {
                let policy = PolicyConfig::new()
                    .allow_origins_in(replica.clone())
                    .build()?;
                routes.layer(CorsLayer::new(policy))
            }
        })
    }

    /// Forgets the result for a tenant that was changed. A node that follows a shared store also learns it from the store.
    pub(crate) fn has_changed(&self, origin: &str) {
        if let Origins::Lookup(lookup) = &self.origins {
            lookup.invalidate(origin);
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match &self.origins {
            Origins::Lookup(_) => "looked up in",
            Origins::Replica(_) => "in memory, from",
        };
        write!(f, "tenants {how} {}", self.tenants)
    }
}
