//! `contains`: single lookups over a shared connection.

use std::time::Duration;

use futures_util::future::join_all;
use omnicors_redis::{OriginStore, RedisStore};
use omnicors_store_servers::RedisServer;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::shared::{add, initialized, remove, soon, store};

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
        let lookup = timeout(limit, store.contains("https://a.example"));
        assert!(lookup.await.is_err());
    }
    server.resume();
    assert!(!soon(store.contains("https://b.example")).await.unwrap());
    assert!(soon(store.contains("https://a.example")).await.unwrap());
}

/// Listens on an address that leads to the first server for the first connection, and to the second server for the next one, as a name
/// does after a failover. Returns the store with this address, and a task that ends with the test.
async fn store_that_moves(first: &RedisServer, second: &RedisServer) -> (RedisStore, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let ports = [first.port(), second.port()];
    let mut task = JoinSet::new();
    task.spawn(async move {
        let mut connections = JoinSet::new();
        for port in ports {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            connections.spawn(async move {
                // An error means that one of them has closed the connection.
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
        while connections.join_next().await.is_some() {}
    });
    (RedisStore::from_url(&url).unwrap(), task)
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_connection_without_responses_is_replaced() {
    let frozen = RedisServer::start();
    initialized(&frozen).await;
    let server = RedisServer::start();
    add(&initialized(&server).await, "https://a.example").await;

    let (store, _task) = store_that_moves(&frozen, &server).await;
    assert!(!soon(store.contains("https://a.example")).await.unwrap());
    frozen.suspend();
    let found = soon(async {
        loop {
            let limit = Duration::from_millis(500);
            let lookup = timeout(limit, store.contains("https://a.example"));
            if let Ok(found) = lookup.await {
                return found.unwrap();
            }
        }
    });
    assert!(found.await);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_connection_to_a_server_that_has_become_a_replica_is_replaced() {
    let first = RedisServer::start();
    initialized(&first).await;
    let second = RedisServer::start();
    add(&initialized(&second).await, "https://a.example").await;

    let (store, _task) = store_that_moves(&first, &second).await;
    assert!(!soon(store.contains("https://a.example")).await.unwrap());
    let port = second.port().to_string();
    first.cli(&["REPLICAOF", "127.0.0.1", &port]);
    assert!(soon(store.contains("https://a.example")).await.unwrap());
}
