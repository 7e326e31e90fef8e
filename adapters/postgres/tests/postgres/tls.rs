//! Connections with TLS.

use std::sync::Arc;

use omnicors_postgres::PostgresStore;
use omnicors_postgres::rustls::crypto::ring;
use omnicors_postgres::rustls::{ClientConfig, RootCertStore};
use omnicors_postgres::tokio_postgres::Config;
use omnicors_store_servers::{Postgres, PostgresOptions};
use omnicors_tokio::OriginStore;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::database::{Database, client, message};

/// A certificate authority that only these tests trust.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Starts a server with a certificate for this host.
    fn server(&self, host: &str) -> Postgres {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let options = PostgresOptions::new()
            .setting("ssl", "on")
            .file("server.crt", &certificate.pem())
            .file("server.key", &key.serialize_pem());
        Postgres::start_with(options)
    }

    /// Returns settings that trust it.
    fn trusted(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth()
    }
}

fn store(host: &str, port: u16) -> PostgresStore {
    let mut config = Config::new();
    config.host(host).hostaddr([127, 0, 0, 1].into()).port(port);
    config.user("postgres").dbname("postgres");
    PostgresStore::new(config)
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn the_certificate_must_be_trusted_and_for_the_host() {
    let authority = Authority::new();
    let server = authority.server("db.example");
    let trusting = |host| store(host, server.port()).with_tls_config(authority.trusted());

    let good = trusting("db.example");
    good.init().await.unwrap();
    let _session = good.connect().await.unwrap();
    assert!(!good.contains("https://a.example").await.unwrap());
    let admin = client(&server.url("postgres", "postgres")).await;
    let sql = "SELECT count(*) FILTER (WHERE ssl), count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'omnicors'";
    let row = admin.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (2, 2));

    let text = message(trusting("other.example").connect().await);
    assert!(text.contains("not valid for name"), "{text}");
    let stranger = store("db.example", server.port()).with_tls_config(Authority::new().trusted());
    let text = message(stranger.connect().await);
    assert!(text.contains("invalid peer certificate"), "{text}");
    // The system does not trust it either.
    let system = store("db.example", server.port()).with_tls();
    assert!(system.is_err() || system.unwrap().connect().await.is_err());
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_server_without_tls_is_refused() {
    let database = Database::shared().await;
    database.prepared().await;
    let store = database.store().with_tls_config(Authority::new().trusted());
    let text = message(store.connect().await);
    assert!(text.contains("TLS"), "{text}");
    assert!(store.contains("https://a.example").await.is_err());
}
