//! What to change on a server, in words that fit any server.

use http::{HeaderName, header};
use omnicors_browser::{
    Correction, Exchange, ExchangeKind, NetworkError, Outcome, RedirectFailure,
};
use serde::Serialize;

use super::field::Field;
use super::{hint, text};

/// What to change on the server.
#[derive(Debug, Serialize)]
pub(super) struct Change {
    /// Which response must change, such as `the response to OPTIONS (preflight)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<String>,
    /// The status that it must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    /// The headers that it must have. Each replaces all headers of its name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) headers: Vec<Field>,
    /// Sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notes: Vec<String>,
}

impl Change {
    /// Returns what to change so that the page is not blocked.
    pub(super) fn new(outcome: &Outcome, has_credentials: bool) -> Option<Self> {
        let error = outcome.result().err()?;
        let mut change = Self {
            response: None,
            status: None,
            headers: Vec::new(),
            notes: Vec::new(),
        };
        match outcome.correction() {
            Some(correction) if allows_null(&correction) => {
                change.notes.push(without_null(outcome));
            }
            Some(correction) => {
                change
                    .notes
                    .extend(outcome.suggestion().map(|text| text::line(&text)));
                change.correct(outcome, &correction, has_credentials);
                let last = outcome.exchanges().last().and_then(Exchange::response);
                change
                    .notes
                    .extend(last.and_then(|response| hint::new(response.headers(), &correction)));
            }
            None => change.notes.extend(without_headers(&error)),
        }
        let is_empty =
            change.headers.is_empty() && change.notes.is_empty() && change.status.is_none();
        (!is_empty).then_some(change)
    }

    fn correct(&mut self, outcome: &Outcome, correction: &Correction, has_credentials: bool) {
        let request = outcome.exchanges().last().map(Exchange::request);
        self.response = request.map(|request| match correction.kind() {
            ExchangeKind::Preflight => format!(
                "the preflight, OPTIONS {}",
                text::line(&request.uri().to_string())
            ),
            _ => format!(
                "{} {}",
                request.method(),
                text::line(&request.uri().to_string())
            ),
        });
        self.status = correction.status().map(|status| status.as_u16());
        self.headers = correction
            .headers()
            .iter()
            .map(|(name, value)| Field {
                name: name.as_str().to_owned(),
                value: text::value(name, value),
            })
            .collect();
        let sets = |wanted: &HeaderName| value(correction, wanted).is_some();
        let sets_origin = sets(&header::ACCESS_CONTROL_ALLOW_ORIGIN);
        if sets_origin && !has_credentials {
            self.notes.push("If every site may read it, send `Access-Control-Allow-Origin: *` instead, always and without `Vary: Origin`.".to_owned());
        } else if sets_origin || sets(&header::ACCESS_CONTROL_ALLOW_CREDENTIALS) {
            self.notes.push("Compare `Origin` with a list of origins before it is sent back. With credentials, a page that is allowed acts as the user.".to_owned());
        }
        let policy = value(
            correction,
            &HeaderName::from_static("cross-origin-resource-policy"),
        );
        if policy == Some("cross-origin") {
            self.notes
                .push("Then every site can embed the response.".to_owned());
        }
        if correction.kind() == ExchangeKind::Preflight {
            let also = if has_credentials {
                "`Access-Control-Allow-Origin` and `Access-Control-Allow-Credentials`"
            } else {
                "`Access-Control-Allow-Origin`"
            };
            self.notes.push(format!(
                "The response to the request that follows needs {also} as well."
            ));
        }
    }
}

/// Returns the value that a correction sets.
fn value<'a>(correction: &'a Correction, wanted: &HeaderName) -> Option<&'a str> {
    let mut headers = correction.headers().iter();
    let (_, value) = headers.find(|(name, _)| name == wanted)?;
    value.to_str().ok()
}

fn allows_null(correction: &Correction) -> bool {
    let allows = |(name, value): &(HeaderName, http::HeaderValue)| {
        *name == header::ACCESS_CONTROL_ALLOW_ORIGIN && value == "null"
    };
    correction.headers().iter().any(allows)
}

/// Any site can send `Origin: null`, so to allow it is never the suggestion.
fn without_null(outcome: &Outcome) -> String {
    let is_redirected = outcome
        .exchanges()
        .iter()
        .any(|exchange| exchange.kind() == ExchangeKind::Redirected);
    if is_redirected {
        "After a redirect to another origin, browsers send `Origin: null`. Do not allow `null`, because any site can send it: let the page fetch the target of the redirect."
            .to_owned()
    } else {
        "Do not allow `null`, because any site can send it: serve the page from an origin of its own, without `sandbox`.".to_owned()
    }
}

/// What to change if it is not a matter of headers.
fn without_headers(error: &NetworkError) -> Option<String> {
    Some(match error {
        NetworkError::NotSameOrigin => "Use the mode `cors` in the page, and allow its origin on the server.".to_owned(),
        NetworkError::Redirect(failure) => match failure {
            RedirectFailure::InvalidLocation(_) | RedirectFailure::NotHttp(_) => {
                "Let the server send an http or https URL in `Location`, or respond without a redirect."
            }
            RedirectFailure::TooMany => {
                "Let the server respond without a redirect. It may redirect in a circle, or until it gets a cookie that the page does not send."
            }
            RedirectFailure::UserInfo => {
                "Let the server leave the user name and the password out of `Location`, or respond without a redirect."
            }
            _ => "Let the page fetch the target of the redirect, or let the server respond without a redirect.",
        }
        .to_owned(),
        // Their messages say it.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Request, Response};
    use omnicors_browser::{Credentials, Page};

    use super::*;

    fn notes(server: (&str, &str), origin: Option<&str>) -> Vec<String> {
        let page = origin.map_or_else(Page::opaque, |origin| Page::new(origin).unwrap());
        let fetch = page
            .fetch("https://api.example/")
            .credentials(Credentials::Include);
        let outcome = fetch.send_now(&mut |_: Request<Bytes>| {
            Response::builder()
                .header(server.0, server.1)
                .body("")
                .unwrap()
        });
        Change::new(&outcome, true).unwrap().notes
    }

    #[test]
    fn to_allow_null_is_never_the_suggestion() {
        let notes = notes(("server", "nginx"), None);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].starts_with("Do not allow `null`"), "{notes:?}");
    }
}
