//! Tests of behaviour that is specific to this adapter. The tests of all frameworks together are in the package
//! `omnicors-tests`.

mod choices;
mod migrating;

use std::convert::Infallible;
use std::future::ready;

use futures_util::stream;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Bytes;
use tower::ServiceExt as _;
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

/// Sends a request to routes with a policy, as a service and as a filter. Asserts that both respond the same, and returns the
/// response.
async fn send<F, R>(cors: &Cors, routes: &F, request: Request<String>) -> Response<Bytes>
where
    F: Filter<Extract = (R,), Error: rejection::FilterError> + Clone + Send + Sync + 'static,
    R: Reply + 'static,
{
    let Ok(of_service) = cors.service(routes.clone()).oneshot(request.clone()).await;
    let of_service = read(of_service).await;
    let of_filter = send_to_filter(&cors.wrap(routes.clone()), request).await;
    assert_eq!(of_service.status(), of_filter.status());
    assert_eq!(of_service.headers(), of_filter.headers());
    assert_eq!(of_service.body(), of_filter.body());
    of_service
}

async fn send_to_filter<F>(filter: &F, request: Request<String>) -> Response<Bytes>
where
    F: Filter<Error = Infallible> + Clone,
    F::Extract: Reply,
{
    let Ok(response) = warp::service(filter.clone()).oneshot(request).await;
    read(response).await
}

async fn read(response: warp::reply::Response) -> Response<Bytes> {
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
fn routes()
-> impl Filter<Extract = (impl Reply + use<>,), Error = Rejection> + Clone + Send + Sync + 'static {
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
    let cors = Cors::new(policy().build().unwrap());
    for (method, path, status) in OUTCOMES {
        for origin in [ALLOWED, DENIED] {
            let response = send(&cors, &routes(), request(method, path, origin)).await;
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
    let cors = Cors::new(policy().build().unwrap());
    for (method, path, _) in OUTCOMES {
        let Ok(bare) = warp::service(routes())
            .oneshot(request(method, path, ALLOWED))
            .await;
        let (bare, body) = bare.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let mut response = send(&cors, &routes(), request(method, path, ALLOWED)).await;
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
    let cors = Cors::new(policy().build().unwrap());
    let routes = routes().recover(sorry);
    for (path, status) in [("/custom", 410), ("/missing", 404), ("/form", 405)] {
        let response = send(&cors, &routes, request("GET", path, ALLOWED)).await;
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
    let cors = Cors::new(policy().build().unwrap());
    let filter = cors.wrap(routes);
    let service = cors.service(routes);
    for panicked in [
        tokio::spawn(async move { drop(service.oneshot(request("GET", "/", ALLOWED)).await) }),
        tokio::spawn(async move {
            drop(send_to_filter(&filter, request("GET", "/", ALLOWED)).await);
        }),
    ] {
        let panic = panicked.await.unwrap_err().into_panic();
        assert_eq!(panic.downcast_ref(), Some(&"a bug in Debug"));
    }
}

#[tokio::test]
async fn same_origin_requests_are_not_rejected_over_http_1_and_2() {
    let policy = policy().guard(Guard::All).build().unwrap();
    let cors = Cors::new(policy);
    let routes = warp::post().map(|| "posted");
    let own = || request("POST", "/form?a=b", "https://own.example");
    let mut same_site = own();
    let field = HeaderValue::from_static("same-origin");
    same_site.headers_mut().insert("sec-fetch-site", field);
    let mut http1 = own();
    let field = HeaderValue::from_static("own.example");
    http1.headers_mut().insert("host", field);
    let http2 = request("POST", "https://own.example/form", "https://own.example");
    for request in [same_site, http1.clone(), http2] {
        assert_eq!(send(&cors, &routes, request).await.status(), 200);
    }
    http1.headers_mut().remove("host");
    let other = request("POST", "https://other.example/form", "https://own.example");
    for request in [http1.clone(), other] {
        assert_eq!(send(&cors, &routes, request).await.status(), 403);
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
        assert_eq!(send(&cors, &routes, contradictory).await.status(), 403);
    }
    for host in ["other.example", "no host/", "\u{e9}"] {
        let host = HeaderValue::from_bytes(host.as_bytes()).unwrap();
        http1.headers_mut().insert("host", host);
        assert_eq!(send(&cors, &routes, http1.clone()).await.status(), 403);
    }
}

#[tokio::test]
async fn a_wrapped_filter_after_a_path_gets_the_rest_of_the_path() {
    let cors = Cors::new(policy().build().unwrap());
    let inner = warp::path!("items" / u8).map(|id| format!("item {id}"));
    let inner = inner.with(warp::wrap_fn(|inner| cors.wrap(inner)));
    let app = warp::path("api")
        .and(inner)
        .recover(|_: Rejection| ready(Ok::<_, Infallible>(StatusCode::IM_A_TEAPOT)));
    let response = send_to_filter(&app, request("GET", "/api/items/7", ALLOWED)).await;
    assert_eq!(response.body(), "item 7");
    assert_eq!(allow_origin(response.headers()), Some(ALLOWED));
    let response = send_to_filter(&app, request("GET", "/api/other", ALLOWED)).await;
    assert_eq!(response.status(), 404);
    assert_eq!(allow_origin(response.headers()), Some(ALLOWED));
    let response = send_to_filter(&app, request("GET", "/other", ALLOWED)).await;
    assert_eq!(response.status(), 418);
    assert_eq!(allow_origin(response.headers()), None);
}

#[tokio::test]
async fn nested_policies_do_not_mix_their_decisions() {
    let of = |origin| PolicyConfig::new().allow_origins([origin]).build().unwrap();
    let other = PreparedPolicy::shared(of(DENIED));
    let outer = per_request(move |request| (request.path() == "/").then(|| other.clone()));
    let outer = Cors::new(outer);
    let inner = Cors::new(of(ALLOWED)).wrap(routes());
    for (path, allowed, denied) in [("/", DENIED, ALLOWED), ("/fields", ALLOWED, DENIED)] {
        for (origin, status) in [(allowed, 204), (denied, 403)] {
            let response = send(&outer, &inner, preflight(path, origin)).await;
            assert_eq!(response.status(), status, "{path} {origin}");
            let response = send(&outer, &inner, request("GET", path, origin)).await;
            assert_eq!(response.status(), 200, "{path} {origin}");
            assert_eq!(
                allow_origin(response.headers()),
                (origin == allowed).then_some(allowed)
            );
        }
    }
}
