//! What each client of a store sees.

use omnicors_core::Origin;

use super::server::TestedServer;
use crate::store::{OriginStore as _, OriginStoreWriter as _, StoreError};

/// Parses an origin of a test.
pub(super) fn origin(text: &str) -> Origin<'_> {
    match Origin::parse(text.as_bytes()) {
        Ok(origin) => origin,
        Err(error) => panic!("{text}: {error}"),
    }
}

/// Panics if the store returned an error.
#[track_caller]
pub(super) fn ok<T>(result: Result<T, StoreError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("the store returned an error: {error}"),
    }
}

pub(super) async fn add<T: TestedServer>(server: &T, text: &str) {
    assert_eq!(
        ok(server.store().add(&[origin(text)]).await),
        1,
        "{text} was new"
    );
}

pub(super) async fn remove<T: TestedServer>(server: &T, text: &str) {
    let removed = ok(server.store().remove(&[origin(text)]).await);
    assert_eq!(removed, 1, "{text} was in the store");
}

pub(super) async fn contains_sees_each_committed_change<T: TestedServer>(server: &T) {
    let (reader, tenant) = (server.store(), "https://contains.example");
    for _ in 0..3 {
        assert!(!ok(reader.contains(tenant).await));
        add(server, tenant).await;
        assert!(ok(reader.contains(tenant).await));
        remove(server, tenant).await;
    }
    // What a client may send never matches, and is no error.
    for text in [
        "",
        "null",
        "https://%",
        "https://_.example",
        "' OR 1=1 --",
        "https://contains.exampl_",
    ] {
        assert!(!ok(reader.contains(text).await), "{text}");
    }
}

pub(super) async fn adding_and_removing_count_what_changed<T: TestedServer>(server: &T) {
    let store = server.store();
    let (a, b) = (
        origin("https://a.count.example"),
        origin("https://b.count.example"),
    );
    assert_eq!(ok(store.add(&[]).await), 0);
    assert_eq!(ok(store.add(&[a]).await), 1);
    assert_eq!(ok(store.add(&[a, b]).await), 1);
    assert_eq!(ok(store.add(&[a, b]).await), 0);
    assert_eq!(ok(store.remove(&[a]).await), 1);
    assert_eq!(ok(store.remove(&[a, b]).await), 1);
    assert_eq!(ok(store.remove(&[a, b]).await), 0);
}
