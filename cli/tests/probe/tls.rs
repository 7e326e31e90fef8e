//! Servers with a certificate of an authority that exists only while a test runs.

use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use http::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

use crate::command::{findings, json, probe};
use crate::server::Running;
use crate::sites::{APP, respond};

/// The names of the certificate. The sites are those of sites.rs; the other names are for documents.
const NAMES: [&str; 3] = ["*.test.example", "api.example", "staging.example"];

/// A server for every name below `test.example`, and the certificate of its authority in a file.
pub(crate) struct Secure {
    pub(crate) server: Running,
    pub(crate) authority: PathBuf,
    folder: TempDir,
}

impl Secure {
    /// `protocols` are those of ALPN. The site of a request is the first label of its host.
    pub(crate) fn new(protocols: &[&str]) -> Self {
        let mut authority = CertificateParams::new([]).expect("no names");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let key = KeyPair::generate().expect("a key");
        let authority = CertifiedIssuer::self_signed(authority, key).expect("a certificate");
        let key = KeyPair::generate().expect("a key");
        let leaf = CertificateParams::new(NAMES.map(str::to_owned)).expect("names");
        let leaf = leaf.signed_by(&key, &authority).expect("a certificate");

        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("authority.pem");
        std::fs::write(&file, pem(authority.as_ref().der())).expect("a file");
        Self {
            server: serve(config(leaf.der(), &key, protocols)),
            authority: file,
            folder,
        }
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Returns the arguments with which the command reaches the server.
    pub(crate) fn arguments(&self) -> [String; 4] {
        let authority = self.authority.display().to_string();
        [
            "--ca".to_owned(),
            authority,
            "--resolve".to_owned(),
            format!("*:443:{}", self.server.address),
        ]
    }
}

/// Returns a certificate in PEM form.
fn pem(der: &[u8]) -> String {
    let der = STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n")
}

/// Returns the settings of a server with one certificate.
fn config(
    certificate: &CertificateDer<'static>,
    key: &KeyPair,
    protocols: &[&str],
) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let mut config = builder
        .with_single_cert(vec![certificate.clone()], key)
        .expect("the key of the certificate");
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    config
}

fn serve(config: ServerConfig) -> Running {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Running::new(|listener| async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust the certificate ends the handshake.
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                let service =
                    hyper::service::service_fn(|request: Request<hyper::body::Incoming>| async {
                        Ok::<_, std::convert::Infallible>(site(&request.map(Body::new)))
                    });
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                // An error means that the client has closed the connection.
                let _ = builder
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    })
}

fn site(request: &Request<Body>) -> Response<Body> {
    let field = request
        .headers()
        .get("host")
        .and_then(|host| host.to_str().ok());
    let host = request.uri().host().or(field).unwrap_or_default();
    assert!(
        request.uri().host().is_none() || field.is_none(),
        "HTTP/2 has no `Host`"
    );
    let name = match host.split('.').next() {
        Some("staging") => "subdomains",
        name => name.unwrap_or_default(),
    };
    let mut response = respond(name, request);
    response
        .headers_mut()
        .insert("x-request-id", "1".parse().expect("a value"));
    response
}

#[test]
fn http_2_and_http_1_are_spoken_and_an_authority_of_a_file_is_trusted() {
    for (protocols, expected) in [
        (&["h2", "http/1.1"][..], "HTTP/2"),
        (&["http/1.1"], "HTTP/1.1"),
        (&[], "HTTP/1.1"),
    ] {
        let secure = Secure::new(protocols);
        let arguments = secure.arguments();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let output = probe(
            &[
                &["https://right.test.example/", "--origin", APP, "--verbose"],
                &arguments[..],
            ]
            .concat(),
        );
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{text} {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(text.contains(expected), "{text}");
    }
}

/// Browsers open it with HTTP/1.1, whatever else the server speaks.
#[test]
fn a_web_socket_is_asked_for_with_http_1() {
    let open = [("websocket-any-origin".to_owned(), "high".to_owned())];
    for (protocols, site, expected) in [
        (&["h2", "http/1.1"][..], "socket", &open[..]),
        (&["h2", "http/1.1"], "checked-socket", &[]),
        (&["h2", "http/1.1"], "right", &[]),
        (&["http/1.1"], "socket", &open),
        (&[], "socket", &open),
        // No browser can open a socket here.
        (&["h2"], "socket", &[]),
    ] {
        let secure = Secure::new(protocols);
        let arguments = secure.arguments();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let url = format!("https://{site}.test.example/");
        let (_, audit) = json(&[&[&*url, "--audit", "--origin", APP], &arguments[..]].concat());
        assert_eq!(
            findings(&audit),
            expected,
            "{protocols:?} {site}: {audit:#}"
        );
        assert!(audit["notes"].is_null(), "{protocols:?} {site}: {audit:#}");

        let exchanges = audit["exchanges"].as_array().unwrap();
        let is_handshake = |exchange: &&Value| {
            let mut fields = exchange["request_headers"].as_array().unwrap().iter();
            fields.any(|field| field["name"] == "upgrade" && field["value"] == "websocket")
        };
        let handshake = exchanges.iter().find(is_handshake);
        let protocol = handshake.map(|exchange| exchange["response"]["protocol"].clone());
        let is_possible = protocols != ["h2"];
        assert_eq!(
            protocol,
            is_possible.then_some("HTTP/1.1".into()),
            "{audit:#}"
        );
        let others = if protocols.contains(&"h2") {
            "HTTP/2"
        } else {
            "HTTP/1.1"
        };
        let others_are_right = exchanges
            .iter()
            .filter(|exchange| !is_handshake(exchange))
            .all(|exchange| exchange["response"]["protocol"] == others);
        assert!(others_are_right, "{audit:#}");
    }
}

#[test]
fn a_certificate_that_is_not_trusted_gets_a_message() {
    let secure = Secure::new(&["h2"]);
    let resolve = format!("*:443:{}", secure.server.address);
    let plain = Running::recording(|request| respond("right", request)).0;
    let plain_resolve = format!("*:443:{}", plain.address);
    let authority = secure.authority.display().to_string();
    let not_a_certificate = secure.folder().join("empty.pem");
    std::fs::write(&not_a_certificate, "").unwrap();
    let not_a_certificate = not_a_certificate.display().to_string();
    let cases: [(&[&str], &str, i32); 7] = [
        (
            &["https://right.test.example/", "--resolve", &resolve],
            "Give the certificate of the authority with `--ca FILE`",
            3,
        ),
        (
            &[
                "https://right.other.example/",
                "--resolve",
                &resolve,
                "--ca",
                &authority,
            ],
            "is not valid: it is for other names",
            3,
        ),
        (
            &[
                "https://right.test.example/",
                "--resolve",
                &plain_resolve,
                "--ca",
                &authority,
            ],
            "the server does not speak TLS at this port: write `http://right.test.example/`",
            3,
        ),
        (
            &[
                "https://right.test.example/",
                "--resolve",
                &resolve,
                "--ca",
                &not_a_certificate,
            ],
            "has no certificate",
            3,
        ),
        (
            &[
                "https://right.test.example/",
                "--resolve",
                &resolve,
                "--ca",
                "missing.pem",
            ],
            "`--ca missing.pem` cannot be read",
            3,
        ),
        (
            &[
                "https://right.test.example/",
                "--resolve",
                &resolve,
                "--insecure",
            ],
            "",
            0,
        ),
        (
            &[
                "https://right.test.example/",
                "--resolve",
                "*:443:192.0.2.1",
                "--connect-timeout",
                "0.1",
                "--insecure",
            ],
            "warning: `--insecure` does not check who responds",
            3,
        ),
    ];
    for (arguments, expected, code) in cases {
        let output = probe(&[arguments, &["--origin", APP]].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
}

#[test]
fn a_plain_url_of_a_server_with_tls_gets_a_message() {
    let secure = Secure::new(&["http/1.1"]);
    let url = secure.server.url("/");
    let output = probe(&[&url, "--origin", "http://localhost:3000"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3));
    let advice = "if the server speaks TLS at this port, write `https:`";
    assert!(text.contains(advice), "{text}");
}

/// `openssl req -x509` makes a certificate of an authority by default.
#[test]
fn a_self_signed_certificate_is_trusted_unless_it_is_that_of_an_authority() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("server.pem");
    let path = file.display().to_string();
    for (is_ca, code, expected) in [
        (IsCa::ExplicitNoCa, 0, &[][..]),
        (
            IsCa::Ca(BasicConstraints::Unconstrained),
            3,
            &[
                "the certificate of `right.test.example` is not valid: it is the certificate of an authority",
                "Use `--insecure` instead of `--ca`",
                "`openssl req -x509 … -addext basicConstraints=CA:FALSE`",
            ],
        ),
    ] {
        let mut certificate = CertificateParams::new(["right.test.example".to_owned()]).unwrap();
        certificate.is_ca = is_ca;
        let key = KeyPair::generate().unwrap();
        let certificate = certificate.self_signed(&key).unwrap();
        std::fs::write(&file, pem(certificate.der())).unwrap();
        let server = serve(config(certificate.der(), &key, &["http/1.1"]));
        let resolve = format!("*:443:{}", server.address);
        let ask = |trust: &[&str]| {
            let url = "https://right.test.example/";
            let arguments = [url, "--origin", APP, "--resolve", &resolve];
            let output = probe(&[&arguments[..], trust].concat());
            let text = String::from_utf8(output.stderr).unwrap();
            (output.status.code(), text)
        };
        let (found, text) = ask(&["--ca", &path]);
        assert_eq!(found, Some(code), "{text}");
        for part in expected {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("Other"), "{text}");
        let (found, text) = ask(&["--insecure"]);
        assert_eq!(found, Some(0), "{text}");
    }
    std::fs::write(&file, pem(b"not a certificate")).unwrap();
    let url = "https://right.test.example/";
    let output = probe(&[
        url,
        "--origin",
        APP,
        "--ca",
        &path,
        "--resolve",
        "*:443:127.0.0.1:1",
    ]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(
        text.contains("has a certificate that is not valid: its encoding is not valid"),
        "{text}"
    );
}

/// The server does not respond to the handshake.
#[test]
fn a_server_that_closes_the_connection_in_the_handshake_gets_a_message() {
    let server = Running::new(|listener| async move {
        loop {
            drop(listener.accept().await.expect("a connection"));
        }
    });
    let resolve = format!("*:443:{}", server.address);
    let url = "https://right.test.example/";
    let output = probe(&[url, "--origin", APP, "--resolve", &resolve]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(
        text.contains("the server closed the connection during the TLS handshake; if it does not speak TLS at this port, write `http:`"),
        "{text}"
    );
}
