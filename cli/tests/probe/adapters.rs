//! Real servers: the adapters of Omnicors, tower-http and actix-cors. Right settings have no findings.

use axum::Router;
use axum::routing::get;
use http::{HeaderValue, Method, header};
use omnicors_core::PolicyConfig;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::command::{findings, json};
use crate::server::Running;
use crate::sites::APP;

fn policy(is_public: bool) -> omnicors_core::Policy {
    let config = PolicyConfig::default();
    let config = if is_public {
        config
            .allow_origins(["*"])
            .allow_methods(["GET", "PUT"])
            .allow_headers(["content-type"])
    } else {
        config
            .allow_origins([APP, "https://*.preview.site.example"])
            .allow_methods(["GET", "PUT"])
            .allow_headers(["content-type", "authorization"])
            .allow_credentials(true)
    };
    let config = config.allow_loopback_hosts();
    config.build().expect("a right policy")
}

fn router() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

fn tower(is_public: bool) -> Running {
    Running::router(router().layer(omnicors_tower::CorsLayer::new(policy(is_public))))
}

fn tower_http(is_public: bool) -> Running {
    let layer = if is_public {
        CorsLayer::new().allow_origin(tower_http::cors::Any)
    } else {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list([HeaderValue::from_static(APP)]))
            .allow_credentials(true)
            .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION])
    };
    Running::router(router().layer(layer.allow_methods([Method::GET, Method::PUT])))
}

/// Serves an application of actix-web.
macro_rules! actix {
    ($cors:expr) => {{
        let cors = $cors;
        Running::on_thread(move |listener, stopped| {
            actix_web::rt::System::new().block_on(async move {
                let server = actix_web::HttpServer::new(move || {
                    let hello = actix_web::web::get().to(|| async { "hello" });
                    actix_web::App::new().route("/", hello).wrap(cors())
                });
                let server = server
                    .workers(1)
                    .disable_signals()
                    .listen(listener)
                    .expect("a listener")
                    .run();
                let handle = server.handle();
                let serving = actix_web::rt::spawn(server);
                // An error means that the sender was dropped, which stops the server as well.
                let _ = stopped.await;
                handle.stop(false).await;
                serving.await.expect("no panic").expect("no error");
            });
        })
    }};
}

fn actix_web(is_public: bool) -> Running {
    let cors = omnicors_actix_web::Cors::new(policy(is_public));
    actix!(move || cors.clone())
}

fn actix_cors(is_public: bool) -> Running {
    actix!(move || {
        let cors = actix_cors::Cors::default().allowed_methods(["GET", "PUT"]);
        if is_public {
            cors.allow_any_origin().send_wildcard()
        } else {
            cors.allowed_origin(APP)
                .supports_credentials()
                .allowed_headers(["content-type", "authorization"])
        }
    })
}

fn poem(is_public: bool) -> Running {
    use poem::EndpointExt as _;

    let application = poem::Route::new()
        .at("/", poem::get(poem::endpoint::make_sync(|_| "hello")))
        .with(omnicors_poem::Cors::new(policy(is_public)));
    Running::new(|listener| async {
        let acceptor = poem::listener::TcpAcceptor::from_tokio(listener).expect("a listener");
        poem::Server::new_with_acceptor(acceptor)
            .run(application)
            .await
            .expect("it serves");
    })
}

fn warp(is_public: bool) -> Running {
    use warp::Filter as _;

    let hello = warp::path::end().and(warp::get()).map(|| "hello");
    let cors = omnicors_warp::Cors::new(policy(is_public));
    Running::new(move |listener| cors.serve(hello).incoming(listener).run())
}

type Start = fn(bool) -> Running;

const SERVERS: [(&str, Start); 6] = [
    ("tower", tower),
    ("actix-web", actix_web),
    ("poem", poem),
    ("warp", warp),
    ("tower-http", tower_http),
    ("actix-cors", actix_cors),
];

#[test]
fn right_settings_have_no_findings() {
    for (name, start) in SERVERS {
        for is_public in [false, true] {
            let server = start(is_public);
            let (code, audit) = json(&[&server.url("/"), "--audit", "--origin", APP]);
            let mut found = findings(&audit);
            // actix-cors answers preflights that its settings do not allow with 400, and without `Access-Control-Allow-Origin`.
            if name == "actix-cors" {
                found.retain(|(id, _)| id != "preflight-not-answered");
            }
            // These have no setting for hosts.
            let mut expected = Vec::new();
            if matches!(name, "tower-http" | "actix-cors") {
                expected.push(("any-host".to_owned(), "medium".to_owned()));
            }
            assert_eq!(found, expected, "{name} {is_public}: {audit:#}");
            assert_eq!(code, i32::from(!expected.is_empty()), "{name} {is_public}");
        }
    }
}

#[test]
fn a_page_that_is_allowed_can_put_and_another_one_cannot() {
    for (name, start) in SERVERS {
        let server = start(false);
        let url = server.url("/");
        let arguments = [
            url.as_str(),
            "--method",
            "PUT",
            "--credentials",
            "--header",
            "content-type",
            "--origin",
        ];
        for (origin, conclusion) in [(APP, "readable"), ("https://other.example", "blocked")] {
            let (_, report) = json(&[&arguments[..], &[origin]].concat());
            assert_eq!(
                report["conclusion"], conclusion,
                "{name} {origin}: {report:#}"
            );
        }
    }
}
