use omnicors::PolicyConfig;
use omnicors::adapters::tower::CorsLayer;
use serde::Deserialize as _;
use serde_json::Value;

fn cors_from_settings(
    settings: Option<&Value>,
) -> Result<CorsLayer, Box<dyn std::error::Error + Send + Sync>> {
    let cors = settings.and_then(|settings| settings.get("cors"));
    let cors = cors.ok_or("the configuration file has no settings.cors")?;
    let policy = PolicyConfig::deserialize(cors)?.build()?;
    Ok(CorsLayer::new(policy))
}

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use tower::ServiceExt as _;

/// Reads the file like Loco, into a `serde_json` value.
fn file() -> Value {
    serde_saphyr::from_str(super::document::block("# config/development.yaml")).unwrap()
}

#[tokio::test]
async fn a_policy_is_read_from_the_settings_of_loco() {
    let file = file();
    assert_eq!(file["server"]["middlewares"]["cors"]["enable"], false);
    let layer = cors_from_settings(file.get("settings")).unwrap();
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .layer(layer);
    let preflight = Request::options("/")
        .header("origin", "http://localhost:5173")
        .header("access-control-request-method", "PATCH")
        .body(Body::empty())
        .unwrap();
    let response = router.oneshot(preflight).await.unwrap();
    let field = |name: &str| response.headers()[name].to_str().unwrap();
    assert_eq!(
        field("access-control-allow-origin"),
        "http://localhost:5173"
    );
    assert_eq!(field("access-control-allow-credentials"), "true");
    assert_eq!(
        field("access-control-allow-methods"),
        "GET, HEAD, POST, PUT, PATCH, DELETE"
    );
    assert_eq!(
        field("access-control-allow-headers"),
        "content-type, authorization"
    );
}

#[test]
fn missing_and_faulty_settings_of_loco_are_errors() {
    assert!(cors_from_settings(None).is_err());
    let settings = serde_json::json!({"cors": {"allowed_origins": "https://a.example"}});
    let error = cors_from_settings(Some(&settings))
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("did you mean `allow_origins`?"), "{error}");
}
