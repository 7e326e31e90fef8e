//! Origins that a careless comparison takes for another origin.

use url::{Host, Url};

/// How an origin resembles another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Resemblance {
    /// It begins with the other one.
    Beginning,
    /// Its host ends with the other host.
    End,
    /// It has another character in the place of a `.`.
    Dot,
    /// Its host begins with the other host and `_`.
    Underscore,
    /// Its host is a subdomain of the other host.
    Subdomain,
    /// It is the same with `http:`.
    PlainHttp,
    /// It has another port.
    Port,
    /// Its host is the same with a `.` at the end.
    TrailingDot,
}

impl Resemblance {
    /// The word in the names of findings.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Beginning => "beginning",
            Self::End => "end",
            Self::Dot => "dot",
            Self::Underscore => "underscore",
            Self::Subdomain => "subdomain",
            Self::PlainHttp => "http",
            Self::Port => "port",
            Self::TrailingDot => "trailing-dot",
        }
    }

    /// Returns true if someone else can own the host.
    pub(super) fn is_foreign(self) -> bool {
        matches!(
            self,
            Self::Beginning | Self::End | Self::Dot | Self::Underscore
        )
    }
}

/// A name that nobody can register (<https://www.rfc-editor.org/rfc/rfc2606#section-3>).
pub(super) const STRANGER: &str = "omnicors-audit.example";

/// Returns the origins that resemble the origin of a URL, with how they do. Each is in the form that browsers send.
pub(super) fn look_alikes(url: &Url) -> Vec<(Resemblance, String)> {
    let Some(host) = url.host() else {
        return Vec::new();
    };
    let scheme = url.scheme();
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    let is_name = matches!(host, Host::Domain(_));
    let host = host.to_string();
    let bare = host.trim_end_matches('.');
    let mut found = Vec::new();
    let mut push = |resemblance, origin: String| {
        // Forms that are not origins are left out, such as the last label of an address with another character.
        let is_origin =
            Url::parse(&origin).is_ok_and(|url| url.origin().ascii_serialization() == origin);
        if is_origin {
            found.push((resemblance, origin));
        }
    };
    push(
        Resemblance::Beginning,
        format!("{scheme}://{bare}.{STRANGER}{port}"),
    );
    if is_name {
        push(
            Resemblance::End,
            format!("{scheme}://omnicors-audit{bare}{port}"),
        );
        if let Some((first, rest)) = bare.split_once('.') {
            push(Resemblance::Dot, format!("{scheme}://{first}x{rest}{port}"));
        }
        push(
            Resemblance::Underscore,
            format!("{scheme}://{bare}_.{STRANGER}{port}"),
        );
        push(
            Resemblance::Subdomain,
            format!("{scheme}://omnicors-audit.{bare}{port}"),
        );
        if !host.ends_with('.') {
            push(
                Resemblance::TrailingDot,
                format!("{scheme}://{host}.{port}"),
            );
        }
    }
    if scheme == "https" {
        push(Resemblance::PlainHttp, format!("http://{host}{port}"));
    }
    let other_port = if url.port() == Some(8444) { 8445 } else { 8444 };
    push(Resemblance::Port, format!("{scheme}://{host}:{other_port}"));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(origin: &str) -> Vec<String> {
        let url = Url::parse(origin).unwrap();
        look_alikes(&url)
            .into_iter()
            .map(|(_, origin)| origin)
            .collect()
    }

    #[test]
    fn a_name_has_eight_look_alikes() {
        assert_eq!(
            of("https://app.site.example:8443"),
            [
                "https://app.site.example.omnicors-audit.example:8443",
                "https://omnicors-auditapp.site.example:8443",
                "https://appxsite.example:8443",
                "https://app.site.example_.omnicors-audit.example:8443",
                "https://omnicors-audit.app.site.example:8443",
                "https://app.site.example.:8443",
                "http://app.site.example:8443",
                "https://app.site.example:8444",
            ]
        );
    }

    #[test]
    fn an_address_and_a_single_label_have_fewer() {
        assert_eq!(
            of("http://127.0.0.1:3000"),
            [
                "http://127.0.0.1.omnicors-audit.example:3000",
                "http://127.0.0.1:8444",
            ]
        );
        assert_eq!(of("http://[::1]:3000"), ["http://[::1]:8444"]);
        assert!(of("http://localhost:8444").contains(&"http://localhost:8445".to_owned()));
    }
}
