//! Why there is no response.

use std::error::Error;
use std::io;

use http::Uri;
use rustls::{CertificateError, InvalidMessage};

use super::connect_error::ConnectError;

/// Returns what happened and what to change.
pub(super) fn describe(error: &(dyn Error + 'static), url: &Uri) -> String {
    let chain: Vec<_> = std::iter::successors(Some(error), |&error| error.source()).collect();
    // An error of I/O hides the error inside it, which can be one of I/O again: its `source` is that of the inner one.
    let inner = chain.iter().flat_map(|error| {
        std::iter::successors(Some(*error), |error| {
            let inner = error.downcast_ref::<io::Error>()?.get_ref()?;
            Some(inner as &(dyn Error + 'static))
        })
    });
    for error in inner {
        if let Some(error) = error.downcast_ref::<ConnectError>() {
            return error.to_string();
        }
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return tls(error, url);
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && let Some(text) = http(error, url)
        {
            return text;
        }
    }
    let messages: Vec<_> = chain.iter().map(ToString::to_string).collect();
    messages.join(": ")
}

fn tls(error: &rustls::Error, url: &Uri) -> String {
    let host = url.host().unwrap_or_default();
    match error {
        rustls::Error::InvalidCertificate(error) => {
            let change = match error {
                CertificateError::UnknownIssuer => {
                    "its authority is not trusted. Give the certificate of the authority with `--ca FILE`"
                }
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    "it has expired. Renew it"
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    "it is not valid yet. Check the clock"
                }
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => {
                    "it is for other names. Write the URL with one of its names, and the address with `--resolve`"
                }
                _ => {
                    return format!(
                        "the certificate of `{host}` is not valid: {error}; browsers do not fetch from it"
                    );
                }
            };
            format!("the certificate of `{host}` is not valid: {change}")
        }
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            let rest = url.to_string();
            let rest = rest.trim_start_matches("https:");
            format!("the server does not speak TLS at this port: write `http:{rest}`")
        }
        error => format!("TLS with `{host}` failed: {error}"),
    }
}

fn http(error: &hyper::Error, url: &Uri) -> Option<String> {
    if error.is_parse_too_large() {
        return Some("the response has more than 1000 header fields or 256 KiB of them, and browsers do not accept that".to_owned());
    }
    if error.is_parse() {
        return Some(format!(
            "the response is not valid HTTP/1.1 ({error}): see it with `curl --http0.9 -i {url}`"
        ));
    }
    if error.is_incomplete_message() || error.is_closed() {
        let is_plain = url.scheme_str() == Some("http");
        let https = if is_plain {
            "; if the server speaks TLS at this port, write `https:`"
        } else {
            ""
        };
        return Some(format!(
            "the server closed the connection before it had sent a response{https}"
        ));
    }
    None
}
