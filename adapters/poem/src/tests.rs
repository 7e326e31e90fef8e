use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use poem::endpoint::{make, make_sync};
use poem::error::NotFoundError;
use poem::middleware::CatchPanic;
use poem::{
    Body, Endpoint, EndpointExt as _, Error, IntoResponse as _, Request, Response, Route, get, post,
};

use super::*;

mod their_own;

const ALLOWED: &str = "https://allowed.example";
const DENIED: &str = "https://denied.example";

fn policy() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins([ALLOWED])
        .allow_methods(["PUT"])
}

fn cors() -> Cors {
    Cors::new(policy().build().unwrap())
}

fn request(method: &str, path: &str, origin: &str) -> Request {
    Request::builder()
        .method(method.parse().unwrap())
        .uri(path.parse().unwrap())
        .header("origin", origin)
        .finish()
}

fn preflight(path: &str, origin: &str) -> Request {
    let mut request = request("OPTIONS", path, origin);
    request.headers_mut().insert(
        "access-control-request-method",
        HeaderValue::from_static("PUT"),
    );
    request
}

fn allow_origin(headers: &HeaderMap) -> Option<&str> {
    Some(
        headers
            .get("access-control-allow-origin")?
            .to_str()
            .unwrap(),
    )
}

fn text(text: &'static str) -> impl Endpoint<Output = &'static str> + 'static {
    make_sync(move |_| text)
}

/// Panics, where the compiler cannot see it.
fn broken(_: Request) -> &'static str {
    assert!(std::hint::black_box(false), "as meant");
    "never"
}

#[tokio::test]
async fn every_response_of_a_route_carries_the_headers() {
    let app = Route::new()
        .at("/", get(text("hello")))
        .at(
            "/broken",
            get(make_sync(|_| StatusCode::INTERNAL_SERVER_ERROR)),
        )
        .at(
            "/error",
            get(make_sync(|_| {
                Err::<(), _>(Error::from_string("not so", StatusCode::CONFLICT))
            })),
        )
        .at("/panic", get(make_sync(broken)))
        .at("/form", post(text("posted")))
        .at(
            "/stream",
            get(make_sync(|_| {
                let chunks = ["a", "b"].map(Ok::<_, std::io::Error>);
                Body::from_bytes_stream(stream::iter(chunks)).into_response()
            })),
        )
        .with(CatchPanic::new())
        .with(cors());
    for (method, path, status) in [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/broken", 500),
        ("GET", "/error", 409),
        ("GET", "/panic", 500),
        ("GET", "/missing", 404),
        ("GET", "/form", 405),
        ("GET", "/stream", 200),
        ("OPTIONS", "/", 405),
    ] {
        for (origin, allowed) in [(ALLOWED, Some(ALLOWED)), (DENIED, None)] {
            let response = app.get_response(request(method, path, origin)).await;
            assert_eq!(response.status(), status, "{method} {path}");
            assert_eq!(allow_origin(response.headers()), allowed, "{method} {path}");
            assert_eq!(response.headers()["vary"], "Origin", "{method} {path}");
        }
    }
    let response = app.get_response(preflight("/missing", ALLOWED)).await;
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()["access-control-allow-methods"], "PUT");

    let body = |path| {
        let response = app.get_response(request("GET", path, ALLOWED));
        async { response.await.into_body().into_string().await.unwrap() }
    };
    assert_eq!(body("/stream").await, "ab");
    assert_eq!(body("/error").await, "not so");
}

#[tokio::test]
async fn an_error_is_made_its_response_with_what_was_attached_to_it() {
    let fails = || {
        make_sync(|_| {
            let mut error = Error::from(NotFoundError);
            error.set_data(7_u8);
            Err::<(), _>(error)
        })
    };
    let response = fails()
        .with(cors())
        .call(request("GET", "/", ALLOWED))
        .await
        .unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(response.data::<u8>(), Some(&7));
    assert_eq!(allow_origin(response.headers()), Some(ALLOWED));

    let response = fails()
        .catch_error(|_: NotFoundError| async { "caught" })
        .with(cors())
        .get_response(request("GET", "/", ALLOWED))
        .await;
    assert_eq!(response.status(), 200, "what catches errors goes inside");
    assert_eq!(allow_origin(response.headers()), Some(ALLOWED));
}

#[tokio::test]
async fn without_a_policy_an_error_stays_one() {
    let app = make_sync(|_| Err::<(), _>(Error::from(NotFoundError)))
        .with(Cors::new(per_request(|_| None)));
    let error = app.call(request("GET", "/", ALLOWED)).await.unwrap_err();
    assert!(error.is::<NotFoundError>());
}

#[tokio::test]
async fn the_applications_own_lines_are_replaced_and_its_vary_is_kept() {
    let app = make_sync(|_| {
        Response::builder()
            .header("access-control-allow-origin", "https://own.example")
            .header("access-control-allow-origin", "https://other.example")
            .header("access-control-allow-credentials", "true")
            .header("vary", "accept-encoding")
            .finish()
    })
    .with(cors());
    for (origin, allowed) in [(ALLOWED, &[ALLOWED][..]), (DENIED, &[])] {
        let response = app.get_response(request("GET", "/", origin)).await;
        let lines = |name| response.headers().get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(lines("access-control-allow-origin"), allowed);
        assert_eq!(
            lines("access-control-allow-credentials"),
            [] as [&HeaderValue; 0]
        );
        assert_eq!(lines("vary"), ["accept-encoding", "Origin"]);
    }
}

#[tokio::test]
async fn a_preflight_runs_no_options_route_and_a_plain_options_request_does() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let app = Route::new()
        .at(
            "/",
            get(text("hello")).options(make_sync(move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
                "options"
            })),
        )
        .with(cors());
    let status = async |request| app.get_response(request).await.status();
    assert_eq!(status(preflight("/", ALLOWED)).await, 204);
    assert_eq!(status(preflight("/", DENIED)).await, 403);
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    assert_eq!(status(request("OPTIONS", "/", ALLOWED)).await, 200);
    let mut without_origin = preflight("/", ALLOWED);
    without_origin.headers_mut().remove("origin");
    assert_eq!(status(without_origin).await, 200);
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_preflight_needs_no_login_and_the_refusal_of_one_can_be_read() {
    let app = Route::new()
        .at("/", get(text("secret")))
        .around(async |inner, request| {
            if request.header("authorization").is_none() {
                return Err(Error::from_status(StatusCode::UNAUTHORIZED));
            }
            inner.call(request).await
        })
        .with(cors());
    assert_eq!(
        app.get_response(preflight("/", ALLOWED)).await.status(),
        204
    );
    let response = app.get_response(request("GET", "/", ALLOWED)).await;
    assert_eq!(response.status(), 401);
    assert_eq!(allow_origin(response.headers()), Some(ALLOWED));
}

#[tokio::test]
async fn a_sites_own_pages_are_never_refused() {
    let policy = policy().refuse_disallowed_origins(true).build().unwrap();
    let app = post(text("posted")).with(Cors::new(policy));
    let ask = async |host| {
        let mut request = request("POST", "/", "https://own.example");
        request
            .headers_mut()
            .insert("host", HeaderValue::from_static(host));
        app.get_response(request).await.status()
    };
    assert_eq!(ask("own.example").await, 200);
    assert_eq!(ask("api.example").await, 403);
}

#[tokio::test]
async fn a_replaced_policy_counts_from_the_next_request_on() {
    let handle = PolicyHandle::new(policy().build().unwrap());
    let app = text("hello").with(Cors::new(handle.clone()));
    let ask = async |origin| {
        let response = app.get_response(request("GET", "/", origin)).await;
        allow_origin(response.headers()).map(str::to_owned)
    };
    assert_eq!(ask(ALLOWED).await.as_deref(), Some(ALLOWED));
    let new = PolicyConfig::new().allow_origins(["https://new.example"]);
    handle.replace(new.build().unwrap());
    assert_eq!(ask(ALLOWED).await, None);
    assert_eq!(
        ask("https://new.example").await.as_deref(),
        Some("https://new.example")
    );
}

#[tokio::test]
async fn a_policy_is_chosen_per_request_or_none_at_all() {
    let public = SharedPolicy::new(PolicyConfig::public_read_only().build().unwrap());
    let private = SharedPolicy::new(policy().build().unwrap());
    let source = per_request(move |request| match request.uri.path() {
        "/public" => Some(public.clone()),
        "/none" => None,
        _ => Some(private.clone()),
    });
    let app = make_sync(|_| {
        Response::builder()
            .header("access-control-allow-origin", "https://own.example")
            .finish()
    })
    .with(Cors::new(source));
    let ask = async |path, origin| {
        let response = app.get_response(request("GET", path, origin)).await;
        allow_origin(response.headers()).map(str::to_owned)
    };
    assert_eq!(ask("/public", DENIED).await.as_deref(), Some("*"));
    assert_eq!(ask("/private", ALLOWED).await.as_deref(), Some(ALLOWED));
    assert_eq!(ask("/private", DENIED).await, None);
    assert_eq!(
        ask("/none", ALLOWED).await.as_deref(),
        Some("https://own.example")
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_not_decided_in_time_is_denied() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let decide = move |origin: String| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move {
            match &*origin {
                "https://quick.example" => true,
                "https://hanging.example" => std::future::pending().await,
                _ => false,
            }
        }
    };
    let policy = policy().decide_origins_outside(true).build().unwrap();
    let app = make(|_| async { Ok::<_, Infallible>("hello") })
        .with(Cors::new(policy).decide_origins(Duration::from_millis(500), decide));
    for (origin, allowed, times) in [
        ("https://quick.example", true, 1),
        ("https://hanging.example", false, 1),
        ("https://other.example", false, 1),
        (ALLOWED, true, 0),
        ("null", false, 0),
        ("https://malformed.example/", false, 0),
    ] {
        for request in [preflight("/", origin), request("GET", "/", origin)] {
            asked.store(0, Ordering::Relaxed);
            let response = app.get_response(request).await;
            assert_eq!(
                allow_origin(response.headers()),
                allowed.then_some(origin),
                "{origin}"
            );
            assert_eq!(asked.load(Ordering::Relaxed), times, "{origin}");
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_denied_and_break_nothing() {
    let policy = PolicyConfig::new().allow_origins(["https://*.example"]);
    let app = text("hello").with(Cors::new(policy.build().unwrap()));
    for method in [Method::GET, Method::OPTIONS] {
        let mut request = preflight("/", "");
        request.set_method(method.clone());
        request.headers_mut().insert(
            "origin",
            HeaderValue::from_bytes(b"https://a\xFF.example").unwrap(),
        );
        let response = app.get_response(request).await;
        let is_preflight = method == Method::OPTIONS;
        assert_eq!(response.status(), if is_preflight { 403 } else { 200 });
        assert_eq!(allow_origin(response.headers()), None);
    }
}

#[tokio::test]
async fn on_something_nested_it_sees_what_is_left_of_the_path() {
    let seen = Arc::new(std::sync::Mutex::new(String::new()));
    let seeing = Arc::clone(&seen);
    let nothing = per_request(move |request| {
        *seeing.lock().unwrap() = request.uri.path().to_owned();
        None
    });
    let app = Route::new().nest(
        "/api",
        Route::new()
            .at("/items", text("hello"))
            .with(Cors::new(nothing)),
    );
    app.get_response(request("GET", "/api/items", ALLOWED))
        .await;
    assert_eq!(*seen.lock().unwrap(), "/items");
}
