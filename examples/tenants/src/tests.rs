//! Tests with SQLite. The package `fleet` of the tests runs this program with PostgreSQL and Redis.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use omnicors::adapters::tokio::LookupOptions;
use rusqlite::Connection;
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::*;

const SHOP: &str = "https://shop.example";

async fn send(app: &Router, method: &str, path: &str, body: &str) -> u16 {
    let request = Request::builder().method(method).uri(path);
    let request = request.body(Body::from(body.to_owned())).unwrap();
    app.clone().oneshot(request).await.unwrap().status().into()
}

async fn read_from(app: &Router, origin: &str) -> Response<Body> {
    let request = Request::get("/").header("origin", origin);
    let request = request.body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

/// Returns true if a page of this origin may read `/`.
async fn may_read(app: &Router, origin: &str) -> bool {
    let response = read_from(app, origin).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["vary"], "Origin");
    let allowed = response.headers().get("access-control-allow-origin");
    assert!(allowed.is_none_or(|allowed| allowed == origin));
    allowed.is_some()
}

async fn in_memory() -> Router {
    let tenants = Tenants::open(None).unwrap();
    let node = Node::new(tenants, Mode::Lookup).await.unwrap();
    app::app(&node).unwrap()
}

#[tokio::test]
async fn a_tenant_is_allowed_as_soon_as_it_is_added_and_denied_as_soon_as_it_is_removed() {
    let app = in_memory().await;
    for _ in 0..2 {
        assert!(!may_read(&app, SHOP).await);
        assert_eq!(send(&app, "POST", "/tenants", SHOP).await, 201);
        assert!(may_read(&app, SHOP).await);
        assert_eq!(send(&app, "POST", "/tenants", SHOP).await, 204);
        assert!(may_read(&app, SHOP).await);
        assert_eq!(send(&app, "DELETE", "/tenants", SHOP).await, 204);
        assert!(!may_read(&app, SHOP).await);
        assert_eq!(send(&app, "DELETE", "/tenants", SHOP).await, 404);
    }
}

#[tokio::test]
async fn an_invalid_or_opaque_origin_is_not_stored() {
    let app = in_memory().await;
    for text in [
        "",
        "null",
        "file://",
        "*",
        "shop.example",
        "https://shop.example/",
        "https://shop.example:443",
        "https://Shop.example",
        "https://*.example",
        "https://shop.example\n",
        "https://shop.example' OR ''='",
    ] {
        assert_eq!(send(&app, "POST", "/tenants", text).await, 400, "{text}");
        assert_eq!(send(&app, "DELETE", "/tenants", text).await, 400, "{text}");
    }
}

#[tokio::test]
async fn a_page_cannot_add_its_own_origin_even_if_it_is_a_tenant() {
    let app = in_memory().await;
    send(&app, "POST", "/tenants", SHOP).await;
    for (origin, method) in [
        (SHOP, "POST"),
        (SHOP, "DELETE"),
        ("https://evil.example", "POST"),
        ("null", "POST"),
    ] {
        let request = Request::builder().method(method).uri("/tenants");
        let request = request.header("origin", origin);
        let request = request.body(Body::from("https://evil.example")).unwrap();
        assert_eq!(app.clone().oneshot(request).await.unwrap().status(), 403);
    }
    assert!(!may_read(&app, "https://evil.example").await);
    assert!(may_read(&app, SHOP).await);
}

#[tokio::test]
async fn an_origin_is_denied_while_the_database_is_locked_and_allowed_afterwards() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("tenants.db");
    let url = format!("sqlite:{}", file.display());
    let tenants = Tenants::open(Some(&url)).unwrap();
    // A failure is not cached, so that the next request sees that the database works again.
    let options = LookupOptions::new().keep_failed(Duration::ZERO);
    let node = Node::with_options(tenants, Mode::Lookup, options).await;
    let app = app::app(&node.unwrap()).unwrap();
    let known = "https://known.example";
    for origin in [known, SHOP] {
        assert_eq!(send(&app, "POST", "/tenants", origin).await, 201);
    }
    assert!(may_read(&app, known).await);

    let other = Connection::open(&file).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let denied = tokio::time::timeout(Duration::from_secs(5), may_read(&app, SHOP)).await;
    assert_eq!(denied, Ok(false));
    assert!(may_read(&app, known).await, "it is in the cache");
    let status = tokio::time::timeout(
        Duration::from_secs(5),
        send(&app, "DELETE", "/tenants", known),
    )
    .await;
    assert_eq!(status, Ok(503));
    assert!(!may_read(&app, known).await, "it is no longer in the cache");

    other.execute_batch("ROLLBACK").unwrap();
    assert!(may_read(&app, SHOP).await);
    assert!(may_read(&app, known).await);
}

#[tokio::test]
async fn a_tenant_in_a_file_is_still_there_after_a_restart() {
    let directory = TempDir::new().unwrap();
    let url = format!("sqlite:{}", directory.path().join("tenants.db").display());
    for added in [true, false] {
        let tenants = Tenants::open(Some(&url)).unwrap();
        let origin = tenants::parse(SHOP).unwrap();
        assert_eq!(tenants.add(origin).await.unwrap(), added);
    }
}

#[tokio::test]
async fn an_unsupported_database_url_is_an_error() {
    for url in ["", "tenants.db", "mysql://localhost/tenants"] {
        assert!(Tenants::open(Some(url)).is_err(), "{url}");
    }
}
