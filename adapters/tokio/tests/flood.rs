//! A flood of ten times more invented origins than can be looked up, and its effect on tenants.
#![cfg(feature = "lookup")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic fails the test"
)]

use std::fmt;
use std::time::Duration;

use omnicors_tokio::omnicors_core::LookupResult;
use omnicors_tokio::{LookupOptions, OriginLookup, WhenFailed};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// How long the database takes.
const LATENCY: Duration = Duration::from_millis(50);
/// The default number of lookups at once, including the reserved ones.
const MAX_LOOKUPS: u32 = 16;
/// Ten times as many as can be looked up: 3,200 each second.
const INVENTED_PER_SECOND: u32 = 10 * MAX_LOOKUPS * 1_000 / 50;
const TICK: Duration = Duration::from_millis(10);

const SEEN_TENANTS: usize = 100;
const NEW_TENANTS: usize = 50;
/// The maximum number of requests that a new tenant sends.
const TRIES: usize = 20;
/// The pause between two requests of a tenant. It is not a multiple of any other time here, so that the order of events varies.
const PAUSE: Duration = Duration::from_micros(103_700);

/// Shorter than the flood, so that each tenant has to be looked up again during the flood.
const KEEP_ALLOWED: Duration = Duration::from_secs(2);

/// The results of the tenants' requests.
struct Results {
    /// How long each request of a tenant that was seen before took, in ascending order.
    times: Vec<Duration>,
    denied: usize,
    new_at_first_request: usize,
    new_at_last: usize,
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, denied) = (self.times.len(), self.denied);
        let allowed = count - denied;
        let part = |percent: usize| self.times[(count - 1) * percent / 100];
        write!(
            f,
            "{INVENTED_PER_SECOND} invented origins a second: {allowed} of {count} requests of tenants seen before are allowed, \
             after {:?} (p50), {:?} (p99), {:?} (max); of {NEW_TENANTS} new tenants, {} are allowed at the first request, \
             {} within {TRIES} requests",
            part(50),
            part(99),
            part(100),
            self.new_at_first_request,
            self.new_at_last
        )
    }
}

async fn is_allowed(lookup: &OriginLookup, origin: String) -> bool {
    lookup.clone().lookup(origin).await == LookupResult::Allowed
}

/// Sends invented origins until the future is dropped.
async fn flood(lookup: OriginLookup) {
    let per_tick = INVENTED_PER_SECOND / 100;
    let mut requests = JoinSet::new();
    let mut ticks = interval(TICK);
    // A busy machine sends fewer origins, and does not send missed ones at once.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for tick in 0.. {
        ticks.tick().await;
        for number in 0..per_tick {
            let origin = format!("https://{number}.{tick}.invented.example");
            requests.spawn(lookup.clone().lookup(origin));
        }
        while requests.try_join_next().is_some() {}
    }
}

/// Returns how long each request took and whether it was allowed.
async fn ask_often(lookup: OriginLookup, tenant: usize, end: Instant) -> Vec<(Duration, bool)> {
    sleep(PAUSE * u32::try_from(tenant).unwrap() / 100).await;
    let mut results = Vec::new();
    while Instant::now() < end {
        let asked = Instant::now();
        let allowed = is_allowed(&lookup, format!("https://{tenant}.tenant.example")).await;
        results.push((asked.elapsed(), allowed));
        sleep(PAUSE).await;
    }
    results
}

/// Returns the number of the request that was allowed.
async fn ask_until_allowed(lookup: OriginLookup, tenant: usize) -> Option<usize> {
    sleep(PAUSE * u32::try_from(tenant).unwrap() / 2).await;
    for number in 1..=TRIES {
        if is_allowed(&lookup, format!("https://new-{tenant}.tenant.example")).await {
            return Some(number);
        }
        sleep(PAUSE).await;
    }
    None
}

async fn measure(options: LookupOptions, time: Duration) -> Results {
    let options = options.keep_allowed(KEEP_ALLOWED);
    let lookup = OriginLookup::with_options(options, async |origin: String| {
        sleep(LATENCY).await;
        Ok::<_, String>(origin.ends_with(".tenant.example"))
    });
    let mut requests = JoinSet::new();
    for tenant in 0..SEEN_TENANTS {
        let lookup = lookup.clone();
        requests.spawn(async move {
            while !is_allowed(&lookup, format!("https://{tenant}.tenant.example")).await {
                sleep(PAUSE).await;
            }
        });
    }
    requests.join_all().await;

    let flood = tokio::spawn(flood(lookup.clone()));
    sleep(TICK).await;
    let end = Instant::now() + time;
    let mut seen = JoinSet::new();
    for tenant in 0..SEEN_TENANTS {
        seen.spawn(ask_often(lookup.clone(), tenant, end));
    }
    let mut new = JoinSet::new();
    for tenant in 0..NEW_TENANTS {
        new.spawn(ask_until_allowed(lookup.clone(), tenant));
    }
    let seen: Vec<_> = seen.join_all().await.into_iter().flatten().collect();
    let new: Vec<_> = new.join_all().await.into_iter().flatten().collect();
    flood.abort();

    let mut times: Vec<_> = seen.iter().map(|(time, _)| *time).collect();
    times.sort_unstable();
    Results {
        times,
        denied: seen.iter().filter(|(_, allowed)| !allowed).count(),
        new_at_first_request: new.iter().filter(|number| **number == 1).count(),
        new_at_last: new.len(),
    }
}

/// Uses `Deny`, so that a tenant is only allowed if its lookup succeeds in time.
#[tokio::test(start_paused = true)]
async fn every_tenant_seen_before_is_looked_up_in_time_during_a_flood() {
    let options = LookupOptions::new().when_failed(WhenFailed::Deny);
    let results = measure(options, Duration::from_secs(10)).await;
    println!("flood: {results}");
    assert_eq!(results.denied, 0);
}

/// Uses the clock of the machine, so the times vary.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tenant_seen_before_is_allowed_during_a_flood_in_real_time() {
    let results = measure(LookupOptions::new(), Duration::from_secs(4)).await;
    println!("flood: in real time, {results}");
    assert_eq!(results.denied, 0);
}
