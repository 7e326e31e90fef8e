//! Connections with TLS.

use std::fs;

use omnicors_redis::redis::{Client, TlsCertificates};
use omnicors_redis::{OriginStore, RedisStore};
use omnicors_store_servers::RedisServer;
use omnicors_tokio::StoreSession;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use crate::shared::{add, soon};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Starts a server with a certificate for this name, which accepts only TLS.
fn start(authority: &Authority, name: &str) -> RedisServer {
    let files = TempDir::new().unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let path = |name: &str, text: &str| {
        let path = files.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let certificate = path("certificate.pem", &certificate.pem());
    let key = path("key.pem", &key.serialize_pem());
    let authority = path("authority.pem", &authority.pem());
    // The server reads the files before it listens.
    RedisServer::start_with(&[
        "--save",
        "",
        "--port",
        "0",
        "--tls-port",
        "{port}",
        "--tls-auth-clients",
        "no",
        "--tls-cert-file",
        &certificate,
        "--tls-key-file",
        &key,
        "--tls-ca-cert-file",
        &authority,
    ])
}

fn client(server: &RedisServer, authority: &Authority) -> RedisStore {
    let url = format!("rediss://localhost:{}", server.port());
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: Some(authority.pem().into_bytes()),
    };
    let client = Client::build_with_tls(url, certificates).unwrap();
    RedisStore::new(&client).unwrap()
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_store_works_with_tls() {
    let authority = authority();
    let server = start(&authority, "localhost");
    let store = client(&server, &authority);
    assert!(soon(store.init()).await.unwrap());
    let mut session = soon(store.connect()).await.unwrap();
    add(&store, "https://a.example").await;
    soon(session.wait_for_hint()).await.unwrap();
    assert!(soon(store.contains("https://a.example")).await.unwrap());
    // The server does not accept anything else.
    assert!(soon(crate::shared::store(&server).connect()).await.is_err());
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_certificate_for_another_name_is_refused() {
    let authority = authority();
    let server = start(&authority, "other.example");
    let error = soon(client(&server, &authority).connect())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn a_certificate_of_another_authority_is_refused() {
    let server = start(&authority(), "localhost");
    let error = soon(client(&server, &authority()).connect())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}
