//! What actix-cors does, and what this does instead: each claim of `docs/migrating/actix-web.md`.

use actix_cors::Cors as Theirs;
use actix_web::dev::Transform as _;
use actix_web::test::ok_service;

use super::*;

/// The responses of an application behind theirs and behind ours.
async fn both(theirs: Theirs, ours: PolicyConfig, asked: fn() -> TestRequest) -> [HttpResponse; 2] {
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
        ask(&theirs, asked().to_request()).await,
        ask(&ours, asked().to_request()).await,
    ]
}

fn theirs() -> Theirs {
    Theirs::default()
        .allowed_origin(ALLOWED)
        .allowed_methods(["PUT"])
}

async fn has_run(response: HttpResponse) -> bool {
    to_bytes(response.into_body()).await.unwrap() == "ran"
}

#[actix_web::test]
async fn a_preflight_gets_200_there_and_204_here_with_a_max_age_of_600() {
    let [their, our] = both(theirs(), policy(), || preflight("/", ALLOWED)).await;
    assert_eq!((their.status().as_u16(), our.status().as_u16()), (200, 204));
    assert_eq!(allow_origin(&their), allow_origin(&our));
    let age = |response: &HttpResponse| values(response.headers(), "access-control-max-age");
    assert_eq!((age(&their), age(&our)), (vec![], vec!["600".to_owned()]));

    let same = policy().preflight_status(200).max_age(None);
    let [their, our] = both(theirs(), same, || preflight("/", ALLOWED)).await;
    assert_eq!(our.status(), their.status());
    assert_eq!(age(&our), age(&their));
}

#[actix_web::test]
async fn a_denied_preflight_is_400_with_a_text_there_and_403_without_here() {
    let [their, our] = both(theirs(), policy(), || preflight("/", DENIED)).await;
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
async fn a_method_or_header_that_is_not_allowed_hides_everything_there_and_is_listed_as_missing_here()
 {
    let method =
        || preflight("/", ALLOWED).insert_header(("access-control-request-method", "DELETE"));
    let header =
        || preflight("/", ALLOWED).insert_header(("access-control-request-headers", "x-other"));
    for asked in [method as fn() -> TestRequest, header] {
        let [their, our] = both(theirs(), policy(), asked).await;
        assert_eq!(their.status(), 400);
        assert_eq!(allow_origin(&their), [""; 0]);
        assert_eq!(our.status(), 204);
        assert_eq!(allow_origin(&our), [ALLOWED]);
        let methods = values(our.headers(), "access-control-allow-methods");
        assert_eq!(methods, ["GET, HEAD, POST, PUT"]);
    }
}

#[actix_web::test]
async fn safelisted_methods_must_be_listed_there_and_need_not_here() {
    let asked = || preflight("/", ALLOWED).insert_header(("access-control-request-method", "GET"));
    let [their, our] = both(theirs(), policy(), asked).await;
    assert_eq!((their.status().as_u16(), our.status().as_u16()), (400, 204));
}

#[actix_web::test]
async fn options_without_an_origin_is_a_preflight_there_and_the_applications_here() {
    let asked = || {
        TestRequest::default()
            .method(Method::OPTIONS)
            .insert_header(("access-control-request-method", "PUT"))
    };
    let [their, our] = both(theirs(), policy(), asked).await;
    assert_eq!(their.status(), 400);
    assert_eq!(our.status(), 200);
    assert!(has_run(our).await);
}

#[actix_web::test]
async fn vary_loses_a_field_and_repeats_itself_there_and_is_merged_here() {
    let [their, our] = both(theirs(), policy(), || request("GET", "/", ALLOWED)).await;
    let all = "accept, Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    assert_eq!(vary(&their), [all], "`cookie` is lost");
    assert_eq!(vary(&our), ["accept", "origin, cookie"]);
}

#[actix_web::test]
async fn cors_fields_of_the_application_reach_denied_origins_there_and_not_here() {
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
    let [their, our] = both(theirs, ours, || request("GET", "/", DENIED)).await;
    assert_eq!(allow_origin(&their), ["https://own.example"]);
    assert_eq!(allow_origin(&our), [""; 0]);
    assert_eq!((credentials(&their), credentials(&our)), (true, false));

    let (theirs, ours) = with();
    let [their, our] = both(theirs, ours, TestRequest::get).await;
    assert_eq!((credentials(&their), credentials(&our)), (true, false));
}

#[actix_web::test]
async fn of_two_origins_the_first_counts_there_and_neither_here() {
    let asked = || request("GET", "/", ALLOWED).append_header(("origin", DENIED));
    let [their, our] = both(theirs(), policy(), asked).await;
    assert_eq!(allow_origin(&their), [ALLOWED]);
    assert_eq!(allow_origin(&our), [""; 0]);
}

#[actix_web::test]
async fn any_origin_is_an_echo_there_and_a_star_here() {
    let theirs = || Theirs::default().allow_any_origin();
    let ours = || PolicyConfig::new().allow_origins(["*"]);
    let [their, our] = both(theirs(), ours(), || request("GET", "/", DENIED)).await;
    assert_eq!(allow_origin(&their), [DENIED]);
    assert_eq!(allow_origin(&our), ["*"]);
    // Bytes that no browser sends.
    let asked = || request("GET", "/", "not an origin");
    let [their, our] = both(theirs(), ours(), asked).await;
    assert_eq!(allow_origin(&their), ["not an origin"]);
    assert_eq!(allow_origin(&our), ["*"]);
    let theirs = theirs().send_wildcard();
    let [their, our] = both(theirs, ours(), || request("GET", "/", DENIED)).await;
    assert_eq!(allow_origin(&their), ["*"]);
    assert_eq!(allow_origin(&our), ["*"]);
}

#[actix_web::test]
async fn the_permissive_one_gives_credentials_to_anyone_there_and_has_to_be_spelled_out_here() {
    let [their, _] = both(Theirs::permissive(), policy(), || {
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
    let asked = || preflight("/", DENIED).insert_header(("access-control-request-headers", "x-a"));
    let [their, our] = both(Theirs::permissive(), ours, asked).await;
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
async fn a_mismatch_that_is_blocked_blocks_a_sites_own_pages_there_and_not_here() {
    let theirs = || theirs().block_on_origin_mismatch(true);
    let ours = || policy().refuse_disallowed_origins(true);
    let [their, our] = both(theirs(), ours(), || request("POST", "/", DENIED)).await;
    assert_eq!((their.status().as_u16(), our.status().as_u16()), (400, 403));
    let own = || request("POST", "/", "https://own.example").insert_header(("host", "own.example"));
    let [their, our] = both(theirs(), ours(), own).await;
    assert_eq!((their.status().as_u16(), our.status().as_u16()), (400, 200));
    assert!(has_run(our).await);
}

#[actix_web::test]
async fn preflights_go_to_the_application_bare_there_and_with_the_headers_here() {
    let theirs = theirs().disable_preflight();
    let ours = policy().forward_preflights(true);
    let [their, our] = both(theirs, ours, || preflight("/", ALLOWED)).await;
    let methods =
        |response: &HttpResponse| values(response.headers(), "access-control-allow-methods");
    assert_eq!(methods(&their), [""; 0]);
    assert_eq!(methods(&our), ["GET, HEAD, POST, PUT"]);
    assert!(has_run(their).await && has_run(our).await);
}

#[actix_web::test]
async fn exposing_all_lists_the_responses_names_there_and_is_a_star_here() {
    let theirs = theirs().expose_any_header();
    let ours = policy().expose_headers(["*"]);
    let [their, our] = both(theirs, ours, || request("GET", "/", ALLOWED)).await;
    let exposed = |response: &HttpResponse| {
        values(response.headers(), "access-control-expose-headers").join("|")
    };
    assert!(exposed(&their).contains("access-control-allow-origin"));
    assert_eq!(exposed(&our), "*");
}

#[actix_web::test]
async fn an_invalid_origin_is_accepted_and_never_matches_there_and_is_an_error_here() {
    for wrong in ["https://allowed.example/", "allowed.example", "/"] {
        let theirs = Theirs::default().allowed_origin(wrong);
        assert!(theirs.new_transform(ok_service()).await.is_ok(), "{wrong}");
        let ours = PolicyConfig::new().allow_origins([wrong]);
        assert!(ours.build().is_err(), "{wrong}");
    }
    let theirs = Theirs::default().allowed_origin("https://allowed.example/");
    let ours = policy();
    let [their, _] = both(theirs, ours, || request("GET", "/", ALLOWED)).await;
    assert_eq!(allow_origin(&their), ["https://own.example"], "not allowed");

    // What theirs does find appears only in a log.
    let theirs = Theirs::default().allowed_origin("*");
    assert_eq!(theirs.new_transform(ok_service()).await.err(), Some(()));
}

#[actix_web::test]
async fn a_function_that_allows_origins_moves_over() {
    let theirs = Theirs::default()
        .allowed_origin_fn(|origin, _| origin.as_bytes().ends_with(b".allowed.example"));
    let ours = PolicyConfig::new().allow_origins_if(|origin| {
        let host = origin.host().unwrap_or_default();
        origin.scheme() == "https" && host.ends_with(".allowed.example")
    });
    let asked = || request("GET", "/", "https://a.allowed.example");
    let [their, our] = both(theirs, ours, asked).await;
    assert_eq!(allow_origin(&our), allow_origin(&their));
    let ours = PolicyConfig::new().allow_origins(["https://*.allowed.example"]);
    let [_, our] = both(self::theirs(), ours, asked).await;
    assert_eq!(allow_origin(&our), ["https://a.allowed.example"]);
}

#[actix_web::test]
async fn an_error_of_a_middleware_carries_the_headers_in_both() {
    let app = || App::new().default_service(web::to(HttpResponse::Ok));
    let theirs = init_service(app().wrap(from_fn(login)).wrap(theirs())).await;
    let ours = init_service(app().wrap(from_fn(login)).wrap(cors(policy()))).await;
    let asked = || request("GET", "/", ALLOWED).to_request();
    let errors = [
        try_call_service(&theirs, asked()).await.unwrap_err(),
        try_call_service(&ours, asked()).await.unwrap_err(),
    ];
    for error in errors {
        assert!(error.as_error::<InternalError<&str>>().is_some());
        assert_eq!(allow_origin(&error.error_response()), [ALLOWED]);
    }
}
