//! Checks of the cache of results and of single-flight. Time passes only where a check says so, so a request that nobody wakes is a deadlock.

use std::convert::Infallible;
use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use omnicors_core::LookupResult;
use shuttle::future::{JoinHandle, block_on, spawn, yield_now};
use shuttle::rand::{Rng as _, thread_rng};
use tokio::task::shut_down;
use tokio::time::advance;

use super::{LookupOptions, OriginLookup};
use crate::explore::explore;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const A: &str = "https://a.example";
const B: &str = "https://b.example";
const C: &str = "https://c.example";

const KEEP: Duration = Duration::from_secs(100);

/// A database in which the origins are, or are not.
#[derive(Clone)]
struct Database {
    contains: Arc<AtomicBool>,
    fails: Arc<AtomicBool>,
}

impl Database {
    fn new() -> Self {
        Self {
            contains: Arc::new(AtomicBool::new(true)),
            fails: Arc::default(),
        }
    }

    fn remove(&self) {
        self.contains.store(false, Ordering::SeqCst);
    }

    fn fail(&self) {
        self.fails.store(true, Ordering::SeqCst);
    }

    /// Returns a lookup, which runs one call at a time.
    fn lookup(&self) -> OriginLookup {
        let options = LookupOptions::new()
            .keep_allowed(KEEP)
            .lease(KEEP)
            .max_lookups(1);
        let database = self.clone();
        OriginLookup::with_options(options, move |_| {
            let database = database.clone();
            async move {
                yield_now().await;
                if database.fails.load(Ordering::SeqCst) {
                    return Err(io::Error::other("the database fails"));
                }
                let contains = database.contains.load(Ordering::SeqCst);
                yield_now().await;
                Ok(contains)
            }
        })
    }
}

async fn ask(lookup: &OriginLookup, origin: &str) -> LookupResult {
    lookup.clone().lookup(origin.to_owned()).await
}

fn asking(lookup: &OriginLookup, origin: &'static str) -> JoinHandle<LookupResult> {
    let lookup = lookup.clone();
    spawn(async move { ask(&lookup, origin).await })
}

/// Maybe a result is in the cache that is refreshed in the background when it is used.
async fn maybe_ask_before(lookup: &OriginLookup) {
    if thread_rng().r#gen() {
        assert_eq!(ask(lookup, A).await, LookupResult::Allowed);
        advance(KEEP / 100 * 95);
    }
}

fn invalidate(lookup: &OriginLookup) {
    if thread_rng().r#gen() {
        lookup.invalidate(A);
    } else {
        lookup.invalidate_all();
    }
}

/// A lookup that read before the removal must leave nothing in the cache, and give nothing to a later request.
pub fn after_an_invalidation_no_request_gets_a_result_from_before() {
    explore("invalidation", || {
        block_on(async {
            let database = Database::new();
            let lookup = database.lookup();
            maybe_ask_before(&lookup).await;
            let before = [asking(&lookup, A), asking(&lookup, A)];
            let removal = spawn({
                let lookup = lookup.clone();
                async move {
                    database.remove();
                    if thread_rng().r#gen() {
                        invalidate(&lookup);
                    } else {
                        // As a lookup in a store does after changes were lost.
                        lookup.expire_all();
                    }
                    assert_eq!(ask(&lookup, A).await, LookupResult::NotAllowed);
                }
            });
            removal.await.unwrap();
            for request in before {
                request.await.unwrap();
            }
            assert_eq!(ask(&lookup, A).await, LookupResult::NotAllowed);
        });
    });
}

/// The last result, which counts if a lookup fails, must not be one from before an invalidation either.
pub fn after_an_invalidation_a_failure_allows_nothing() {
    explore("invalidation and failure", || {
        block_on(async {
            let database = Database::new();
            let lookup = database.lookup();
            maybe_ask_before(&lookup).await;
            let before = asking(&lookup, A);
            let removal = spawn({
                let lookup = lookup.clone();
                async move {
                    // From the first on, no result is right any more.
                    database.fail();
                    invalidate(&lookup);
                    assert_eq!(ask(&lookup, A).await, LookupResult::Failed);
                }
            });
            removal.await.unwrap();
            before.await.unwrap();
            assert_eq!(ask(&lookup, A).await, LookupResult::Failed);
        });
    });
}

/// While the changes of a store cannot be followed, a removal is not announced, and must be seen after a second.
pub fn while_invalidations_are_missed_a_result_is_used_for_a_second() {
    explore("missed invalidation", || {
        block_on(async {
            let database = Database::new();
            let lookup = database.lookup();
            maybe_ask_before(&lookup).await;
            let before = asking(&lookup, A);
            lookup.begin_missing_invalidations();
            assert_eq!(ask(&lookup, A).await, LookupResult::Allowed);
            database.remove();
            before.await.unwrap();
            // It may get the result of a call that is still running.
            ask(&lookup, A).await;
            advance(Duration::from_secs(1));
            assert_eq!(ask(&lookup, A).await, LookupResult::NotAllowed);
        });
    });
}

/// The request that starts a call, or waits for a permit, can be cancelled at any time.
pub fn a_cancelled_request_leaves_no_other_one_waiting() {
    explore("cancellation", || {
        block_on(async {
            let lookup = Database::new().lookup();
            let cancelled = asking(&lookup, A);
            let others = [asking(&lookup, A), asking(&lookup, B), asking(&lookup, B)];
            let handle = cancelled.abort_handle();
            let task = spawn(async move { handle.abort() });
            for request in others {
                assert_eq!(request.await.unwrap(), LookupResult::Allowed);
            }
            task.await.unwrap();
            // Nothing is left that a later request would wait for.
            assert_eq!(ask(&lookup, C).await, LookupResult::Allowed);
        });
    });
}

/// The first call panics when it is made, or when it is polled.
pub fn a_panic_leaves_no_request_waiting() {
    explore("panic", || {
        block_on(async {
            let calls = AtomicU64::new(0);
            let options = LookupOptions::new().max_lookups(1);
            let lookup = OriginLookup::with_options(options, move |_| {
                let is_first = calls.fetch_add(1, Ordering::SeqCst) == 0;
                let at_once = is_first && thread_rng().r#gen();
                if at_once {
                    // Without the hook, which would report a failed check.
                    resume_unwind(Box::new("the function panics"));
                }
                async move {
                    yield_now().await;
                    if is_first {
                        resume_unwind(Box::new("the future panics"));
                    }
                    Ok::<_, Infallible>(true)
                }
            });
            let requests = [asking(&lookup, A), asking(&lookup, A), asking(&lookup, B)];
            let mut failed = 0;
            for request in requests {
                match request.await.unwrap() {
                    LookupResult::Allowed => {}
                    LookupResult::Failed => failed += 1,
                    other => panic!("{other:?}"),
                }
            }
            assert!((1..=2).contains(&failed), "{failed} failed");
            advance(Duration::from_secs(60));
            assert_eq!(ask(&lookup, A).await, LookupResult::Allowed);
        });
    });
}

/// The calls run in a runtime that ends, and requests of another one wait for them.
pub fn the_end_of_a_runtime_leaves_no_request_waiting() {
    explore("end of a runtime", || {
        block_on(async {
            let lookup = Database::new().lookup();
            let requests = [asking(&lookup, A), asking(&lookup, A), asking(&lookup, B)];
            let end = spawn(async { shut_down() });
            for request in requests {
                let result = request.await.unwrap();
                assert!(
                    matches!(result, LookupResult::Allowed | LookupResult::Failed),
                    "{result:?}"
                );
            }
            end.await.unwrap();
            assert_eq!(ask(&lookup, C).await, LookupResult::Allowed);
        });
    });
}
