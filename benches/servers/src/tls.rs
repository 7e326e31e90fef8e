//! TLS for servers whose clients trust their certificate.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::load::Server;

/// A configuration of a server for `localhost` that negotiates a protocol, and its certificate in DER.
pub(crate) fn server(protocol: &[u8]) -> (rustls::ServerConfig, Vec<u8>) {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let signed = signed.expect("a certificate");
    let key = signed.signing_key.serialize_der().try_into();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key.expect("a key"));
    let mut config = config.expect("a key of this certificate");
    config.alpn_protocols = vec![protocol.to_vec()];
    (config, signed.cert.der().to_vec())
}

/// A configuration of a client of this server.
pub(crate) fn client(server: &Server, protocol: &[u8]) -> Arc<rustls::ClientConfig> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_slice(&server.certificate);
    roots.add(certificate).expect("a certificate");
    let mut config = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    Arc::new(config)
}
