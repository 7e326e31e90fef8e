//! Tests of each difference that `docs/migrating/actix-web.md` lists. Each request is sent through both middlewares: `theirs` is
//! that of actix-cors, `ours` is this crate's.

use actix_cors::Cors as ActixCors;
use actix_web::dev::Transform as _;
use actix_web::test::ok_service;

use super::*;

/// Sends a request to an application with each middleware.
async fn send_to_both(
    theirs: ActixCors,
    ours: PolicyConfig,
    make_request: fn() -> TestRequest,
) -> [HttpResponse; 2] {
    async fn application() -> HttpResponse {
        HttpResponse::Ok()
            .append_header(("vary", "accept"))
            .append_header(("vary", "origin, cookie"))
            .append_header(("access-control-allow-origin", "https://own.example"))
            .body("ran")
    }
    let app = || App::new().default_service(web::to(application));
    let theirs = init_service(app().wrap(theirs)).await;
    let ours = init_service(app().wrap(cors(ours))).await;
    [
        send(&theirs, make_request().to_request()).await,
        send(&ours, make_request().to_request()).await,
    ]
}

fn theirs() -> ActixCors {
    ActixCors::default()
        .allowed_origin(ALLOWED)
        .allowed_methods(["PUT"])
}

async fn has_run(response: HttpResponse) -> bool {
    to_bytes(response.into_body()).await.unwrap() == "ran"
}

#[actix_web::test]
async fn actix_cors_responds_to_a_preflight_with_200_and_no_max_age() {
    let [their, our] = send_to_both(theirs(), policy(), || preflight("/", ALLOWED)).await;
    assert_eq!((their.status().as_u16(), our.status().as_u16()), (200, 204));
    assert_eq!(allow_origin(&their), allow_origin(&our));
    let age = |response: &HttpResponse| values(response.headers(), "access-control-max-age");
    assert_eq!((age(&their), age(&our)), (vec![], vec!["600".to_owned()]));

    let same = policy().preflight_status(200).max_age(None);
    let [their, our] = send_to_both(theirs(), same, || preflight("/", ALLOWED)).await;
    assert_eq!(our.status(), their.status());
    assert_eq!(age(&our), age(&their));
}

#[actix_web::test]
async fn actix_cors_responds_to_a_denied_preflight_with_400_and_a_text() {
    let [their, our] = send_to_both(theirs(), policy(), || preflight("/", DENIED)).await;
    assert_eq!((their.status().as_u16(), our.status().as_u16()), (400, 403));
    assert_eq!(
        vary(&their),
        [""; 0],
        "a cache may serve it to another origin"
    );
    assert_eq!(vary(&our), ["Origin"]);
    let text = to_bytes(their.into_body()).await.unwrap();
    assert_eq!(text, "Origin is not allowed to make this request");
    assert!(to_bytes(our.into_body()).await.unwrap().is_empty());
}

#[actix_web::test]
async fn actix_cors_sends_no_cors_fields_if_a_method_or_header_is_not_allowed() {
    let method =
        || preflight("/", ALLOWED).insert_header(("access-control-request-method", "DELETE"));
    let header =
        || preflight("/", ALLOWED).insert_header(("access-control-request-headers", "x-other"));
    for make_request in [method as fn() -> TestRequest, header] {
        let [their, our] = send_to_both(theirs(), policy(), make_request).await;
        assert_eq!(their.status(), 400);
        assert_eq!(allow_origin(&their), [""; 0]);
        assert_eq!(our.status(), 204);
        assert_eq!(allow_origin(&our), [ALLOWED]);
        let methods = values(our.headers(), "access-control-allow-methods");
        assert_eq!(methods, ["GET, HEAD, POST, PUT"]);
    }
}

#[actix_web::test]
async fn actix_cors_denies_safelisted_methods_that_are_not_listed() {
    let make_request =
        || preflight("/", ALLOWED).insert_header(("access-control-request-method", "GET"));
    let [their, our] = send_to_both(theirs(), policy(), make_request).await;
    assert_eq!((their.status().as_u16(), our.status().as_u16()), (400, 204));
}

#[actix_web::test]
async fn actix_cors_responds_to_options_requests_without_an_origin() {
    let make_request = || {
        TestRequest::default()
            .method(Method::OPTIONS)
            .insert_header(("access-control-request-method", "PUT"))
    };
    let [their, our] = send_to_both(theirs(), policy(), make_request).await;
    assert_eq!(their.status(), 400);
    assert_eq!(our.status(), 200);
    assert!(has_run(our).await);
}

#[actix_web::test]
async fn actix_cors_drops_a_vary_field_and_repeats_names() {
    let [their, our] = send_to_both(theirs(), policy(), || request("GET", "/", ALLOWED)).await;
    let all = "accept, Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    assert_eq!(vary(&their), [all], "`cookie` is lost");
    assert_eq!(vary(&our), ["accept", "origin, cookie"]);
}

#[actix_web::test]
async fn actix_cors_keeps_the_cors_fields_of_the_application_for_denied_origins() {
    let credentials = |response: &HttpResponse| {
        let name = "access-control-allow-credentials";
        !values(response.headers(), name).is_empty()
    };
    let with = || {
        (
            theirs().supports_credentials(),
            policy().allow_credentials(true),
        )
    };
    let (theirs, ours) = with();
    let [their, our] = send_to_both(theirs, ours, || request("GET", "/", DENIED)).await;
    assert_eq!(allow_origin(&their), ["https://own.example"]);
    assert_eq!(allow_origin(&our), [""; 0]);
    assert_eq!((credentials(&their), credentials(&our)), (true, false));

    let (theirs, ours) = with();
    let [their, our] = send_to_both(theirs, ours, TestRequest::get).await;
    assert_eq!((credentials(&their), credentials(&our)), (true, false));
}

#[actix_web::test]
async fn actix_cors_reads_the_first_of_two_origins() {
    let make_request = || request("GET", "/", ALLOWED).append_header(("origin", DENIED));
    let [their, our] = send_to_both(theirs(), policy(), make_request).await;
    assert_eq!(allow_origin(&their), [ALLOWED]);
    assert_eq!(allow_origin(&our), [""; 0]);
}

#[actix_web::test]
async fn actix_cors_echoes_the_origin_if_any_origin_is_allowed() {
    let theirs = || ActixCors::default().allow_any_origin();
    let ours = || PolicyConfig::new().allow_origins(["*"]);
    let [their, our] = send_to_both(theirs(), ours(), || request("GET", "/", DENIED)).await;
    assert_eq!(allow_origin(&their), [DENIED]);
    assert_eq!(allow_origin(&our), ["*"]);
    // No browser sends this.
    let make_request = || request("GET", "/", "not an origin");
    let [their, our] = send_to_both(theirs(), ours(), make_request).await;
    assert_eq!(allow_origin(&their), ["not an origin"]);
    assert_eq!(allow_origin(&our), ["*"]);
    let theirs = theirs().send_wildcard();
    let [their, our] = send_to_both(theirs, ours(), || request("GET", "/", DENIED)).await;
    assert_eq!(allow_origin(&their), ["*"]);
    assert_eq!(allow_origin(&our), ["*"]);
}

#[actix_web::test]
async fn permissive_of_actix_cors_allows_credentials_for_any_origin() {
    let [their, _] = send_to_both(ActixCors::permissive(), policy(), || {
        request("GET", "/", DENIED)
    })
    .await;
    assert_eq!(allow_origin(&their), [DENIED]);
    let name = "access-control-allow-credentials";
    assert_eq!(values(their.headers(), name), ["true"]);

    let ours = || {
        PolicyConfig::new()
            .allow_origins(["*"])
            .allow_methods(["*"])
            .allow_headers(["*"])
            .allow_credentials(true)
            .max_age(Duration::from_secs(3600))
    };
    assert!(ours().build().is_err());
    let ours = ours().dangerously_allow_any_origin_with_credentials(true);
    let make_request =
        || preflight("/", DENIED).insert_header(("access-control-request-headers", "x-a"));
    let [their, our] = send_to_both(ActixCors::permissive(), ours, make_request).await;
    for name in [
        "access-control-allow-origin",
        "access-control-allow-headers",
        "access-control-allow-credentials",
        "access-control-max-age",
    ] {
        let [their, our] = [&their, &our].map(|one| values(one.headers(), name));
        assert_eq!(our, their, "{name}");
        assert_eq!(our.len(), 1, "{name}");
    }
}

#[actix_web::test]
async fn actix_cors_blocks_same_origin_requests_on_a_mismatch() {
    let theirs = || theirs().block_on_origin_mismatch(true);
    let ours = || policy().guard(Guard::All);
    let [their, our] = send_to_both(theirs(), ours(), || request("POST", "/", DENIED)).await;
    assert_eq!((their.status().as_u16(), our.status().as_u16()), (400, 403));
    let own = || request("POST", "/", "https://own.example").insert_header(("host", "own.example"));
    let [their, our] = send_to_both(theirs(), ours(), own).await;
    assert_eq!((their.status().as_u16(), our.status().as_u16()), (400, 200));
    assert!(has_run(our).await);
}

#[actix_web::test]
async fn actix_cors_adds_no_fields_to_forwarded_preflights() {
    let theirs = theirs().disable_preflight();
    let ours = policy().forward_preflights(true);
    let [their, our] = send_to_both(theirs, ours, || preflight("/", ALLOWED)).await;
    let methods =
        |response: &HttpResponse| values(response.headers(), "access-control-allow-methods");
    assert_eq!(methods(&their), [""; 0]);
    assert_eq!(methods(&our), ["GET, HEAD, POST, PUT"]);
    assert!(has_run(their).await && has_run(our).await);
}

#[actix_web::test]
async fn actix_cors_lists_the_names_of_the_response_to_expose_any_header() {
    let theirs = theirs().expose_any_header();
    let ours = policy().expose_headers(["*"]);
    let [their, our] = send_to_both(theirs, ours, || request("GET", "/", ALLOWED)).await;
    let exposed = |response: &HttpResponse| {
        values(response.headers(), "access-control-expose-headers").join("|")
    };
    assert!(exposed(&their).contains("access-control-allow-origin"));
    assert_eq!(exposed(&our), "*");
}

#[actix_web::test]
async fn actix_cors_accepts_invalid_origins_that_never_match() {
    for wrong in ["https://allowed.example/", "allowed.example", "/"] {
        let theirs = ActixCors::default().allowed_origin(wrong);
        assert!(theirs.new_transform(ok_service()).await.is_ok(), "{wrong}");
        let ours = PolicyConfig::new().allow_origins([wrong]);
        assert!(ours.build().is_err(), "{wrong}");
    }
    let theirs = ActixCors::default().allowed_origin("https://allowed.example/");
    let ours = policy();
    let [their, _] = send_to_both(theirs, ours, || request("GET", "/", ALLOWED)).await;
    assert_eq!(allow_origin(&their), ["https://own.example"], "not allowed");

    // actix-cors reports the faults that it finds only in the log.
    let theirs = ActixCors::default().allowed_origin("*");
    assert_eq!(theirs.new_transform(ok_service()).await.err(), Some(()));
}

#[actix_web::test]
async fn a_function_of_actix_cors_can_be_replaced_by_a_predicate_or_a_pattern() {
    let theirs = ActixCors::default()
        .allowed_origin_fn(|origin, _| origin.as_bytes().ends_with(b".allowed.example"));
    let ours = PolicyConfig::new().allow_origins_if(|origin| {
        let host = origin.host().unwrap_or_default();
        origin.scheme() == "https" && host.ends_with(".allowed.example")
    });
    let make_request = || request("GET", "/", "https://a.allowed.example");
    let [their, our] = send_to_both(theirs, ours, make_request).await;
    assert_eq!(allow_origin(&our), allow_origin(&their));
    let ours = PolicyConfig::new().allow_origins(["https://*.allowed.example"]);
    let [_, our] = send_to_both(self::theirs(), ours, make_request).await;
    assert_eq!(allow_origin(&our), ["https://a.allowed.example"]);
}

#[actix_web::test]
async fn an_error_of_a_middleware_has_the_headers_with_both() {
    let app = || App::new().default_service(web::to(HttpResponse::Ok));
    let theirs = init_service(app().wrap(from_fn(login)).wrap(theirs())).await;
    let ours = init_service(app().wrap(from_fn(login)).wrap(cors(policy()))).await;
    let make_request = || request("GET", "/", ALLOWED).to_request();
    let errors = [
        try_call_service(&theirs, make_request()).await.unwrap_err(),
        try_call_service(&ours, make_request()).await.unwrap_err(),
    ];
    for error in errors {
        assert!(error.as_error::<InternalError<&str>>().is_some());
        assert_eq!(allow_origin(&error.error_response()), [ALLOWED]);
    }
}
