use std::sync::Arc;

use omnicors_tokio::StoreConnector;
use tokio_postgres::Statement;

use crate::error::{Kind, PostgresError};
use crate::link::Link;
use crate::settings::Settings;

/// A backend that waits for a lock does not notice that its client has closed the connection. Without a limit, each lookup of a locked
/// table would leave one. The client gives up before, after 2 s.
const LIMIT: &str = "SET statement_timeout = '5s'";

/// Opens the connection on which origins are looked up. Lookups do not wait for each other: the client sends them one after another and the
/// server answers in their order.
pub(crate) struct Lookups {
    settings: Arc<Settings>,
}

/// A connection with the statement that looks up an origin.
pub(crate) struct Open {
    link: Link,
    contains: Statement,
}

impl Lookups {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        Self { settings }
    }
}

impl Open {
    /// Returns true if the table contains the origin.
    pub(crate) async fn contains(&self, origin: &str) -> Result<bool, PostgresError> {
        let Self { link, contains } = self;
        let row = link.client.query_one(contains, &[&origin]).await?;
        if row.try_get(0)? {
            return Err(Kind::Standby.into());
        }
        Ok(row.try_get(1)?)
    }
}

impl StoreConnector for Lookups {
    type Connection = Arc<Open>;
    type Error = PostgresError;

    async fn connect(&self) -> Result<Arc<Open>, PostgresError> {
        let Self { settings } = self;
        let link = settings.link().await?;
        link.client.batch_execute(LIMIT).await?;
        let contains = link.client.prepare(&settings.statements.contains).await?;
        Ok(Arc::new(Open { link, contains }))
    }

    fn ends_connection(&self, error: &PostgresError) -> bool {
        error.ends_connection()
    }
}
