//! The database of tenants.

mod sqlite;

use std::error::Error;
use std::fmt;

use omnicors::Origin;
use omnicors::adapters::tokio::{OriginStoreWriter, check_stored_origin};
use omnicors_postgres::PostgresStore;
use omnicors_redis::RedisStore;

pub(crate) use self::sqlite::Sqlite;

pub(crate) type AnyError = Box<dyn Error + Send + Sync>;

/// The origins of the tenants. A clone shares the connection.
#[derive(Clone)]
pub(crate) struct Tenants(Store);

#[derive(Clone)]
pub(crate) enum Store {
    Sqlite(Sqlite),
    Postgres(PostgresStore),
    Redis(Box<RedisStore>),
}

/// Parses the origin of a tenant. `null` and `file://` do not belong to one site, so no tenant can have them.
pub(crate) fn parse(text: &str) -> Result<Origin<'_>, AnyError> {
    check_stored_origin(text)
        .map_err(|error| format!("`{text}` is not an origin of a tenant: {error}").into())
}

impl Tenants {
    pub(crate) fn open(url: Option<&str>) -> Result<Self, AnyError> {
        let Some(url) = url else {
            return Ok(Self(Store::Sqlite(Sqlite::in_memory()?)));
        };
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        Ok(Self(match scheme {
            "sqlite" => Store::Sqlite(Sqlite::open(&url["sqlite:".len()..])?),
            "postgres" | "postgresql" => Store::Postgres(PostgresStore::from_url(url)?),
            "redis" => Store::Redis(Box::new(RedisStore::from_url(url)?)),
            _ => {
                return Err(
                    "use `sqlite:FILE`, `postgres://…` or `redis://…` as the URL of the database"
                        .into(),
                );
            }
        }))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0
    }

    /// Adds an origin. Returns false if it was there already.
    pub(crate) async fn add(&self, origin: Origin<'_>) -> Result<bool, AnyError> {
        Ok(match &self.0 {
            Store::Sqlite(sqlite) => sqlite.add(origin.as_str()).await?,
            Store::Postgres(store) => store.add(&[origin]).await? > 0,
            Store::Redis(store) => store.add(&[origin]).await? > 0,
        })
    }

    /// Removes an origin. Returns false if it was not there.
    pub(crate) async fn remove(&self, origin: Origin<'_>) -> Result<bool, AnyError> {
        Ok(match &self.0 {
            Store::Sqlite(sqlite) => sqlite.remove(origin.as_str()).await?,
            Store::Postgres(store) => store.remove(&[origin]).await? > 0,
            Store::Redis(store) => store.remove(&[origin]).await? > 0,
        })
    }
}

impl fmt::Display for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Store::Sqlite(_) => "SQLite",
            Store::Postgres(_) => "PostgreSQL",
            Store::Redis(_) => "Redis",
        })
    }
}
