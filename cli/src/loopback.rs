//! Whether a URL is on the user's own machine.

use omnicors_core::Origin;
use url::Url;

/// Returns true if the host of the URL is a [loopback](Origin::is_loopback) host. Browsers treat it as secure, whatever the scheme.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let origin = url.origin().ascii_serialization();
    Origin::parse(origin.as_bytes()).is_ok_and(|origin| origin.is_loopback())
}

/// Returns a URL with the scheme that was probably meant for a host, possibly with a port and a path: `http` on loopback, and `https`
/// elsewhere.
pub(crate) fn with_scheme(host: &str) -> String {
    let https = format!("https://{host}");
    if Url::parse(&https).is_ok_and(|url| is_loopback(&url)) {
        format!("http://{host}")
    } else {
        https
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_gets_the_scheme_that_was_probably_meant() {
        for local in [
            "localhost:3000",
            "app.localhost/a",
            "127.0.0.1",
            "127.1:80",
            "[::1]:3000",
        ] {
            assert_eq!(with_scheme(local), format!("http://{local}"));
        }
        for other in [
            "localhost.example",
            "127.0.0.1.example",
            "192.168.1.5:8080",
            "[::2]",
            "",
            "a b",
        ] {
            assert_eq!(with_scheme(other), format!("https://{other}"));
        }
    }
}
