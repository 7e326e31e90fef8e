//! What a session reads.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use super::client::{add, ok, origin, remove};
use super::server::TestedServer;
use crate::store::{Changes, OriginStore as _, OriginStoreWriter as _, Position, StoreSession};

/// How long a test waits for what must happen.
pub(super) const LONG: Duration = Duration::from_secs(20);

/// Reads changes that must be known.
async fn read<S: StoreSession>(
    session: &mut S,
    position: &Position,
) -> (BTreeMap<String, bool>, Position) {
    match ok(session.changes_after(position).await) {
        Changes::Read(changes, new) => {
            assert_eq!(new.history(), position.history(), "the history stays");
            assert!(new.revision() >= position.revision(), "{position} -> {new}");
            let last = changes
                .iter()
                .map(|change| (change.origin().to_owned(), change.is_in_store()));
            (last.collect(), new)
        }
        Changes::Lost => panic!("the changes after {position} are lost"),
    }
}

async fn is_lost<S: StoreSession>(session: &mut S, position: &Position) -> bool {
    matches!(ok(session.changes_after(position).await), Changes::Lost)
}

pub(super) async fn nothing_happens_after_the_present<T: TestedServer>(server: &T) {
    let mut session = ok(server.store().connect().await);
    let present = ok(session.present().await);
    let (changes, position) = read(&mut session, &present).await;
    assert!(changes.is_empty(), "{changes:?}");
    let (changes, _) = read(&mut session, &position).await;
    assert!(changes.is_empty(), "{changes:?}");
}

pub(super) async fn changes_are_read_once_and_the_last_one_counts<T: TestedServer>(server: &T) {
    let mut session = ok(server.store().connect().await);
    let begin = ok(session.present().await);
    add(server, "https://a.feed.example").await;
    add(server, "https://b.feed.example").await;
    remove(server, "https://a.feed.example").await;
    let (changes, middle) = read(&mut session, &begin).await;
    let expected = [
        ("https://a.feed.example", false),
        ("https://b.feed.example", true),
    ];
    assert_eq!(
        changes,
        expected.map(|(origin, is)| (origin.to_owned(), is)).into()
    );
    assert!(middle.revision() > begin.revision(), "{begin} -> {middle}");

    remove(server, "https://b.feed.example").await;
    let (changes, end) = read(&mut session, &middle).await;
    assert_eq!(
        changes,
        [("https://b.feed.example".to_owned(), false)].into()
    );
    assert!(end.revision() > middle.revision(), "{middle} -> {end}");
    let (changes, _) = read(&mut session, &end).await;
    assert!(changes.is_empty(), "{changes:?}");
}

pub(super) async fn another_session_resumes<T: TestedServer>(server: &T) {
    let mut session = ok(server.store().connect().await);
    let begin = ok(session.present().await);
    drop(session);
    add(server, "https://resumed.example").await;
    let mut session = ok(server.store().connect().await);
    let (changes, _) = read(&mut session, &begin).await;
    assert_eq!(
        changes,
        [("https://resumed.example".to_owned(), true)].into()
    );
    remove(server, "https://resumed.example").await;
}

/// While other connections change the store.
pub(super) async fn reading_all_and_the_changes_after_it_give_the_whole_store<T: TestedServer>(
    server: &T,
) {
    const ORIGINS: usize = 2_000;
    let texts: Vec<_> = (0..ORIGINS)
        .map(|number| format!("https://{number}.whole.example"))
        .collect();
    let origins: Vec<_> = texts.iter().map(|text| origin(text)).collect();
    let (first, second) = origins.split_at(ORIGINS / 2);
    let store = server.store();
    assert_eq!(ok(store.add(first).await), first.len());

    let mut session = ok(server.store().connect().await);
    let mut whole = BTreeSet::new();
    let mut each = |origin: &str| {
        whole.insert(origin.to_owned());
    };
    // In small transactions, so that some are committed before what they change is read, and others after it.
    let write = async {
        for (removed, added) in first.chunks(50).zip(second.chunks(50)) {
            ok(store.remove(removed).await);
            ok(store.add(added).await);
        }
    };
    let (position, ()) = tokio::join!(session.read_all(&mut each), write);
    let (changes, _) = read(&mut session, &ok(position)).await;
    for (origin, is_in_store) in changes {
        if is_in_store {
            whole.insert(origin);
        } else {
            whole.remove(&origin);
        }
    }
    whole.retain(|origin| origin.ends_with(".whole.example"));
    let expected = second
        .iter()
        .map(|origin| origin.as_str().to_owned())
        .collect();
    assert!(
        whole == expected,
        "{} of {} origins",
        whole.len(),
        second.len()
    );
    assert_eq!(ok(store.remove(second).await), second.len());
}

/// The changes are read while they are committed, from which follows that no order of commits hides one.
pub(super) async fn no_change_of_many_writers_is_missed<T: TestedServer>(server: &T) {
    const WRITERS: usize = 8;
    const CHANGES: usize = 50;
    let mut session = ok(server.store().connect().await);
    let mut position = ok(session.present().await);
    let stores: Vec<_> = (0..WRITERS).map(|_| server.store()).collect();
    let write = async {
        let writers = stores.iter().enumerate().map(|(writer, store)| async move {
            for number in 0..CHANGES {
                let text = format!("https://{number}.{writer}.writers.example");
                assert_eq!(ok(store.add(&[origin(&text)]).await), 1);
            }
        });
        join_all(writers).await;
    };
    let mut write = pin!(write);
    let mut seen = BTreeSet::new();
    let mut is_written = false;
    loop {
        // The last read begins after the last write.
        let is_last = is_written;
        let (changes, new) = read(&mut session, &position).await;
        seen.extend(changes.into_keys());
        position = new;
        if is_last {
            break;
        }
        tokio::select! {
            () = &mut write, if !is_written => is_written = true,
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(seen.len(), WRITERS * CHANGES);
    let seen: Vec<_> = seen.iter().map(|text| origin(text)).collect();
    assert_eq!(ok(server.store().remove(&seen).await), seen.len());
}

/// Runs futures at the same time.
async fn join_all(futures: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut futures: Vec<_> = futures.map(|future| Some(Box::pin(future))).collect();
    std::future::poll_fn(|context| {
        for slot in &mut futures {
            if slot
                .as_mut()
                .is_some_and(|future| future.as_mut().poll(context).is_ready())
            {
                *slot = None;
            }
        }
        if futures.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

pub(super) async fn a_hint_arrives_and_is_not_lost_by_dropping_its_future<T: TestedServer>(
    server: &T,
) {
    let mut session = ok(server.store().connect().await);
    let position = ok(session.present().await);
    read(&mut session, &position).await;
    // Hints of earlier changes may be left.
    while timeout(Duration::from_millis(300), session.wait_for_hint())
        .await
        .is_ok()
    {}
    add(server, "https://hint.example").await;
    let Ok(hint) = timeout(LONG, session.wait_for_hint()).await else {
        panic!("no hint has arrived");
    };
    ok(hint);
    let (changes, _) = read(&mut session, &position).await;
    assert_eq!(changes, [("https://hint.example".to_owned(), true)].into());
    remove(server, "https://hint.example").await;
    let Ok(hint) = timeout(LONG, session.wait_for_hint()).await else {
        panic!("no hint has arrived after the future of another was dropped");
    };
    ok(hint);
}

pub(super) async fn an_ended_connection_is_an_error<T: TestedServer>(server: &T) {
    let mut session = ok(server.store().connect().await);
    ok(session.present().await);
    let client = server.store();
    assert!(!ok(client.contains("https://ended.example").await));
    server.end_connections().await;
    // Hints of earlier changes may come first.
    let ended = async { while session.wait_for_hint().await.is_ok() {} };
    assert!(
        timeout(LONG, ended).await.is_ok(),
        "the end of the connection was not noticed"
    );
    assert!(session.present().await.is_err());
    // A client connects again by itself, at the latest for the second read.
    let first = client.contains("https://ended.example").await;
    assert!(!first.unwrap_or(false));
    assert!(!ok(client.contains("https://ended.example").await));
}

pub(super) async fn changes_that_were_forgotten_are_lost<T: TestedServer>(server: &T) {
    let mut session = ok(server.store().connect().await);
    let before = ok(session.present().await);
    add(server, "https://forgotten.example").await;
    server.forget_changes().await;
    assert!(is_lost(&mut session, &before).await);
    // The store itself is whole, and can be followed from now on.
    assert!(ok(server
        .store()
        .contains("https://forgotten.example")
        .await));
    let present = ok(session.present().await);
    remove(server, "https://forgotten.example").await;
    let (changes, _) = read(&mut session, &present).await;
    assert_eq!(
        changes,
        [("https://forgotten.example".to_owned(), false)].into()
    );
}

pub(super) async fn a_position_of_another_history_is_lost<T: TestedServer>(server: &T) {
    let mut session = ok(server.store().connect().await);
    let present = ok(session.present().await);
    let foreign = Position::new(format!("not {}", present.history()), present.revision())
        .with_cursor(present.cursor());
    assert!(is_lost(&mut session, &foreign).await);
    drop(session);
    if server.replace_history().await {
        let mut session = ok(server.store().connect().await);
        assert!(is_lost(&mut session, &present).await);
    }
}

pub(super) async fn a_position_in_the_future_is_lost<T: TestedServer>(server: &T) {
    let mut session = ok(server.store().connect().await);
    let present = ok(session.present().await);
    let future = Position::new(present.history(), present.revision() + 1_000_000)
        .with_cursor(present.cursor());
    assert!(is_lost(&mut session, &future).await);
}
