//! The lease: how long an allowed origin is used while lookups fail.

use std::sync::atomic::AtomicU64;

use super::*;
use crate::clock::Clock;

const FAILING: [State; 3] = [State::Broken, State::Hanging, State::Panicking];

fn since(begun: Instant) -> Duration {
    begun.elapsed()
}

#[tokio::test(start_paused = true)]
async fn an_allowed_origin_is_used_until_the_lease_is_over_and_then_denied() {
    for (options, lease) in [
        (LookupOptions::new(), 300 * SECOND),
        (LookupOptions::new().lease(90 * SECOND), 90 * SECOND),
        (LookupOptions::new().lease(60 * SECOND), 60 * SECOND),
    ] {
        for state in FAILING {
            let (lookup, database) = lookup(options.clone());
            let begun = Instant::now();
            assert!(is_allowed(&lookup, TENANT).await);
            database.set(state);
            // Each request is allowed during the lease, and denied after it.
            loop {
                let allowed = is_allowed(&lookup, TENANT).await;
                assert_eq!(allowed, since(begun) < lease, "after {:?}", since(begun));
                if !allowed {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(730)).await;
            }
            let result = lookup.clone().lookup(TENANT.to_owned()).await;
            let expected = match state {
                State::Hanging => LookupResult::TimedOut,
                _ => LookupResult::Failed,
            };
            assert_eq!(result, expected);
            database.set(State::Well);
            tokio::time::sleep(SECOND).await;
            assert!(is_allowed(&lookup, TENANT).await, "it has recovered");
        }
    }
}

/// The lookup may have read its data when it began.
#[tokio::test(start_paused = true)]
async fn the_times_are_counted_from_when_the_lookup_began() {
    let latency = Duration::from_millis(300);
    for (time, is_expected) in [(59 * SECOND + latency * 2, true), (60 * SECOND, false)] {
        let options = LookupOptions::new().lease(60 * SECOND);
        let (lookup, database) = lookup(options);
        database.set(State::Slow(latency));
        let begun = Instant::now();
        assert!(is_allowed(&lookup, TENANT).await);
        database.set(State::Broken);
        tokio::time::sleep_until(begun + time).await;
        assert_eq!(is_allowed(&lookup, TENANT).await, is_expected);
    }
}

/// Tokio's clock stops while the machine is suspended.
#[tokio::test(start_paused = true)]
async fn the_times_continue_while_the_machine_is_suspended() {
    for (suspended, state, expected) in [
        (59 * SECOND, State::Without(TENANT), LookupResult::Allowed),
        (
            60 * SECOND,
            State::Without(TENANT),
            LookupResult::NotAllowed,
        ),
        (299 * SECOND, State::Broken, LookupResult::Allowed),
        (300 * SECOND, State::Broken, LookupResult::Failed),
    ] {
        let time = Arc::new(AtomicU64::new(1));
        let clock = Clock::Manual(Arc::clone(&time));
        let database = Arc::new(Database::default());
        let asked = Arc::clone(&database);
        let lookup = OriginLookup::with_clock(LookupOptions::new(), clock, move |origin| {
            let database = Arc::clone(&asked);
            async move { database.has(origin).await }
        });
        assert!(is_allowed(&lookup, TENANT).await);
        let nanoseconds = u64::try_from(suspended.as_nanos()).unwrap();
        time.fetch_add(nanoseconds, Ordering::SeqCst);
        database.set(state);
        let result = lookup.clone().lookup(TENANT.to_owned()).await;
        assert_eq!(result, expected, "after {suspended:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn when_failed_decides_whether_a_failed_lookup_denies() {
    for (when, of_unknown, of_known, of_hanging) in [
        (WhenFailed::Deny, false, false, false),
        (WhenFailed::LastResult, false, true, true),
        (WhenFailed::DangerouslyAllow, true, true, true),
    ] {
        let options = LookupOptions::new().when_failed(when);
        let (lookup, database) = lookup(options);
        assert!(is_allowed(&lookup, TENANT).await);
        tokio::time::advance(60 * SECOND).await;
        database.set(State::Broken);
        assert_eq!(
            is_allowed(&lookup, "https://new.example").await,
            of_unknown,
            "{when:?}"
        );
        assert_eq!(is_allowed(&lookup, TENANT).await, of_known, "{when:?}");
        database.asked();
        assert_eq!(is_allowed(&lookup, TENANT).await, of_known, "{when:?}");
        assert_eq!(database.asked(), 0, "not asked again at once");
        tokio::time::advance(SECOND).await;
        database.set(State::Hanging);
        assert_eq!(is_allowed(&lookup, TENANT).await, of_hanging, "{when:?}");
        assert!(!is_allowed(&lookup, "https://other.example").await);
        tokio::time::advance(300 * SECOND).await;
        assert!(!is_allowed(&lookup, TENANT).await, "the lease is over");
    }
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_origin_is_denied_after_keep_allowed_while_lookups_succeed() {
    let (lookup, database) = lookup(LookupOptions::new());
    let begun = Instant::now();
    assert!(is_allowed(&lookup, TENANT).await);
    database.set(State::Without(TENANT));
    while is_allowed(&lookup, TENANT).await {
        assert!(since(begun) < 60 * SECOND);
        tokio::time::sleep(Duration::from_millis(730)).await;
    }
    database.set(State::Broken);
    tokio::time::sleep(10 * SECOND).await;
    assert!(!is_allowed(&lookup, TENANT).await, "the lease has ended");
}

#[tokio::test]
#[should_panic(expected = "call `lease` with at least 301s")]
async fn options_that_keep_an_origin_longer_than_its_lease_panic() {
    lookup(LookupOptions::new().keep_allowed(301 * SECOND));
}
