//! Why there is no response.

use std::error::Error;
use std::io;

use http::Uri;
use hyper_util::client::legacy;
use rustls::{CertificateError, InvalidMessage};

use super::connect_error::ConnectError;

/// Returns what happened and what to change. `is_plain` is true if the server has responded over plain http at this port before.
pub(super) fn describe(error: &(dyn Error + 'static), url: &Uri, is_plain: bool) -> String {
    let chain: Vec<_> = std::iter::successors(Some(error), |&error| error.source()).collect();
    // An error of I/O hides the error inside it, which can be one of I/O again: its `source` is that of the inner one.
    let inner = chain.iter().flat_map(|error| {
        std::iter::successors(Some(*error), |error| {
            let inner = error.downcast_ref::<io::Error>()?.get_ref()?;
            Some(inner as &(dyn Error + 'static))
        })
    });
    let inner: Vec<_> = inner.collect();
    let is_http = url.scheme_str() == Some("http");
    let https = if is_http && !is_plain {
        "; if the server speaks TLS at this port, write `https:`"
    } else {
        ""
    };
    for &error in &inner {
        if let Some(error) = error.downcast_ref::<ConnectError>() {
            return error.to_string();
        }
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return tls(error, url);
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && let Some(text) = not_http(error, url, https)
        {
            return text;
        }
    }
    if inner.iter().any(|&error| is_closed(error)) {
        let mut clients = inner
            .iter()
            .filter_map(|error| error.downcast_ref::<legacy::Error>());
        return if !is_http && clients.any(legacy::Error::is_connect) {
            "the server closed the connection during the TLS handshake; if it does not speak TLS at this port, write `http:`".to_owned()
        } else {
            format!("the server closed the connection before it had sent a response{https}")
        };
    }
    // The errors around the last one only say that a request was sent.
    let last = chain.last().map_or(String::new(), ToString::to_string);
    format!("the connection failed: {last}")
}

/// Returns true if the server has closed or reset the connection.
fn is_closed(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return error.is_incomplete_message() || error.is_closed() || error.is_canceled();
    }
    error.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::BrokenPipe
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::NotConnected
                | io::ErrorKind::UnexpectedEof
        )
    })
}

fn tls(error: &rustls::Error, url: &Uri) -> String {
    let host = url.host().unwrap_or_default();
    match error {
        rustls::Error::InvalidCertificate(error) => {
            format!(
                "the certificate of `{host}` is not valid: {}",
                reason(error)
            )
        }
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            let rest = url.to_string();
            let rest = rest.trim_start_matches("https:");
            format!("the server does not speak TLS at this port: write `http:{rest}`")
        }
        rustls::Error::AlertReceived(alert) => format!(
            "TLS with `{host}` failed: the server ended it with the alert \"{}\"",
            plain(&format!("{alert:?}"))
        ),
        error => format!("TLS with `{host}` failed: {error}"),
    }
}

/// Returns why a certificate is not valid, and what to change.
pub(super) fn reason(error: &CertificateError) -> String {
    let reason = match error {
        CertificateError::UnknownIssuer => {
            "its authority is not trusted. Give the certificate of the authority with `--ca FILE`"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired. Renew it"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet. Check the clock"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for other names. Write the URL with one of its names, and the address with `--resolve`"
        }
        CertificateError::BadEncoding => "its encoding is not valid. Make a new one",
        CertificateError::BadSignature => {
            "its signature is not that of its authority. Give the certificate of the authority that signed it with `--ca FILE`"
        }
        CertificateError::Revoked => "it was revoked. Renew it",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it is not for servers. Make one with `extendedKeyUsage=serverAuth`"
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "the algorithm of its signature is not supported. Make one with ECDSA and the curve P-256, or with RSA and 2048 bits"
        }
        // `webpki::Error::CaUsedAsEndEntity`, of which this crate sees only the name.
        CertificateError::Other(error) if error.to_string() == "CaUsedAsEndEntity" => {
            "it is the certificate of an authority, used as that of a server. Use `--insecure` instead of `--ca`, or make one with `openssl req -x509 … -addext basicConstraints=CA:FALSE`"
        }
        error => {
            let text = match error {
                CertificateError::Other(error) => error.to_string(),
                error => error.to_string(),
            };
            return format!(
                "{}. Make a new one, or use `--insecure` instead of `--ca`",
                plain(&text)
            );
        }
    };
    reason.to_owned()
}

/// Returns the words of a name such as `NameConstraintViolation`, without the fields that follow it. Other texts stay as they are.
fn plain(text: &str) -> String {
    let end = text.find(|character: char| !character.is_ascii_alphanumeric());
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    if !rest.is_empty() && !rest.starts_with('(') && !rest.starts_with(" {") {
        return text.to_owned();
    }
    let mut words = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
    }
    words
}

fn not_http(error: &hyper::Error, url: &Uri, https: &str) -> Option<String> {
    if error.is_parse_too_large() {
        return Some("the response has more than 1000 header fields or 256 KiB of them, and browsers do not accept that".to_owned());
    }
    if !error.is_parse() {
        return None;
    }
    // A server with TLS may respond with an alert, which has none of the text of HTTP.
    let text = error.to_string();
    let https = if text.contains("version") { https } else { "" };
    Some(format!(
        "the response is not valid HTTP/1.1 ({text}): see it with `curl --http0.9 -i {url}`{https}"
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::OtherError;

    use super::*;

    #[test]
    fn the_reason_of_a_certificate_is_in_words() {
        let other =
            |name: &str| CertificateError::Other(OtherError(Arc::new(io::Error::other(name))));
        for (error, expected) in [
            (other("CaUsedAsEndEntity"), "basicConstraints=CA:FALSE"),
            (
                other("NameConstraintViolation"),
                "name constraint violation. ",
            ),
            (other("TrailingData(Certificate)"), "trailing data. "),
            (other("Unknown { code: 1 }"), "unknown. "),
            (other("the key is weak"), "the key is weak. "),
            (CertificateError::BadEncoding, "its encoding is not valid"),
            (CertificateError::BadSignature, "its signature is not that"),
            (CertificateError::InvalidPurpose, "it is not for servers"),
            (
                CertificateError::UnhandledCriticalExtension,
                "unhandled critical extension. ",
            ),
            (
                CertificateError::ApplicationVerificationFailure,
                "application verification failure. ",
            ),
        ] {
            let text = reason(&error);
            assert!(text.contains(expected), "{error:?}: {text}");
            for debug in ["Other", "(", "{", "Error"] {
                assert!(!text.contains(debug), "{error:?}: {text}");
            }
        }
    }

    #[test]
    fn a_closed_connection_gets_no_text_of_a_library() {
        let http: Uri = "http://api.example/".parse().unwrap();
        let https: Uri = "https://api.example/".parse().unwrap();
        let hint = "; if the server speaks TLS at this port, write `https:`";
        for kind in [
            io::ErrorKind::BrokenPipe,
            io::ErrorKind::ConnectionAborted,
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::UnexpectedEof,
        ] {
            let error = io::Error::other(io::Error::from(kind));
            for (url, is_plain, hint) in
                [(&http, false, hint), (&http, true, ""), (&https, false, "")]
            {
                let expected =
                    format!("the server closed the connection before it had sent a response{hint}");
                assert_eq!(describe(&error, url, is_plain), expected);
            }
        }
        let error = io::Error::other("it is lost");
        let text = describe(&error, &http, false);
        assert_eq!(text, "the connection failed: it is lost");
    }
}
