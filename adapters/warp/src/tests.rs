//! Tests of behaviour that is specific to this adapter. The tests of all frameworks together are in the package
//! `omnicors-tests`.

mod migrating;

use std::convert::Infallible;
use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_util::stream;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use omnicors_tower::CorsLayer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;
use tower_layer::Layer as _;
use warp::reject::Reject;
use warp::{Filter, Rejection, Reply};

use super::*;

const ALLOWED: &str = "https://allowed.example";
const DENIED: &str = "https://denied.example";

fn policy() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins([ALLOWED])
        .allow_methods(["PUT"])
}

fn request(method: &str, path: &str, origin: &str) -> Request<String> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("origin", origin)
        .body(String::new())
        .unwrap()
}

fn preflight(path: &str, origin: &str) -> Request<String> {
    let mut request = request("OPTIONS", path, origin);
    request.headers_mut().insert(
        "access-control-request-method",
        HeaderValue::from_static("PUT"),
    );
    request
}

/// Sends a request to a filter, as a server does.
async fn send<F>(filter: &F, request: Request<String>) -> Response<Bytes>
where
    F: Filter<Error = Infallible> + Clone,
    F::Extract: Reply,
{
    let Ok(response) = warp::service(filter.clone()).oneshot(request).await;
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

fn allow_origin(headers: &HeaderMap) -> Option<&str> {
    Some(
        headers
            .get("access-control-allow-origin")?
            .to_str()
            .unwrap(),
    )
}

fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let values = headers.get_all(name).iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

#[derive(Debug)]
struct OutOfStock;

impl Reject for OutOfStock {}

/// Returns routes that respond or reject in each way that warp has.
fn routes() -> impl Filter<Extract = (impl Reply + use<>,), Error = Rejection> + Clone {
    let hello = warp::path::end()
        .and(warp::get().or(warp::head()).unify())
        .map(|| "hello");
    let broken = warp::path!("broken").map(|| StatusCode::INTERNAL_SERVER_ERROR);
    let form = warp::path!("form").and(warp::post()).map(|| "posted");
    let custom =
        warp::path!("custom").and_then(|| ready(Err::<&str, _>(warp::reject::custom(OutOfStock))));
    let json = warp::path!("json")
        .and(warp::body::json())
        .map(|(): ()| "read");
    let number = warp::path!("number")
        .and(warp::query::<[(String, u8); 1]>())
        .map(|_| "a number");
    let stream = warp::path!("stream").map(|| {
        let event = |text| Ok::<_, Infallible>(warp::sse::Event::default().data(text));
        warp::sse::reply(stream::iter(["a", "b"].map(event)))
    });
    let private = warp::path!("private")
        .and(warp::header::exact("authorization", "Bearer good"))
        .map(|| "private");
    let fields = warp::path!("fields").map(|| {
        Response::builder()
            .header("access-control-allow-origin", "https://own.example")
            .header("access-control-allow-origin", "*")
            .header("access-control-allow-credentials", "true")
            .header("vary", "accept-encoding")
            .body("fields")
    });
    hello
        .or(broken)
        .or(form)
        .or(custom)
        .or(json)
        .or(number)
        .or(stream)
        .or(private)
        .or(fields)
}

/// The method, the path and the expected status of a request for each route of [`routes`].
const OUTCOMES: [(&str, &str, u16); 10] = [
    ("GET", "/", 200),
    ("HEAD", "/", 200),
    ("GET", "/broken", 500),
    ("GET", "/missing", 404),
    ("GET", "/form", 405),
    ("GET", "/custom", 500),
    ("POST", "/json", 400),
    ("GET", "/stream", 200),
    ("GET", "/private", 400),
    ("OPTIONS", "/form", 405),
];

#[tokio::test]
async fn every_response_has_the_headers() {
    let app = Cors::new(policy().build().unwrap()).wrap(routes());
    for (method, path, status) in OUTCOMES {
        for origin in [ALLOWED, DENIED] {
            let response = send(&app, request(method, path, origin)).await;
            assert_eq!(response.status(), status, "{method} {path}");
            assert_eq!(
                allow_origin(response.headers()),
                (origin == ALLOWED).then_some(ALLOWED),
                "{method} {path}"
            );
            assert_eq!(values(response.headers(), "vary"), ["Origin"], "{path}");
        }
    }
}

#[tokio::test]
async fn a_rejection_becomes_the_response_of_warp() {
    let app = Cors::new(policy().build().unwrap()).wrap(routes());
    for (method, path, _) in OUTCOMES {
        let Ok(bare) = warp::service(routes())
            .oneshot(request(method, path, ALLOWED))
            .await;
        let (bare, body) = bare.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let mut response = send(&app, request(method, path, ALLOWED)).await;
        assert_eq!(response.status(), bare.status, "{method} {path}");
        assert_eq!(response.body(), &body, "{method} {path}");
        for name in ["access-control-allow-origin", "vary"] {
            response.headers_mut().remove(name).unwrap();
        }
        assert_eq!(response.headers(), &bare.headers, "{method} {path}");
    }
}

#[tokio::test]
async fn a_recovered_rejection_keeps_its_response() {
    async fn sorry(rejection: Rejection) -> Result<impl Reply, Rejection> {
        match rejection.find() {
            Some(OutOfStock) => Ok(warp::reply::with_status("sold", StatusCode::GONE)),
            None => Err(rejection),
        }
    }
    let app = Cors::new(policy().build().unwrap()).wrap(routes().recover(sorry));
    for (path, status) in [("/custom", 410), ("/missing", 404), ("/form", 405)] {
        let response = send(&app, request("GET", path, ALLOWED)).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(allow_origin(response.headers()), Some(ALLOWED), "{path}");
    }
}

#[tokio::test]
async fn a_panic_in_the_debug_of_a_rejection_is_propagated() {
    struct PanickingDebug;
    impl Reject for PanickingDebug {}
    impl std::fmt::Debug for PanickingDebug {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            std::panic::panic_any("a bug in Debug")
        }
    }
    let routes =
        warp::any().and_then(|| ready(Err::<&str, _>(warp::reject::custom(PanickingDebug))));
    let app = Cors::new(policy().build().unwrap()).wrap(routes);
    let panicked = tokio::spawn(async move { send(&app, request("GET", "/", ALLOWED)).await });
    let panic = panicked.await.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"a bug in Debug"));
}

#[tokio::test]
async fn same_origin_requests_are_not_rejected_over_http_1_and_2() {
    let policy = policy().guard(Guard::All).build().unwrap();
    let app = Cors::new(policy).wrap(warp::post().map(|| "posted"));
    let own = || request("POST", "/form?a=b", "https://own.example");
    let mut same_site = own();
    let field = HeaderValue::from_static("same-origin");
    same_site.headers_mut().insert("sec-fetch-site", field);
    let mut http1 = own();
    let field = HeaderValue::from_static("own.example");
    http1.headers_mut().insert("host", field);
    let http2 = request("POST", "https://own.example/form", "https://own.example");
    for request in [same_site, http1.clone(), http2] {
        assert_eq!(send(&app, request).await.status(), 200);
    }
    http1.headers_mut().remove("host");
    let other = request("POST", "https://other.example/form", "https://own.example");
    for request in [http1.clone(), other] {
        assert_eq!(send(&app, request).await.status(), 403);
    }
    // The target and the field contradict each other, so the request is not same-origin.
    for (target, host) in [
        ("other.example", "own.example"),
        ("own.example", "other.example"),
    ] {
        let uri = format!("https://{target}/form");
        let mut contradictory = request("POST", &uri, "https://own.example");
        let host = HeaderValue::from_static(host);
        contradictory.headers_mut().insert("host", host);
        assert_eq!(send(&app, contradictory).await.status(), 403);
    }
    for host in ["other.example", "no host/", "\u{e9}"] {
        let host = HeaderValue::from_bytes(host.as_bytes()).unwrap();
        http1.headers_mut().insert("host", host);
        assert_eq!(send(&app, http1.clone()).await.status(), 403);
    }
}

#[tokio::test]
async fn a_policy_can_be_chosen_by_the_target_and_the_fields() {
    let public = PreparedPolicy::shared(PolicyConfig::public_read_only().build().unwrap());
    let private = PreparedPolicy::shared(policy().build().unwrap());
    let source = per_request(move |request| {
        let is_public = request.query() == Some("public=1")
            || request.host() == Some("public.example")
            || request.header("x-public").is_some();
        match request.path() {
            "/fields" => None,
            _ if is_public => Some(public.clone()),
            _ => Some(private.clone()),
        }
    });
    let app = Cors::new(source).wrap(routes());
    let mut by_field = request("GET", "/", DENIED);
    by_field
        .headers_mut()
        .insert("x-public", HeaderValue::from_static(""));
    for (request, allowed) in [
        (request("GET", "/?public=1", DENIED), vec!["*"]),
        (request("GET", "https://public.example/", DENIED), vec!["*"]),
        (by_field, vec!["*"]),
        (request("GET", "/", DENIED), vec![]),
        (request("GET", "/", ALLOWED), vec![ALLOWED]),
        (
            request("GET", "/fields", ALLOWED),
            vec!["https://own.example", "*"],
        ),
    ] {
        let response = send(&app, request).await;
        assert_eq!(
            values(response.headers(), "access-control-allow-origin"),
            allowed
        );
    }
}

#[tokio::test]
async fn a_target_without_a_path_does_not_panic() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let targets = Arc::clone(&seen);
    let shared = PreparedPolicy::shared(policy().build().unwrap());
    let app = Cors::new(per_request(move |request| {
        let host = request.host().unwrap_or("none");
        targets
            .lock()
            .unwrap()
            .push(format!("{host} {}", request.path()));
        Some(shared.clone())
    }))
    .wrap(routes());
    for (method, target) in [
        ("CONNECT", "other.example:443"),
        ("GET", "other.example:443"),
        ("GET", "other"),
        ("OPTIONS", "*"),
        ("GET", "http://other.example"),
    ] {
        let response = send(&app, request(method, target, ALLOWED)).await;
        assert_eq!(
            allow_origin(response.headers()),
            Some(ALLOWED),
            "{method} {target}: {}",
            response.status()
        );
    }
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "other.example ",
            "other.example ",
            "other ",
            "none *",
            "other.example /"
        ]
    );
}

#[tokio::test]
async fn a_wrapped_filter_after_a_path_gets_the_rest_of_the_path() {
    let cors = Cors::new(policy().build().unwrap());
    let inner = warp::path!("items" / u8).map(|id| format!("item {id}"));
    let inner = inner.with(warp::wrap_fn(|inner| cors.wrap(inner)));
    let app = warp::path("api")
        .and(inner)
        .recover(|_: Rejection| ready(Ok::<_, Infallible>(StatusCode::IM_A_TEAPOT)));
    let response = send(&app, request("GET", "/api/items/7", ALLOWED)).await;
    assert_eq!(response.body(), "item 7");
    assert_eq!(allow_origin(response.headers()), Some(ALLOWED));
    let response = send(&app, request("GET", "/api/other", ALLOWED)).await;
    assert_eq!(response.status(), 404);
    assert_eq!(allow_origin(response.headers()), Some(ALLOWED));
    let response = send(&app, request("GET", "/other", ALLOWED)).await;
    assert_eq!(response.status(), 418);
    assert_eq!(allow_origin(response.headers()), None);
}

#[tokio::test]
async fn nested_policies_do_not_mix_their_decisions() {
    let of = |origin| PolicyConfig::new().allow_origins([origin]).build().unwrap();
    let other = PreparedPolicy::shared(of(DENIED));
    let outer = per_request(move |request| (request.path() == "/").then(|| other.clone()));
    let app = Cors::new(outer).wrap(Cors::new(of(ALLOWED)).wrap(routes()));
    for (path, allowed, denied) in [("/", DENIED, ALLOWED), ("/fields", ALLOWED, DENIED)] {
        for (origin, status) in [(allowed, 204), (denied, 403)] {
            let response = send(&app, preflight(path, origin)).await;
            assert_eq!(response.status(), status, "{path} {origin}");
            let response = send(&app, request("GET", path, origin)).await;
            assert_eq!(response.status(), 200, "{path} {origin}");
            assert_eq!(
                allow_origin(response.headers()),
                (origin == allowed).then_some(allowed)
            );
        }
    }
}

#[tokio::test]
async fn the_tower_layer_gives_the_same_responses() {
    let filter = Cors::new(policy().build().unwrap()).wrap(routes());
    let service = CorsLayer::new(policy().build().unwrap()).layer(warp::service(routes()));
    let mut requests = vec![];
    for origin in [ALLOWED, DENIED] {
        requests.push(preflight("/private", origin));
        requests.push(request("GET", "/fields", origin));
        requests.extend(OUTCOMES.map(|(method, path, _)| request(method, path, origin)));
    }
    for request in requests {
        let one = send(&filter, request.clone()).await;
        let Ok(other) = service.clone().oneshot(request).await;
        let (other, body) = other.into_parts();
        assert_eq!(one.status(), other.status);
        assert_eq!(one.headers(), &other.headers);
        assert_eq!(one.body(), &body.collect().await.unwrap().to_bytes());
    }
}

/// Sends a request over its own connection, and returns the response.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = String::new();
    // The connection may be reset instead of closed.
    let _ = stream.read_to_string(&mut received).await;
    received
}

#[tokio::test]
async fn the_address_of_the_client_is_known_to_the_filter_but_not_to_the_service() {
    let routes = warp::addr::remote().map(|address: Option<SocketAddr>| match address {
        Some(_) => "known".to_owned(),
        None => "unknown".to_owned(),
    });
    let app = Cors::new(policy().build().unwrap()).wrap(routes);
    let service = CorsLayer::new(policy().build().unwrap()).layer(warp::service(routes));
    let get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(warp::serve(app).incoming(listener).run());
    assert!(exchange(address, get).await.ends_with("\r\n\r\nknown"));

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let service = hyper_util::service::TowerToHyperService::new(service);
        hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await
    });
    assert!(exchange(address, get).await.ends_with("\r\n\r\nunknown"));
}
