//! Whole conversations between a page and a server. The browser's side is the crate [`omnicors_browser`], which knows neither the core
//! nor policies: it must allow exactly what the policy allows, and block for the reason that the core predicts.
//!
//! Whether the policy allows a request is computed from the [`Settings`]: lists are searched, and wildcards are matched by the naive
//! matcher.

use std::fmt::Debug;

use bytes::Bytes;
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, VARY};
use http::{HeaderMap, Request, Response};
use omnicors_browser::{
    Browser, CorsFailure, Credentials, ExchangeKind, Fetch, Mode, NetworkError, Outcome, Page,
};
use omnicors_core::{Denial, Policy, Verdict, evaluate};

use crate::page_request::{PageRequest, Requested, allow_everything};
use crate::settings::{Settings, fields_of};

/// The URL that pages fetch. No page has its origin.
const URL: &str = "https://server.invalid/";

/// The outcome of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The browser's conclusion from the response to the preflight, if it sent one.
    pub preflight: Option<Conclusion>,
    /// The browser's conclusion from the response to the actual request.
    pub actual: Conclusion,
    /// How many of the responses a shared cache may send to every page.
    pub cacheable_for_all: u64,
}

/// Checks one conversation: the preflight, if the browser sends one, and the actual request. Returns `None` if there is no request,
/// because the page has no valid URL or `fetch()` throws.
///
/// # Errors
/// Returns the first disagreement between the core, the browser and the settings.
pub fn converse(
    raw: &Settings,
    policy: &Policy,
    request: &PageRequest,
) -> Result<Option<Conversation>, String> {
    let Some(page) = request.page() else {
        return Ok(None);
    };
    let fetch = request.fetch(&page, URL);
    let mut asked = Asked::new(raw, policy, request);
    let outcome = fetch.send_now(&mut |request| asked.respond(&request));
    if let Err(NetworkError::InvalidRequest(_)) = outcome.result() {
        return Ok(None);
    }
    let checked = Checked {
        origin: page.origin().to_string(),
        raw,
        policy,
        request,
        page,
        fetch,
    };
    checked.check(&outcome, &asked).map(Some)
}

/// A conversation that is being checked.
struct Checked<'a> {
    origin: String,
    raw: &'a Settings,
    policy: &'a Policy,
    request: &'a PageRequest,
    page: Page,
    fetch: Fetch,
}

impl Checked<'_> {
    fn check(&self, outcome: &Outcome, asked: &Asked<'_>) -> Result<Conversation, String> {
        let preflight = outcome
            .exchanges()
            .iter()
            .find(|exchange| exchange.kind() == ExchangeKind::Preflight);
        let preflight = preflight
            .map(|exchange| self.check_preflight(exchange.request(), outcome, asked))
            .transpose()?;
        let is_sent = preflight
            .as_ref()
            .is_none_or(|preflight| *preflight == Conclusion::Allowed);
        let (outcome, concluded) = if is_sent {
            (outcome.clone(), asked.predicted.last().cloned())
        } else {
            // Another preflight in the browser's cache may allow the request.
            let mut asked = Asked::new(self.raw, self.policy, self.request);
            let outcome = self
                .with_cached_preflight()
                .send_now(&self.fetch, &mut |request| asked.respond(&request));
            (outcome, asked.predicted.last().cloned())
        };
        let response_allowed = self.response_allowed();
        expect_equal(
            "allowed",
            &outcome.result().is_ok(),
            &response_allowed,
            &outcome,
        )?;
        let actual = conclusion(outcome.result().err())?;
        let concluded = concluded.unwrap_or(Conclusion::Allowed);
        expect_equal(
            "conclusion from the actual request",
            &actual,
            &concluded,
            &outcome,
        )?;

        let response = outcome.exchanges().last();
        let response = response.and_then(|exchange| exchange.response());
        let response = response.ok_or("no response")?.clone();
        if let Ok(read) = outcome.result() {
            let mut names: Vec<_> = read.headers().keys().map(ToString::to_string).collect();
            names.sort();
            let expected = self.raw.readable_headers(response.headers());
            expect_equal("readable", &names, &expected, &outcome)?;
            let is_named = self.raw.allows_origin(&self.origin) && !self.policy.is_static();
            let timing = self.raw.timing && (!is_named || names_itself(&self.origin));
            expect_equal("timing", &read.is_timing_allowed(), &timing, &outcome)?;
        }
        self.check_image()?;
        Ok(Conversation {
            preflight,
            actual,
            cacheable_for_all: self.check_caches(response)?,
        })
    }

    /// Returns true if the page can read the response to its actual request.
    fn response_allowed(&self) -> bool {
        self.raw
            .allows_response(&self.origin, self.request.credentials)
    }

    fn check_preflight(
        &self,
        preflight: &Request<Bytes>,
        outcome: &Outcome,
        asked: &Asked<'_>,
    ) -> Result<Conclusion, String> {
        let requested = Requested::of(preflight.headers()).ok_or("a preflight without a method")?;
        let names = requested.names();
        let denied = self.raw.denied_headers(&self.origin, &names);
        let allowed = self.response_allowed()
            && self.raw.allows_method(&self.origin, &requested.method)
            && denied.is_empty();
        let error = outcome.result().err().filter(is_of_preflight);
        expect_equal("preflight allowed", &error.is_none(), &allowed, outcome)?;
        let concluded = conclusion(error)?;
        let expected = asked
            .predicted
            .first()
            .ok_or("the preflight was not sent")?;
        expect_equal(
            "conclusion from the preflight",
            &concluded,
            expected,
            outcome,
        )?;
        if let Some(named) = &asked.named {
            // Fetch checks `Authorization` before other headers; the core names the first header in the order of the request.
            expect_equal("named", &denied.first(), &Some(&named.as_str()), outcome)?;
        }
        let response = outcome.exchanges().first();
        let response = response.and_then(|exchange| exchange.response());
        let response = response.ok_or("no response to the preflight")?;
        if allowed {
            let max_age = self.raw.max_age.map(|seconds| seconds.to_string());
            let sent = response.headers().get("access-control-max-age");
            let sent = sent.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            expect_equal("max age", &sent, &max_age, outcome)?;
        }
        // Without echoes, the response to a preflight depends only on the policy and the origin.
        if !self.raw.echoes() {
            let other = vec![
                ("origin".to_owned(), self.origin.clone().into_bytes()),
                ("access-control-request-method".to_owned(), b"GET".to_vec()),
            ];
            let (_, other) = self.raw.serve(self.policy, "OPTIONS", &other);
            let other = other.to_http();
            expect_equal(
                "headers for another method",
                response.headers(),
                other.headers(),
                outcome,
            )?;
        }
        Ok(concluded)
    }

    /// Returns a browser that has stored a preflight that allows the request.
    fn with_cached_preflight(&self) -> Browser {
        let mut browser = Browser::default();
        let origin = self.origin.clone();
        let primed = browser.send_now(&self.fetch, &mut |request: Request<Bytes>| {
            allow_everything(&origin, request.headers())
        });
        assert!(primed.result().is_ok(), "{primed}");
        browser
    }

    /// Checks whether the page sees the timing of an image, which browsers request without `Origin`.
    fn check_image(&self) -> Result<(), String> {
        let mut asked = Asked::new(self.raw, self.policy, self.request);
        let image = self.page.fetch(URL).mode(Mode::NoCors);
        let outcome = image.send_now(&mut |request| asked.respond(&request));
        let Ok(response) = outcome.result() else {
            return Err(format!("an image is blocked: {outcome}"));
        };
        let timing = self.raw.allows_timing_without_origin(&self.origin);
        expect_equal(
            "timing of an image",
            &response.is_timing_allowed(),
            &timing,
            &outcome,
        )
    }

    /// Checks the responses that a shared cache, which honors `Vary`, may reuse for another request. Returns how many responses it
    /// may send to every page.
    fn check_caches(&self, response: Response<Bytes>) -> Result<u64, String> {
        let other = vec![("origin".to_owned(), b"https://other.test".to_vec())];
        let (_, to_other) = self.raw.serve(self.policy, "GET", &other);
        let (_, without_origin) = self.raw.serve(self.policy, "GET", &Vec::new());
        let mut cacheable_for_all = 0;
        let browser = self.with_cached_preflight();
        for stored in [response, to_other.to_http(), without_origin.to_http()] {
            if varies_by_origin(stored.headers()) {
                continue;
            }
            cacheable_for_all += 1;
            let mut browser = browser.clone();
            let outcome = browser.send_now(&self.fetch, &mut |_: Request<Bytes>| stored.clone());
            let readable = outcome.result().is_ok();
            expect_equal(
                "from a cache",
                &readable,
                &self.response_allowed(),
                &outcome,
            )?;
        }
        Ok(cacheable_for_all)
    }
}

/// A server with the policy, and the core's prediction for each request that it got.
struct Asked<'a> {
    raw: &'a Settings,
    policy: &'a Policy,
    with_credentials: bool,
    predicted: Vec<Conclusion>,
    /// The header that the core says is not allowed.
    named: Option<String>,
}

impl<'a> Asked<'a> {
    fn new(raw: &'a Settings, policy: &'a Policy, request: &PageRequest) -> Self {
        Self {
            raw,
            policy,
            with_credentials: request.credentials == Credentials::Include,
            predicted: Vec::new(),
            named: None,
        }
    }

    fn respond(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        let fields = fields_of(request.headers());
        let (parts, response) = self
            .raw
            .serve(self.policy, request.method().as_str(), &fields);
        let decision = evaluate(self.policy, &parts);
        let method = request.headers().get(ACCESS_CONTROL_REQUEST_METHOD);
        let method = text(method.map_or(&[], |method| method.as_bytes()));
        if let Verdict::Denied(Denial::HeaderNotAllowed(name)) = decision.verdict() {
            self.named = Some(text(name));
        }
        self.predicted.push(if self.with_credentials {
            match prediction(decision.verdict_with_credentials(), method) {
                // The browser only sees `*`. The core also knows that the origin is not listed.
                Conclusion::Origin if self.raw.others => Conclusion::Credentials,
                conclusion => conclusion,
            }
        } else {
            prediction(decision.verdict(), method)
        });
        response.to_http()
    }
}

fn expect_equal<T: PartialEq + Debug + ?Sized>(
    what: &str,
    got: &T,
    expected: &T,
    outcome: &Outcome,
) -> Result<(), String> {
    if got == expected {
        return Ok(());
    }
    Err(format!(
        "{what}: {got:?} instead of {expected:?}\n{outcome}"
    ))
}

fn varies_by_origin(headers: &HeaderMap) -> bool {
    headers
        .get_all(VARY)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .any(|member| member.trim_ascii().eq_ignore_ascii_case(b"origin"))
}

/// The conclusion of a browser, with the reason that the standard distinguishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// The request is allowed.
    Allowed,
    /// The origin is not allowed.
    Origin,
    /// This method is not allowed.
    Method(String),
    /// A header is not allowed.
    Header,
    /// Credentials are not allowed.
    Credentials,
}

fn is_of_preflight(error: &NetworkError) -> bool {
    !matches!(error, NetworkError::CorsCheck(_))
}

fn conclusion(error: Option<NetworkError>) -> Result<Conclusion, String> {
    use CorsFailure as Failure;
    Ok(match error {
        None => Conclusion::Allowed,
        Some(NetworkError::PreflightCheck(failure) | NetworkError::CorsCheck(failure)) => {
            match failure {
                Failure::AllowOriginMissing | Failure::AllowOriginMismatch { .. } => {
                    Conclusion::Origin
                }
                Failure::AllowOriginWildcardWithCredentials { .. }
                | Failure::AllowCredentialsMissing => Conclusion::Credentials,
                failure => return Err(format!("the core never sends this: {failure:?}")),
            }
        }
        Some(NetworkError::MethodNotAllowed(method)) => Conclusion::Method(method),
        Some(NetworkError::HeaderNotAllowed(_)) => Conclusion::Header,
        Some(error) => return Err(format!("the core never causes this: {error:?}")),
    })
}

fn prediction(verdict: Verdict<'_>, requested_method: String) -> Conclusion {
    match verdict {
        Verdict::Allowed => Conclusion::Allowed,
        // Browsers send valid methods, so this one exceeds the limit of echoes.
        Verdict::Denied(Denial::RequestMethodMalformed | Denial::MethodNotAllowed(_)) => {
            Conclusion::Method(requested_method)
        }
        Verdict::Denied(Denial::RequestHeadersTooLong | Denial::HeaderNotAllowed(_)) => {
            Conclusion::Header
        }
        Verdict::Denied(Denial::CredentialsNotAllowed) => Conclusion::Credentials,
        Verdict::Denied(_) => Conclusion::Origin,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns true if a [`Timing-Allow-Origin`](https://fetch.spec.whatwg.org/#tao-check) with this origin allows it. With a comma outside of
/// quotation marks, the field is a list, in which an element can be `*`.
fn names_itself(origin: &str) -> bool {
    let mut is_quoted = false;
    let mut elements = origin.split(|character| {
        is_quoted ^= character == '"';
        character == ',' && !is_quoted
    });
    elements.any(|element| element == origin || element == "*")
}
