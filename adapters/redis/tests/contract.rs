//! The contract of stores.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "to panic is how a test fails"
)]

use omnicors_redis::RedisStore;
use omnicors_store_servers::RedisServer;
use omnicors_tokio::store_contract::{TestedServer, check};

use shared::{KEYS, initialized, store};

#[allow(dead_code, reason = "each test uses a part")]
mod shared;

struct Server(RedisServer);

impl TestedServer for Server {
    type Store = RedisStore;

    fn store(&self) -> RedisStore {
        store(&self.0)
    }

    async fn end_connections(&self) {
        self.0.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
    }

    async fn forget_changes(&self) {
        self.0.cli(&["XTRIM", KEYS[1], "MAXLEN", "0"]);
    }

    async fn replace_history(&self) -> bool {
        // The origins stay.
        self.0.cli(&["DEL", KEYS[3]]);
        initialized(&self.0).await;
        true
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn the_store_keeps_the_contract() {
    let server = RedisServer::start();
    initialized(&server).await;
    check(&Server(server)).await;
}
