//! Changes of the set, and the set as a whole.

use std::collections::BTreeSet;

use omnicors_redis::{OriginStore, OriginStoreWriter, RedisStore};
use omnicors_store_servers::RedisServer;
use omnicors_tokio::{Changes, StoreSession, check_stored_origin};

use crate::shared::{KEYS, add, all, changes, connect, initialized, is_lost, origin, remove, soon};

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn changes_arrive_in_their_order_and_only_those_after_the_position() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let mut session = connect(&server).await;
    assert_eq!(add(&store, "https://before.example").await, 1);

    let start = soon(session.present()).await.unwrap();
    assert_eq!(start.revision(), 1);
    assert_eq!(changes(&mut session, &start).await, (vec![], start.clone()));

    let origins = ["https://a.example", "https://b.example"].map(origin);
    assert_eq!(soon(store.add(&origins)).await.unwrap(), 2);
    assert_eq!(remove(&store, "https://a.example").await, 1);
    assert_eq!(add(&store, "https://a.example").await, 1);
    assert_eq!(remove(&store, "https://before.example").await, 1);

    let (read, end) = changes(&mut session, &start).await;
    assert_eq!(
        read,
        [
            "+https://a.example",
            "+https://b.example",
            "-https://a.example",
            "+https://a.example",
            "-https://before.example",
        ]
    );
    assert_eq!(end.revision(), 6);
    assert_eq!(end.history(), start.history());
    assert_eq!(changes(&mut session, &end).await, (vec![], end));
    // Redis itself has the same set.
    assert_eq!(
        server.cli(&["SORT", KEYS[0], "ALPHA"]),
        "https://a.example\nhttps://b.example"
    );
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn what_does_not_change_the_set_is_not_a_change() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    assert_eq!(add(&store, "https://a.example").await, 1);
    let mut session = connect(&server).await;
    let position = soon(session.present()).await.unwrap();

    assert_eq!(add(&store, "https://a.example").await, 0);
    assert_eq!(soon(store.add(&[])).await.unwrap(), 0);
    let twice = ["https://c.example", "https://c.example"].map(origin);
    assert_eq!(soon(store.add(&twice)).await.unwrap(), 1);

    let (read, _) = changes(&mut session, &position).await;
    assert_eq!(read, ["+https://c.example"]);
    assert!(!soon(store.init()).await.unwrap());
    let (origins, after) = all(&mut session).await;
    assert_eq!(origins, ["https://a.example", "https://c.example"]);
    assert_eq!(after.revision(), 2);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_removal_is_a_change_also_if_the_set_does_not_have_the_origin() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    assert_eq!(add(&store, "https://a.example").await, 1);
    assert_eq!(add(&store, "https://b.example").await, 1);
    let mut session = connect(&server).await;
    let start = soon(session.present()).await.unwrap();

    // As somebody does who does not know the script, and as an eviction does.
    assert_eq!(server.cli(&["SREM", KEYS[0], "https://a.example"]), "1");
    assert_eq!(remove(&store, "https://a.example").await, 0);
    assert_eq!(server.cli(&["DEL", KEYS[0]]), "1");
    let twice = ["https://b.example", "https://b.example"].map(origin);
    assert_eq!(soon(store.remove(&twice)).await.unwrap(), 0);
    assert_eq!(add(&store, "https://c.example").await, 1);

    let (read, end) = changes(&mut session, &start).await;
    assert_eq!(
        read,
        [
            "-https://a.example",
            "-https://b.example",
            "-https://b.example",
            "+https://c.example",
        ]
    );
    assert_eq!(end.revision(), 6);
    assert_eq!(changes(&mut session, &end).await, (vec![], end));
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn more_changes_than_fit_into_a_page_are_read_in_order() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let mut session = connect(&server).await;
    let start = soon(session.present()).await.unwrap();
    let origins: Vec<_> = (0..25_000)
        .map(|number| format!("https://{number}.example"))
        .collect();
    let parsed: Vec<_> = origins.iter().map(|text| origin(text)).collect();
    assert_eq!(soon(store.add(&parsed)).await.unwrap(), parsed.len());

    let (read, end) = changes(&mut session, &start).await;
    assert_eq!(end.revision(), 25_000);
    let expected = origins.iter().map(|origin| format!("+{origin}"));
    assert!(read.iter().eq(&expected.collect::<Vec<_>>()));
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_new_session_resumes_after_a_closed_connection() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let mut session = connect(&server).await;
    let position = soon(session.present()).await.unwrap();

    let killed = server.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
    assert_ne!(killed, "0");
    assert!(soon(session.present()).await.is_err());
    assert!(soon(session.changes_after(&position)).await.is_err());

    assert_eq!(add(&store, "https://a.example").await, 1);
    let mut session = connect(&server).await;
    let (read, _) = changes(&mut session, &position).await;
    assert_eq!(read, ["+https://a.example"]);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn changes_that_were_trimmed_are_lost() {
    let server = RedisServer::start();
    let store = initialized(&server).await.with_kept_changes(10);
    let mut session = connect(&server).await;
    let start = soon(session.present()).await.unwrap();
    // Redis trims whole nodes of 100 entries.
    for number in 0..150 {
        add(&store, &format!("https://{number}.example")).await;
    }
    let kept: u64 = server.cli(&["XLEN", KEYS[1]]).parse().unwrap();
    assert!((10..150).contains(&kept), "{kept}");

    assert!(is_lost(&mut session, &start).await);
    // The last position before the changes that are kept, and the one before it.
    let at = |revision| omnicors_tokio::Position::new(start.history(), revision);
    let (read, _) = changes(&mut session, &at(150 - kept)).await;
    assert_eq!(u64::try_from(read.len()).unwrap(), kept);
    assert!(is_lost(&mut session, &at(150 - kept - 1)).await);

    let (origins, end) = all(&mut session).await;
    assert_eq!(origins.len(), 150);
    assert_eq!(end.revision(), 150);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_stream_with_a_gap_or_without_its_end_is_lost() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let mut session = connect(&server).await;
    let start = soon(session.present()).await.unwrap();
    for number in 1..=4 {
        add(&store, &format!("https://{number}.example")).await;
    }
    let at = |revision| omnicors_tokio::Position::new(start.history(), revision);
    assert_eq!(server.cli(&["XDEL", KEYS[1], "2-0"]), "1");
    assert!(is_lost(&mut session, &start).await);
    assert!(is_lost(&mut session, &at(1)).await);
    assert_eq!(changes(&mut session, &at(2)).await.0.len(), 2);
    assert_eq!(server.cli(&["XDEL", KEYS[1], "4-0"]), "1");
    assert!(is_lost(&mut session, &at(2)).await);
    assert_eq!(changes(&mut session, &at(4)).await.0.len(), 0);
    // Positions that this history does not have yet.
    assert!(is_lost(&mut session, &at(5)).await);
    assert!(is_lost(&mut session, &at(u64::MAX)).await);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn entries_that_the_script_did_not_write_cause_neither_changes_nor_a_loop() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let mut session = connect(&server).await;
    add(&store, "https://a.example").await;
    let position = soon(session.present()).await.unwrap();
    server.cli(&["XADD", KEYS[1], "2-0", "add", "https://evil.example"]);
    assert_eq!(changes(&mut session, &position).await.0.len(), 0);

    // The script refuses to continue, and changes nothing.
    let error = soon(store.add(&[origin("https://b.example")]))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("XADD"), "{error}");
    assert_eq!(server.cli(&["SMEMBERS", KEYS[0]]), "https://a.example");
    assert_eq!(server.cli(&["GET", KEYS[2]]), "1");

    // An unknown operation is not skipped.
    server.cli(&["SET", KEYS[2], "3"]);
    server.cli(&["XADD", KEYS[1], "3-0", "replace", "https://c.example"]);
    assert!(is_lost(&mut session, &position).await);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_hundred_thousand_origins_are_read() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let origins: Vec<_> = (0..100_000)
        .map(|number| format!("https://tenant-{number:06}.example"))
        .collect();
    let parsed: Vec<_> = origins.iter().map(|text| origin(text)).collect();
    for some in parsed.chunks(10_000) {
        soon(store.add(some)).await.unwrap();
    }
    let mut session = connect(&server).await;
    let (read, position) = all(&mut session).await;
    assert!(read == origins, "{} origins", read.len());
    assert_eq!(position.revision(), 100_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_set_that_changes_while_it_is_read_is_complete_after_the_changes() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let names = |range: std::ops::Range<u32>| {
        let names = range.map(|number| format!("https://{number}.example"));
        names.collect::<Vec<_>>()
    };
    let (removed, kept, added) = (names(0..5_000), names(5_000..30_000), names(30_000..35_000));
    for names in [&removed, &kept] {
        let parsed: Vec<_> = names.iter().map(|text| origin(text)).collect();
        soon(store.add(&parsed)).await.unwrap();
    }
    let mut session = connect(&server).await;

    // 10,000 changes, the first of which is made after the scan has begun.
    let (start, started) = tokio::sync::oneshot::channel();
    let writer = tokio::spawn({
        let (store, removed, added) = (store.clone(), removed.clone(), added.clone());
        async move {
            started.await.unwrap();
            for (removed, added) in removed.chunks(50).zip(added.chunks(50)) {
                let removed: Vec<_> = removed.iter().map(|text| origin(text)).collect();
                let added: Vec<_> = added.iter().map(|text| origin(text)).collect();
                store.remove(&removed).await.unwrap();
                store.add(&added).await.unwrap();
            }
        }
    });
    let mut start = Some(start);
    let mut set = BTreeSet::new();
    let mut each = |origin: &str| {
        set.insert(origin.to_owned());
        if let Some(start) = start.take() {
            start.send(()).unwrap();
        }
    };
    let position = soon(session.read_all(&mut each)).await.unwrap();
    assert_eq!(position.revision(), 30_000);
    soon(writer).await.unwrap();

    // Otherwise the test shows nothing: some of the changes were made during the scan.
    let expected: BTreeSet<_> = kept.iter().chain(&added).cloned().collect();
    assert!(set != expected);
    let Changes::Read(changes, end) = soon(session.changes_after(&position)).await.unwrap() else {
        panic!("lost");
    };
    assert_eq!(changes.len(), 10_000);
    for change in changes {
        if change.is_in_store() {
            set.insert(change.origin().to_owned());
        } else {
            set.remove(change.origin());
        }
    }
    assert!(set == expected, "{} of {}", set.len(), expected.len());
    assert_eq!(end.revision(), 40_000);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn members_that_are_not_origins_do_not_prevent_reading() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let mut session = connect(&server).await;
    let start = soon(session.present()).await.unwrap();
    add(&store, "https://a.example").await;
    let large = vec![b'x'; 1 << 20];
    let hostile: [&[u8]; 6] = [
        b"https://b\xff.example",
        b"",
        b"https://c.example\r\n+OK\r\n",
        b"\x00",
        "https://\u{e4}.example".as_bytes(),
        &large,
    ];
    for member in hostile {
        server.cli_with_input(&["SADD", KEYS[0]], member);
        let [origins, changes, revision, history] = KEYS;
        let mut script = vec!["EVAL", RedisStore::SCRIPT, "4"];
        script.extend([origins, changes, revision, history, "remove", "100"]);
        assert_eq!(server.cli_with_input(&script, member), "1");
    }
    for member in hostile {
        server.cli_with_input(&["SADD", KEYS[0]], member);
    }

    let (origins, _) = all(&mut session).await;
    assert_eq!(origins.len(), 7);
    let valid = origins
        .iter()
        .filter(|text| check_stored_origin(text).is_ok());
    assert!(valid.eq(["https://a.example"]));
    let (read, end) = changes(&mut session, &start).await;
    assert_eq!(read.len(), 7);
    assert_eq!(read[0], "+https://a.example");
    assert!(
        read[1..]
            .iter()
            .all(|change| check_stored_origin(&change[1..]).is_err())
    );
    assert_eq!(end.revision(), 7);
    assert!(
        !soon(store.contains("https://b\u{fffd}.example"))
            .await
            .unwrap()
    );
}
