//! A server that follows a store: `fleet-node ADDRESS URL lookup|replica LEASE_MILLISECONDS [IMAGE]`.
//!
//! It listens on a free port of the address, prints both, and ends when its standard input ends. `GET /` has a CORS policy that allows the origins of the store.
//! `GET /status` is the state of a replica in JSON.

#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;
use std::{env, io, process};

use axum::Router;
use axum::routing::get;
use omnicors_postgres::PostgresStore;
use omnicors_redis::RedisStore;
use omnicors_tokio::{
    LookupOptions, OriginLookup, OriginReplica, OriginStore, PolicyConfig, ReplicaOptions,
};
use omnicors_tower::CorsLayer;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

type AnyError = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), AnyError> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (address, url, mode, lease, image) = match arguments.as_slice() {
        [address, url, mode, lease] => (address, url, mode, lease, None),
        [address, url, mode, lease, image] => (address, url, mode, lease, Some(image)),
        _ => {
            return Err(
                "usage: fleet-node ADDRESS URL lookup|replica LEASE_MILLISECONDS [IMAGE]".into(),
            );
        }
    };
    let lease = Duration::from_millis(lease.parse()?);
    let image = image.map(String::as_str);
    let app = if url.starts_with("redis:") {
        app(RedisStore::from_url(url)?, mode, lease, image).await?
    } else {
        app(PostgresStore::from_url(url)?, mode, lease, image).await?
    };
    let listener = TcpListener::bind((address.as_str(), 0)).await?;
    println!("{}", listener.local_addr()?);
    tokio::spawn(async {
        let mut input = Vec::new();
        // An error is an end, too.
        let _ = tokio::io::stdin().read_to_end(&mut input).await;
        process::exit(0);
    });
    axum::serve(listener, app).await?;
    Ok(())
}

async fn app(
    store: impl OriginStore,
    mode: &str,
    lease: Duration,
    image: Option<&str>,
) -> Result<Router, AnyError> {
    let router = Router::new().route("/", get(async || "read by tenants"));
    if mode == "lookup" {
        let options = LookupOptions::new().keep_allowed(lease / 2).lease(lease);
        let lookup = OriginLookup::with_store(options, store);
        let policy = PolicyConfig::new().lookup_origins(true).build()?;
        let timeout = Duration::from_secs(1);
        let cors = CorsLayer::new(policy)
            .lookup_origins(timeout, move |origin| lookup.clone().lookup(origin));
        return Ok(router.layer(cors));
    }
    let mut options = ReplicaOptions::new().lease(lease);
    if let Some(image) = image {
        options = options.image(image).image_interval(Duration::from_secs(1));
    }
    let replica = OriginReplica::with_options(options, store).await?;
    let policy = PolicyConfig::new()
        .allow_origins_in(replica.clone())
        .build()?;
    let status = get(async move || {
        let status = replica.status();
        axum::Json(serde_json::json!({
            "revision": status.revision,
            "origins": status.origins,
            "isConnected": status.is_connected,
            "leaseMilliseconds": u64::try_from(status.lease_remaining.as_millis()).unwrap_or(u64::MAX),
        }))
    });
    Ok(router
        .layer(CorsLayer::new(policy))
        .route("/status", status))
}
