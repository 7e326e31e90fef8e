//! The events of lookups. This binary has a single test, because tracing caches whether any thread listens to an event.
#![cfg(all(feature = "lookup", feature = "tracing"))]
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use omnicors_tokio::omnicors_core::LookupResult;
use omnicors_tokio::{LookupOptions, OriginLookup};
use tokio::task::JoinSet;
use tokio::time::advance;
use tracing_subscriber::fmt::MakeWriter as _;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Returns what was written since the last call.
fn take() -> String {
    String::from_utf8(mem::take(&mut *LOG.lock().unwrap())).unwrap()
}

#[tokio::test(start_paused = true)]
async fn at_most_one_failed_lookup_a_second_is_logged_with_the_number_of_suppressed_ones() {
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(|| LOG.make_writer())
        .finish();
    let _listening = tracing::subscriber::set_default(subscriber);

    let reported = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reported);
    let options = LookupOptions::new().on_failure(move |_, _| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let lookup = OriginLookup::with_options(options, async |_| Err("no database"));
    let fail = |name: String| lookup.clone().lookup(format!("https://{name}.test"));

    let mut requests = JoinSet::new();
    for number in 0..300 {
        requests.spawn(fail(format!("invented-{number}")));
    }
    let results = requests.join_all().await;
    assert_eq!(results, [LookupResult::Failed; 300]);
    let written = take();
    assert_eq!(written.lines().count(), 1, "{written}");
    assert!(written.contains("WARN"), "{written}");
    assert!(
        written.contains(" the origin lookup failed: no database origin="),
        "{written}"
    );
    assert!(
        written.contains("origin=\"https://invented-0.test\" suppressed=0"),
        "{written}"
    );

    advance(Duration::from_millis(999)).await;
    fail("early".to_owned()).await;
    assert_eq!(take(), "");
    advance(Duration::from_millis(1)).await;
    for suppressed in [300, 1] {
        fail(format!("a-second-later-{suppressed}")).await;
        let written = take();
        assert_eq!(written.lines().count(), 1, "{written}");
        assert!(
            written.contains(&format!("suppressed={suppressed}")),
            "{written}"
        );
        fail(format!("at-once-{suppressed}")).await;
        assert_eq!(take(), "");
        advance(Duration::from_secs(1)).await;
    }
    assert_eq!(reported.load(Ordering::Relaxed), 305, "each is reported");

    let options = LookupOptions::new()
        .max_lookups(1)
        .timeout(Duration::from_secs(60));
    let lookup = OriginLookup::with_options(options, async |_| {
        std::future::pending::<Result<bool, &str>>().await
    });
    let mut waiting = JoinSet::new();
    for number in 0..33 {
        waiting.spawn(lookup.clone().lookup(format!("https://{number}.test")));
    }
    tokio::task::yield_now().await;
    for (second, suppressed) in [(0, 0), (1, 999)] {
        for number in 0..1000 {
            let origin = format!("https://invented-{second}-{number}.test");
            assert_eq!(lookup.clone().lookup(origin).await, LookupResult::NotBegun);
        }
        let written = take();
        assert_eq!(written.lines().count(), 1, "{written}");
        assert!(
            written.contains("WARN") && written.contains(" the origin lookup was not begun"),
            "{written}"
        );
        assert!(
            written.contains(&format!(
                "origin=\"https://invented-{second}-0.test\" suppressed={suppressed}"
            )),
            "{written}"
        );
        advance(Duration::from_secs(1)).await;
    }
}
