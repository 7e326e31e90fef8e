mod capacity;
mod lease;
mod panics;
mod refresh;
mod requests;

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use omnicors_core::LookupResult;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::*;

const TENANT: &str = "https://tenant.example";
const SECOND: Duration = Duration::from_secs(1);

/// A database whose state the test sets. It counts its queries.
#[derive(Default)]
struct Database {
    state: std::sync::Mutex<State>,
    asked: AtomicUsize,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Well,
    Without(&'static str),
    Slow(Duration),
    Broken,
    Hanging,
    Panicking,
}

impl Database {
    fn set(&self, state: State) {
        *self.state.lock().unwrap() = state;
    }

    fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    async fn has(&self, origin: String) -> Result<bool, String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let state = *self.state.lock().unwrap();
        match state {
            State::Well => {}
            State::Without(gone) => return Ok(origin != gone),
            State::Slow(time) => tokio::time::sleep(time).await,
            State::Broken => return Err("broken".to_owned()),
            State::Hanging => std::future::pending().await,
            State::Panicking => panic!("the database client panics"),
        }
        Ok(origin.ends_with("tenant.example"))
    }
}

fn lookup(options: LookupOptions) -> (OriginLookup, Arc<Database>) {
    let database = Arc::new(Database::default());
    let asked = Arc::clone(&database);
    let lookup = OriginLookup::with_options(options, move |origin| {
        let database = Arc::clone(&asked);
        async move { database.has(origin).await }
    });
    (lookup, database)
}

async fn is_allowed(lookup: &OriginLookup, origin: &str) -> bool {
    lookup.clone().lookup(origin.to_owned()).await == LookupResult::Allowed
}

#[tokio::test(start_paused = true)]
async fn a_thousand_requests_for_one_unknown_origin_cause_one_lookup() {
    let (lookup, database) = lookup(LookupOptions::new());
    database.set(State::Slow(Duration::from_millis(100)));
    let mut requests = JoinSet::new();
    for _ in 0..1000 {
        requests.spawn(lookup.clone().lookup(TENANT.to_owned()));
    }
    let results = requests.join_all().await;
    assert_eq!(results, [LookupResult::Allowed; 1000]);
    assert_eq!(database.asked(), 1);
    assert_eq!(lookup.shared.single_flight.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_requests_on_several_threads_cause_one_lookup() {
    for _ in 0..20 {
        let (lookup, database) = lookup(LookupOptions::new().timeout(30 * SECOND));
        let mut requests = JoinSet::new();
        for _ in 0..1000 {
            requests.spawn(lookup.clone().lookup(TENANT.to_owned()));
        }
        let results = requests.join_all().await;
        assert_eq!(results, [LookupResult::Allowed; 1000]);
        assert_eq!(database.asked(), 1);
        assert_eq!(lookup.shared.single_flight.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn allowed_denied_and_failed_results_are_kept_for_their_own_times() {
    for (origin, state, allowed, seconds) in [
        (TENANT, State::Well, true, 60),
        ("https://other.example", State::Well, false, 10),
        ("https://failed.example", State::Broken, false, 1),
    ] {
        let time = seconds * SECOND;
        let earlier = time.saturating_sub(Duration::from_millis(1));
        for (time, lookups) in [(earlier, 1), (time, 2)] {
            let (lookup, database) = lookup(LookupOptions::new());
            database.set(state);
            assert_eq!(is_allowed(&lookup, origin).await, allowed);
            tokio::time::advance(time).await;
            assert_eq!(is_allowed(&lookup, origin).await, allowed);
            assert_eq!(database.asked(), lookups, "{origin} after {time:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_database_that_hangs_or_fails_denies_within_the_timeout_and_recovers() {
    for state in [State::Broken, State::Hanging, State::Panicking] {
        let (lookup, database) = lookup(LookupOptions::new());
        database.set(state);
        let begun = Instant::now();
        assert!(!is_allowed(&lookup, TENANT).await);
        assert!(begun.elapsed() <= Duration::from_millis(401));
        database.set(State::Well);
        // The failure is kept for a second.
        tokio::time::sleep(SECOND + Duration::from_millis(10)).await;
        assert!(is_allowed(&lookup, TENANT).await, "it has recovered");
        assert_eq!(lookup.shared.permits.available(), 16);
    }
}

#[tokio::test(start_paused = true)]
async fn lookups_beyond_the_limit_wait_and_are_denied_in_time() {
    let (lookup, database) = lookup(LookupOptions::new().max_lookups(4));
    database.set(State::Hanging);
    let begun = Instant::now();
    let mut requests = JoinSet::new();
    for number in 0..1000 {
        requests.spawn(
            lookup
                .clone()
                .lookup(format!("https://{number}.tenant.example")),
        );
    }
    let results = requests.join_all().await;
    // One of the four lookups is reserved for known origins.
    let failed = results
        .iter()
        .filter(|result| **result == LookupResult::TimedOut);
    assert_eq!(failed.count(), 3);
    assert!(
        results
            .iter()
            .all(|result| matches!(result, LookupResult::TimedOut | LookupResult::NotBegun))
    );
    assert!(begun.elapsed() <= Duration::from_millis(401));
    assert_eq!(database.asked(), 3);
    tokio::time::sleep(SECOND).await;
    assert_eq!(lookup.shared.single_flight.len(), 0, "no call is left");
    assert_eq!(lookup.shared.permits.available(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_lookup_continues_when_its_request_is_cancelled_and_starts_only_once() {
    let (lookup, database) = lookup(LookupOptions::new());
    database.set(State::Slow(Duration::from_millis(300)));
    for _ in 0..10 {
        let hangs_up = timeout(
            Duration::from_millis(10),
            lookup.clone().lookup(TENANT.to_owned()),
        );
        assert!(hangs_up.await.is_err());
    }
    assert!(is_allowed(&lookup, TENANT).await);
    assert_eq!(database.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_cancelled_before_its_lookup_starts_leaves_it_to_the_others() {
    let (lookup, database) = lookup(LookupOptions::new().max_lookups(1));
    database.set(State::Slow(Duration::from_millis(100)));
    let first = tokio::spawn(
        lookup
            .clone()
            .lookup("https://first.tenant.example".to_owned()),
    );
    tokio::task::yield_now().await;
    let hangs_up = tokio::spawn(timeout(
        Duration::from_millis(50),
        lookup.clone().lookup(TENANT.to_owned()),
    ));
    tokio::task::yield_now().await;
    let stays = tokio::spawn(lookup.clone().lookup(TENANT.to_owned()));
    assert!(hangs_up.await.unwrap().is_err());
    assert_eq!(first.await.unwrap(), LookupResult::Allowed);
    assert_eq!(stays.await.unwrap(), LookupResult::Allowed);
    assert_eq!(database.asked(), 2);
    assert_eq!(lookup.shared.single_flight.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_invalidated_origin_is_looked_up_again_at_once() {
    let (lookup, database) = lookup(LookupOptions::new());
    let other = "https://other.tenant.example";
    assert!(is_allowed(&lookup, TENANT).await && is_allowed(&lookup, other).await);
    database.set(State::Without(TENANT));
    assert!(is_allowed(&lookup, TENANT).await, "from the cache");
    lookup.invalidate(TENANT);
    assert!(!is_allowed(&lookup, TENANT).await);
    database.asked();
    assert!(is_allowed(&lookup, other).await);
    assert_eq!(database.asked(), 0, "the other one is still in the cache");
    database.set(State::Without(other));
    lookup.invalidate_all();
    assert!(is_allowed(&lookup, TENANT).await);
    assert!(!is_allowed(&lookup, other).await);
}

#[tokio::test(start_paused = true)]
async fn a_result_from_before_an_invalidation_is_not_cached() {
    for invalidate in [
        (|lookup| lookup.invalidate(TENANT)) as fn(&OriginLookup),
        OriginLookup::invalidate_all,
    ] {
        let (lookup, database) = lookup(LookupOptions::new());
        database.set(State::Slow(Duration::from_millis(300)));
        let before = tokio::spawn(lookup.clone().lookup(TENANT.to_owned()));
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(database.asked(), 1);
        database.set(State::Without(TENANT));
        invalidate(&lookup);
        assert!(!is_allowed(&lookup, TENANT).await);
        assert_eq!(before.await.unwrap(), LookupResult::Allowed);
        assert!(!is_allowed(&lookup, TENANT).await);
        assert_eq!(database.asked(), 1);
    }
}

/// Allowed origins stay in the cache even if they are requested only once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_hostile_origins_do_not_evict_allowed_ones() {
    const TENANTS: usize = 1_000;
    let options = LookupOptions::new()
        .max_origins(2_000)
        .keep_allowed(3600 * SECOND)
        .lease(3600 * SECOND)
        .timeout(30 * SECOND);
    let (lookup, database) = lookup(options);
    for number in 0..TENANTS {
        assert!(is_allowed(&lookup, &format!("https://{number}.tenant.example")).await);
    }
    for number in 0..HOSTILE {
        assert!(!is_allowed(&lookup, &format!("https://{number}.hostile.example")).await);
    }
    database.asked();
    for number in 0..TENANTS {
        assert!(is_allowed(&lookup, &format!("https://{number}.tenant.example")).await);
    }
    assert_eq!(database.asked(), 0, "all are in the cache");
}

/// A million; fewer in a debug build, where the cache takes ten times as long.
const HOSTILE: usize = if cfg!(debug_assertions) {
    100_000
} else {
    1_000_000
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_hostile_origins_stay_within_the_bound_of_the_cache() {
    const BOUND: u64 = 2_000;
    let options = LookupOptions::new()
        .max_origins(BOUND)
        .keep_allowed(3600 * SECOND)
        .lease(3600 * SECOND)
        .timeout(30 * SECOND);
    let (lookup, database) = lookup(options);
    let mut most = 0;
    for number in 0..HOSTILE {
        assert!(!is_allowed(&lookup, &format!("https://{number}.hostile.example")).await);
        if number % 50 == 0 {
            assert!(is_allowed(&lookup, TENANT).await);
        }
        if number % 10_000 == 0 {
            most = most.max(lookup.shared.cache.len());
        }
    }
    let lookups = database.asked() - HOSTILE;
    println!(
        "{HOSTILE} hostile origins: at most {most} in the cache; the tenant was looked up {lookups} times"
    );
    assert!(most <= BOUND + 2_000, "{most}");
    assert!(
        lookups <= 10,
        "{lookups}: a frequently requested origin stays in the cache"
    );
}

#[tokio::test(start_paused = true)]
async fn an_origin_that_is_too_long_is_denied_without_a_lookup() {
    let (lookup, database) = lookup(LookupOptions::new());
    let long = format!("https://{}.tenant.example", "a".repeat(512));
    assert!(!is_allowed(&lookup, &long).await);
    assert_eq!(database.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn each_failed_lookup_is_reported_once() {
    let (sender, reports) = mpsc::channel();
    let options = LookupOptions::new().on_failure(move |origin, failure| {
        sender.send(format!("{origin}: {failure}")).unwrap();
    });
    let (lookup, database) = lookup(options);
    for state in [State::Broken, State::Hanging, State::Panicking] {
        database.set(state);
        tokio::join!(is_allowed(&lookup, TENANT), is_allowed(&lookup, TENANT));
        tokio::time::sleep(SECOND).await;
    }
    assert_eq!(
        reports.try_iter().collect::<Vec<_>>(),
        [
            "https://tenant.example: the origin lookup failed",
            "https://tenant.example: the origin lookup timed out",
            "https://tenant.example: the origin lookup panicked: the database client panics",
        ]
    );
}

#[test]
fn a_failure_is_described_without_its_source() {
    let failure = LookupFailure::Failed("no database".into());
    assert_eq!(failure.to_string(), "the origin lookup failed");
    assert_eq!(failure.source().unwrap().to_string(), "no database");
    assert_eq!(
        format!("{failure:#}"),
        "the origin lookup failed: no database"
    );
    let message = Some("at the call".to_owned());
    for (failure, text) in [
        (
            LookupFailure::NotBegun { requests: 7 },
            "the origin lookup was not begun, because too many others run or wait (7 requests)",
        ),
        (LookupFailure::TimedOut, "the origin lookup timed out"),
        (
            LookupFailure::Panicked { message },
            "the origin lookup panicked: at the call",
        ),
        (
            LookupFailure::Panicked { message: None },
            "the origin lookup panicked",
        ),
        (
            LookupFailure::Stopped,
            "the origin lookup was stopped because its runtime was shut down",
        ),
    ] {
        assert_eq!(failure.to_string(), text);
        assert_eq!(format!("{failure:#}"), text);
        assert!(failure.source().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn options_of_any_size_do_not_panic() {
    let forever = Duration::MAX;
    let options = LookupOptions::new()
        .max_lookups(usize::MAX)
        .keep_allowed(forever)
        .lease(forever)
        .reserve_for_known(usize::MAX)
        .keep_denied(forever)
        .keep_failed(forever)
        .timeout(forever);
    let (lookup, _) = lookup(options);
    assert!(is_allowed(&lookup, TENANT).await);
    let nothing = Duration::ZERO;
    let options = LookupOptions::new()
        .max_lookups(0)
        .max_origins(0)
        .keep_allowed(nothing)
        .lease(nothing)
        .reserve_for_known(0);
    let (lookup, database) = self::lookup(options);
    assert!(is_allowed(&lookup, TENANT).await);
    assert!(is_allowed(&lookup, TENANT).await);
    assert_eq!(database.asked(), 2);
}
