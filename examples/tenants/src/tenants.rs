//! The database of tenants.

mod postgres;
mod sqlite;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use omnicors::Origin;

use self::postgres::Postgres;
use self::sqlite::Sqlite;

pub(crate) type AnyError = Box<dyn Error + Send + Sync>;

/// The timeout of a statement, including the time that it waits for locks and connections.
const TIMEOUT: Duration = Duration::from_millis(300);

/// Valid in both databases.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS tenants (origin TEXT NOT NULL PRIMARY KEY)";

/// The origins of the tenants. A clone shares the connection.
#[derive(Clone)]
pub(crate) enum Tenants {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Parses the origin of a tenant. `null` and `file://` do not belong to one site, so no tenant can have them.
pub(crate) fn parse(text: &str) -> Result<Origin<'_>, AnyError> {
    let origin = Origin::parse(text.as_bytes())
        .map_err(|error| format!("`{text}` is not a valid origin: {error}"))?;
    if origin.is_opaque() {
        return Err(format!("`{text}` is the origin of many unrelated pages").into());
    }
    if text.contains('*') {
        return Err(format!("`{text}` is a pattern; a tenant has one origin").into());
    }
    Ok(origin)
}

impl Tenants {
    pub(crate) async fn open(url: Option<&str>) -> Result<Self, AnyError> {
        let Some(url) = url else {
            return Ok(Self::Sqlite(Sqlite::in_memory()?));
        };
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(Sqlite::open(path)?));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(Postgres::open(url.parse()?).await?));
        }
        Err(
            format!("`{url}` is not a supported DATABASE_URL: use `sqlite:FILE` or `postgres://…`")
                .into(),
        )
    }

    pub(crate) async fn has(&self, origin: &str) -> Result<bool, AnyError> {
        let select = "SELECT origin FROM tenants WHERE origin = $1";
        self.run(select, origin).await
    }

    /// Adds an origin. Returns false if it was there already.
    pub(crate) async fn add(&self, origin: Origin<'_>) -> Result<bool, AnyError> {
        let insert =
            "INSERT INTO tenants (origin) VALUES ($1) ON CONFLICT DO NOTHING RETURNING origin";
        self.run(insert, origin.as_str()).await
    }

    /// Removes an origin. Returns false if it was not there.
    pub(crate) async fn remove(&self, origin: Origin<'_>) -> Result<bool, AnyError> {
        let delete = "DELETE FROM tenants WHERE origin = $1 RETURNING origin";
        self.run(delete, origin.as_str()).await
    }

    /// Runs a statement, which is valid in both databases. Returns true if it returns a row.
    async fn run(&self, statement: &'static str, origin: &str) -> Result<bool, AnyError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.run(statement, origin).await,
            Self::Postgres(postgres) => postgres.run(statement, origin).await,
        }
    }
}

impl fmt::Display for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        })
    }
}
