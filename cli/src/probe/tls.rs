//! The certificates that are trusted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::failure::Failure;

use super::transport_error;

/// Returns the settings of TLS. Trusts the roots of the web, those of the system, and those of files. `is_used` is false if the URL is not
/// an https URL; a redirect may still need the roots of the web.
pub(super) fn config(
    authorities: &[PathBuf],
    is_insecure: bool,
    is_used: bool,
) -> Result<ClientConfig, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(Failure::because)?;
    if is_insecure {
        let verifier = Arc::new(Unverified(provider));
        let builder = builder
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        return Ok(builder.with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    // Reading those of the system takes long. One that cannot be parsed is not needed.
    if is_used {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    for path in authorities {
        add_file(&mut roots, path)?;
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), Failure> {
    let file = path.display();
    let certificates =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = certificates.map_err(|error| {
        Failure::because(format_args!(
            "`--ca {file}` cannot be read: {error}; give a file of certificates in PEM form"
        ))
    })?;
    if certificates.is_empty() {
        return Err(Failure::because(format_args!(
            "`--ca {file}` has no certificate: give a file with `-----BEGIN CERTIFICATE-----`"
        )));
    }
    for certificate in certificates {
        roots.add(certificate).map_err(|error| {
            let reason = match error {
                rustls::Error::InvalidCertificate(error) => transport_error::reason(&error),
                error => error.to_string(),
            };
            Failure::because(format_args!(
                "`--ca {file}` has a certificate that is not valid: {reason}"
            ))
        })?;
    }
    Ok(())
}

/// Accepts every certificate, for `--insecure`.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
