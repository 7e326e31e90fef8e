//! An origin lookup behind a server.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL, ORIGIN, RETRY_AFTER,
};
use omnicors_core::PolicyConfig;
use omnicors_tower::CorsLayer;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use super::*;
use crate::lookup::failure::AnyError;

/// Longer than the timeout of any lookup, so that the lookup's own timeout takes effect.
const LIMIT: Duration = Duration::from_secs(60);

/// Returns an application that calls `asked` and then the lookup for each undecided origin.
fn application(lookup: &OriginLookup, asked: impl Fn() + Clone + Send + Sync + 'static) -> Router {
    let lookup = lookup.clone();
    let policy = PolicyConfig::new()
        .allow_origins(["https://listed.example"])
        .lookup_origins(true);
    let cors = CorsLayer::new(policy.build().unwrap()).lookup_origins(LIMIT, move |origin| {
        asked();
        lookup.clone().lookup(origin)
    });
    Router::new()
        .route("/", get(|| async { "hello" }))
        .layer(cors)
}

/// Serves until the test's runtime ends.
async fn serve(application: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, application).await });
    address
}

/// Sends one request on a new connection. Returns the whole response in lower case.
async fn ask(server: SocketAddr, origin: &str) -> String {
    let mut connection = TcpStream::connect(server).await.unwrap();
    let request = format!(
        "GET / HTTP/1.1\r\nhost: api.example\r\norigin: {origin}\r\nconnection: close\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).await.unwrap();
    response.to_ascii_lowercase()
}

/// Returns whether a browser lets the page read the response. The application responds in either case.
async fn may_read(server: SocketAddr, origin: &str) -> bool {
    let response = ask(server, origin).await;
    assert!(response.starts_with("http/1.1 200"), "{response}");
    assert!(response.ends_with("hello"), "{response}");
    assert!(response.contains("vary: origin\r\n"), "{response}");
    response.contains(&format!("access-control-allow-origin: {origin}\r\n"))
}

/// The database returns only when all requests wait for it, so that they are concurrent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_concurrent_requests_for_one_unknown_origin_cause_one_lookup() {
    const REQUESTS: usize = 1000;
    for (origin, is_tenant) in [(TENANT, true), ("https://other.example", false)] {
        let (arrivals, lookups) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let all_there = Arc::new(Semaphore::new(0));
        let lookup = {
            let (lookups, all_there) = (Arc::clone(&lookups), Arc::clone(&all_there));
            OriginLookup::with_options(LookupOptions::new().timeout(LIMIT), move |origin| {
                lookups.fetch_add(1, Ordering::SeqCst);
                let all_there = Arc::clone(&all_there);
                async move {
                    all_there.acquire().await.map(drop)?;
                    Ok::<_, AnyError>(origin == TENANT)
                }
            })
        };
        let application = application(&lookup, move || {
            if arrivals.fetch_add(1, Ordering::SeqCst) + 1 == REQUESTS {
                all_there.add_permits(REQUESTS);
            }
        });
        let server = serve(application).await;
        let mut requests = JoinSet::new();
        for _ in 0..REQUESTS {
            requests.spawn(async move { may_read(server, origin).await });
        }
        let results = requests.join_all().await;
        assert_eq!(results, vec![is_tenant; REQUESTS]);
        assert_eq!(lookups.load(Ordering::SeqCst), 1);
        assert_eq!(lookup.shared.single_flight.len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_origins_in_requests_stay_within_the_bound_of_the_cache() {
    const BOUND: u64 = 1_000;
    const HOSTILE: usize = super::HOSTILE / 5;
    let options = LookupOptions::new()
        .max_origins(BOUND)
        .keep_allowed(3600 * SECOND)
        .lease(3600 * SECOND)
        .timeout(30 * SECOND);
    let (lookup, database) = lookup(options);
    let application = application(&lookup, || {});
    let may_read = |origin: String| {
        let request = Request::get("/").header(ORIGIN, origin).body(Body::empty());
        let response = application.clone().oneshot(request.unwrap());
        async {
            let response = response.await.unwrap();
            response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN)
        }
    };
    let mut most = 0;
    for number in 0..HOSTILE {
        assert!(!may_read(format!("https://{number}.hostile.example")).await);
        if number % 50 == 0 {
            assert!(may_read(TENANT.to_owned()).await);
        }
        if number % 1_000 == 0 {
            most = most.max(lookup.shared.cache.len());
        }
    }
    let lookups = database.asked() - HOSTILE;
    println!(
        "{HOSTILE} requests with hostile origins: at most {most} in the cache; the tenant was looked up {lookups} times"
    );
    // A value that is not an origin never reaches the lookup.
    for malformed in [
        "https://a.example/",
        "nonsense",
        "https://A.example",
        "null",
    ] {
        assert!(!may_read(malformed.to_owned()).await);
    }
    assert_eq!(database.asked(), 0);
    assert!(most <= BOUND + 1_000, "{most}");
    assert!(
        lookups <= 10,
        "{lookups}: a frequently requested origin stays in the cache"
    );
    assert_eq!(lookup.shared.single_flight.len(), 0);
}

#[tokio::test]
async fn the_response_is_not_stored_if_the_lookup_failed() {
    for (state, is_stored) in [
        (State::Well, true),
        (State::Broken, false),
        (State::Hanging, false),
        (State::Panicking, false),
    ] {
        // A short timeout could expire on a busy machine before the database has responded.
        let timeout = match state {
            State::Hanging => Duration::from_millis(50),
            _ => 10 * SECOND,
        };
        let (lookup, database) = lookup(LookupOptions::new().timeout(timeout));
        let server = serve(application(&lookup, || {})).await;
        database.set(state);
        // The second response is from the cache of the lookup.
        for _ in 0..2 {
            let response = ask(server, "https://other.example").await;
            assert!(response.starts_with("http/1.1 200"), "{response}");
            assert!(response.contains("vary: origin\r\n"), "{response}");
            assert!(!response.contains("access-control-"), "{response}");
            let is_no_store = response.contains("cache-control: no-store\r\n");
            assert_eq!(is_no_store, !is_stored, "{response}");
        }
    }
}

#[tokio::test]
async fn a_database_that_hangs_fails_or_panics_denies_in_time_and_recovers() {
    const TIMEOUT: Duration = Duration::from_secs(1);
    for state in [State::Hanging, State::Broken, State::Panicking] {
        let options = LookupOptions::new()
            .timeout(TIMEOUT)
            .max_lookups(2)
            .keep_failed(Duration::ZERO);
        let (lookup, database) = lookup(options);
        let server = serve(application(&lookup, || {})).await;
        let known = "https://known.tenant.example";
        assert!(may_read(server, known).await);
        database.set(state);
        let begun = std::time::Instant::now();
        let mut requests = JoinSet::new();
        for number in 0..20 {
            let origin = format!("https://{}.tenant.example", number % 4);
            requests.spawn(async move { may_read(server, &origin).await });
        }
        // Meanwhile, cached and listed origins are served as usual.
        assert!(may_read(server, known).await);
        assert!(may_read(server, "https://listed.example").await);
        let results = requests.join_all().await;
        assert_eq!(results, [false; 20]);
        // Far less than the server's own limit, with time to spare for a busy machine.
        assert!(begun.elapsed() < TIMEOUT + 10 * SECOND);
        database.set(State::Well);
        assert!(may_read(server, TENANT).await, "it has recovered");
        assert!(may_read(server, "https://1.tenant.example").await);
        assert_eq!(lookup.shared.single_flight.len(), 0);
    }
}

/// Clients that invent origins must not make a healthy server look broken.
#[tokio::test(start_paused = true)]
async fn a_preflight_whose_lookup_is_not_begun_gets_403_and_one_whose_lookup_times_out_503() {
    let (lookup, database) = lookup(LookupOptions::new().max_lookups(1));
    database.set(State::Hanging);
    let application = application(&lookup, || {});
    let mut preflights = JoinSet::new();
    for number in 0..100 {
        let preflight = Request::options("/")
            .header(ORIGIN, format!("https://{number}.tenant.example"))
            .header(ACCESS_CONTROL_REQUEST_METHOD, "PUT")
            .body(Body::empty());
        preflights.spawn(application.clone().oneshot(preflight.unwrap()));
    }
    let mut statuses = Vec::new();
    while let Some(response) = preflights.join_next().await {
        let response = response.unwrap().unwrap();
        let headers = response.headers();
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        let status = response.status().as_u16();
        assert_eq!(headers.contains_key(RETRY_AFTER), status == 503);
        statuses.push(status);
    }
    statuses.sort_unstable();
    // One lookup was begun, and 99 were not: 32 requests waited for a permit, the others were denied at once.
    assert_eq!(statuses, [vec![403; 99], vec![503]].concat());
}
