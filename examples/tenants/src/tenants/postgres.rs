use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, NoTls};

use super::{AnyError, CREATE, LIMIT};

/// One connection, which takes many statements at once, and is made anew when it broke. An application that has a pool
/// takes that instead.
#[derive(Clone)]
pub(crate) struct Postgres {
    config: Arc<Config>,
    connection: Arc<Mutex<Option<Arc<Connection>>>>,
}

struct Connection {
    client: Client,
    /// Reads and writes the socket; it ends with the last who uses the connection.
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
        let rows = timeout(LIMIT, async {
            let connection = self.connection().await?;
            let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&origin, Type::TEXT)];
            let rows = connection.client.query_typed(statement, &parameters);
            Ok::<_, AnyError>(rows.await?)
        });
        if let Ok(rows) = rows.await {
            return rows.map(|rows| !rows.is_empty());
        }
        // A connection that hangs may do so for hours before the network says so, and what is asked meanwhile would queue up
        // behind it. (Where the lock is held, somebody is making a new one.)
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
        // Without TLS, which is well for a database on this machine only.
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
