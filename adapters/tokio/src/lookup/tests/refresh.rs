//! Lookups in the background, before an allowed origin expires.

use super::*;

/// A time in the last tenth of the time for which an allowed origin is fresh.
const LATE: Duration = Duration::from_secs(55);

/// Returns the result if there is one without waiting.
async fn at_once(lookup: &OriginLookup, origin: &str) -> Option<LookupResult> {
    let asked = Instant::now();
    let result = lookup.clone().lookup(origin.to_owned()).await;
    (asked == Instant::now()).then_some(result)
}

#[tokio::test(start_paused = true)]
async fn an_origin_that_is_requested_often_never_waits_for_a_lookup() {
    let (lookup, database) = lookup(LookupOptions::new());
    assert!(is_allowed(&lookup, TENANT).await);
    database.asked();
    database.set(State::Slow(Duration::from_millis(300)));
    for _ in 0..600 {
        tokio::time::sleep(SECOND).await;
        assert_eq!(at_once(&lookup, TENANT).await, Some(LookupResult::Allowed));
    }
    let asked = database.asked();
    assert!((10..=12).contains(&asked), "{asked} lookups in 600 s");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_requests_cause_one_refresh() {
    let (lookup, database) = lookup(LookupOptions::new());
    assert!(is_allowed(&lookup, TENANT).await);
    database.asked();
    database.set(State::Slow(Duration::from_millis(100)));
    tokio::time::advance(LATE).await;
    let mut requests = JoinSet::new();
    for _ in 0..1000 {
        requests.spawn(lookup.clone().lookup(TENANT.to_owned()));
    }
    let results = requests.join_all().await;
    assert_eq!(results, [LookupResult::Allowed; 1000]);
    tokio::time::sleep(SECOND).await;
    assert_eq!(database.asked(), 1);
    assert_eq!(lookup.shared.single_flight.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn origins_that_were_looked_up_together_are_not_refreshed_together() {
    let options = LookupOptions::new().max_lookups(1000);
    let (lookup, database) = lookup(options);
    let tenants: Vec<_> = (0..1000)
        .map(|number| format!("https://{number}.tenant.example"))
        .collect();
    for tenant in &tenants {
        assert!(is_allowed(&lookup, tenant).await);
    }
    database.asked();
    tokio::time::advance(47 * SECOND).await;
    let mut refreshed = Vec::new();
    for _ in 47..55 {
        for tenant in &tenants {
            assert!(is_allowed(&lookup, tenant).await);
        }
        tokio::time::sleep(SECOND).await;
        refreshed.push(database.asked());
    }
    // The last fifth of 60 s begins after 48 s, and all are refreshed after 54 s.
    assert_eq!(refreshed[0], 0, "{refreshed:?}");
    assert_eq!(refreshed.iter().sum::<usize>(), 1000, "{refreshed:?}");
    assert!(refreshed.iter().all(|count| *count < 250), "{refreshed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_denies_is_used_at_once_and_one_that_fails_changes_nothing() {
    let gone = State::Without(TENANT);
    for (state, result) in [
        (gone, LookupResult::NotAllowed),
        (State::Broken, LookupResult::Allowed),
        (State::Hanging, LookupResult::Allowed),
    ] {
        let options = LookupOptions::new().when_failed(WhenFailed::Deny);
        let (lookup, database) = lookup(options);
        assert!(is_allowed(&lookup, TENANT).await);
        database.set(state);
        tokio::time::advance(LATE).await;
        assert_eq!(at_once(&lookup, TENANT).await, Some(LookupResult::Allowed));
        tokio::time::sleep(Duration::from_millis(500)).await;
        database.asked();
        for _ in 0..100 {
            assert_eq!(at_once(&lookup, TENANT).await, Some(result));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(database.asked(), 0, "not asked again at once");
        // It was fresh for 60 s, and the failed refresh does not extend that.
        tokio::time::sleep(3 * SECOND).await;
        assert_eq!(at_once(&lookup, TENANT).await, Some(result));
        tokio::time::sleep(2 * SECOND).await;
        assert!(!is_allowed(&lookup, TENANT).await);
    }
}

/// Otherwise many origins that expire together would accumulate tasks.
#[tokio::test(start_paused = true)]
async fn a_refresh_does_not_wait_for_a_permit() {
    let (lookup, database) = lookup(LookupOptions::new().max_lookups(2));
    let tenants: Vec<_> = (0..100)
        .map(|number| format!("https://{number}.tenant.example"))
        .collect();
    for tenant in &tenants {
        assert!(is_allowed(&lookup, tenant).await);
    }
    database.asked();
    database.set(State::Slow(Duration::from_millis(50)));
    tokio::time::advance(LATE).await;
    for _ in 0..3 {
        for tenant in &tenants {
            assert!(at_once(&lookup, tenant).await.is_some());
        }
        assert_eq!(lookup.shared.single_flight.len(), 2);
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(lookup.shared.single_flight.len(), 0);
    }
    assert_eq!(database.asked(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_from_before_an_invalidation_is_not_cached() {
    let (lookup, database) = lookup(LookupOptions::new());
    assert!(is_allowed(&lookup, TENANT).await);
    database.set(State::Slow(Duration::from_millis(300)));
    tokio::time::advance(LATE).await;
    assert!(is_allowed(&lookup, TENANT).await);
    tokio::time::sleep(Duration::from_millis(10)).await;
    database.set(State::Without(TENANT));
    lookup.invalidate(TENANT);
    assert!(!is_allowed(&lookup, TENANT).await);
    tokio::time::sleep(SECOND).await;
    assert!(!is_allowed(&lookup, TENANT).await);
}
