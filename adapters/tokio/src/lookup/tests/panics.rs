//! Lookup functions and reports that panic. Each test runs in a child process: an abort fails the test, not the whole run.

use std::error::Error;
use std::future::poll_fn;
use std::panic::panic_any;
use std::process::Command;
use std::sync::Mutex;
use std::task::Poll;
use std::{env, fmt, thread};

use super::*;
use crate::lookup::failure::AnyError;

const IN_CHILD: &str = "OMNICORS_TEST_IN_CHILD";
const OTHER: &str = "https://other.example";

/// Runs a scenario in a child process, which is this test binary with one test selected.
#[track_caller]
fn in_child(test: &str, scenario: impl Future<Output = ()>) {
    if env::var_os(IN_CHILD).is_some() {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(scenario);
        return;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("lookup::tests::panics::{test}")])
        .env(IN_CHILD, "1")
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let written = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && written.contains(" 1 passed"),
        "{}\n{written}\n{errors}",
        output.status
    );
}

type Reports = Arc<Mutex<Vec<String>>>;

/// Options with one permit, and a report that is recorded and then panics.
fn with_report_that_panics() -> (LookupOptions, Reports) {
    let reports = Reports::default();
    let recorded = Arc::clone(&reports);
    let options = LookupOptions::new()
        .max_lookups(1)
        .on_failure(move |origin, failure| {
            recorded
                .lock()
                .unwrap()
                .push(format!("{origin}: {failure}"));
            panic!("the report panics");
        });
    (options, reports)
}

/// The scenario that all tests share: two requests wait for a lookup that fails, one after another; both are denied at the
/// latest after the timeout; the failure is reported once; the only permit is returned.
async fn assert_is_ordinary_failure<F, V, E>(fails: F, expected: &str)
where
    F: Fn() -> V + Send + Sync + 'static,
    V: Future<Output = Result<bool, E>> + Send + 'static,
    E: Into<AnyError>,
{
    let (options, reports) = with_report_that_panics();
    let lookup = lookup_that_fails_for_tenant(options, fails);
    let (one, other) = tokio::join!(is_allowed(&lookup, TENANT), is_allowed(&lookup, TENANT));
    assert!(!one && !other);
    // The lookup may time out after the requests.
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(
        *reports.lock().unwrap(),
        [format!("https://tenant.example: {expected}")]
    );
    assert_works(&lookup).await;
}

async fn assert_works(lookup: &OriginLookup) {
    assert_eq!(lookup.shared.single_flight.len(), 0);
    assert_eq!(lookup.shared.permits.available(), 1);
    assert!(is_allowed(lookup, OTHER).await);
}

/// All other origins are allowed.
fn lookup_that_fails_for_tenant<F, V, E>(options: LookupOptions, fails: F) -> OriginLookup
where
    F: Fn() -> V + Send + Sync + 'static,
    V: Future<Output = Result<bool, E>> + Send + 'static,
    E: Into<AnyError>,
{
    OriginLookup::with_options(options, move |origin| {
        let failing = (origin == TENANT).then(|| Box::pin(fails()));
        let mut failing = failing;
        poll_fn(move |context| match &mut failing {
            Some(failing) => failing.as_mut().poll(context).map_err(Into::into),
            None => Poll::Ready(Ok::<_, AnyError>(true)),
        })
    })
}

struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("the destructor panics");
    }
}

#[derive(Debug)]
struct PanicsInDisplay;

impl fmt::Display for PanicsInDisplay {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("the error's text panics");
    }
}

impl Error for PanicsInDisplay {}

#[derive(Debug)]
struct ErrorPanicsInDrop;

impl fmt::Display for ErrorPanicsInDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl Error for ErrorPanicsInDrop {}

impl Drop for ErrorPanicsInDrop {
    fn drop(&mut self) {
        panic!("the error's destructor panics");
    }
}

struct PanicsInConversion;

impl From<PanicsInConversion> for AnyError {
    fn from(_: PanicsInConversion) -> Self {
        panic!("the conversion panics");
    }
}

#[test]
fn a_lookup_and_its_report_that_both_panic_are_an_ordinary_failure() {
    in_child(
        "a_lookup_and_its_report_that_both_panic_are_an_ordinary_failure",
        assert_is_ordinary_failure(
            async || -> Result<bool, AnyError> { panic!("the database client panics") },
            "the origin lookup panicked: the database client panics",
        ),
    );
}

#[test]
fn a_formatted_panic_message_is_reported() {
    in_child(
        "a_formatted_panic_message_is_reported",
        assert_is_ordinary_failure(
            async || -> Result<bool, AnyError> { panic!("{} connections", 17) },
            "the origin lookup panicked: 17 connections",
        ),
    );
}

#[test]
fn a_lookup_function_that_panics_when_called_is_an_ordinary_failure() {
    in_child(
        "a_lookup_function_that_panics_when_called_is_an_ordinary_failure",
        assert_is_ordinary_failure(
            || -> std::future::Ready<Result<bool, AnyError>> { panic!("at the call") },
            "the origin lookup panicked: at the call",
        ),
    );
}

#[test]
fn a_panic_payload_that_panics_when_dropped_is_an_ordinary_failure() {
    in_child(
        "a_panic_payload_that_panics_when_dropped_is_an_ordinary_failure",
        assert_is_ordinary_failure(
            async || -> Result<bool, AnyError> { panic_any(PanicsInDrop) },
            "the origin lookup panicked",
        ),
    );
}

#[test]
fn a_report_that_panics_on_a_timeout_changes_nothing() {
    in_child(
        "a_report_that_panics_on_a_timeout_changes_nothing",
        assert_is_ordinary_failure(
            std::future::pending::<Result<bool, AnyError>>,
            "the origin lookup timed out",
        ),
    );
}

#[test]
fn a_report_that_panics_on_an_error_changes_nothing() {
    in_child("a_report_that_panics_on_an_error_changes_nothing", async {
        let (options, reports) = with_report_that_panics();
        let lookup = lookup_that_fails_for_tenant(options, async || Err("broken"));
        assert!(!is_allowed(&lookup, TENANT).await);
        assert_eq!(reports.lock().unwrap().len(), 1);
        assert_works(&lookup).await;
    });
}

#[test]
fn a_future_that_panics_when_dropped_after_a_timeout_is_an_ordinary_failure() {
    in_child(
        "a_future_that_panics_when_dropped_after_a_timeout_is_an_ordinary_failure",
        assert_is_ordinary_failure(
            async || {
                let _guard = PanicsInDrop;
                std::future::pending::<Result<bool, AnyError>>().await
            },
            "the origin lookup panicked: the destructor panics",
        ),
    );
}

/// A future that holds its value until it is dropped itself, as one written without `async` may.
fn holding<T: Send + 'static>(
    value: T,
    mut poll: impl FnMut() -> Poll<Result<bool, AnyError>> + Send + 'static,
) -> impl Future<Output = Result<bool, AnyError>> + Send {
    poll_fn(move |_| {
        let _ = &value;
        poll()
    })
}

#[test]
fn a_future_that_panics_when_polled_and_when_dropped_is_an_ordinary_failure() {
    in_child(
        "a_future_that_panics_when_polled_and_when_dropped_is_an_ordinary_failure",
        assert_is_ordinary_failure(
            || holding(PanicsInDrop, || panic!("when polled")),
            "the origin lookup panicked: when polled",
        ),
    );
}

#[test]
fn a_future_that_panics_when_dropped_after_its_result_is_an_ordinary_failure() {
    in_child(
        "a_future_that_panics_when_dropped_after_its_result_is_an_ordinary_failure",
        assert_is_ordinary_failure(
            || holding(PanicsInDrop, || Poll::Ready(Ok(true))),
            "the origin lookup panicked: the destructor panics",
        ),
    );
}

#[test]
fn an_error_whose_conversion_panics_is_an_ordinary_failure() {
    in_child(
        "an_error_whose_conversion_panics_is_an_ordinary_failure",
        assert_is_ordinary_failure(
            async || Err(PanicsInConversion),
            "the origin lookup panicked: the conversion panics",
        ),
    );
}

#[test]
fn an_error_that_panics_when_printed_changes_nothing() {
    in_child("an_error_that_panics_when_printed_changes_nothing", async {
        let options = LookupOptions::new()
            .max_lookups(1)
            .on_failure(|_, failure| {
                println!("{failure} {:?}", failure.source().map(ToString::to_string));
            });
        let lookup = lookup_that_fails_for_tenant(options, async || Err(PanicsInDisplay));
        assert!(!is_allowed(&lookup, TENANT).await);
        assert_works(&lookup).await;
    });
}

#[test]
fn an_error_that_panics_when_dropped_changes_nothing() {
    in_child("an_error_that_panics_when_dropped_changes_nothing", async {
        let (options, reports) = with_report_that_panics();
        let lookup = lookup_that_fails_for_tenant(options, async || Err(ErrorPanicsInDrop));
        assert!(!is_allowed(&lookup, TENANT).await);
        assert_eq!(reports.lock().unwrap().len(), 1);
        assert_works(&lookup).await;
    });
}

#[test]
fn a_lookup_that_panics_after_its_requests_are_gone_is_an_ordinary_failure() {
    in_child(
        "a_lookup_that_panics_after_its_requests_are_gone_is_an_ordinary_failure",
        async {
            let (options, reports) = with_report_that_panics();
            let lookup = lookup_that_fails_for_tenant(options, async || -> Result<_, AnyError> {
                tokio::time::sleep(Duration::from_millis(100)).await;
                panic!("too late")
            });
            let hangs_up = timeout(Duration::from_millis(10), is_allowed(&lookup, TENANT));
            assert!(hangs_up.await.is_err());
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert_eq!(
                *reports.lock().unwrap(),
                ["https://tenant.example: the origin lookup panicked: too late"]
            );
            assert_works(&lookup).await;
        },
    );
}

#[cfg(feature = "tracing")]
#[test]
fn a_tracing_subscriber_that_panics_changes_nothing() {
    in_child("a_tracing_subscriber_that_panics_changes_nothing", async {
        let subscriber = tracing_subscriber::fmt()
            .with_writer(|| -> std::io::Stderr { panic!("the subscriber panics") })
            .finish();
        let _listening = tracing::subscriber::set_default(subscriber);
        assert_is_ordinary_failure(
            async || -> Result<bool, AnyError> { panic!("the database client panics") },
            "the origin lookup panicked: the database client panics",
        )
        .await;
    });
}

/// The lookup runs on one runtime, and a request on another one waits for it.
#[test]
fn a_runtime_that_is_shut_down_stops_its_lookups_and_a_waiting_request_reports_it() {
    in_child(
        "a_runtime_that_is_shut_down_stops_its_lookups_and_a_waiting_request_reports_it",
        async {
            let (options, reports) = with_report_that_panics();
            let lookup = lookup_that_fails_for_tenant(
                options.timeout(30 * SECOND),
                // This future panics when the runtime drops it.
                || holding(PanicsInDrop, || Poll::Pending),
            );
            let (begun, has_begun) = mpsc::channel();
            let (shut_down, is_shut_down) = mpsc::channel::<()>();
            let request = lookup.clone();
            let server = thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    let first = tokio::spawn(async move { is_allowed(&request, TENANT).await });
                    while !first.is_finished() && begun.send(()).is_ok() {
                        tokio::task::yield_now().await;
                        if is_shut_down.try_recv().is_ok() {
                            break;
                        }
                    }
                });
            });
            for _ in 0..10 {
                has_begun.recv().unwrap();
            }
            assert_eq!(lookup.shared.permits.available(), 0);
            let waiting = tokio::spawn({
                let lookup = lookup.clone();
                async move { is_allowed(&lookup, TENANT).await }
            });
            tokio::task::yield_now().await;
            shut_down.send(()).unwrap();
            drop(has_begun);
            // The runtime stopped the lookup, and did not panic.
            server.join().unwrap();
            assert!(!waiting.await.unwrap());
            assert_eq!(
                *reports.lock().unwrap(),
                [
                    "https://tenant.example: the origin lookup was stopped because its runtime was shut down"
                ]
            );
            assert_works(&lookup).await;
        },
    );
}
