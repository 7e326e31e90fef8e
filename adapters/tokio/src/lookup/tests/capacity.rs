//! How many lookups run and wait at once, and for which origins.

use std::sync::Mutex;

use super::*;

/// Lookups that run until the test ends them, and their number.
#[derive(Default)]
struct Held {
    running: Mutex<Vec<String>>,
    most: AtomicUsize,
    end: tokio::sync::Notify,
}

impl Held {
    fn running(&self) -> Vec<String> {
        let mut running = self.running.lock().unwrap().clone();
        running.sort();
        running
    }

    async fn has(&self, origin: String) -> Result<bool, String> {
        let count = {
            let mut running = self.running.lock().unwrap();
            running.push(origin.clone());
            running.len()
        };
        self.most.fetch_max(count, Ordering::SeqCst);
        self.end.notified().await;
        self.running
            .lock()
            .unwrap()
            .retain(|running| *running != origin);
        Ok(true)
    }
}

/// Returns a lookup for which the origins `known` are known and no longer fresh. All further lookups run until the test ends them.
async fn held(options: LookupOptions, known: &[&str]) -> (OriginLookup, Arc<Held>) {
    let held = Arc::new(Held::default());
    let is_held = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let lookup = {
        let (held, is_held) = (Arc::clone(&held), Arc::clone(&is_held));
        OriginLookup::with_options(options, move |origin| {
            let (held, is_held) = (Arc::clone(&held), is_held.load(Ordering::SeqCst));
            async move {
                if is_held {
                    held.has(origin).await
                } else {
                    Ok(true)
                }
            }
        })
    };
    for origin in known {
        assert!(is_allowed(&lookup, origin).await);
    }
    is_held.store(true, Ordering::SeqCst);
    tokio::time::advance(60 * SECOND).await;
    (lookup, held)
}

type Requests = JoinSet<LookupResult>;

async fn request(requests: &mut Requests, lookup: &OriginLookup, origin: &str) {
    requests.spawn(lookup.clone().lookup(origin.to_owned()));
    // The request starts its lookup, and the lookup calls the function.
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
}

async fn request_unknown(requests: &mut Requests, lookup: &OriginLookup, count: usize) {
    for number in 0..count {
        let unknown = format!("https://{number:04}.unknown.example");
        request(requests, lookup, &unknown).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lookup_of_a_known_origin_never_waits_for_lookups_of_unknown_ones() {
    let known = ["https://a.tenant.example", "https://b.tenant.example"];
    let options = LookupOptions::new().max_lookups(4).reserve_for_known(2);
    let (lookup, held) = held(options, &known).await;
    let mut requests = JoinSet::new();
    request_unknown(&mut requests, &lookup, 100).await;
    assert_eq!(held.running().len(), 2, "two are reserved");
    for origin in known {
        request(&mut requests, &lookup, origin).await;
    }
    assert_eq!(
        held.running(),
        [
            "https://0000.unknown.example",
            "https://0001.unknown.example",
            "https://a.tenant.example",
            "https://b.tenant.example",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn known_origins_use_all_lookups_and_never_exceed_the_limit() {
    let known: Vec<_> = (0..20)
        .map(|number| format!("https://{number}.tenant.example"))
        .collect();
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    for (max_lookups, reserved) in [
        (1, None),
        (2, None),
        (16, None),
        (16, Some(0)),
        (4, Some(9)),
    ] {
        let mut options = LookupOptions::new()
            .max_lookups(max_lookups)
            .timeout(30 * SECOND);
        if let Some(reserved) = reserved {
            options = options.reserve_for_known(reserved);
        }
        let (lookup, held) = held(options, &known).await;
        let mut requests = JoinSet::new();
        for origin in &known {
            request(&mut requests, &lookup, origin).await;
        }
        assert_eq!(held.running().len(), max_lookups);
        request_unknown(&mut requests, &lookup, 20).await;
        while !requests.is_empty() {
            held.end.notify_one();
            while requests.try_join_next().is_some() {}
            tokio::task::yield_now().await;
        }
        assert_eq!(held.most.load(Ordering::SeqCst), max_lookups);
        assert_eq!(lookup.shared.permits.available(), max_lookups);
        assert_eq!(lookup.shared.single_flight.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_quarter_of_the_lookups_is_reserved_by_default_and_one_never_is() {
    for (max_lookups, reserved, for_unknown) in [
        (16, None, 12),
        (5, None, 4),
        (2, None, 1),
        (1, None, 1),
        (16, Some(0), 16),
        (16, Some(16), 1),
    ] {
        let mut options = LookupOptions::new().max_lookups(max_lookups);
        if let Some(reserved) = reserved {
            options = options.reserve_for_known(reserved);
        }
        let (lookup, held) = held(options, &[]).await;
        let mut requests = JoinSet::new();
        request_unknown(&mut requests, &lookup, 20).await;
        assert_eq!(held.running().len(), for_unknown, "{lookup:?}");
    }
}

/// Otherwise an application that invalidates after each change would make all tenants compete with unknown origins.
#[tokio::test(start_paused = true)]
async fn an_invalidated_origin_is_not_usable_and_stays_known() {
    for invalidate in [
        (|lookup| lookup.invalidate(TENANT)) as fn(&OriginLookup),
        OriginLookup::invalidate_all,
    ] {
        let options = LookupOptions::new().max_lookups(2);
        let (lookup, held) = held(options, &[TENANT]).await;
        let mut requests = JoinSet::new();
        request_unknown(&mut requests, &lookup, 20).await;
        invalidate(&lookup);
        let tenant = tokio::spawn(lookup.clone().lookup(TENANT.to_owned()));
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(held.running().contains(&TENANT.to_owned()));
        assert_eq!(
            tenant.await.unwrap(),
            LookupResult::TimedOut,
            "the last result is not used"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_origin_is_known_for_a_day() {
    const HOUR: Duration = Duration::from_secs(3600);
    for (time, is_known) in [(23 * HOUR, true), (24 * HOUR, false)] {
        let (lookup, held) = held(LookupOptions::new().max_lookups(2), &[TENANT]).await;
        tokio::time::advance(time).await;
        let mut requests = JoinSet::new();
        request_unknown(&mut requests, &lookup, 1).await;
        request(&mut requests, &lookup, TENANT).await;
        assert_eq!(held.running().contains(&TENANT.to_owned()), is_known);
        let results = requests.join_all().await;
        let result = if is_known {
            LookupResult::TimedOut
        } else {
            LookupResult::NotBegun
        };
        assert!(results.contains(&result), "the lease is over");
    }
}

#[tokio::test(start_paused = true)]
async fn an_origin_that_was_denied_or_has_failed_is_unknown() {
    for state in [State::Without(TENANT), State::Broken] {
        let (lookup, database) = lookup(LookupOptions::new().max_lookups(2));
        if let State::Without(_) = state {
            assert!(is_allowed(&lookup, TENANT).await);
            tokio::time::advance(60 * SECOND).await;
        }
        database.set(state);
        assert!(!is_allowed(&lookup, TENANT).await);
        tokio::time::advance(60 * SECOND).await;
        database.set(State::Hanging);
        let other = lookup.clone().lookup("https://other.example".to_owned());
        let other = tokio::spawn(other);
        tokio::task::yield_now().await;
        let result = lookup.clone().lookup(TENANT.to_owned()).await;
        assert_eq!(result, LookupResult::NotBegun);
        assert_eq!(other.await.unwrap(), LookupResult::TimedOut);
    }
}

#[tokio::test(start_paused = true)]
async fn beyond_32_waiting_origins_for_each_lookup_the_result_is_not_begun_at_once() {
    const HOSTILE: usize = 10_000;
    let (lookup, held) = held(LookupOptions::new(), &[]).await;
    let mut waiting = JoinSet::new();
    request_unknown(&mut waiting, &lookup, 12 + 12 * 32).await;
    let asked = Instant::now();
    let mut beyond = JoinSet::new();
    for number in 0..HOSTILE {
        let origin = format!("https://{number}.hostile.example");
        beyond.spawn(lookup.clone().lookup(origin));
    }
    while let Some(result) = beyond.join_next().await {
        assert_eq!(result.unwrap(), LookupResult::NotBegun);
    }
    assert_eq!(asked.elapsed(), Duration::ZERO);
    assert_eq!(lookup.shared.single_flight.len(), 12 + 12 * 32);
    // A request for an origin that waits already does not count.
    let joins = lookup
        .clone()
        .lookup("https://0100.unknown.example".to_owned());
    assert!(timeout(Duration::from_millis(1), joins).await.is_err());
    // Requests that are cancelled no longer count.
    waiting.shutdown().await;
    assert_eq!(lookup.shared.single_flight.len(), 12, "these have started");
    let mut waiting = JoinSet::new();
    request_unknown(&mut waiting, &lookup, 12 + 12 * 32).await;
    assert_eq!(lookup.shared.single_flight.len(), 12 + 12 * 32);
    assert_eq!(held.running().len(), 12);
}

#[tokio::test(start_paused = true)]
async fn only_a_lookup_that_has_begun_can_fail() {
    let (lookup, held) = held(LookupOptions::new().max_lookups(1), &[]).await;
    let begun = tokio::spawn(lookup.clone().lookup(TENANT.to_owned()));
    tokio::task::yield_now().await;
    assert_eq!(held.running().len(), 1);
    let asked = Instant::now();
    let result = lookup
        .clone()
        .lookup("https://waiting.example".to_owned())
        .await;
    assert_eq!(result, LookupResult::NotBegun);
    // Half of the timeout, because the other half would be for the lookup.
    assert!(asked.elapsed() <= Duration::from_millis(201));
    assert_eq!(begun.await.unwrap(), LookupResult::TimedOut);
    // That result was not cached, so the lookup begins now.
    let result = lookup
        .clone()
        .lookup("https://waiting.example".to_owned())
        .await;
    assert_eq!(result, LookupResult::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn requests_that_wait_for_one_origin_wait_for_its_lookup_together() {
    let (lookup, held) = held(LookupOptions::new().max_lookups(1), &[]).await;
    let mut requests = JoinSet::new();
    request(&mut requests, &lookup, "https://first.example").await;
    for _ in 0..100 {
        requests.spawn(lookup.clone().lookup(TENANT.to_owned()));
    }
    tokio::time::sleep(Duration::from_millis(150)).await;
    held.end.notify_one();
    tokio::time::sleep(Duration::from_millis(150)).await;
    // None of them gives up after half of the timeout, because the lookup has begun.
    assert_eq!(held.running(), [TENANT]);
    held.end.notify_one();
    assert_eq!(requests.join_all().await, [LookupResult::Allowed; 101]);
}

#[tokio::test(start_paused = true)]
async fn requests_whose_lookup_is_not_begun_are_reported_once_a_second() {
    let reports = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&reports);
    let options = LookupOptions::new()
        .max_lookups(1)
        .timeout(30 * SECOND)
        .on_failure(move |origin, failure| {
            let failure = match failure {
                LookupFailure::NotBegun { requests } => format!("{requests} not begun"),
                failure => failure.to_string(),
            };
            recorded
                .lock()
                .unwrap()
                .push(format!("{origin}: {failure}"));
            panic!("the report panics");
        });
    let (lookup, database) = lookup(options);
    database.set(State::Hanging);
    let mut waiting = JoinSet::new();
    for number in 0..33 {
        waiting.spawn(lookup.clone().lookup(format!("https://{number}.example")));
    }
    tokio::task::yield_now().await;
    for second in 0..3 {
        for number in 0..1_000 {
            let origin = format!("https://{second}-{number}.example");
            assert_eq!(lookup.clone().lookup(origin).await, LookupResult::NotBegun);
        }
        tokio::time::advance(SECOND).await;
    }
    assert_eq!(
        *reports.lock().unwrap(),
        [
            "https://0-0.example: 1 not begun",
            "https://1-0.example: 1000 not begun",
            "https://2-0.example: 1000 not begun",
        ]
    );
}
