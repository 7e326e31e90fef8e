use axum::Router;
use axum::routing::get;
use http::{HeaderValue, Method};
use omnicors_tower::CorsLayer;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tower_http::cors;

use crate::{BODY, METHODS, Middleware, ORIGINS, load, policy};

pub(crate) fn serve(middleware: Middleware) {
    let app = app(middleware);
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        load::ready(listener.local_addr().expect("an address").port());
        axum::serve(listener, app).await.expect("a server");
    });
}

pub(crate) fn app(middleware: Middleware) -> Router {
    let app = Router::new().route("/", get(async || BODY));
    match middleware {
        Middleware::None => app,
        Middleware::Omnicors => app.layer(CorsLayer::new(policy())),
        Middleware::Own => app.layer(own()),
    }
}

fn own() -> cors::CorsLayer {
    let origins = ORIGINS.map(HeaderValue::from_static);
    let methods = METHODS.map(|method| Method::try_from(method).expect("a method"));
    cors::CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(methods)
}
