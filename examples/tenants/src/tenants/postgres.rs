use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, NoTls};

use super::{AnyError, CREATE, TIMEOUT};

/// A connection that runs many statements at once, and is opened again after an error. If your application has a connection pool,
/// use that instead.
#[derive(Clone)]
pub(crate) struct Postgres {
    config: Arc<Config>,
    connection: Arc<Mutex<Option<Arc<Connection>>>>,
}

struct Connection {
    client: Client,
    /// The task that reads and writes the socket. It ends when the connection is dropped.
    _driver: JoinSet<()>,
}

impl Postgres {
    pub(super) async fn open(config: Config) -> Result<Self, AnyError> {
        let postgres = Self {
            config: Arc::new(config),
            connection: Arc::default(),
        };
        postgres
            .connection()
            .await?
            .client
            .batch_execute(CREATE)
            .await?;
        Ok(postgres)
    }

    pub(super) async fn run(
        &self,
        statement: &'static str,
        origin: &str,
    ) -> Result<bool, AnyError> {
        let rows = timeout(TIMEOUT, async {
            let connection = self.connection().await?;
            let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&origin, Type::TEXT)];
            let rows = connection.client.query_typed(statement, &parameters);
            Ok::<_, AnyError>(rows.await?)
        });
        if let Ok(rows) = rows.await {
            return rows.map(|rows| !rows.is_empty());
        }
        // A connection that hangs may do so for hours before the network reports an error, and further statements would wait for it.
        // So it is dropped. (If the lock is held, another task opens a connection already.)
        if let Ok(mut connection) = self.connection.try_lock() {
            *connection = None;
        }
        Err("PostgreSQL took too long".into())
    }

    async fn connection(&self) -> Result<Arc<Connection>, AnyError> {
        let mut current = self.connection.lock().await;
        if let Some(connection) = &*current
            && !connection.client.is_closed()
        {
            return Ok(Arc::clone(connection));
        }
        // Without TLS. Use TLS unless the database is on the same machine.
        let (client, socket) = self.config.connect(NoTls).await?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            if let Err(error) = socket.await {
                eprintln!("PostgreSQL: {error}");
            }
        });
        let connection = Arc::new(Connection {
            client,
            _driver: driver,
        });
        *current = Some(Arc::clone(&connection));
        Ok(connection)
    }
}
