use omnicors_core::Origin;
use omnicors_postgres::PostgresStore;
use omnicors_postgres::tokio_postgres::types::Type;
use omnicors_postgres::tokio_postgres::{Client, NoTls, connect};
use omnicors_redis::RedisStore;
use omnicors_store_servers::{Postgres, RedisServer};
use omnicors_tokio::{OriginReplica, OriginStoreWriter as _};

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// Redis, which writes each change to its disk before it confirms it.
    Redis,
}

impl Engine {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Postgres, Self::Redis];
}

/// A private database with a store.
#[derive(Debug)]
pub struct Database(Kind);

#[derive(Debug)]
enum Kind {
    Postgres(Postgres, PostgresStore),
    Redis(RedisServer, RedisStore),
}

impl Database {
    /// Starts a database and prepares the store.
    pub async fn start(engine: Engine) -> Self {
        match engine {
            Engine::Postgres => {
                let server = Postgres::start();
                let url = server.url("postgres", "postgres");
                let store = PostgresStore::from_url(&url).expect("a valid URL");
                store.init().await.expect("the store can be prepared");
                Self(Kind::Postgres(server, store))
            }
            Engine::Redis => {
                let server = RedisServer::start_durable();
                let store = RedisStore::from_url(&server.url()).expect("a valid URL");
                store.init().await.expect("the store can be prepared");
                Self(Kind::Redis(server, store))
            }
        }
    }

    /// Returns the URL for nodes.
    pub fn url(&self) -> String {
        match &self.0 {
            Kind::Postgres(server, _) => server.url("postgres", "postgres"),
            Kind::Redis(server, _) => server.url(),
        }
    }

    /// Adds origins that the store does not contain.
    pub async fn add(&self, texts: &[String]) {
        let origins = parse(texts);
        let added = match &self.0 {
            Kind::Postgres(_, store) => store.add(&origins).await,
            Kind::Redis(_, store) => store.add(&origins).await,
        };
        assert_eq!(added.expect("the store can be written"), texts.len());
    }

    /// Removes origins that the store contains.
    pub async fn remove(&self, texts: &[String]) {
        let origins = parse(texts);
        let removed = match &self.0 {
            Kind::Postgres(_, store) => store.remove(&origins).await,
            Kind::Redis(_, store) => store.remove(&origins).await,
        };
        assert_eq!(removed.expect("the store can be written"), texts.len());
    }

    /// Opens a connection for many changes.
    pub async fn writer(&self) -> Writer {
        match &self.0 {
            Kind::Postgres(..) => {
                let connected = connect(&self.url(), NoTls).await;
                let (client, connection) = connected.expect("the database can be reached");
                // It ends with the client.
                tokio::spawn(connection);
                Writer::Postgres(client)
            }
            Kind::Redis(_, store) => Writer::Redis(store.clone()),
        }
    }

    /// Starts a replica in this process.
    pub async fn replica(&self) -> OriginReplica {
        let replica = match &self.0 {
            Kind::Postgres(_, store) => OriginReplica::new(store.clone()).await,
            Kind::Redis(_, store) => OriginReplica::new(store.clone()).await,
        };
        replica.expect("the store can be read")
    }

    /// Ends the server without a chance to do anything.
    pub fn kill(&mut self) {
        match &mut self.0 {
            Kind::Postgres(server, _) => server.kill(),
            Kind::Redis(server, _) => server.kill(),
        }
    }

    /// Starts the server again, at the same address and with the data on its disk.
    pub fn restart(&mut self) {
        match &mut self.0 {
            Kind::Postgres(server, _) => server.restart(),
            Kind::Redis(server, _) => server.restart(),
        }
    }

    /// Stops the processes of the server, as a machine that is suspended.
    pub fn suspend(&self) {
        match &self.0 {
            Kind::Postgres(server, _) => server.suspend(),
            Kind::Redis(server, _) => server.suspend(),
        }
    }

    /// Continues the processes of the server.
    pub fn resume(&self) {
        match &self.0 {
            Kind::Postgres(server, _) => server.resume(),
            Kind::Redis(server, _) => server.resume(),
        }
    }
}

/// A connection that changes one origin after the other, as an application does.
#[derive(Debug)]
pub enum Writer {
    /// Writes to the table.
    Postgres(Client),
    /// Runs the script.
    Redis(RedisStore),
}

impl Writer {
    /// Adds or removes an origin, in a transaction of its own.
    pub async fn set(&self, text: &str, is_in_store: bool) {
        match self {
            Self::Postgres(client) => {
                let statement = if is_in_store {
                    "INSERT INTO omnicors.origin (origin) VALUES ($1)"
                } else {
                    "DELETE FROM omnicors.origin WHERE origin = $1"
                };
                let changed = client.query_typed(statement, &[(&text, Type::TEXT)]).await;
                changed.expect("the table can be written");
            }
            Self::Redis(store) => {
                let origin = Origin::parse(text.as_bytes()).expect("a valid origin");
                let changed = if is_in_store {
                    store.add(&[origin]).await
                } else {
                    store.remove(&[origin]).await
                };
                assert_eq!(changed.expect("the store can be written"), 1);
            }
        }
    }
}

fn parse(texts: &[String]) -> Vec<Origin<'_>> {
    texts
        .iter()
        .map(|text| Origin::parse(text.as_bytes()).expect("a valid origin"))
        .collect()
}
