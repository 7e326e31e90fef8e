//! The store in memory keeps the contract, so the other tests of this folder test the driver.

use super::memory::MemoryStore;
use crate::store_contract::{TestedServer, check};

impl TestedServer for MemoryStore {
    type Store = Self;

    fn store(&self) -> Self {
        self.clone()
    }

    async fn end_connections(&self) {
        self.end_connections();
    }

    async fn forget_changes(&self) {
        self.forget_changes();
    }

    async fn replace_history(&self) -> bool {
        self.replace_history();
        true
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_in_memory_keeps_the_contract() {
    check(&MemoryStore::new(&[])).await;
}
