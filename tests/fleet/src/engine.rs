use std::net::Ipv4Addr;

use omnicors_core::Origin;
use omnicors_postgres::PostgresStore;
use omnicors_postgres::tokio_postgres::types::Type;
use omnicors_postgres::tokio_postgres::{Client, NoTls, connect};
use omnicors_redis::RedisStore;
use omnicors_store_servers::{Postgres, PostgresOptions, RedisServer, WallClock};
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
pub struct Database {
    kind: Kind,
    /// The address for nodes.
    url: String,
}

#[derive(Debug)]
enum Kind {
    Postgres(Postgres, PostgresStore),
    Redis(RedisServer, RedisStore),
}

impl Database {
    /// Starts a database on the loopback interface and prepares the store.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, Ipv4Addr::LOCALHOST, None).await
    }

    /// Starts a database that listens on this address as well, and uses this clock.
    pub async fn start_with(engine: Engine, address: Ipv4Addr, clock: Option<&WallClock>) -> Self {
        match engine {
            Engine::Postgres => {
                let listen = format!("127.0.0.1,{address}");
                let mut options = PostgresOptions::new()
                    .setting("listen_addresses", &listen)
                    .file("pg_hba.conf", "host all all 0.0.0.0/0 trust\n");
                if let Some(clock) = clock {
                    options = options.clock(clock);
                }
                let server = Postgres::start_with(options);
                let url = format!("postgres://postgres@{address}:{}/postgres", server.port());
                let store = PostgresStore::from_url(&url).expect("a valid URL");
                store.init().await.expect("the store can be prepared");
                Self {
                    kind: Kind::Postgres(server, store),
                    url,
                }
            }
            Engine::Redis => {
                let listen = address.to_string();
                let mut settings = RedisServer::DURABLE.to_vec();
                if address != Ipv4Addr::LOCALHOST {
                    settings.extend(["--bind", "127.0.0.1", &listen]);
                    // Without a password, it serves only clients of the loopback interface otherwise.
                    settings.extend(["--protected-mode", "no"]);
                }
                let server = match clock {
                    Some(clock) => RedisServer::start_with_clock(&settings, clock),
                    None => RedisServer::start_with(&settings),
                };
                let url = format!("redis://{address}:{}", server.port());
                let store = RedisStore::from_url(&url).expect("a valid URL");
                store.init().await.expect("the store can be prepared");
                Self {
                    kind: Kind::Redis(server, store),
                    url,
                }
            }
        }
    }

    /// Returns the URL for nodes.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Returns the time of its wall clock, in seconds.
    pub async fn wall_clock(&self) -> u64 {
        match &self.kind {
            Kind::Postgres(..) => {
                let (client, connection) = connect(&self.url, NoTls).await.expect("a connection");
                // It ends with the client.
                tokio::spawn(connection);
                let query = "SELECT extract(epoch FROM clock_timestamp())::bigint";
                let row = client.query_one(query, &[]).await.expect("a row");
                u64::try_from(row.get::<_, i64>(0)).expect("after 1970")
            }
            Kind::Redis(server, _) => {
                let time = server.cli(&["TIME"]);
                let seconds = time.lines().next().expect("a line");
                seconds.parse().expect("seconds")
            }
        }
    }

    /// Adds origins that the store does not contain.
    pub async fn add(&self, texts: &[String]) {
        let origins = parse(texts);
        let added = match &self.kind {
            Kind::Postgres(_, store) => store.add(&origins).await,
            Kind::Redis(_, store) => store.add(&origins).await,
        };
        assert_eq!(added.expect("the store can be written"), texts.len());
    }

    /// Removes origins that the store contains.
    pub async fn remove(&self, texts: &[String]) {
        let origins = parse(texts);
        let removed = match &self.kind {
            Kind::Postgres(_, store) => store.remove(&origins).await,
            Kind::Redis(_, store) => store.remove(&origins).await,
        };
        assert_eq!(removed.expect("the store can be written"), texts.len());
    }

    /// Opens a connection for many changes.
    pub async fn writer(&self) -> Writer {
        match &self.kind {
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
        let replica = match &self.kind {
            Kind::Postgres(_, store) => OriginReplica::new(store.clone()).await,
            Kind::Redis(_, store) => OriginReplica::new(store.clone()).await,
        };
        replica.expect("the store can be read")
    }

    /// Ends the server without a chance to do anything.
    pub fn kill(&mut self) {
        match &mut self.kind {
            Kind::Postgres(server, _) => server.kill(),
            Kind::Redis(server, _) => server.kill(),
        }
    }

    /// Starts the server again, at the same address and with the data on its disk.
    pub fn restart(&mut self) {
        match &mut self.kind {
            Kind::Postgres(server, _) => server.restart(),
            Kind::Redis(server, _) => server.restart(),
        }
    }

    /// Prepares the store, as `omnicors store init` does.
    pub async fn init(&self) {
        match &self.kind {
            Kind::Postgres(_, store) => store.init().await.expect("the store can be prepared"),
            Kind::Redis(_, store) => {
                store.init().await.expect("the store can be prepared");
            }
        }
    }

    /// Makes every position invalid, so that all nodes read the whole store again.
    pub async fn replace_history(&self) {
        match &self.kind {
            Kind::Postgres(..) => {
                let Writer::Postgres(client) = self.writer().await else {
                    return;
                };
                let sql = "UPDATE omnicors.settings SET history = gen_random_uuid()";
                client.batch_execute(sql).await.expect("the update works");
            }
            Kind::Redis(server, _) => {
                server.cli(&["SET", "{omnicors}:history", "another history"]);
            }
        }
    }

    /// Ends a Redis server, and starts it again without its data.
    ///
    /// # Panics
    ///
    /// Panics for PostgreSQL.
    pub fn lose_data(&mut self) {
        let Kind::Redis(server, _) = &mut self.kind else {
            panic!("PostgreSQL does not start without its data");
        };
        server.kill();
        std::fs::remove_dir_all(server.directory().join("appendonlydir")).expect("the data");
        server.restart();
    }

    /// Stops the processes of the server, as a machine that is suspended.
    pub fn suspend(&self) {
        match &self.kind {
            Kind::Postgres(server, _) => server.suspend(),
            Kind::Redis(server, _) => server.suspend(),
        }
    }

    /// Continues the processes of the server.
    pub fn resume(&self) {
        match &self.kind {
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
