//! `wait_for_hint`.

use std::pin::pin;

use futures_util::FutureExt as _;
use omnicors_redis::RedisSession;
use omnicors_store_servers::RedisServer;
use omnicors_tokio::StoreSession;

use crate::shared::{add, changes, connect, initialized, soon};

/// Begins to wait, and returns when the server has the command. Drops the future.
async fn begin(session: &mut RedisSession, server: &RedisServer) {
    let mut wait = pin!(session.wait_for_hint());
    assert!(wait.as_mut().now_or_never().is_none());
    // The connection is driven by another task.
    while !server
        .cli(&["INFO", "clients"])
        .contains("blocked_clients:1")
    {
        tokio::task::yield_now().await;
        assert!(wait.as_mut().now_or_never().is_none());
    }
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_hint_arrives_with_each_change() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let mut session = connect(&server).await;
    let mut position = soon(session.present()).await.unwrap();
    for name in ["https://a.example", "https://b.example"] {
        begin(&mut session, &server).await;
        let (added, hint) =
            soon(async { tokio::join!(add(&store, name), session.wait_for_hint()) }).await;
        assert_eq!(added, 1);
        hint.unwrap();
        let (read, end) = changes(&mut session, &position).await;
        assert_eq!(read, [format!("+{name}")]);
        position = end;
    }
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_change_between_the_read_and_the_wait_is_a_hint() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let mut session = connect(&server).await;
    soon(session.present()).await.unwrap();
    add(&store, "https://a.example").await;
    soon(session.wait_for_hint()).await.unwrap();
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_hint_is_not_lost_if_the_future_was_dropped() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let mut session = connect(&server).await;
    let position = soon(session.present()).await.unwrap();
    begin(&mut session, &server).await;
    // The response to the dropped wait is not taken for that of a read.
    assert_eq!(soon(session.present()).await.unwrap(), position);
    add(&store, "https://a.example").await;
    soon(session.wait_for_hint()).await.unwrap();
    let (read, _) = changes(&mut session, &position).await;
    assert_eq!(read, ["+https://a.example"]);
    // And it was one hint.
    begin(&mut session, &server).await;
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn dropped_waits_leave_one_command_at_the_server() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let mut session = connect(&server).await;
    soon(session.present()).await.unwrap();
    for _ in 0..100 {
        begin(&mut session, &server).await;
    }
    add(&store, "https://a.example").await;
    soon(session.wait_for_hint()).await.unwrap();
    // The server reads the next command of a connection when the one that waits has ended.
    let stats = server.cli(&["INFO", "commandstats"]);
    let calls = stats
        .lines()
        .find_map(|line| line.strip_prefix("cmdstat_xread:calls="));
    assert!(calls.unwrap().starts_with("1,"), "{stats}");
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_closed_connection_ends_the_wait() {
    let server = RedisServer::start();
    initialized(&server).await;
    let mut session = connect(&server).await;
    soon(session.present()).await.unwrap();
    begin(&mut session, &server).await;
    server.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
    assert!(soon(session.wait_for_hint()).await.is_err());

    let mut session = connect(&server).await;
    begin(&mut session, &server).await;
    drop(server);
    assert!(soon(session.wait_for_hint()).await.is_err());
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_server_that_becomes_a_replica_ends_the_wait() {
    let primary = RedisServer::start();
    let server = RedisServer::start();
    initialized(&server).await;
    let mut session = connect(&server).await;
    begin(&mut session, &server).await;
    let port = primary.port().to_string();
    assert_eq!(server.cli(&["REPLICAOF", "127.0.0.1", &port]), "OK");
    assert!(soon(session.wait_for_hint()).await.is_err());
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_dropped_session_closes_both_connections() {
    let server = RedisServer::start();
    initialized(&server).await;
    let mut session = connect(&server).await;
    begin(&mut session, &server).await;
    let connections = |server: &RedisServer| {
        let clients = server.cli(&["CLIENT", "LIST", "TYPE", "normal"]);
        clients
            .lines()
            .filter(|line| !line.contains("cmd=client"))
            .count()
    };
    assert!(connections(&server) >= 2);
    drop(session);
    soon(async {
        while connections(&server) > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
