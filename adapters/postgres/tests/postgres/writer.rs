//! Changes by the store itself.

use omnicors_tokio::omnicors_core::Origin;
use omnicors_tokio::{OriginStore, OriginStoreWriter};

use crate::database::{Database, changes, message, run, session};

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
    // All servers learn that the other origin is not in the store either.
    let mut read = changes(&mut session, &mut position).await;
    read.sort();
    assert_eq!(read, [format!("-{b}"), "-https://other.example".to_owned()]);
    assert_eq!(store.remove(&origins(&[b])).await.unwrap(), 0);
    assert_eq!(store.remove(&[]).await.unwrap(), 0);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_removal_is_a_change_also_if_the_row_is_missing() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let a = "https://a.example";
    assert_eq!(store.add(&origins(&[a])).await.unwrap(), 1);
    let (mut session, mut position) = session(&store).await;
    // Triggers do not see new values of `ALTER TABLE`.
    run(
        &database.client().await,
        "ALTER TABLE omnicors.origin ALTER COLUMN origin TYPE text COLLATE \"C\" USING replace(origin, 'a', 'b')",
    )
    .await;
    assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
    assert_eq!(store.remove(&origins(&[a])).await.unwrap(), 0);
    assert_eq!(
        changes(&mut session, &mut position).await,
        [format!("-{a}")]
    );
}

/// Each removal sees the same row, and waits for the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn simultaneous_removals_count_each_origin_once() {
    let database = Database::shared().await;
    let store = database.prepared().await;
    let texts: Vec<String> = (0..200)
        .map(|number| format!("https://{number}.example"))
        .collect();
    for _ in 0..5 {
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(store.add(&origins(&all)).await.unwrap(), all.len());
        let removals = (0..4).map(|part| {
            let (store, mut texts) = (store.clone(), texts.clone());
            if part % 2 == 1 {
                texts.reverse();
            }
            tokio::spawn(async move {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                store.remove(&origins(&texts)).await.unwrap()
            })
        });
        let mut removed = 0;
        for removal in removals.collect::<Vec<_>>() {
            removed += removal.await.unwrap();
        }
        assert_eq!(removed, all.len());
        assert!(!store.contains(all[0]).await.unwrap());
    }
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
