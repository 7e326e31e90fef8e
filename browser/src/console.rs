//! The lines that consoles print about blocked requests.
//!
//! The texts were read from the consoles of Chromium 156 and Firefox ESR 153.7. `tests/browser/blocked.rs` provokes each
//! block in both engines and compares.

#![allow(
    clippy::unnecessary_wraps,
    reason = "the cells of the table are optional lines"
)]

use http::HeaderMap;
use url::Url;

use crate::engine::Engine;
use crate::exchange::{Exchange, ExchangeKind};
use crate::mode::Mode;
use crate::network_error::{CorsFailure, NetworkError, RedirectFailure};
use crate::redirect::{has_user_info, is_redirect, location_url};
use crate::request::{Request, Tainting};

/// The values that occur in the texts.
struct Context<'a> {
    request: &'a Request,
    /// The last response, if there is one.
    last: Option<(u16, &'a HeaderMap)>,
    kind: Option<ExchangeKind>,
}

/// Returns the line of an engine's console, if it prints one.
pub(crate) fn line(
    engine: Engine,
    error: &NetworkError,
    request: &Request,
    exchanges: &[Exchange],
) -> Option<String> {
    let last = exchanges.last();
    let context = Context {
        request,
        last: last
            .and_then(Exchange::response)
            .map(|response| (response.status().as_u16(), response.headers())),
        kind: last.map(Exchange::kind),
    };
    let [chromium, firefox] = context.network_error(error);
    match engine {
        Engine::Chromium => chromium,
        Engine::Firefox => firefox,
        Engine::Standard | Engine::WebKit => None,
    }
}

/// The table: for each block, the lines of Chromium and Firefox.
impl Context<'_> {
    fn network_error(&self, error: &NetworkError) -> [Option<String>; 2] {
        use NetworkError as E;
        let url = &self.request.current_url;
        let origin = &self.request.origin;
        match error {
            // The lines about the redirect mode were not read.
            E::InvalidRequest(_) | E::MixedContent | E::NoCorsRedirectMode => [None, None],
            E::HandshakeStatus(status) => {
                // The URL of the handshake has the scheme http or https.
                let url = url.as_str().replacen("http", "ws", 1);
                [
                    Some(format!(
                        "WebSocket connection to '{url}' failed: Error during WebSocket handshake: Unexpected response code: {status}"
                    )),
                    Some(format!("Firefox can’t establish a connection to the server at {url}.")),
                ]
            }
            E::BadPort(_) => [failed_to_load("UNSAFE_PORT"), None],
            E::StreamOverHttp1 => [failed_to_load("ALPN_NEGOTIATION_FAILED"), None],
            // Chromium's line depends on the reason, such as `net::ERR_CONNECTION_REFUSED`.
            E::Unreachable(_) => [None, self.did_not_succeed()],
            E::NotSameOrigin if self.request.url_list.len() > 1 => [
                self.unsafe_attempt(url),
                self.security_error(),
            ],
            E::NotSameOrigin => [
                Some(format!(
                    "Fetch API cannot load {url}. Request mode is \"same-origin\" but the URL's origin is not same as the request origin {origin}."
                )),
                self.security_error(),
            ],
            E::NotHttp(scheme) => [
                Some(format!("Fetch API cannot load {url}. URL scheme \"{scheme}\" is not supported.")),
                self.reason("CORS request not http"),
            ],
            E::PreflightCheck(failure) | E::CorsCheck(failure) => self.cors_failure(failure),
            E::PreflightStatus(status) => [
                self.access("It does not have HTTP ok status."),
                if self.is_redirected() {
                    self.reason("CORS request external redirect not allowed")
                } else {
                    self.reason_with_status("CORS preflight response did not succeed", status)
                },
            ],
            E::InvalidAllowMethods(element) => [
                self.access("Cannot parse Access-Control-Allow-Methods response header field in preflight response."),
                self.reason(&format!("invalid token ‘{element}’ in CORS header ‘Access-Control-Allow-Methods’")),
            ],
            E::InvalidAllowHeaders(element) => [
                self.access("Cannot parse Access-Control-Allow-Headers response header field in preflight response."),
                self.reason(&format!("invalid token ‘{element}’ in CORS header ‘Access-Control-Allow-Headers’")),
            ],
            E::MethodNotAllowed(method) => [
                self.access(&format!("Method {method} is not allowed by Access-Control-Allow-Methods in preflight response.")),
                self.reason("Did not find method in CORS header ‘Access-Control-Allow-Methods’"),
            ],
            E::HeaderNotAllowed(name) => [
                self.access(&format!("Request header field {name} is not allowed by Access-Control-Allow-Headers in preflight response.")),
                self.reason(&format!(
                    "header ‘{name}’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response"
                )),
            ],
            E::ResourcePolicy(value) => [
                failed_to_load(if value == "same-site" {
                    "BLOCKED_BY_RESPONSE.NotSameSite"
                } else {
                    "BLOCKED_BY_RESPONSE.NotSameOrigin"
                }),
                Some(format!(
                    "The resource at “{url}” was blocked due to its Cross-Origin-Resource-Policy header (or lack thereof). See https://developer.mozilla.org/docs/Web/HTTP/Cross-Origin_Resource_Policy_(CORP)#"
                )),
            ],
            E::Redirect(failure) => self.redirect_failure(failure),
        }
    }

    fn cors_failure(&self, failure: &CorsFailure) -> [Option<String>; 2] {
        use CorsFailure as F;
        match failure {
            F::AllowOriginMissing => [
                self.access("No 'Access-Control-Allow-Origin' header is present on the requested resource."),
                self.reason_with_status(
                    "CORS header ‘Access-Control-Allow-Origin’ missing",
                    &self.last.map_or(0, |(status, _)| status),
                ),
            ],
            F::AllowOriginWildcardWithCredentials { .. } => [
                self.access_with_credentials("The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'."),
                Some(format!(
                    "{BLOCKED} ‘{}’. (Reason: Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).",
                    self.request.current_url
                )),
            ],
            F::AllowOriginMultiple { value, .. } | F::AllowOriginMismatch { value, .. } => {
                let advice = if self.request.initiator == "fetch" {
                    " Have the server send the header with a valid value."
                } else {
                    ""
                };
                let chromium = if value.contains([' ', ',']) {
                    format!("contains multiple values '{value}', but only one is allowed")
                } else if value != "null" && Url::parse(value).is_err() {
                    format!("contains the invalid value '{value}'")
                } else {
                    format!("has a value '{value}' that is not equal to the supplied origin")
                };
                [
                    self.access(&format!(
                        "The 'Access-Control-Allow-Origin' header {chromium}.{advice}"
                    )),
                    self.reason(&format!("CORS header ‘Access-Control-Allow-Origin’ does not match ‘{value}’")),
                ]
            }
            F::AllowCredentialsMissing => self.credentials(""),
            F::AllowCredentialsNotTrue { value } => self.credentials(value),
        }
    }

    fn credentials(&self, value: &str) -> [Option<String>; 2] {
        [
            self.access_with_credentials(&format!(
                "The value of the 'Access-Control-Allow-Credentials' header in the response is '{value}' which must be 'true' when the request's credentials mode is 'include'."
            )),
            self.reason("expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’"),
        ]
    }

    fn redirect_failure(&self, failure: &RedirectFailure) -> [Option<String>; 2] {
        use RedirectFailure as R;
        match failure {
            R::InvalidLocation(_) => [failed_to_load("INVALID_REDIRECT"), self.did_not_succeed()],
            R::NotHttp(scheme) if scheme == "data" => {
                [failed_to_load("UNSAFE_REDIRECT"), self.did_not_succeed()]
            }
            // For other schemes, the line lists the schemes that the build of Chromium knows.
            R::NotHttp(_) | R::StreamBody | R::CredentialsCheck(_) => [None, None],
            // Chromium looks at the user info first.
            R::NotAllowed => {
                let has_user_info = self.location().is_some_and(|url| has_user_info(&url));
                let is_cors = self.request.mode == Mode::Cors;
                [self.user_info().filter(|_| has_user_info && is_cors), None]
            }
            R::TooMany => [failed_to_load("TOO_MANY_REDIRECTS"), self.did_not_succeed()],
            R::UserInfo => {
                let firefox = self.reason_with_status("CORS request did not succeed", &"(null)");
                [
                    self.user_info(),
                    firefox.filter(|_| self.request.mode == Mode::Cors),
                ]
            }
        }
    }
}

/// The beginning of a line of Firefox about CORS.
const BLOCKED: &str =
    "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at";

/// The frames around the texts.
impl Context<'_> {
    /// Returns a line of Chromium about CORS.
    fn access(&self, text: &str) -> Option<String> {
        let request = self.request;
        let redirected = match request.url_list.first() {
            Some(first) if request.url_list.len() > 1 => format!(" (redirected from '{first}')"),
            _ => String::new(),
        };
        let (preflight, text) = if self.kind != Some(ExchangeKind::Preflight) {
            ("", text)
        } else if self.is_redirected() {
            // Chromium looks at this before anything else.
            (
                PREFLIGHT,
                "Redirect is not allowed for a preflight request.",
            )
        } else if text.ends_with("in preflight response.") {
            ("", text)
        } else {
            (PREFLIGHT, text)
        };
        Some(format!(
            "Access to {} at '{}'{redirected} from origin '{}' has been blocked by CORS policy: {preflight}{text}",
            request.initiator, request.current_url, request.origin
        ))
    }

    /// Returns a line of Chromium about credentials.
    fn access_with_credentials(&self, text: &str) -> Option<String> {
        if self.request.initiator == "XMLHttpRequest" {
            self.access(&format!(
                "{text} The credentials mode of requests initiated by the XMLHttpRequest is controlled by the withCredentials attribute."
            ))
        } else {
            self.access(text)
        }
    }

    /// Returns a line of Firefox about CORS.
    fn reason(&self, text: &str) -> Option<String> {
        Some(format!(
            "{BLOCKED} {}. (Reason: {text}).",
            self.request.current_url
        ))
    }

    fn reason_with_status(&self, text: &str, status: &dyn std::fmt::Display) -> Option<String> {
        let line = self.reason(text)?;
        Some(format!("{line} Status code: {status}."))
    }

    /// Firefox blames CORS only if the request is a CORS request.
    fn did_not_succeed(&self) -> Option<String> {
        if self.request.tainting != Tainting::Cors {
            return None;
        }
        self.reason_with_status("CORS request did not succeed", &"(null)")
    }

    /// Returns Firefox's line about a request with the mode `same-origin`.
    fn security_error(&self) -> Option<String> {
        let page = self.page()?;
        Some(format!(
            "Security Error: Content at {page} may not load data from {}.",
            self.request.current_url
        ))
    }

    /// Returns Chromium's line about a redirect to another origin in the mode `same-origin`.
    fn unsafe_attempt(&self, url: &Url) -> Option<String> {
        let page = self.page()?;
        Some(format!(
            "Unsafe attempt to load URL {url} from frame with URL {page}. Domains, protocols and ports must match.\n"
        ))
    }

    /// Returns Chromium's line about a redirect to a URL with user info. Within the page's own origin and in the mode `no-cors`, there
    /// is none.
    fn user_info(&self) -> Option<String> {
        let location = self.location()?;
        let leaves = !self.request.origin.is_same_origin(&location);
        match self.request.mode {
            Mode::Cors if leaves || self.request.tainting == Tainting::Cors => self.access(
                "Redirect location '' contains a username and password, which is disallowed for cross-origin requests.",
            ),
            Mode::SameOrigin if leaves => self.unsafe_attempt(&location),
            _ => None,
        }
    }

    /// Returns the URL to which the last response redirects.
    fn location(&self) -> Option<Url> {
        let (_, headers) = self.last?;
        location_url(self.request, headers).ok().flatten()
    }

    fn page(&self) -> Option<&Url> {
        self.request.page.as_ref()
    }

    fn is_redirected(&self) -> bool {
        self.last.is_some_and(|(status, headers)| {
            is_redirect(status) && headers.contains_key(http::header::LOCATION)
        })
    }
}

const PREFLIGHT: &str = "Response to preflight request doesn't pass access control check: ";

/// Returns a line of Chromium about an error of its network stack.
fn failed_to_load(error: &str) -> Option<String> {
    Some(format!("Failed to load resource: net::ERR_{error}"))
}
