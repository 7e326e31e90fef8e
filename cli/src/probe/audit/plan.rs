//! What an audit is about to send.

use std::collections::BTreeSet;

use url::Url;

use super::look_alikes::look_alikes;
use crate::probe::address_space::AddressSpace;
use crate::probe::text;

/// The requests besides look-alikes and the one with another `Host`: one without `Origin`, a stranger, `null`, the origin that was given,
/// three preflights, the handshake of a WebSocket, a path that does not exist, and four for caches.
const OTHERS: usize = 13;

/// Returns the look-alikes of the origin that was given and of the server's own, without duplicates.
pub(super) fn origins(
    url: &Url,
    given: Option<&str>,
) -> Vec<(super::look_alikes::Resemblance, String)> {
    let mut seen = BTreeSet::new();
    let mut origins = Vec::new();
    let given = given.and_then(|origin| Url::parse(origin).ok());
    for of in given.iter().chain([url]) {
        for (resemblance, origin) in look_alikes(of) {
            // The origin that was given can be one of the look-alikes of the server's own, such as the same host with another port.
            let is_given = given
                .as_ref()
                .is_some_and(|given| given.origin().ascii_serialization() == origin);
            if !is_given && seen.insert(origin.clone()) {
                origins.push((resemblance, origin));
            }
        }
    }
    origins
}

/// Returns true if a page that uses DNS rebinding reaches a server that its site cannot reach itself. With https, the certificate of the
/// server is not valid for the name of the page, so browsers do not connect.
pub(super) fn asks_for_another_host(url: &Url, space: AddressSpace) -> bool {
    url.scheme() == "http" && space != AddressSpace::Public
}

/// Says what is sent at most, without a subject.
pub(super) fn describe(url: &Url, given: Option<&str>, asks_for_another_host: bool) -> String {
    let most = origins(url, given).len() + OTHERS + usize::from(asks_for_another_host);
    let host = if asks_for_another_host {
        ", and one with another `Host`"
    } else {
        ""
    };
    format!(
        "at most {most} requests to {}, one at a time: GET and OPTIONS, with different values of `Origin`{host}",
        text::line(url.as_str())
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::audit::BUDGET;

    #[test]
    fn the_plan_is_within_the_budget() {
        let url = Url::parse("https://api.site.example:8443/").unwrap();
        let all = origins(&url, Some("https://app.other.example"));
        assert_eq!(all.len(), 16);
        assert!(all.len() + OTHERS < BUDGET);
    }

    #[test]
    fn another_host_is_asked_for_over_http_at_an_address_that_is_not_public() {
        for (url, address, expected) in [
            ("http://localhost:3000/", "127.0.0.1", true),
            ("http://printer.example/", "192.168.0.9", true),
            ("http://[fe80::1]/", "fe80::1", true),
            ("http://api.example/", "8.8.8.8", false),
            ("http://api.example/", "2606:4700::1", false),
            ("https://localhost:3000/", "127.0.0.1", false),
        ] {
            let space = AddressSpace::of(address.parse().unwrap());
            let url = Url::parse(url).unwrap();
            assert_eq!(asks_for_another_host(&url, space), expected, "{url}");
            let plan = describe(&url, None, asks_for_another_host(&url, space));
            assert_eq!(plan.contains("another `Host`"), expected, "{plan}");
        }
    }
}
