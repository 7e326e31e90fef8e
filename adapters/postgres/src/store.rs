use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use omnicors_tokio::{OriginStore, SharedConnection, StoreError};
use tokio_postgres::Config;

use crate::error::{Kind, PostgresError};
use crate::lookups::{Lookups, Open};
use crate::session::PostgresSession;
use crate::settings::Settings;
use crate::statements::Statements;
use crate::table::{OriginTable, identifier};
#[cfg(feature = "rustls")]
use crate::tls::Tls;

const MIGRATION: &str = include_str!("migration.sql");
const OWN_TABLE: &str = include_str!("own_table.sql");

/// A store of allowed origins in PostgreSQL 13 or later: in a table of its own, or in a table of your application.
///
/// ```
/// use omnicors_postgres::{OriginTable, PostgresStore};
///
/// // The origins are in the table `omnicors.origin`.
/// let store = PostgresStore::from_url("postgres://cors@db.example/app")?;
///
/// // The origins are in a table that the application has already.
/// let store = store.with_table(OriginTable::new("tenants", "origin").only_where("active"));
/// # Ok::<(), omnicors_postgres::PostgresError>(())
/// ```
///
/// Clones are cheap and share the connection on which origins are looked up. A store connects when it is used, and must be used within
/// a tokio runtime.
///
/// # Connections
///
/// Each session has a connection, and so do the lookups of a store and its clones. They need a direct connection to the primary, or a
/// pooler in session mode, because they use `LISTEN` and prepared statements. Unless the config sets them, a connection attempt is given up
/// after 5 s, an unconfirmed message after 10 s (`tcp_user_timeout`), and an idle connection is probed after 10 s. If the config names several
/// hosts, the first one that accepts writes is used.
#[derive(Clone)]
pub struct PostgresStore {
    settings: Arc<Settings>,
    lookups: Arc<SharedConnection<Lookups>>,
}

impl PostgresStore {
    /// Creates a store with origins in the table `omnicors.origin`.
    ///
    /// ```
    /// use omnicors_postgres::PostgresStore;
    /// use omnicors_postgres::tokio_postgres::Config;
    ///
    /// let mut config = Config::new();
    /// config.host("db.example").user("cors").dbname("app");
    /// let store = PostgresStore::new(config);
    /// ```
    pub fn new(config: Config) -> Self {
        Self::of(Settings::new(config))
    }

    /// Creates a store with origins in the table `omnicors.origin`, from a URL such as `postgres://user:password@host:5432/database`, or
    /// from text such as `host=db.example user=cors`.
    ///
    /// ```
    /// use omnicors_postgres::PostgresStore;
    ///
    /// let store = PostgresStore::from_url("postgres://cors@db.example/app?sslmode=disable")?;
    /// # Ok::<(), omnicors_postgres::PostgresError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is not valid.
    pub fn from_url(url: &str) -> Result<Self, PostgresError> {
        let config = url.parse();
        let config = config
            .map_err(|error: tokio_postgres::Error| PostgresError::with_source(Kind::Url, error))?;
        Ok(Self::new(config))
    }

    /// Uses a table of your application instead of `omnicors.origin`. [`PostgresStore`] has an example.
    #[must_use]
    pub fn with_table(self, table: OriginTable) -> Self {
        let statements = Statements::new(&table);
        self.with(|settings| Settings {
            table,
            statements,
            ..settings
        })
    }

    /// Encrypts connections with TLS, and trusts the certificates that the system trusts. The certificate of the server must be for the
    /// host in the config, as with `sslmode=verify-full` in other clients. Connections without TLS are errors, whatever `sslmode` says.
    ///
    /// ```no_run
    /// use omnicors_postgres::PostgresStore;
    ///
    /// let store = PostgresStore::from_url("postgres://cors@db.example/app")?.with_tls()?;
    /// # Ok::<(), omnicors_postgres::PostgresError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the system has no trusted certificates that can be read.
    #[cfg(feature = "rustls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "rustls")))]
    pub fn with_tls(self) -> Result<Self, PostgresError> {
        let tls = Tls::of_system()?;
        Ok(self.encrypted(tls))
    }

    /// Encrypts connections with TLS, with a config of rustls: for certificates of your own authority, or for client certificates.
    /// Connections without TLS are errors, whatever `sslmode` says.
    ///
    /// ```
    /// use omnicors_postgres::rustls::ClientConfig;
    /// use omnicors_postgres::{PostgresError, PostgresStore};
    ///
    /// fn store(config: ClientConfig) -> Result<PostgresStore, PostgresError> {
    ///     let store = PostgresStore::from_url("postgres://cors@db.example/app")?;
    ///     Ok(store.with_tls_config(config))
    /// }
    /// ```
    #[cfg(feature = "rustls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "rustls")))]
    #[must_use]
    pub fn with_tls_config(self, config: rustls::ClientConfig) -> Self {
        self.encrypted(Tls::new(config))
    }

    /// Returns the SQL that prepares the database: the schema `omnicors`, and the triggers of the table of origins.
    ///
    /// Run it as the owner of the table, once, and again after an update of this package or after a dump was restored in another cluster.
    /// Other runs change nothing.
    ///
    /// ```
    /// use omnicors_postgres::{OriginTable, PostgresStore};
    ///
    /// let store = PostgresStore::from_url("postgres://cors@db.example/app")?;
    /// let store = store.with_table(OriginTable::new("tenants", "origin"));
    /// let sql = store.migration();
    /// assert!(sql.contains(r#"SELECT omnicors.follow('"public"."tenants"'::pg_catalog.regclass, 'origin', 'origin');"#));
    /// # Ok::<(), omnicors_postgres::PostgresError>(())
    /// ```
    pub fn migration(&self) -> String {
        let table = &self.settings.table;
        let own_table = if self.is_own_table() { OWN_TABLE } else { "" };
        let (class, arguments) = (table.regclass(), table.trigger_arguments().join(", "));
        format!("{MIGRATION}{own_table}\nSELECT omnicors.follow({class}, {arguments});\nCOMMIT;\n")
    }

    /// Returns the SQL that permits a role to read the store. A server needs no other rights.
    ///
    /// ```
    /// use omnicors_postgres::PostgresStore;
    ///
    /// let store = PostgresStore::from_url("postgres://cors@db.example/app")?;
    /// assert_eq!(
    ///     store.grants("cors"),
    ///     r#"GRANT USAGE ON SCHEMA omnicors TO "cors";
    /// GRANT SELECT ON omnicors.settings, omnicors.change TO "cors";
    /// GRANT USAGE ON SCHEMA "omnicors" TO "cors";
    /// GRANT SELECT ON "omnicors"."origin" TO "cors";
    /// "#
    /// );
    /// # Ok::<(), omnicors_postgres::PostgresError>(())
    /// ```
    pub fn grants(&self, role: &str) -> String {
        let role = identifier(role);
        let (schema, table) = (
            self.settings.table.quoted_schema(),
            self.settings.table.quoted(),
        );
        format!(
            "GRANT USAGE ON SCHEMA omnicors TO {role};\n\
            GRANT SELECT ON omnicors.settings, omnicors.change TO {role};\n\
            GRANT USAGE ON SCHEMA {schema} TO {role};\n\
            GRANT SELECT ON {table} TO {role};\n"
        )
    }

    /// Runs the SQL of [`migration`](Self::migration).
    ///
    /// ```no_run
    /// use omnicors_postgres::PostgresStore;
    ///
    /// # async fn example() -> Result<(), omnicors_postgres::PostgresError> {
    /// let store = PostgresStore::from_url("postgres://owner@db.example/app")?;
    /// store.init().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, is a standby, or does not permit it. Then nothing is changed.
    pub async fn init(&self) -> Result<(), PostgresError> {
        let link = self.settings.link().await?;
        let result = link.client.batch_execute(&self.migration()).await;
        // A missing table of the application is not a missing migration.
        result.map_err(|error| PostgresError::with_source(Kind::Client, error))
    }

    /// Runs the SQL of [`grants`](Self::grants), after [`init`](Self::init). The role must exist.
    ///
    /// ```no_run
    /// use omnicors_postgres::PostgresStore;
    ///
    /// # async fn example() -> Result<(), omnicors_postgres::PostgresError> {
    /// let store = PostgresStore::from_url("postgres://owner@db.example/app")?;
    /// store.init().await?;
    /// store.grant("cors").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, is a standby, has no such role, or does not permit it. Then nothing is changed.
    pub async fn grant(&self, role: &str) -> Result<(), PostgresError> {
        let link = self.settings.link().await?;
        Ok(link.client.batch_execute(&self.grants(role)).await?)
    }

    /// Deletes the records of changes that are older than this, and returns their number. The origins are not changed.
    ///
    /// A server that was connected within this time continues at its position. Another one reads all origins again. While a transaction is
    /// open, records of later ones are kept, so end transactions that were forgotten, also prepared ones. Call it daily with
    /// a week, for example, or run `SELECT omnicors.prune('7 days')` with `pg_cron`.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use omnicors_postgres::PostgresStore;
    ///
    /// # async fn example() -> Result<(), omnicors_postgres::PostgresError> {
    /// let store = PostgresStore::from_url("postgres://owner@db.example/app")?;
    /// let deleted = store.prune(Duration::from_secs(7 * 24 * 60 * 60)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, is a standby, or does not permit it.
    pub async fn prune(&self, older_than: Duration) -> Result<u64, PostgresError> {
        let link = self.settings.link().await?;
        let statement = "SELECT omnicors.prune(pg_catalog.make_interval(secs => $1))";
        let seconds = older_than.as_secs_f64();
        let row = link.client.query_one(statement, &[&seconds]).await?;
        Ok(row.try_get::<_, i64>(0)?.unsigned_abs())
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn is_own_table(&self) -> bool {
        self.settings.table == OriginTable::own()
    }

    fn of(settings: Settings) -> Self {
        let settings = Arc::new(settings);
        Self {
            lookups: Arc::new(SharedConnection::new(Lookups::new(Arc::clone(&settings)))),
            settings,
        }
    }

    /// Returns a store with changed settings, and without the connection of this one.
    fn with(self, change: impl FnOnce(Settings) -> Settings) -> Self {
        let Self { settings, lookups } = self;
        drop(lookups);
        let settings = Arc::try_unwrap(settings);
        Self::of(change(settings.unwrap_or_else(|shared| shared.duplicate())))
    }

    #[cfg(feature = "rustls")]
    fn encrypted(self, tls: Tls) -> Self {
        self.with(|mut settings| {
            settings
                .config
                .ssl_mode(tokio_postgres::config::SslMode::Require);
            Settings { tls, ..settings }
        })
    }
}

impl OriginStore for PostgresStore {
    type Session = PostgresSession;

    /// Returns the hosts, the database, the table, its column and its condition.
    fn name(&self) -> String {
        self.settings.name()
    }

    async fn connect(&self) -> Result<PostgresSession, StoreError> {
        let session = PostgresSession::open(Arc::clone(&self.settings)).await?;
        // Lookups must not stay on a server that this session does not read from any more.
        self.lookups.close();
        Ok(session)
    }

    async fn contains(&self, origin: &str) -> Result<bool, StoreError> {
        let contains = |open: Arc<Open>| async move { open.contains(origin).await };
        self.lookups.read(contains).await
    }
}

/// Shows the hosts and the table, and no password.
impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("hosts", &self.settings.hosts())
            .field("table", &self.settings.table)
            .finish_non_exhaustive()
    }
}
