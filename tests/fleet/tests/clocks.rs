//! Wall clocks that are set back while nodes follow a store: that of the database, and that of a node.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a panic fails the test")]

use std::net::Ipv4Addr;
use std::time::Duration;

use omnicors_fleet_tests::{Database, Engine, Fleet, LONG, Mode, NodeOptions, origin, until};
use omnicors_store_servers::WallClock;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fleet-node");

/// A node reads at least once a second, so this lease does not end while there is contact.
const LEASE: Duration = Duration::from_secs(4);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and faketime: run `cargo xtask test`"]
async fn nodes_of_postgres_keep_the_promise_when_clocks_are_set_back() {
    clocks_are_set_back(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis and faketime: run `cargo xtask test`"]
async fn nodes_of_redis_keep_the_promise_when_clocks_are_set_back() {
    clocks_are_set_back(Engine::Redis).await;
}

async fn clocks_are_set_back(engine: Engine) {
    let (of_database, of_nodes) = (WallClock::new(), WallClock::new());
    let database = Database::start_with(engine, Ipv4Addr::LOCALHOST, Some(&of_database)).await;
    let url = database.url();
    let mut fleet = Fleet::new(LEASE);
    for mode in [Mode::Lookup, Mode::Replica] {
        let options = NodeOptions::new(PROGRAM, &url, mode, LEASE);
        fleet.join(options).await;
        fleet.join(options.clock(&of_nodes)).await;
    }
    let tenant = [origin("tenant")];
    fleet.recorder.add(&database, &tenant).await;
    fleet.allow(&tenant[0]).await;
    fleet.follow(&database).await;

    let before = database.wall_clock().await;
    of_database.set_back(DAY);
    let after = database.wall_clock().await;
    assert!(after + DAY.as_secs() / 2 < before, "{before}, {after}");
    let times = fleet.withdraw(&database, 10).await;
    println!("fleet: withdrawal after the clock was set back, {engine:?}: {times}");

    // During the fault, time goes back for two of the nodes.
    fleet.cut(|| database.suspend());
    of_nodes.set_back(DAY);
    until("all nodes are asked after the lease", LONG, async || {
        fleet.allowing(&tenant[0]).await;
        let checked = fleet.check();
        (0..4).all(|node| checked.node(node).after_lease > 0)
    })
    .await;
    fleet.mend(|| database.resume());
    fleet.follow_again(&tenant[0]).await;
    fleet.follow(&database).await;
    fleet.check();
}
