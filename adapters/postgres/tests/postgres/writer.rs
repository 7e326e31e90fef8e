//! Changes by the store itself.

use omnicors_tokio::omnicors_core::Origin;
use omnicors_tokio::{OriginStore, OriginStoreWriter};

use crate::database::{Database, changes, message, session};

fn origins<'a>(texts: &[&'a str]) -> Vec<Origin<'a>> {
    let origins = texts
        .iter()
        .map(|text| Origin::parse(text.as_bytes()).unwrap());
    origins.collect()
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn origins_are_added_and_removed_and_counted() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let (mut session, mut position) = session(&store).await;
    let (a, b, c) = (
        "https://a.example",
        "https://b.example",
        "https://c.example",
    );

    assert_eq!(store.add(&origins(&[b, a, b])).await.unwrap(), 2);
    assert_eq!(store.add(&origins(&[c, a])).await.unwrap(), 1);
    assert_eq!(store.add(&[]).await.unwrap(), 0);
    assert_eq!(
        changes(&mut session, &mut position).await,
        [format!("+{a}"), format!("+{b}"), format!("+{c}")]
    );
    assert!(store.contains(b).await.unwrap());

    assert_eq!(
        store
            .remove(&origins(&[b, b, "https://other.example"]))
            .await
            .unwrap(),
        1
    );
    assert!(!store.contains(b).await.unwrap());
    assert_eq!(
        changes(&mut session, &mut position).await,
        [format!("-{b}")]
    );
    assert_eq!(store.remove(&origins(&[b])).await.unwrap(), 0);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_table_of_an_application_is_not_written() {
    let database = Database::shared().await;
    let store = database.tenants().await;
    let origin = origins(&["https://a.example"]);
    for text in [
        message(store.add(&origin).await),
        message(store.remove(&origin).await),
    ] {
        assert!(
            text.contains(r#"table "origin" of "public"."tenants""#),
            "{text}"
        );
    }
}
