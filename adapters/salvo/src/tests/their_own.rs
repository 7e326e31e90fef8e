//! What salvo's own hoop does, and this one does not: what `docs/migrating/salvo.md` says of it.

use salvo_cors::{AllowOrigin, Any, Cors as TheirOwn};

use super::*;

#[tokio::test]
async fn a_preflight_reaches_the_routes() {
    let runs = Arc::new(AtomicUsize::new(0));
    let router = Router::new().get(hello).options(Counts(Arc::clone(&runs)));
    let cors = TheirOwn::new().allow_origin(ALLOWED).into_handler();
    let app = Running::new(Service::new(router).hoop(cors)).await;
    let answer = app.preflight("/", ALLOWED).await;
    assert_eq!(answer.status, 204);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_preflight_is_put_to_a_login_that_comes_after_it() {
    let runs = Arc::new(AtomicUsize::new(0));
    let cors = TheirOwn::new().allow_origin(ALLOWED).into_handler();
    let service = Service::new(routes())
        .hoop(cors)
        .hoop(Counts(Arc::clone(&runs)));
    let app = Running::new(service).await;
    assert_eq!(app.preflight("/", ALLOWED).await.status, 204);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_denied_preflight_gets_204_with_methods() {
    let cors = TheirOwn::new()
        .allow_origin([ALLOWED])
        .allow_methods(Any)
        .into_handler();
    let app = Running::new(Service::new(routes()).hoop(cors)).await;
    let answer = app.preflight("/", DENIED).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.allow_origin(), None);
    assert_eq!(answer.all("access-control-allow-methods"), ["*"]);
}

#[tokio::test]
async fn one_origin_is_named_to_everyone() {
    let cors = TheirOwn::new().allow_origin(ALLOWED).into_handler();
    let app = Running::new(Service::new(routes()).hoop(cors)).await;
    assert_eq!(app.get("/", DENIED).await.allow_origin(), Some(ALLOWED));
}

#[tokio::test]
async fn cors_fields_of_the_application_survive_where_it_sets_none() {
    let cors = TheirOwn::new().allow_origin([ALLOWED]).into_handler();
    let app = Running::new(Service::new(Router::new().get(own_fields)).hoop(cors)).await;
    let answer = app.get("/", DENIED).await;
    assert_eq!(
        answer.all("access-control-allow-origin"),
        ["https://own.example", "https://other.example"]
    );
    assert_eq!(answer.all("access-control-allow-credentials"), ["true"]);
}

#[tokio::test]
async fn any_origin_may_be_mirrored_with_credentials() {
    let cors = TheirOwn::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_credentials(true)
        .into_handler();
    let app = Running::new(Service::new(routes()).hoop(cors)).await;
    let answer = app.get("/", "null").await;
    assert_eq!(answer.allow_origin(), Some("null"));
    assert_eq!(answer.all("access-control-allow-credentials"), ["true"]);
}

#[tokio::test]
async fn vary_names_three_fields_on_every_response() {
    let cors = TheirOwn::new().allow_origin(Any).into_handler();
    let app = Running::new(Service::new(routes()).hoop(cors)).await;
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
async fn credentials_with_a_wild_card_are_a_panic_and_not_an_error() {
    let made = AssertUnwindSafe(async {
        TheirOwn::new()
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
