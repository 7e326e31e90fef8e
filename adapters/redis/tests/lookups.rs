//! `contains`: single lookups over a shared connection.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "to panic is how a test fails"
)]

use std::time::Duration;

use futures_util::future::join_all;
use omnicors_redis::OriginStore;
use omnicors_store_servers::RedisServer;

use shared::{add, initialized, remove, soon, store};

#[allow(dead_code, reason = "each test uses a part")]
mod shared;

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_lookup_sees_each_change() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    assert!(!soon(store.contains("https://a.example")).await.unwrap());
    add(&store, "https://a.example").await;
    assert!(soon(store.contains("https://a.example")).await.unwrap());
    assert!(!soon(store.contains("https://a.example ")).await.unwrap());
    remove(&store, "https://a.example").await;
    assert!(!soon(store.contains("https://a.example")).await.unwrap());
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn lookups_at_the_same_time_use_one_connection_and_get_their_own_results() {
    let server = RedisServer::start();
    add(&initialized(&server).await, "https://1.example").await;
    let received = || {
        let stats = server.cli(&["INFO", "stats"]);
        let line = stats
            .lines()
            .find_map(|line| line.strip_prefix("total_connections_received:"));
        line.unwrap().trim().parse::<u32>().unwrap()
    };
    let before = received();
    // A new store, without a connection.
    let store = store(&server);
    let lookups = (0..200).map(|number| {
        let store = store.clone();
        async move {
            store
                .contains(&format!("https://{number}.example"))
                .await
                .unwrap()
        }
    });
    let results = soon(join_all(lookups)).await;
    let found: Vec<_> = (0..200).filter(|&number| results[number]).collect();
    assert_eq!(found, [1]);
    // One of them is that of `redis-cli`.
    assert_eq!(received() - before, 2);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_lookup_after_a_closed_connection_opens_a_new_one() {
    let mut server = RedisServer::start_durable();
    let store = initialized(&server).await;
    add(&store, "https://a.example").await;
    for _ in 0..3 {
        server.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
        assert!(soon(store.contains("https://a.example")).await.unwrap());
    }
    server.kill();
    assert!(soon(store.contains("https://a.example")).await.is_err());
    server.restart();
    assert!(soon(store.contains("https://a.example")).await.unwrap());
    assert_eq!(remove(&store, "https://a.example").await, 1);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn lookups_that_were_given_up_do_not_confuse_later_ones() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    add(&store, "https://a.example").await;
    server.suspend();
    for _ in 0..10 {
        let limit = Duration::from_millis(20);
        let lookup = tokio::time::timeout(limit, store.contains("https://a.example"));
        assert!(lookup.await.is_err());
    }
    server.resume();
    assert!(!soon(store.contains("https://b.example")).await.unwrap());
    assert!(soon(store.contains("https://a.example")).await.unwrap());
}

/// A server that has the same address as the last one, such as a new primary behind a name, must get a new connection although the old
/// one is open.
#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_connection_without_responses_is_replaced() {
    let frozen = RedisServer::start();
    initialized(&frozen).await;
    let server = RedisServer::start();
    add(&initialized(&server).await, "https://a.example").await;

    // The address of a proxy that leads to the first server, and later to the second one.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let (frozen_port, port) = (frozen.port(), server.port());
    let proxy = tokio::spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        for port in [frozen_port, port] {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut server = tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .unwrap();
            connections.spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
        while connections.join_next().await.is_some() {}
    });
    let store = omnicors_redis::RedisStore::from_url(&url).unwrap();
    assert!(!soon(store.contains("https://a.example")).await.unwrap());
    frozen.suspend();
    let found = soon(async {
        loop {
            let limit = Duration::from_millis(500);
            let lookup = tokio::time::timeout(limit, store.contains("https://a.example"));
            if let Ok(found) = lookup.await {
                return found.unwrap();
            }
        }
    });
    assert!(found.await);
    proxy.abort();
}
