//! Tests of each difference that `docs/migrating/tower-http.md` lists. Each request is sent through both layers: `theirs` is
//! tower-http's, `ours` is this crate's.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use axum::routing::any;
use http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{
    AllowCredentials, AllowHeaders, AllowMethods, AllowOrigin, Any, Cors,
    CorsLayer as TowerHttpLayer, MaxAge,
};

use super::*;

const DENIED: &str = "https://denied.example";
const HEADER: HeaderName = HeaderName::from_static("x-a");
const REQUEST_METHOD: &str = "access-control-request-method";
const REQUEST_HEADERS: &str = "access-control-request-headers";

fn value(text: &'static str) -> HeaderValue {
    HeaderValue::from_static(text)
}

fn theirs() -> TowerHttpLayer {
    TowerHttpLayer::new()
        .allow_origin([value(ALLOWED)])
        .allow_methods([Method::PUT])
}

fn all() -> PolicyConfig {
    let all = PolicyConfig::new().allow_origins(["*"]);
    all.allow_methods(["*"]).allow_headers(["*"])
}

fn all_with_credentials() -> PolicyConfig {
    all()
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true)
}

/// Sends a request to an application with each layer. The application responds with 202 or its own fields.
async fn send_to_both(
    theirs: TowerHttpLayer,
    ours: PolicyConfig,
    request: impl Fn() -> Request<Body>,
) -> [Response<Body>; 2] {
    let app = || {
        let fields = [
            ("access-control-allow-origin", "https://own.example"),
            ("vary", "Accept-Encoding, Origin"),
        ];
        Router::new()
            .route("/", any(|| async { StatusCode::ACCEPTED }))
            .route("/fields", any(move || async move { fields }))
    };
    [
        send(app().layer(theirs), request()).await,
        send(
            app().layer(CorsLayer::new(ours.build().unwrap())),
            request(),
        )
        .await,
    ]
}

fn with(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    request.headers_mut().append(name, value.parse().unwrap());
    request
}

fn without_origin(method: &str) -> Request<Body> {
    let mut request = request(method, "/", "");
    request.headers_mut().remove("origin");
    request
}

/// Returns the values of all fields with this name.
fn values<'a>(response: &'a Response<Body>, name: &str) -> Vec<&'a str> {
    let fields = response.headers().get_all(name).iter();
    fields.map(|field| field.to_str().unwrap()).collect()
}

/// Returns the value of the field `Access-Control-NAME` of both responses.
fn value_of<'a>([theirs, ours]: &'a [Response<Body>; 2], name: &str) -> [Option<&'a str>; 2] {
    [theirs, ours].map(|response| {
        let fields = values(response, &format!("access-control-{name}"));
        assert!(fields.len() < 2, "{name}: {fields:?}");
        fields.first().copied()
    })
}

fn statuses(responses: &[Response<Body>; 2]) -> [u16; 2] {
    responses
        .each_ref()
        .map(|response| response.status().into())
}

#[tokio::test]
async fn each_replacement_allows_the_same() {
    type Theirs = fn(TowerHttpLayer) -> TowerHttpLayer;
    type Ours = fn(PolicyConfig) -> PolicyConfig;
    const SETTINGS: [(Theirs, Ours); 8] = [
        (
            |_| TowerHttpLayer::permissive(),
            |_| all().expose_headers(["*"]),
        ),
        (
            |_| TowerHttpLayer::very_permissive(),
            |_| all_with_credentials(),
        ),
        (|it| it.allow_origin(value(ALLOWED)), |it| it),
        (|it| it.allow_methods(Any), |it| it.allow_methods(["*"])),
        (
            |it| it.allow_headers([HEADER]),
            |it| it.allow_headers(["x-a"]),
        ),
        (|it| it.allow_headers(Any), |it| it.allow_headers(["*"])),
        (
            |it| it.allow_credentials(true),
            |it| it.allow_credentials(true),
        ),
        (
            |it| it.expose_headers([HEADER]),
            |it| it.expose_headers(["x-a"]),
        ),
    ];
    let responses = || with(preflight("/", ALLOWED), REQUEST_HEADERS, "x-a");
    for (number, (change_theirs, change_ours)) in SETTINGS.into_iter().enumerate() {
        for request in [responses, || request("GET", "/", ALLOWED)] {
            let theirs = change_theirs(theirs()).max_age(Duration::from_secs(600));
            let responses = send_to_both(theirs, change_ours(policy()), request).await;
            let [theirs, ours] = responses.each_ref().map(|response| {
                let fields = response.headers().iter();
                let fields =
                    fields.filter(|(name, _)| name.as_str().starts_with("access-control-"));
                // Our list begins with the methods that are always allowed.
                let value = |value: &HeaderValue| {
                    let text = value.to_str().unwrap();
                    text.trim_start_matches("GET, HEAD, POST, ").to_owned()
                };
                let fields = fields.map(|(name, its)| (name, value(its)));
                fields.collect::<HashMap<_, _>>()
            });
            assert_eq!(theirs, ours, "{number}");
        }
    }
}

#[tokio::test]
async fn tower_http_responds_to_every_options_request() {
    for request in [
        || without_origin("OPTIONS"),
        || request("OPTIONS", "/", ALLOWED),
        || with(without_origin("OPTIONS"), REQUEST_METHOD, "PUT"),
    ] {
        let responses = send_to_both(theirs(), policy(), request).await;
        assert_eq!(statuses(&responses), [200, 202]);
    }
}

#[tokio::test]
async fn tower_http_sends_all_fields_but_the_origin_to_a_denied_preflight() {
    let theirs = || {
        let theirs = theirs().allow_headers([HEADER]).allow_credentials(true);
        theirs.max_age(Duration::from_secs(60))
    };
    let ours = || policy().allow_headers(["x-a"]).allow_credentials(true);
    let ours = || ours().max_age(Duration::from_secs(60));
    let allowed = send_to_both(theirs(), ours(), || preflight("/", ALLOWED)).await;
    let denied = send_to_both(theirs(), ours(), || preflight("/", DENIED)).await;
    assert_eq!(statuses(&allowed), [200, 204]);
    assert_eq!(statuses(&denied), [200, 403]);
    assert_eq!(value_of(&allowed, "allow-origin"), [Some(ALLOWED); 2]);
    assert_eq!(value_of(&denied, "allow-origin"), [None; 2]);
    // Our list also has the methods that are always allowed.
    let methods = [Some("PUT"), Some("GET, HEAD, POST, PUT")];
    assert_eq!(value_of(&allowed, "allow-methods"), methods);
    assert_eq!(value_of(&denied, "allow-methods"), [methods[0], None]);
    for (name, value) in [
        ("allow-credentials", "true"),
        ("allow-headers", "x-a"),
        ("max-age", "60"),
    ] {
        assert_eq!(value_of(&allowed, name), [Some(value); 2]);
        assert_eq!(value_of(&denied, name), [Some(value), None]);
    }
}

#[tokio::test]
async fn tower_http_sends_credentials_and_exposed_headers_to_every_origin() {
    for request in [|| request("GET", "/", DENIED), || without_origin("GET")] {
        let theirs = theirs().expose_headers([HEADER]).allow_credentials(true);
        let ours = policy().expose_headers(["x-a"]).allow_credentials(true);
        let responses = send_to_both(theirs, ours, request).await;
        assert_eq!(
            value_of(&responses, "allow-credentials"),
            [Some("true"), None]
        );
        assert_eq!(value_of(&responses, "expose-headers"), [Some("x-a"), None]);
    }
}

#[tokio::test]
async fn tower_http_sends_a_single_origin_to_every_origin_without_vary() {
    let theirs = theirs().allow_origin(value(ALLOWED));
    let responses = send_to_both(theirs.clone(), policy(), || request("GET", "/", DENIED)).await;
    assert_eq!(value_of(&responses, "allow-origin"), [Some(ALLOWED), None]);
    assert_eq!(
        responses.each_ref().map(|one| values(one, "vary")),
        [vec![], vec!["Origin"]]
    );
    // With `static_origin`, our layer does the same.
    for request in [
        || request("GET", "/", ALLOWED),
        || request("GET", "/", DENIED),
        || without_origin("GET"),
        || preflight("/", ALLOWED),
        || preflight("/", DENIED),
    ] {
        let ours = policy().static_origin(true);
        let responses = send_to_both(theirs.clone(), ours, request).await;
        assert_eq!(value_of(&responses, "allow-origin"), [Some(ALLOWED); 2]);
        let vary = responses.each_ref().map(|one| values(one, "vary"));
        assert_eq!(vary, [vec![""; 0], vec![]]);
    }
}

#[tokio::test]
async fn tower_http_repeats_vary_and_adds_names_of_preflight_fields_to_every_response() {
    let theirs = theirs()
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request());
    let ours = policy().allow_methods(["*"]).allow_headers(["*"]);
    let responses = send_to_both(theirs, ours, || request("GET", "/fields", ALLOWED)).await;
    let [theirs, ours] = responses.each_ref().map(|one| values(one, "vary"));
    let added = "origin, access-control-request-method, access-control-request-headers";
    assert_eq!(theirs, ["Accept-Encoding, Origin", added]);
    assert_eq!(ours, ["Accept-Encoding, Origin"]);
}

#[tokio::test]
async fn tower_http_keeps_the_cors_fields_of_the_application_for_denied_origins() {
    let responses = send_to_both(theirs(), policy(), || request("GET", "/fields", DENIED)).await;
    assert_eq!(
        value_of(&responses, "allow-origin"),
        [Some("https://own.example"), None]
    );
    let responses = send_to_both(theirs(), policy(), || request("GET", "/fields", ALLOWED)).await;
    assert_eq!(value_of(&responses, "allow-origin"), [Some(ALLOWED); 2]);
}

#[tokio::test]
async fn tower_http_reads_the_first_of_two_origins() {
    let request = || with(request("GET", "/", ALLOWED), "origin", DENIED);
    let responses = send_to_both(theirs(), policy(), request).await;
    assert_eq!(value_of(&responses, "allow-origin"), [Some(ALLOWED), None]);
}

#[tokio::test]
async fn a_predicate_of_tower_http_gets_bytes_and_can_allow_look_alikes() {
    let theirs = |end: &'static str| {
        let ends = move |origin: &HeaderValue, _: &_| origin.as_bytes().ends_with(end.as_bytes());
        theirs().allow_origin(AllowOrigin::predicate(ends))
    };
    let ours = || PolicyConfig::new().allow_origins(["https://*.example.com"]);
    for (end, origin, ours_too) in [
        ("example.com", "https://evil-example.com", false),
        (".example.com", "https://evil.test/?.example.com", false),
        (".example.com", "http://a.example.com", false),
        (".example.com", "https://a.example.com", true),
    ] {
        let responses = send_to_both(theirs(end), ours(), || request("GET", "/", origin)).await;
        let expected = [Some(origin), ours_too.then_some(origin)];
        assert_eq!(value_of(&responses, "allow-origin"), expected);
    }
}

#[tokio::test]
async fn tower_http_mirrors_values_without_a_check() {
    for (origin, ours_too) in [(DENIED, true), ("null", false), ("no origin", false)] {
        let request = || request("GET", "/", origin);
        let responses = send_to_both(
            TowerHttpLayer::very_permissive(),
            all_with_credentials(),
            request,
        )
        .await;
        let expected = [Some(origin), ours_too.then_some(origin)];
        assert_eq!(value_of(&responses, "allow-origin"), expected);
    }
    for (length, ours_too) in [(1_000, true), (100_000, false)] {
        let name = "x".repeat(length);
        let request = || with(preflight("/", DENIED), REQUEST_HEADERS, &name);
        let responses = send_to_both(
            TowerHttpLayer::very_permissive(),
            all_with_credentials(),
            request,
        )
        .await;
        let [theirs, ours] = value_of(&responses, "allow-headers");
        assert_eq!(theirs, Some(&*name));
        assert_eq!(ours, ours_too.then_some(&*name), "{length}");
    }
}

#[cfg(feature = "tokio")]
#[tokio::test(start_paused = true)]
async fn tower_http_runs_the_application_before_an_async_predicate_which_has_no_timeout() {
    use futures_util::FutureExt as _;
    use std::future::pending;

    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let app = service_fn(move |_: Request<Body>| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Ok::<_, Infallible>(Response::new(Body::empty())) }
    });
    let layer = theirs().allow_origin(AllowOrigin::async_predicate(|_, _| pending()));
    let theirs = send(layer.layer(app.clone()), request("GET", "/", DENIED));
    let year = Duration::from_secs(365 * 24 * 60 * 60);
    assert!(tokio::time::timeout(year, theirs).await.is_err());
    assert_eq!(runs.swap(0, Ordering::Relaxed), 1);

    let layer = CorsLayer::new(policy().lookup_origins(true).build().unwrap());
    let layer = layer.lookup_origins(Duration::from_secs(1), |_| pending::<bool>());
    let mut ours = Box::pin(send(layer.layer(app), request("GET", "/", DENIED)));
    assert!((&mut ours).now_or_never().is_none());
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    assert_eq!(allow_origin(ours.await.headers()), None);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[test]
fn tower_http_panics_for_some_faults_and_accepts_others() {
    let panics = |act: &dyn Fn()| catch_unwind(AssertUnwindSafe(act)).is_err();
    let with_credentials = || theirs().allow_credentials(true);
    for layer in [
        with_credentials().allow_origin(Any),
        with_credentials().allow_methods(Any),
        with_credentials().allow_headers(Any),
        with_credentials().expose_headers(Any),
    ] {
        assert!(panics(&|| drop(layer.layer(()))));
    }
    assert!(!panics(&|| drop(with_credentials().layer(()))));
    assert!(panics(&|| drop(AllowOrigin::list([value("*")]))));
    for origin in ["https://a.example/", "https://A.example", "a.example"] {
        assert!(!panics(&|| drop(AllowOrigin::list([value(origin)]))));
        assert!(policy().allow_origins([origin]).build().is_err());
    }
    let faults = PolicyConfig::new().allow_origins(["*"]);
    let faults = faults
        .allow_credentials(true)
        .expose_headers(["*"])
        .build()
        .unwrap_err();
    assert_eq!(faults.faults().len(), 2, "{faults}");
}

#[tokio::test]
#[should_panic(expected = "Cannot combine")]
async fn a_service_of_tower_http_without_a_layer_panics_at_the_first_request() {
    let app = Router::new().route("/", any(|| async {}));
    let app = Cors::new(app).allow_origin(Any).allow_credentials(true);
    send(app, request("GET", "/", DENIED)).await;
}

#[tokio::test]
async fn tower_http_accepts_a_predicate_for_credentials_with_any_origin() {
    let credentials = AllowCredentials::predicate(|_, _| true);
    let theirs = theirs().allow_origin(Any).allow_credentials(credentials);
    let ours = PolicyConfig::new().allow_origins(["*"]);
    let responses = send_to_both(theirs, ours, || request("GET", "/", DENIED)).await;
    assert_eq!(value_of(&responses, "allow-origin"), [Some("*"); 2]);
    assert_eq!(
        value_of(&responses, "allow-credentials"),
        [Some("true"), None]
    );
}

#[tokio::test]
async fn tower_http_has_no_default_and_no_limit_for_max_age() {
    let long = Duration::from_secs(10_000_000);
    let responses = send_to_both(theirs(), policy(), || preflight("/", ALLOWED)).await;
    assert_eq!(value_of(&responses, "max-age"), [None, Some("600")]);
    let dynamic = MaxAge::dynamic(move |_, _| long);
    for theirs in [theirs().max_age(long), theirs().max_age(dynamic)] {
        let responses =
            send_to_both(theirs, policy().max_age(None), || preflight("/", ALLOWED)).await;
        assert_eq!(value_of(&responses, "max-age"), [Some("10000000"), None]);
    }
    assert!(policy().max_age(long).build().is_err());
}

#[tokio::test]
async fn tower_http_allows_private_networks_outside_preflights_and_for_denied_origins() {
    const ASKED: &str = "access-control-request-private-network";
    for (make, expected) in [
        (preflight as fn(_, _) -> _, [None, Some("true")]),
        (
            |path, origin| with(preflight(path, origin), ASKED, "true"),
            [Some("true"); 2],
        ),
        (
            |path, _| with(preflight(path, DENIED), ASKED, "true"),
            [Some("true"), None],
        ),
        (
            |path, _| with(request("GET", path, DENIED), ASKED, "true"),
            [Some("true"), None],
        ),
    ] {
        let ours = policy().allow_private_network(true);
        let theirs = theirs().allow_private_network(true);
        let responses = send_to_both(theirs, ours, || make("/", ALLOWED)).await;
        assert_eq!(value_of(&responses, "allow-private-network"), expected);
    }
}
