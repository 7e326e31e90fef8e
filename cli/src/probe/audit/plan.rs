//! What an audit is about to send.

use std::collections::BTreeSet;

use url::Url;

use super::look_alikes::look_alikes;
use crate::probe::text;

/// The requests besides look-alikes: one without `Origin`, a stranger, `null`, the origin that was given, three preflights, the
/// handshake of a WebSocket, a path that does not exist, and four for caches.
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

/// Says what is sent at most, without a subject.
pub(super) fn describe(url: &Url, given: Option<&str>) -> String {
    let most = origins(url, given).len() + OTHERS;
    format!(
        "at most {most} requests to {}, one at a time: GET and OPTIONS, with different values of `Origin`",
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
        assert!(all.len() + OTHERS <= BUDGET);
    }
}
