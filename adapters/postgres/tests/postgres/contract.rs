//! The contract of stores.

use omnicors_postgres::PostgresStore;
use omnicors_tokio::store_contract::{TestedServer, check};

use crate::database::{Database, run};

impl TestedServer for Database {
    type Store = PostgresStore;

    fn store(&self) -> PostgresStore {
        Self::store(self)
    }

    async fn end_connections(&self) {
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        run(&self.client().await, others).await;
    }

    async fn forget_changes(&self) {
        run(&self.client().await, "SELECT omnicors.prune('0')").await;
    }

    async fn replace_history(&self) -> bool {
        // As in a database that was prepared anew.
        run(&self.client().await, "DROP SCHEMA omnicors CASCADE").await;
        self.prepared().await;
        true
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn the_store_keeps_the_contract() {
    let database = Database::own_instance().await;
    database.prepared().await;
    check(&database).await;
}
