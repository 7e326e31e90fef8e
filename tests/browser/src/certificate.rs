//! A certificate for https on loopback, issued by an authority that exists only while a test runs.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData as _,
};
use ring::digest::{SHA256, digest};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

/// The host names of the certificate. Every engine resolves them to the loopback address.
pub const NAMES: [&str; 4] = [
    "app.localhost",
    "api.localhost",
    "api.app.localhost",
    "other.localhost",
];

/// A certificate with its private key.
#[derive(Clone, Debug)]
pub struct Certificate {
    chain: Vec<rustls::pki_types::CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
    public_key: Vec<u8>,
}

impl Certificate {
    /// Creates an authority, and a certificate of it for [`NAMES`].
    #[must_use]
    pub fn new() -> Self {
        let mut authority = CertificateParams::new([]).expect("no names");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let authority_key = KeyPair::generate().expect("a key");
        let authority =
            CertifiedIssuer::self_signed(authority, authority_key).expect("a certificate");

        let key = KeyPair::generate().expect("a key");
        let leaf = CertificateParams::new(NAMES.map(str::to_owned)).expect("names");
        let leaf = leaf.signed_by(&key, &authority).expect("a certificate");
        Self {
            chain: vec![leaf.der().clone(), authority.as_ref().der().clone()],
            public_key: key.subject_public_key_info(),
            key: Arc::new(PrivateKeyDer::Pkcs8(key.serialize_der().into())),
        }
    }

    /// Returns the hash of the public key, in the form of [RFC 7469](https://www.rfc-editor.org/rfc/rfc7469#section-2.4).
    pub(crate) fn pin(&self) -> String {
        STANDARD.encode(digest(&SHA256, &self.public_key))
    }

    /// Returns the settings of a server that offers these protocols by ALPN, the preferred one first.
    pub(crate) fn server(&self, protocols: &[&str]) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions();
        let builder = builder.expect("versions").with_no_client_auth();
        let mut config = builder
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .expect("the key of the certificate");
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        Arc::new(config)
    }
}

impl Default for Certificate {
    fn default() -> Self {
        Self::new()
    }
}
