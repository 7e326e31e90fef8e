//! Restarts, lost data, replicas and failover.

use omnicors_redis::{OriginStore, OriginStoreWriter};
use omnicors_store_servers::RedisServer;
use omnicors_tokio::StoreSession;

use crate::shared::{KEYS, add, all, changes, connect, initialized, is_lost, origin, soon, store};

/// Makes a server a replica of another one, and returns when it has its data.
fn follow(replica: &RedisServer, primary: &RedisServer) {
    let port = primary.port().to_string();
    assert_eq!(replica.cli(&["REPLICAOF", "127.0.0.1", &port]), "OK");
    // `WAIT` returns when the replica has confirmed the write of the same connection, and so everything before it.
    let waited = primary.cli_lines("SET written 1\nWAIT 1 0\n");
    assert_eq!(waited, "OK\n1");
}

fn promote(replica: &RedisServer) {
    assert_eq!(replica.cli(&["REPLICAOF", "NO", "ONE"]), "OK");
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn after_a_restart_with_all_data_the_changes_are_lost_but_not_the_origins() {
    let mut server = RedisServer::start_durable();
    let store = initialized(&server).await;
    add(&store, "https://a.example").await;
    let mut session = connect(&server).await;
    let position = soon(session.present()).await.unwrap();

    server.restart();
    assert!(soon(session.present()).await.is_err());
    let mut session = connect(&server).await;
    assert!(is_lost(&mut session, &position).await);
    let (origins, after) = all(&mut session).await;
    assert_eq!(origins, ["https://a.example"]);
    assert_eq!(after.revision(), position.revision());
    assert_ne!(after.history(), position.history());

    // The store goes on after the same revision.
    add(&store, "https://b.example").await;
    let (read, _) = changes(&mut session, &after).await;
    assert_eq!(read, ["+https://b.example"]);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn after_a_restart_without_data_connecting_fails_until_init() {
    let mut server = RedisServer::start();
    let store = initialized(&server).await;
    add(&store, "https://a.example").await;
    let mut session = connect(&server).await;
    let position = soon(session.present()).await.unwrap();
    assert!(soon(store.contains("https://a.example")).await.unwrap());

    server.restart();
    for error in [
        soon(store.connect()).await.unwrap_err(),
        soon(store.contains("https://a.example")).await.unwrap_err(),
        soon(store.add(&[origin("https://b.example")]))
            .await
            .unwrap_err(),
    ] {
        assert!(
            error.to_string().contains("run `omnicors store init`"),
            "{error}"
        );
    }
    assert_eq!(server.cli(&["DBSIZE"]), "0");

    assert!(soon(store.init()).await.unwrap());
    add(&store, "https://b.example").await;
    let mut session = connect(&server).await;
    // The same revision as before, of another history.
    assert_eq!(
        soon(session.present()).await.unwrap().revision(),
        position.revision()
    );
    assert!(is_lost(&mut session, &position).await);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn after_flushall_each_read_fails_until_init_and_then_the_changes_are_lost() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    add(&store, "https://a.example").await;
    let mut session = connect(&server).await;
    let position = soon(session.present()).await.unwrap();

    server.cli(&["FLUSHALL"]);
    assert!(soon(session.present()).await.is_err());
    assert!(soon(session.changes_after(&position)).await.is_err());
    assert!(soon(session.read_all(&mut |_| ())).await.is_err());
    assert!(soon(store.contains("https://a.example")).await.is_err());

    assert!(soon(store.init()).await.unwrap());
    add(&store, "https://a.example").await;
    assert!(is_lost(&mut session, &position).await);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn data_that_are_deleted_and_initialized_during_a_scan_are_an_error() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let names: Vec<_> = (0..5_000)
        .map(|number| format!("https://{number}.example"))
        .collect();
    let origins: Vec<_> = names.iter().map(|name| origin(name)).collect();
    soon(store.add(&origins)).await.unwrap();
    let mut session = connect(&server).await;
    let mut is_first = true;
    let mut each = |_: &str| {
        if std::mem::take(&mut is_first) {
            server.cli(&["DEL", KEYS[3], KEYS[0]]);
            server.cli(&["SET", KEYS[3], "another history"]);
        }
    };
    let error = soon(session.read_all(&mut each)).await.unwrap_err();
    assert!(error.to_string().contains("during the read"), "{error}");
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn an_old_position_is_lost_after_the_history_was_deleted() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    add(&store, "https://a.example").await;
    let mut session = connect(&server).await;
    let position = soon(session.present()).await.unwrap();
    server.cli(&["SADD", KEYS[0], "https://b.example"]);
    server.cli(&["DEL", KEYS[3]]);
    assert!(soon(store.init()).await.unwrap());
    assert!(is_lost(&mut session, &position).await);
    let (origins, after) = all(&mut session).await;
    assert_eq!(origins, ["https://a.example", "https://b.example"]);
    assert_eq!(after.revision(), 0);
    add(&store, "https://c.example").await;
    assert_eq!(
        changes(&mut session, &after).await.0,
        ["+https://c.example"]
    );
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_server_that_becomes_a_replica_does_not_answer() {
    let primary = RedisServer::start();
    let old = RedisServer::start();
    initialized(&primary).await;
    let store = initialized(&old).await;
    add(&store, "https://a.example").await;
    let mut session = connect(&old).await;
    let position = soon(session.present()).await.unwrap();
    assert!(store.contains("https://a.example").await.unwrap());

    follow(&old, &primary);
    for error in [
        soon(session.present()).await.unwrap_err(),
        soon(session.changes_after(&position)).await.unwrap_err(),
        soon(session.read_all(&mut |_| ())).await.unwrap_err(),
        soon(store.contains("https://a.example")).await.unwrap_err(),
        soon(store.connect()).await.unwrap_err(),
        soon(store.add(&[origin("https://b.example")]))
            .await
            .unwrap_err(),
    ] {
        assert!(error.to_string().contains("role `slave`"), "{error}");
    }
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_promoted_replica_has_a_new_history() {
    let primary = RedisServer::start();
    let store = initialized(&primary).await;
    add(&store, "https://a.example").await;
    let replica = RedisServer::start();
    follow(&replica, &primary);
    assert!(
        soon(crate::shared::store(&replica).connect())
            .await
            .is_err()
    );

    let mut session = connect(&primary).await;
    let position = soon(session.present()).await.unwrap();
    drop(primary);
    promote(&replica);

    let mut session = connect(&replica).await;
    assert!(is_lost(&mut session, &position).await);
    let (origins, after) = all(&mut session).await;
    assert_eq!(origins, ["https://a.example"]);
    // The random text is the same, because it was replicated.
    let text = replica.cli(&["GET", KEYS[3]]);
    assert!(after.history().starts_with(&text));
    assert!(position.history().starts_with(&text));
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_primary_that_was_a_replica_meanwhile_has_a_new_history() {
    let first = RedisServer::start();
    let store = initialized(&first).await;
    let second = RedisServer::start();
    follow(&second, &first);
    // A change that the second server does not get.
    assert_eq!(second.cli(&["REPLICAOF", "NO", "ONE"]), "OK");
    add(&store, "https://lost.example").await;
    let mut session = connect(&first).await;
    let position = soon(session.present()).await.unwrap();

    // Another change with the same revision on the second server, from which the first one then copies everything.
    add(&crate::shared::store(&second), "https://other.example").await;
    follow(&first, &second);
    promote(&first);

    // The same process on the same connection, with the same random text and revision, but other data.
    let present = soon(session.present()).await.unwrap();
    assert_eq!(present.revision(), position.revision());
    assert_ne!(present.history(), position.history());
    assert!(is_lost(&mut session, &position).await);
    assert_eq!(all(&mut session).await.0, ["https://other.example"]);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_server_that_may_evict_the_origins_is_refused() {
    let server =
        RedisServer::start_with(&["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"]);
    let store = store(&server);
    for error in [
        soon(store.init()).await.unwrap_err(),
        soon(store.connect()).await.unwrap_err(),
        soon(store.contains("https://a.example")).await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("maxmemory-policy"), "{error}");
    }
    server.cli(&["CONFIG", "SET", "maxmemory-policy", "volatile-lru"]);
    soon(store.init()).await.unwrap();
    let mut session = soon(store.connect()).await.unwrap();
    add(&store, "https://a.example").await;

    // Later, while there are connections.
    server.cli(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let error = soon(session.read_all(&mut |_| {})).await.unwrap_err();
    assert!(error.to_string().contains("maxmemory-policy"), "{error}");
    server.cli(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    assert_eq!(all(&mut session).await.0, ["https://a.example"]);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_full_memory_refuses_a_change_as_a_whole() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    add(&store, "https://a.example").await;
    server.cli(&["CONFIG", "SET", "maxmemory", "1"]);
    let origins = ["https://b.example", "https://c.example"].map(origin);
    let error = soon(store.add(&origins)).await.unwrap_err();
    assert!(error.to_string().contains("OOM"), "{error}");
    assert_eq!(server.cli(&["SMEMBERS", KEYS[0]]), "https://a.example");
    assert_eq!(server.cli(&["XLEN", KEYS[1]]), "1");
    assert_eq!(server.cli(&["GET", KEYS[2]]), "1");
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_store_without_its_revision_says_how_to_repair_it() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    add(&store, "https://a.example").await;
    server.cli(&["DEL", KEYS[2]]);
    for error in [
        soon(store.connect()).await.unwrap_err(),
        soon(store.add(&[origin("https://b.example")]))
            .await
            .unwrap_err(),
    ] {
        assert!(
            error
                .to_string()
                .contains("delete the key `{omnicors}:history`"),
            "{error}"
        );
    }
    server.cli(&["DEL", KEYS[3]]);
    assert!(soon(store.init()).await.unwrap());
    add(&store, "https://b.example").await;
    let mut session = connect(&server).await;
    assert_eq!(all(&mut session).await.0.len(), 2);
}
