/// How connections are encrypted.
#[derive(Clone)]
pub(crate) enum Tls {
    Off,
    #[cfg(feature = "rustls")]
    Rustls(tokio_postgres_rustls::MakeRustlsConnect),
}

#[cfg(feature = "rustls")]
mod with_rustls {
    use std::sync::Arc;

    use rustls::crypto::ring;
    use rustls::{ClientConfig, RootCertStore};
    use rustls_native_certs::load_native_certs;
    use tokio_postgres_rustls::MakeRustlsConnect;

    use super::Tls;
    use crate::error::{Kind, PostgresError};

    impl Tls {
        pub(crate) fn new(config: ClientConfig) -> Self {
            Self::Rustls(MakeRustlsConnect::new(config))
        }

        /// Trusts the certificates that the system trusts.
        pub(crate) fn of_system() -> Result<Self, PostgresError> {
            let mut found = load_native_certs();
            let mut roots = RootCertStore::empty();
            // Systems have some certificates that rustls cannot read.
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                return Err(match found.errors.pop() {
                    Some(error) => PostgresError::with_source(Kind::Tls, error),
                    None => Kind::Tls.into(),
                });
            }
            // Not the provider of the process, which is not set in every process.
            let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| PostgresError::with_source(Kind::Tls, error))?
                .with_root_certificates(roots)
                .with_no_client_auth();
            Ok(Self::new(config))
        }
    }
}
