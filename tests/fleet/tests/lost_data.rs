//! What nodes do when the database has lost data: after a failover to a server that lags, and after a restart without a disk.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a panic fails the test")]

use std::time::{Duration, Instant};

use omnicors_core::Origin;
use omnicors_fleet_tests::{Database, Engine, Fleet, LONG, Mode, NodeOptions, origin, until};
use omnicors_postgres::PostgresStore;
use omnicors_postgres::tokio_postgres::{Client, NoTls, connect};
use omnicors_store_servers::Postgres;
use omnicors_tokio::OriginStoreWriter as _;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fleet-node");

const LONG_LEASE: Duration = Duration::from_secs(300);
/// Longer than a restart of Redis takes on a busy machine.
const SHORT_LEASE: Duration = Duration::from_secs(6);

const MODES: [Mode; 2] = [Mode::Lookup, Mode::Replica];

async fn client(server: &Postgres) -> Client {
    let url = server.url("postgres", "postgres");
    let (client, connection) = connect(&url, NoTls).await.expect("a connection");
    // It ends with the client.
    tokio::spawn(connection);
    client
}

fn parse(text: &str) -> Origin<'_> {
    Origin::parse(text.as_bytes()).expect("a valid origin")
}

/// The primary fails before the standby has its last changes. The truth is then what the standby has: nodes take back what they have
/// applied from the old primary, also a removal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and Redis: run `cargo xtask test`"]
async fn after_a_failover_to_a_standby_that_lags_nodes_have_what_it_has() {
    let (kept, lost) = (origin("kept"), origin("lost"));
    let primary = Postgres::start();
    let store = PostgresStore::from_url(&primary.url("postgres", "postgres"));
    let store = store.expect("a valid URL");
    store.init().await.expect("the store can be prepared");
    let added = store.add(&[parse(&kept)]).await;
    assert_eq!(added.expect("the store can be written"), 1);
    let standby = primary.standby();
    let url = format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/postgres",
        primary.port(),
        standby.port()
    );
    let mut fleets = Vec::new();
    for mode in MODES {
        let mut fleet = Fleet::new(LONG_LEASE);
        for _ in 0..3 {
            fleet
                .join(NodeOptions::new(PROGRAM, &url, mode, LONG_LEASE))
                .await;
        }
        fleet.allow(&kept).await;
        fleets.push((mode, fleet));
    }

    // The standby does not receive anything more.
    let administrator = client(&standby).await;
    let sql = "ALTER SYSTEM SET primary_conninfo = ''";
    administrator.execute(sql, &[]).await.expect("it works");
    let sql = "SELECT pg_reload_conf()";
    administrator.execute(sql, &[]).await.expect("it works");
    until("the standby is cut off", LONG, async || {
        let sql = "SELECT count(*) FROM pg_stat_wal_receiver";
        let row = administrator.query_one(sql, &[]).await.expect("a row");
        row.get::<_, i64>(0) == 0
    })
    .await;
    let removed = store.remove(&[parse(&kept)]).await;
    assert_eq!(removed.expect("the store can be written"), 1);
    let added = store.add(&[parse(&lost)]).await;
    assert_eq!(added.expect("the store can be written"), 1);
    for (_, fleet) in &mut fleets {
        fleet.deny(&kept, LONG).await;
        fleet.allow(&lost).await;
    }

    primary.kill();
    standby.promote();
    let begun = Instant::now();
    for (mode, fleet) in &mut fleets {
        fleet.allow(&kept).await;
        fleet.deny(&lost, LONG).await;
        println!(
            "fleet: failover to a standby that lags, {mode:?}: {:?}",
            begun.elapsed()
        );
    }
    let store = PostgresStore::from_url(&standby.url("postgres", "postgres"));
    let store = store.expect("a valid URL");
    let removed = store.remove(&[parse(&kept)]).await;
    assert_eq!(removed.expect("the store can be written"), 1);
    for (_, fleet) in &mut fleets {
        fleet.deny(&kept, LONG).await;
    }
}

/// Redis starts with an empty disk: nodes allow what they know until the lease is over, and nothing after it. After `init`, they have what
/// the store has, without a restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and Redis: run `cargo xtask test`"]
async fn after_redis_has_lost_its_data_nodes_deny_when_the_lease_is_over() {
    let mut database = Database::start(Engine::Redis).await;
    let (lost, removed, new) = ([origin("lost")], [origin("removed")], [origin("new")]);
    database.add(&lost).await;
    database.add(&removed).await;
    let mut fleets = Vec::new();
    for mode in MODES {
        let mut fleet = Fleet::start(PROGRAM, &database, mode, SHORT_LEASE).await;
        fleet.allow(&removed[0]).await;
        fleets.push((mode, fleet));
    }
    database.remove(&removed).await;
    for (_, fleet) in &mut fleets {
        // A node that connects to the store during a lookup does not keep the result. These follow the store by now.
        fleet.deny(&removed[0], LONG).await;
        fleet.allow(&lost[0]).await;
    }
    let begun = Instant::now();
    database.lose_data();
    for (mode, fleet) in &mut fleets {
        assert_eq!(fleet.allowing(&lost[0]).await, 3, "{mode:?}: in the lease");
    }
    for (mode, fleet) in &mut fleets {
        fleet.deny(&lost[0], LONG).await;
        let denied = begun.elapsed();
        // The lease began before the fault. The machine may be busy.
        assert!(denied < SHORT_LEASE + Duration::from_secs(2), "{denied:?}");
        println!("fleet: Redis has lost its data, {mode:?}: nothing is allowed after {denied:?}");
    }
    database.init().await;
    database.add(&new).await;
    let begun = Instant::now();
    for (mode, fleet) in &mut fleets {
        fleet.allow(&new[0]).await;
        println!(
            "fleet: Redis has data again, {mode:?}: followed {:?} after `init`",
            begun.elapsed()
        );
        assert_eq!(fleet.allowing(&lost[0]).await, 0, "{mode:?}");
    }
}
