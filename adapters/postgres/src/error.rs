use std::error::Error;
use std::fmt;
use std::sync::Arc;

use omnicors_tokio::StoreError;
use tokio_postgres::error::SqlState;

/// An error of a [`PostgresStore`](crate::PostgresStore), or of a session of it.
///
/// ```
/// use omnicors_postgres::{PostgresError, PostgresStore};
///
/// let error: PostgresError = PostgresStore::from_url("https://db.example").unwrap_err();
/// assert!(error.to_string().starts_with("the URL of the database is not valid"));
/// ```
#[derive(Clone)]
pub struct PostgresError {
    kind: Kind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What the program can do about an error is the same for all of them, so this is not public.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Url,
    Client,
    Closed,
    Standby,
    OldServer,
    NotInitialized,
    NoTriggers(String),
    OtherCluster,
    NotOwnTable(String),
    Unreadable,
    #[cfg(feature = "rustls")]
    Tls,
}

impl PostgresError {
    pub(crate) fn with_source(kind: Kind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind,
            source: Some(Arc::from(source.into())),
        }
    }

    /// Returns true if the error of a statement is the end of the connection, or if the server is no longer the primary.
    pub(crate) fn ends_connection(&self) -> bool {
        if matches!(self.kind, Kind::Standby) {
            return true;
        }
        let source = self.source.as_deref();
        let error = source.and_then(|source| source.downcast_ref::<tokio_postgres::Error>());
        // A server that is shut down sends an error of the class 57P. Errors without a code are those of the client.
        let is_ending = |code: &SqlState| code.code().starts_with("57P");
        error.is_some_and(|error| error.code().is_none_or(is_ending))
    }
}

/// The text, because `main` prints errors in this form.
impl fmt::Debug for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<PostgresError> for StoreError {
    fn from(error: PostgresError) -> Self {
        Self::new(error)
    }
}

impl From<Kind> for PostgresError {
    fn from(kind: Kind) -> Self {
        Self { kind, source: None }
    }
}

impl From<tokio_postgres::Error> for PostgresError {
    fn from(error: tokio_postgres::Error) -> Self {
        let kind = match error.code() {
            // The schema, or a table in it, does not exist.
            Some(code)
                if *code == SqlState::UNDEFINED_TABLE || *code == SqlState::INVALID_SCHEMA_NAME =>
            {
                Kind::NotInitialized
            }
            _ => Kind::Client,
        };
        Self::with_source(kind, error)
    }
}

impl fmt::Display for PostgresError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Url => f.write_str("the URL of the database is not valid"),
            Kind::Client => f.write_str("PostgreSQL"),
            Kind::Closed => f.write_str("the connection to PostgreSQL is closed"),
            Kind::Standby => f.write_str(
                "the PostgreSQL server is a standby, which may not have all changes yet; connect to the primary",
            ),
            Kind::OldServer => {
                f.write_str("the PostgreSQL server is too old; version 13 or later is needed")
            }
            Kind::NotInitialized => f.write_str(
                "the database is not prepared; run `omnicors store init`, or the SQL of `PostgresStore::migration`, with the role that owns the table of origins",
            ),
            Kind::NoTriggers(table) => write!(
                f,
                "changes of the table {table} are not recorded, because its triggers are missing, were disabled, or are those of other settings; \
                 run `omnicors store init`, or the SQL of `PostgresStore::migration`, again"
            ),
            Kind::OtherCluster => f.write_str(
                "the recorded changes are those of another PostgreSQL cluster, because the database was restored from a dump; \
                 run `omnicors store init`, or the SQL of `PostgresStore::migration`, again",
            ),
            Kind::NotOwnTable(table) => write!(
                f,
                "the origins are in the table {table} of another application; change them there"
            ),
            Kind::Unreadable => f.write_str("PostgreSQL sent a row that cannot be read"),
            #[cfg(feature = "rustls")]
            Kind::Tls => f.write_str("the trusted certificates of the system cannot be read"),
        }?;
        match &self.source {
            Some(source) => write_sources(f, &**source),
            None => Ok(()),
        }
    }
}

/// Writes the error and its causes, because the client's errors say only "db error" or "error connecting to server".
fn write_sources(f: &mut fmt::Formatter<'_>, error: &(dyn Error + 'static)) -> fmt::Result {
    let mut next = Some(error);
    while let Some(error) = next {
        write!(f, ": {error}")?;
        next = error.source();
    }
    Ok(())
}

// Without `source`, because `Display` shows the sources.
impl Error for PostgresError {}
