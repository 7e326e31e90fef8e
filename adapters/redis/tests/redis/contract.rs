//! The contract of stores.

use omnicors_redis::RedisStore;
use omnicors_store_servers::RedisServer;
use omnicors_tokio::store_contract::{TestedServer, check};

use crate::shared::{KEYS, initialized};

struct Server {
    server: RedisServer,
    /// What is added to the address.
    parameters: &'static str,
}

impl TestedServer for Server {
    type Store = RedisStore;

    fn store(&self) -> RedisStore {
        let url = format!("{}/{}", self.server.url(), self.parameters);
        RedisStore::from_url(&url).unwrap()
    }

    async fn end_connections(&self) {
        self.server.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
    }

    async fn forget_changes(&self) {
        self.server.cli(&["XTRIM", KEYS[1], "MAXLEN", "0"]);
    }

    async fn replace_history(&self) -> bool {
        // The origins stay.
        self.server.cli(&["DEL", KEYS[3]]);
        initialized(&self.server).await;
        true
    }
}

async fn check_with(parameters: &'static str) {
    let server = RedisServer::start();
    initialized(&server).await;
    check(&Server { server, parameters }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn the_store_keeps_the_contract() {
    check_with("").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn the_store_keeps_the_contract_with_the_newer_protocol() {
    check_with("?protocol=resp3").await;
}
