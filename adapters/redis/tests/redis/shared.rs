//! What the tests share.

use std::future::Future;
use std::time::Duration;

use omnicors_redis::omnicors_core::Origin;
use omnicors_redis::{OriginStore, OriginStoreWriter, RedisSession, RedisStore};
use omnicors_store_servers::RedisServer;
use omnicors_tokio::{Changes, Position, StoreSession};

pub(crate) const KEYS: [&str; 4] = [
    "{omnicors}:origins",
    "{omnicors}:changes",
    "{omnicors}:revision",
    "{omnicors}:history",
];

/// Fails instead of waiting forever. No test waits for this time if it passes.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    let limit = Duration::from_secs(60);
    let result = tokio::time::timeout(limit, future).await;
    result.expect("within a minute")
}

pub(crate) fn store(server: &RedisServer) -> RedisStore {
    RedisStore::from_url(&server.url()).unwrap()
}

/// Returns an initialized store.
pub(crate) async fn initialized(server: &RedisServer) -> RedisStore {
    let store = store(server);
    assert!(soon(store.init()).await.unwrap());
    store
}

pub(crate) async fn connect(server: &RedisServer) -> RedisSession {
    soon(store(server).connect()).await.unwrap()
}

pub(crate) fn origin(text: &str) -> Origin<'_> {
    Origin::parse(text.as_bytes()).unwrap()
}

pub(crate) async fn add(store: &RedisStore, text: &str) -> usize {
    soon(store.add(&[origin(text)])).await.unwrap()
}

pub(crate) async fn remove(store: &RedisStore, text: &str) -> usize {
    soon(store.remove(&[origin(text)])).await.unwrap()
}

/// Returns the changes as text, such as `+https://a.example`, and the position after them.
pub(crate) async fn changes(
    session: &mut RedisSession,
    position: &Position,
) -> (Vec<String>, Position) {
    match soon(session.changes_after(position)).await.unwrap() {
        Changes::Read(changes, position) => {
            let changes = changes.iter().map(|change| {
                let sign = if change.is_in_store() { '+' } else { '-' };
                format!("{sign}{}", change.origin())
            });
            (changes.collect(), position)
        }
        Changes::Lost => panic!("the changes after {position} are lost"),
    }
}

pub(crate) async fn is_lost(session: &mut RedisSession, position: &Position) -> bool {
    let changes = soon(session.changes_after(position)).await.unwrap();
    matches!(changes, Changes::Lost)
}

/// Returns all origins, sorted, and the position.
pub(crate) async fn all(session: &mut RedisSession) -> (Vec<String>, Position) {
    let mut origins = Vec::new();
    let mut each = |origin: &str| origins.push(origin.to_owned());
    let position = soon(session.read_all(&mut each)).await.unwrap();
    origins.sort_unstable();
    origins.dedup();
    (origins, position)
}
