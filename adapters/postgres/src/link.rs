use std::future::poll_fn;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls};

use crate::error::{Kind, PostgresError};
use crate::tls::Tls;

/// The first version with the type `pg_snapshot`.
const OLDEST_SERVER: i32 = 130_000;

/// Asks for the role of the server, its version, and whether this user may ask for the identifier of the cluster, as every user may
/// unless an administrator has revoked it.
const SERVER: &str = "
    SELECT
        pg_catalog.pg_is_in_recovery(),
        pg_catalog.current_setting('server_version_num')::int,
        pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')";

/// PostgreSQL compiles a statement if its estimated cost is high. For the statement that reads changes, the estimate can be high although
/// it reads few rows. Compiling it takes much longer than executing it, and each poll of each server would do so.
const WITHOUT_JIT: &str = "SET jit = off";

/// Asks for the identity of the data: of the cluster, of the database, and of the timeline, which each promotion of a standby begins.
/// Names of WAL files begin with the timeline.
const IDENTITY: &str = "
    SELECT pg_catalog.concat_ws(
        '/',
        (SELECT system_identifier FROM pg_catalog.pg_control_system()),
        (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
        pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8)
    )";

/// The same without the cluster. The random identifier in `omnicors.settings` stands for it.
const IDENTITY_IN_CLUSTER: &str = "
    SELECT pg_catalog.concat_ws(
        '/',
        (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
        pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8)
    )";

/// A connection to the primary. A task drives it until this is dropped.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) client: Client,
    /// Notifications, as at most one hint, and the error that closed the connection.
    hints: Receiver<Result<(), tokio_postgres::Error>>,
    /// The identity of the data of the server. It does not change, because a server ends its connections before it becomes a standby.
    pub(crate) identity: String,
    _driver: Driver,
}

/// A task that ends when this is dropped.
#[derive(Debug)]
struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Link {
    /// Connects. Fails if the server is a standby or too old.
    pub(crate) async fn open(config: &Config, tls: &Tls) -> Result<Self, PostgresError> {
        let (sender, hints) = mpsc::channel(1);
        let (client, driver) = match tls {
            Tls::Off => {
                let (client, connection) = config.connect(NoTls).await?;
                (client, tokio::spawn(drive(connection, sender)))
            }
            #[cfg(feature = "rustls")]
            Tls::Rustls(connector) => {
                let (client, connection) = config.connect(connector.clone()).await?;
                (client, tokio::spawn(drive(connection, sender)))
            }
        };
        let driver = Driver(driver);
        let row = client.query_one(SERVER, &[]).await?;
        if row.try_get(0)? {
            return Err(Kind::Standby.into());
        }
        if row.try_get::<_, i32>(1)? < OLDEST_SERVER {
            return Err(Kind::OldServer.into());
        }
        client.batch_execute(WITHOUT_JIT).await?;
        let identity = if row.try_get(2)? {
            IDENTITY
        } else {
            IDENTITY_IN_CLUSTER
        };
        // Fails on a standby.
        let row = client.query_one(identity, &[]).await?;
        Ok(Self {
            client,
            hints,
            identity: row.try_get(0)?,
            _driver: driver,
        })
    }

    /// Waits for a notification. Fails when the connection is closed.
    pub(crate) async fn hint(&mut self) -> Result<(), PostgresError> {
        match self.hints.recv().await {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(PostgresError::with_source(Kind::Closed, error)),
            None => Err(Kind::Closed.into()),
        }
    }
}

/// Drives a connection until it is closed.
async fn drive<S, T>(
    mut connection: Connection<S, T>,
    hints: Sender<Result<(), tokio_postgres::Error>>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(_))) => {
                // An error means that a hint waits already.
                let _waits = hints.try_send(Ok(()));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                // Requests fail when the connection is dropped.
                drop(connection);
                let _dropped = hints.send(Err(error)).await;
                return;
            }
            None => return,
        }
    }
}
