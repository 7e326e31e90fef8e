//! A store of either kind.

use std::env;
use std::error::Error as _;
use std::time::Duration;

use omnicors_core::Origin;
use omnicors_postgres::tokio_postgres::config::SslMode;
use omnicors_postgres::{OriginTable, PostgresError, PostgresSession, PostgresStore};
use omnicors_redis::{RedisSession, RedisStore};
use omnicors_tokio::{Changes, OriginStore, OriginStoreWriter, Position, StoreError, StoreSession};

use super::arguments::Connection;
use crate::failure::Failure;

/// The environment variable with the URL.
const VARIABLE: &str = "OMNICORS_STORE";
const ROLE_IS_FOR_POSTGRES: &str = "`--role` is for PostgreSQL";

pub(super) enum AnyStore {
    Postgres(PostgresStore),
    Redis(Box<RedisStore>),
}

impl AnyStore {
    pub(super) fn new(connection: &Connection) -> Result<Self, Failure> {
        let url = match &connection.url {
            Some(url) => url.clone(),
            None => env::var(VARIABLE).map_err(|_| {
                Failure::because(format_args!(
                    "no store: set {VARIABLE} to its URL, such as postgres://user:password@host/database or redis://host:6379"
                ))
            })?,
        };
        // The URL is never shown, because it may contain a password.
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        match scheme {
            "postgres" | "postgresql" => {
                if connection.prefix.is_some() {
                    return Err(Failure::because("`--prefix` is for Redis"));
                }
                postgres(&url, connection).map(Self::Postgres)
            }
            "redis" | "rediss" => {
                if connection.table.is_some() {
                    return Err(Failure::because("`--table` is for PostgreSQL"));
                }
                let mut store = RedisStore::from_url(&url).map_err(|error| {
                    Failure::because(format_args!("the URL of the store is not valid: {error}"))
                })?;
                if let Some(prefix) = &connection.prefix {
                    store = store.with_prefix(prefix).map_err(|error| {
                        Failure::because(format_args!("`--prefix` is not valid: {error}"))
                    })?;
                }
                Ok(Self::Redis(Box::new(store)))
            }
            _ => Err(Failure::because(
                "the URL of the store does not begin with postgres://, redis:// or rediss://",
            )),
        }
    }

    /// Returns the SQL or the script that prepares the store.
    pub(super) fn migration(&self, role: Option<&str>) -> Result<String, Failure> {
        match (self, role) {
            (Self::Postgres(store), None) => Ok(store.migration()),
            (Self::Postgres(store), Some(role)) => {
                Ok(format!("{}\n{}", store.migration(), store.grants(role)))
            }
            (Self::Redis(_), None) => Ok(format!(
                "-- This prepares the store:\n{}\n-- This changes origins:\n{}",
                RedisStore::INIT_SCRIPT,
                RedisStore::SCRIPT
            )),
            (Self::Redis(_), Some(_)) => Err(Failure::because(ROLE_IS_FOR_POSTGRES)),
        }
    }

    pub(super) async fn init(&self, role: Option<&str>) -> Result<(), Failure> {
        match (self, role) {
            (Self::Postgres(store), role) => {
                let of_postgres = |error: PostgresError| failure(error.into());
                store.init().await.map_err(of_postgres)?;
                match role {
                    Some(role) => store.grant(role).await.map_err(of_postgres),
                    None => Ok(()),
                }
            }
            (Self::Redis(store), None) => store.init().await.map(|_| ()).map_err(failure),
            (Self::Redis(_), Some(_)) => Err(Failure::because(ROLE_IS_FOR_POSTGRES)),
        }
    }

    pub(super) async fn prune(&self, older_than: Duration) -> Result<u64, Failure> {
        match self {
            Self::Postgres(store) => {
                let pruned = store.prune(older_than).await;
                pruned.map_err(|error| failure(error.into()))
            }
            Self::Redis(_) => Err(Failure::because(
                "Redis needs no pruning: it keeps a limited number of changes",
            )),
        }
    }
}

fn postgres(url: &str, connection: &Connection) -> Result<PostgresStore, Failure> {
    let invalid = |error: &dyn std::error::Error| {
        Failure::because(format_args!("the URL of the store is not valid: {error}"))
    };
    let config: omnicors_postgres::tokio_postgres::Config =
        url.parse().map_err(|error| invalid(&error))?;
    let is_encrypted = config.get_ssl_mode() == SslMode::Require;
    let mut store = PostgresStore::new(config);
    if is_encrypted {
        store = store.with_tls().map_err(|error| failure(error.into()))?;
    }
    let Some(table) = &connection.table else {
        return Ok(store);
    };
    let Some(column) = &connection.column else {
        return Err(Failure::because(
            "`--table` needs `--column`, the name of the column with the origins",
        ));
    };
    let mut table = match table.split_once('.') {
        Some((schema, name)) => OriginTable::new(name, column).in_schema(schema),
        None => OriginTable::new(table, column),
    };
    if let Some(condition) = &connection.condition {
        table = table.only_where(condition);
    }
    Ok(store.with_table(table))
}

/// Returns the failure for an error of a store, with its causes.
#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(super) fn failure(error: StoreError) -> Failure {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // Some errors contain the text of their causes.
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    Failure::because(text)
}

impl OriginStore for AnyStore {
    type Session = AnySession;

    fn name(&self) -> String {
        match self {
            Self::Postgres(store) => store.name(),
            Self::Redis(store) => store.name(),
        }
    }

    async fn connect(&self) -> Result<AnySession, StoreError> {
        Ok(match self {
            Self::Postgres(store) => AnySession::Postgres(store.connect().await?),
            Self::Redis(store) => AnySession::Redis(store.connect().await?),
        })
    }

    async fn contains(&self, origin: &str) -> Result<bool, StoreError> {
        match self {
            Self::Postgres(store) => store.contains(origin).await,
            Self::Redis(store) => store.contains(origin).await,
        }
    }
}

impl OriginStoreWriter for AnyStore {
    async fn add(&self, origins: &[Origin<'_>]) -> Result<usize, StoreError> {
        match self {
            Self::Postgres(store) => store.add(origins).await,
            Self::Redis(store) => store.add(origins).await,
        }
    }

    async fn remove(&self, origins: &[Origin<'_>]) -> Result<usize, StoreError> {
        match self {
            Self::Postgres(store) => store.remove(origins).await,
            Self::Redis(store) => store.remove(origins).await,
        }
    }
}

pub(super) enum AnySession {
    Postgres(PostgresSession),
    Redis(RedisSession),
}

impl StoreSession for AnySession {
    async fn present(&mut self) -> Result<Position, StoreError> {
        match self {
            Self::Postgres(session) => session.present().await,
            Self::Redis(session) => session.present().await,
        }
    }

    async fn read_all(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Position, StoreError> {
        match self {
            Self::Postgres(session) => session.read_all(each).await,
            Self::Redis(session) => session.read_all(each).await,
        }
    }

    async fn changes_after(&mut self, position: &Position) -> Result<Changes, StoreError> {
        match self {
            Self::Postgres(session) => session.changes_after(position).await,
            Self::Redis(session) => session.changes_after(position).await,
        }
    }

    async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Postgres(session) => session.wait_for_hint().await,
            Self::Redis(session) => session.wait_for_hint().await,
        }
    }
}
