//! Tests of what `docs/migrating/salvo.md` says about the hoop of `salvo-cors`.

use salvo_cors::{AllowOrigin, Any, Cors as SalvoCors};

use super::*;

#[tokio::test]
async fn salvo_runs_the_route_for_a_preflight() {
    let runs = Arc::new(AtomicUsize::new(0));
    let router = Router::new().get(hello).options(Counts(Arc::clone(&runs)));
    let cors = SalvoCors::new().allow_origin(ALLOWED).into_handler();
    let app = TestServer::new(Service::new(router).hoop(cors)).await;
    let response = app.preflight("/", ALLOWED).await;
    assert_eq!(response.status, 204);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn salvo_runs_later_hoops_for_a_preflight() {
    let runs = Arc::new(AtomicUsize::new(0));
    let cors = SalvoCors::new().allow_origin(ALLOWED).into_handler();
    let service = Service::new(routes())
        .hoop(cors)
        .hoop(Counts(Arc::clone(&runs)));
    let app = TestServer::new(service).await;
    assert_eq!(app.preflight("/", ALLOWED).await.status, 204);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn salvo_responds_to_a_denied_preflight_with_204_and_methods() {
    let cors = SalvoCors::new()
        .allow_origin([ALLOWED])
        .allow_methods(Any)
        .into_handler();
    let app = TestServer::new(Service::new(routes()).hoop(cors)).await;
    let response = app.preflight("/", DENIED).await;
    assert_eq!(response.status, 204);
    assert_eq!(response.allow_origin(), None);
    assert_eq!(response.all("access-control-allow-methods"), ["*"]);
}

#[tokio::test]
async fn salvo_sends_a_single_origin_to_every_origin() {
    let cors = SalvoCors::new().allow_origin(ALLOWED).into_handler();
    let app = TestServer::new(Service::new(routes()).hoop(cors)).await;
    assert_eq!(app.get("/", DENIED).await.allow_origin(), Some(ALLOWED));
}

#[tokio::test]
async fn salvo_keeps_the_cors_fields_of_the_application_for_denied_origins() {
    let cors = SalvoCors::new().allow_origin([ALLOWED]).into_handler();
    let app = TestServer::new(Service::new(Router::new().get(own_fields)).hoop(cors)).await;
    let response = app.get("/", DENIED).await;
    assert_eq!(
        response.all("access-control-allow-origin"),
        ["https://own.example", "https://other.example"]
    );
    assert_eq!(response.all("access-control-allow-credentials"), ["true"]);
}

#[tokio::test]
async fn salvo_mirrors_any_origin_with_credentials() {
    let cors = SalvoCors::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_credentials(true)
        .into_handler();
    let app = TestServer::new(Service::new(routes()).hoop(cors)).await;
    let response = app.get("/", "null").await;
    assert_eq!(response.allow_origin(), Some("null"));
    assert_eq!(response.all("access-control-allow-credentials"), ["true"]);
}

#[tokio::test]
async fn salvo_sends_three_names_in_vary_on_every_response() {
    let cors = SalvoCors::new().allow_origin(Any).into_handler();
    let app = TestServer::new(Service::new(routes()).hoop(cors)).await;
    assert_eq!(
        app.get("/", ALLOWED).await.all("vary"),
        [
            "origin",
            "access-control-request-method",
            "access-control-request-headers"
        ]
    );
}

#[tokio::test]
async fn salvo_panics_for_credentials_with_a_wildcard() {
    let made = AssertUnwindSafe(async {
        SalvoCors::new()
            .allow_origin(Any)
            .allow_credentials(true)
            .into_handler()
    });
    assert!(made.catch_unwind().await.is_err());
    assert!(
        PolicyConfig::new()
            .allow_origins(["*"])
            .allow_credentials(true)
            .build()
            .is_err()
    );
}
