//! Tests that a lookup does not hold resources that the inner service acquired in `poll_ready`.

use std::future::{Ready, pending, ready};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::{Instant, sleep};
use tower::BoxError;
use tower::buffer::BufferLayer;
use tower::limit::{ConcurrencyLimitLayer, GlobalConcurrencyLimitLayer};
use tower::load_shed::LoadShedLayer;
use tower_layer::{Layer, Stack};

use super::*;

const TENANT: &str = "https://tenant.example";
const DENIED: &str = "https://denied.example";
const HANGING: &str = "https://hanging.example";
const SECOND: Duration = Duration::from_secs(1);

type LookUp = fn(String) -> Pin<Box<dyn Future<Output = bool> + Send>>;

/// Returns a layer whose lookup of `HANGING` never ends.
fn layer() -> CorsLayer<LookupFunction<LookUp>> {
    let look_up: LookUp = |origin| match &*origin {
        HANGING => Box::pin(pending()),
        _ => Box::pin(async move {
            sleep(SECOND).await;
            origin == TENANT
        }),
    };
    let policy = policy().lookup_origins(true).build().unwrap();
    CorsLayer::new(policy).lookup_origins(Duration::MAX, look_up)
}

/// Returns a service that responds after ten seconds.
fn application()
-> impl Service<Request<Body>, Response = Response<Body>, Error = BoxError, Future: Send + 'static>
+ Clone
+ Send
+ 'static {
    service_fn(async |_| {
        sleep(10 * SECOND).await;
        Ok(Response::default())
    })
}

/// Wraps a service that accepts four requests at a time, and asserts that hanging lookups do not count.
async fn assert_lookups_hold_no_permit<S>(inner: S)
where
    S: Service<Request<Body>, Response = Response<Body>, Error: Into<BoxError>> + Clone,
{
    let app = layer().layer(inner);
    // Each connection keeps its own clone.
    let mut connections = vec![app.clone(); 5];
    let mut hanging = Vec::new();
    for connection in &mut connections {
        let request = request("GET", "/", HANGING);
        let connection = connection.ready().now_or_never();
        let connection = connection
            .expect("the service is ready")
            .map_err(Into::into);
        let mut response = Box::pin(connection.unwrap().call(request));
        assert!(
            (&mut response).now_or_never().is_none(),
            "the origin is being looked up"
        );
        hanging.push(response);
    }
    for origin in [ALLOWED, TENANT] {
        let response = app.clone().oneshot(request("GET", "/", origin));
        let response = tokio::time::timeout(60 * SECOND, response).await;
        let response = response
            .expect("the service has a free permit")
            .map_err(Into::into);
        assert_eq!(allow_origin(response.unwrap().headers()), Some(origin));
    }
    for response in &mut hanging {
        assert!(response.now_or_never().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn lookups_hold_no_permit_of_a_concurrency_limit() {
    let limit = ConcurrencyLimitLayer::new(4);
    assert_lookups_hold_no_permit(limit.layer(application())).await;
    let limit = GlobalConcurrencyLimitLayer::new(4);
    assert_lookups_hold_no_permit(limit.layer(application())).await;
}

#[tokio::test(start_paused = true)]
async fn lookups_hold_no_place_in_a_buffer() {
    assert_lookups_hold_no_permit(BufferLayer::new(4).layer(application())).await;
    let limited = Stack::new(ConcurrencyLimitLayer::new(4), BufferLayer::new(4));
    assert_lookups_hold_no_permit(limited.layer(application())).await;
}

/// `LoadShed` returns an error if it is called without being polled.
#[tokio::test(start_paused = true)]
async fn lookups_do_not_overload_a_service_that_sheds_load() {
    let shedding = Stack::new(ConcurrencyLimitLayer::new(4), LoadShedLayer::new());
    assert_lookups_hold_no_permit(shedding.layer(application())).await;
}

#[tokio::test(start_paused = true)]
async fn after_a_lookup_a_request_waits_for_a_permit_only_if_it_is_forwarded() {
    let app = layer().layer(ConcurrencyLimitLayer::new(1).layer(application()));
    let start = Instant::now();
    let send = async |request| {
        let response = app.clone().oneshot(request).await.unwrap();
        (response.status().as_u16(), start.elapsed().as_secs())
    };
    let [looked_up, listed, denied_preflight, later] = [
        request("GET", "/", TENANT),
        request("GET", "/", ALLOWED),
        preflight("/", DENIED),
        request("GET", "/", ALLOWED),
    ]
    .map(send);
    let responses = tokio::join!(looked_up, denied_preflight, listed, later);
    assert_eq!(responses, ((200, 30), (403, 1), (200, 10), (200, 20)));
}

/// A service that becomes ready, but whose clones fail to.
#[derive(Debug, Default)]
struct BreaksWhenCloned {
    is_broken: bool,
    clones: Arc<AtomicUsize>,
}

impl Clone for BreaksWhenCloned {
    fn clone(&self) -> Self {
        self.clones.fetch_add(1, Ordering::Relaxed);
        Self {
            is_broken: true,
            clones: self.clones.clone(),
        }
    }
}

impl Service<Request<Body>> for BreaksWhenCloned {
    type Response = Response<Body>;
    type Error = &'static str;
    type Future = Ready<Result<Response<Body>, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        Poll::Ready(if self.is_broken {
            Err("broken")
        } else {
            Ok(())
        })
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        assert!(!self.is_broken, "called without being ready");
        ready(Ok(Response::default()))
    }
}

/// Sends a request to a new service. Returns the status, and how often the inner service was cloned.
async fn send_and_count_clones(request: Request<Body>) -> (Result<u16, &'static str>, usize) {
    let inner = BreaksWhenCloned::default();
    let clones = inner.clones.clone();
    let response = layer().layer(inner).oneshot(request).await;
    let status = response.map(|response| response.status().as_u16());
    (status, clones.load(Ordering::Relaxed))
}

#[tokio::test(start_paused = true)]
async fn an_inner_service_that_fails_to_become_ready_after_a_lookup_is_an_error() {
    let (status, _) = send_and_count_clones(request("GET", "/", TENANT)).await;
    assert_eq!(status, Err("broken"));
    // The inner service is not called.
    let (status, _) = send_and_count_clones(preflight("/", TENANT)).await;
    assert_eq!(status, Ok(204));
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_lookup_does_not_clone_the_service() {
    let response = send_and_count_clones(request("GET", "/", ALLOWED)).await;
    assert_eq!(response, (Ok(200), 0));
    let response = send_and_count_clones(preflight("/", ALLOWED)).await;
    assert_eq!(response, (Ok(204), 0));
}
