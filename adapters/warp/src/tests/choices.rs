//! Tests of policies that are chosen per request.

use std::sync::{Arc, Mutex};

use super::*;

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
    let cors = Cors::new(source);
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
        let response = send(&cors, &routes(), request).await;
        assert_eq!(
            values(response.headers(), "access-control-allow-origin"),
            allowed
        );
    }
}

#[tokio::test]
async fn a_policy_of_a_service_can_be_chosen_by_an_extension() {
    let shared = PreparedPolicy::shared(policy().build().unwrap());
    let source =
        per_request(move |request| request.extensions().get::<u8>().map(|_| shared.clone()));
    let service = Cors::new(source).service(routes());
    for is_set in [true, false] {
        let mut request = request("GET", "/", ALLOWED);
        if is_set {
            request.extensions_mut().insert(1_u8);
        }
        let Ok(response) = service.clone().oneshot(request).await;
        assert_eq!(allow_origin(response.headers()).is_some(), is_set);
    }
}

#[tokio::test]
async fn a_target_without_a_path_does_not_panic() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let targets = Arc::clone(&seen);
    let shared = PreparedPolicy::shared(policy().build().unwrap());
    let cors = Cors::new(per_request(move |request| {
        let host = request.host().unwrap_or("none");
        targets
            .lock()
            .unwrap()
            .push(format!("{host} {}", request.path()));
        Some(shared.clone())
    }));
    for (method, target) in [
        ("CONNECT", "other.example:443"),
        ("GET", "other.example:443"),
        ("GET", "other"),
        ("OPTIONS", "*"),
        ("GET", "http://other.example"),
    ] {
        let response = send(&cors, &routes(), request(method, target, ALLOWED)).await;
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
        .map(|target| [target; 2])
        .concat()
    );
}
