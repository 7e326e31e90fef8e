//! Nodes on hosts of a network whose links fail, in both directions and in one.
//!
//! The variable `OMNICORS_EFFORT` multiplies the number of rounds.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a panic fails the test")]

use std::env;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use omnicors_fleet_tests::{
    Client, Database, Engine, Fault, Fleet, Host, LONG, Mode, Network, NodeOptions, OfNode,
    Recorder, in_own_network, origin, until,
};
use tokio::task::JoinSet;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fleet-node");

/// A node reads at least once a second, so this lease does not end while there is contact.
const LEASE: Duration = Duration::from_secs(4);

/// The faults of later rounds last longer by this: nodes try to connect less often meanwhile.
const LONGER: Duration = Duration::from_secs(20);

/// Returns the number of rounds: 10 in `cargo xtask full fleet`.
fn rounds() -> u32 {
    let effort = env::var("OMNICORS_EFFORT");
    let effort: u32 = effort.map_or(1, |effort| effort.parse().expect("a number"));
    effort.div_ceil(40)
}

#[test]
#[ignore = "needs PostgreSQL and network namespaces: run `cargo xtask test`"]
fn nodes_without_contact_to_postgres_deny_after_the_lease_and_follow_again() {
    in_own_network(
        "nodes_without_contact_to_postgres_deny_after_the_lease_and_follow_again",
        |network| partitions(network, Engine::Postgres),
    );
}

#[test]
#[ignore = "needs Redis and network namespaces: run `cargo xtask test`"]
fn nodes_without_contact_to_redis_deny_after_the_lease_and_follow_again() {
    in_own_network(
        "nodes_without_contact_to_redis_deny_after_the_lease_and_follow_again",
        |network| partitions(network, Engine::Redis),
    );
}

/// A node on a host of its own.
struct Place {
    host: Host,
    mode: Mode,
    /// `None` if its link never fails.
    fault: Option<Fault>,
}

/// All faults in both modes at the same time, beside nodes that keep their contact.
async fn partitions(network: Network, engine: Engine) {
    let database = Database::start_with(engine, Network::DATABASE, None).await;
    let url = database.url();
    let mut fleet = Fleet::new(LEASE);
    let mut places = Vec::new();
    let faults = Fault::ALL.map(Some).into_iter().chain([None]);
    for fault in faults {
        for mode in [Mode::Lookup, Mode::Replica] {
            let host = network.host(u8::try_from(places.len()).expect("few nodes"));
            let node = NodeOptions::new(PROGRAM, &url, mode, LEASE).host(&host);
            fleet.join(node).await;
            places.push(Place { host, mode, fault });
        }
    }
    let mut slowest = vec![(Duration::ZERO, Duration::ZERO); places.len()];
    for round in 0..rounds() {
        partition(&database, &mut fleet, &places, round).await;
        let checked = fleet.check();
        for (node, (allowed, followed)) in slowest.iter_mut().enumerate() {
            *allowed = checked.node(node).allowed_for.max(*allowed);
            *followed = followed_after(&fleet.recorder, node).max(*followed);
        }
    }
    for (place, (allowed, followed)) in places.iter().zip(slowest) {
        let (mode, fault) = (place.mode, place.fault);
        println!(
            "fleet: {engine:?}, {mode:?}, link {fault:?}: allowed for at most {} ms after the withdrawal, followed after {} ms",
            allowed.as_millis(),
            followed.as_millis(),
        );
    }
}

/// The links fail, an origin is withdrawn, and the links work again.
async fn partition(database: &Database, fleet: &mut Fleet, places: &[Place], round: u32) {
    // The origins of other rounds are not asked for.
    fleet.recorder = Recorder::default();
    let recorder = fleet.recorder.clone();
    let tenant = |name: &str| [origin(&format!("{name}-{round}"))];
    let (withdrawn, kept, added) = (tenant("withdrawn"), tenant("kept"), tenant("added"));
    recorder.add(database, &withdrawn).await;
    recorder.add(database, &kept).await;
    fleet.allow(&withdrawn[0]).await;
    fleet.allow(&kept[0]).await;

    let mut observers = JoinSet::new();
    for (node, server) in fleet.nodes.iter().enumerate() {
        let origins = [&withdrawn, &kept, &added].map(|origin| origin[0].clone());
        let client = server.client().await;
        observers.spawn(observe(recorder.clone(), node, client, origins));
    }
    let links = || {
        let faults = places.iter().enumerate();
        faults.filter_map(|(node, place)| Some((node, &place.host, place.fault?)))
    };
    for (node, host, fault) in links() {
        recorder.cut([node], || host.fail(fault));
    }
    recorder.remove(database, &withdrawn).await;
    recorder.add(database, &added).await;
    if round > 0 {
        tokio::time::sleep(LONGER).await;
    }
    answered(fleet, |node, of_node| {
        let has_fault = links().any(|(other, ..)| other == node);
        of_node.must_deny > 0 && (!has_fault || of_node.after_lease > 0)
    })
    .await;
    // Otherwise the link works.
    let history = recorder.history();
    let mut answers = history.answers.iter();
    let arrived = answers.find(|answer| {
        let has_fault = links().any(|(other, ..)| other == answer.node);
        has_fault && answer.is_allowed && answer.origin == added[0]
    });
    assert!(arrived.is_none(), "{arrived:?}");

    for (node, host, fault) in links() {
        recorder.mend([node], || host.mend(fault));
    }
    let mut waiting: Vec<_> = links().map(|(node, ..)| node).collect();
    until("all nodes follow again", LONG, async || {
        let mut rest = Vec::new();
        for &node in &waiting {
            if fleet.ask(node, &added[0]).await {
                recorder.followed(node);
            } else {
                rest.push(node);
            }
        }
        waiting = rest;
        waiting.is_empty()
    })
    .await;
    recorder.remove(database, &kept).await;
    fleet.deny(&kept[0], LONG).await;
    answered(fleet, |_, of_node| of_node.must_allow > 0).await;
    observers.abort_all();
}

/// Asks a node until the task is aborted.
async fn observe(recorder: Recorder, node: usize, mut client: Client, origins: [String; 3]) {
    loop {
        for origin in &origins {
            recorder.ask(node, &mut client, origin).await;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// Waits until the answers of each node show this.
async fn answered(fleet: &Fleet, is_enough: impl Fn(usize, OfNode) -> bool) {
    let begun = Instant::now();
    loop {
        let checked = fleet.check();
        if (0..fleet.nodes.len()).all(|node| is_enough(node, checked.node(node))) {
            return;
        }
        assert!(begun.elapsed() < LONG, "{checked:?}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Returns the longest time from the end of a fault until the node followed again.
fn followed_after(recorder: &Recorder, node: usize) -> Duration {
    let cuts = recorder.history().cuts;
    let of_node = cuts.iter().filter(|cut| cut.node == node);
    let times = of_node.filter_map(|cut| cut.followed?.checked_sub(cut.mended?));
    times.max().unwrap_or_default()
}

/// Each fault stops the packets of its directions and no others, and mending it lets them through again.
#[test]
#[ignore = "needs network namespaces: run `cargo xtask test`"]
fn a_fault_stops_the_packets_of_its_directions_only() {
    in_own_network(
        "a_fault_stops_the_packets_of_its_directions_only",
        async |network| {
            let host = network.host(1);
            let arrive = || {
                let to_host = arrives(
                    || send(host.store_address()),
                    || send(host.clients_address()),
                    || received(&host.run("cat", &["/proc/net/snmp"])),
                );
                let to_database = arrives(
                    || send_from(&host, Network::DATABASE),
                    || send_from(&host, Network::CLIENTS),
                    || received(&std::fs::read_to_string("/proc/net/snmp").expect("statistics")),
                );
                (to_host, to_database)
            };
            // The first packets may wait for the address of a network card while the next ones are sent.
            let works =
                async || until("packets arrive", LONG, async || arrive() == (true, true)).await;
            works().await;
            for (fault, expected) in [
                (Fault::Down, (false, false)),
                (Fault::Deaf, (false, true)),
                (Fault::Mute, (true, false)),
            ] {
                host.fail(fault);
                assert_eq!(arrive(), expected, "{fault:?}");
                host.mend(fault);
                works().await;
            }
        },
    );
}

/// Returns true if a packet of `send` arrives. `control` sends one that always arrives, later.
fn arrives(send: impl Fn(), control: impl Fn(), received: impl Fn() -> u64) -> bool {
    let before = received();
    send();
    control();
    let begun = Instant::now();
    while received() == before {
        assert!(begun.elapsed() < LONG, "the network of clients fails");
    }
    // The control is counted now. A packet that was sent earlier was counted earlier.
    received() - before > 1
}

/// Nothing listens on this port.
const CLOSED: u16 = 9;

fn send(to: Ipv4Addr) {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a socket");
    // While the link is down, there is no way to the address.
    let _lost = socket.send_to(b"packet", (to, CLOSED));
}

fn send_from(host: &Host, to: Ipv4Addr) {
    let command = format!("echo packet > /dev/udp/{to}/{CLOSED}");
    host.run("bash", &["-c", &command]);
}

/// Returns the number of packets of UDP that arrived at closed ports, from the statistics of the kernel.
fn received(statistics: &str) -> u64 {
    let mut lines = statistics.lines().filter(|line| line.starts_with("Udp:"));
    let names = lines.next().expect("the names").split_whitespace();
    let values = lines.next().expect("the values").split_whitespace();
    let found = names.zip(values).find(|(name, _)| *name == "NoPorts");
    found.expect("a number").1.parse().expect("a number")
}
