//! What to change on a server, in words that fit any server.

use http::{HeaderMap, HeaderName, header};
use omnicors_browser::{Correction, Exchange, ExchangeKind, NetworkError, Outcome};
use serde::Serialize;

use super::field::Field;
use super::text;

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
                    .extend(last.and_then(|response| hint(response.headers(), &correction)));
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
        let sets_origin = correction
            .headers()
            .iter()
            .any(|(name, _)| *name == header::ACCESS_CONTROL_ALLOW_ORIGIN);
        if sets_origin && !has_credentials {
            self.notes.push("If every site may read it, send `Access-Control-Allow-Origin: *` instead, always and without `Vary: Origin`.".to_owned());
        } else if sets_origin {
            self.notes.push("Compare `Origin` with a list of origins before it is sent back. With credentials, a page that is allowed acts as the user.".to_owned());
        }
        if correction.kind() == ExchangeKind::Preflight {
            self.notes.push("The response to the request that follows needs `Access-Control-Allow-Origin` as well.".to_owned());
        }
    }
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
        NetworkError::Redirect(_) => "Let the page fetch the target of the redirect, or let the server respond without a redirect.".to_owned(),
        // Their messages say it.
        _ => return None,
    })
}

/// Returns the usual setting of a server that says what it is.
fn hint(headers: &HeaderMap, correction: &Correction) -> Option<String> {
    let value = |name: &HeaderName| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let (server, powered_by) = (
        value(&header::SERVER),
        value(&HeaderName::from_static("x-powered-by")),
    );
    let field = |wanted: &HeaderName| {
        let field = correction.headers().iter().find(|(name, _)| name == wanted);
        field.and_then(|(_, value)| value.to_str().ok())
    };
    let origin = field(&header::ACCESS_CONTROL_ALLOW_ORIGIN)?;
    let has_credentials = field(&header::ACCESS_CONTROL_ALLOW_CREDENTIALS).is_some();
    let is = |text: &str, product: &str| {
        let name = text.split(['/', ' ', ';']).next().unwrap_or_default();
        name.eq_ignore_ascii_case(product)
    };
    Some(if is(powered_by, "Express") {
        let credentials = if has_credentials {
            ", credentials: true"
        } else {
            ""
        };
        format!(
            "`X-Powered-By` says Express: with the package `cors`, `app.use(cors({{ origin: [\"{origin}\"]{credentials} }}))` before the routes."
        )
    } else if is(powered_by, "PHP") {
        format!(
            "`X-Powered-By` says PHP: `header('Access-Control-Allow-Origin: {origin}');` after a comparison of `$_SERVER['HTTP_ORIGIN']` with the list."
        )
    } else if is(server, "nginx") {
        format!(
            "`Server` says nginx: if it is to send the headers, `add_header Access-Control-Allow-Origin {origin} always;`. Without `always`, most error responses do not get it. If the application behind it sends them, change them there, not in both."
        )
    } else if is(server, "Apache") {
        format!(
            "`Server` says Apache: if it is to send the headers, `Header always set Access-Control-Allow-Origin \"{origin}\"`. If the application behind it sends them, change them there, not in both."
        )
    } else if is(server, "Caddy") {
        format!(
            "`Server` says Caddy: if it is to send the headers, `header Access-Control-Allow-Origin {origin}`. If the application behind it sends them, change them there, not in both."
        )
    } else if is(server, "Kestrel") {
        let credentials = if has_credentials {
            ".AllowCredentials()"
        } else {
            ""
        };
        format!(
            "`Server` says Kestrel: in ASP.NET Core, `policy.WithOrigins(\"{origin}\"){credentials}`, and `app.UseCors()` before `UseAuthorization`."
        )
    } else if is(server, "AmazonS3") {
        format!(
            "`Server` says Amazon S3: add `{origin}` to `AllowedOrigins` in the CORS configuration of the bucket."
        )
    } else {
        return None;
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

    /// The settings are those of the documentation of each server.
    #[test]
    fn a_server_that_says_what_it_is_gets_its_usual_setting() {
        for (name, value, setting) in [
            (
                "server",
                "nginx/1.27.0",
                "add_header Access-Control-Allow-Origin https://app.example always;",
            ),
            (
                "server",
                "Apache/2.4.62 (Debian)",
                "Header always set Access-Control-Allow-Origin \"https://app.example\"",
            ),
            (
                "server",
                "Caddy",
                "header Access-Control-Allow-Origin https://app.example",
            ),
            (
                "server",
                "Kestrel",
                "policy.WithOrigins(\"https://app.example\").AllowCredentials()",
            ),
            ("server", "AmazonS3", "`AllowedOrigins`"),
            (
                "x-powered-by",
                "Express",
                "cors({ origin: [\"https://app.example\"], credentials: true })",
            ),
            (
                "x-powered-by",
                "PHP/8.3.0",
                "header('Access-Control-Allow-Origin: https://app.example');",
            ),
        ] {
            let notes = notes((name, value), Some("https://app.example"));
            assert!(notes.last().unwrap().contains(setting), "{notes:?}");
        }
    }

    #[test]
    fn a_server_that_is_not_known_gets_no_setting() {
        for value in ["uvicorn", "nginxx", "cloudflare", ""] {
            let notes = notes(("server", value), Some("https://app.example"));
            assert!(
                notes.iter().all(|note| !note.starts_with("`Server`")),
                "{notes:?}"
            );
        }
    }

    #[test]
    fn to_allow_null_is_never_the_suggestion() {
        let notes = notes(("server", "nginx"), None);
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].starts_with("Do not allow `null`"), "{notes:?}");
    }
}
