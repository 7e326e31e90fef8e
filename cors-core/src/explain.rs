//! The same decision, told step by step, for a person who wants to know why a browser says no.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use crate::decision::{Decision, Denial, Verdict};
use crate::header::elements;
use crate::limits;
use crate::method;
use crate::origin::{Origin, OriginError, OriginPattern, canonical_pattern};
use crate::policy::Policy;
use crate::request::{Line, RequestKind, RequestParts};

/// How a [`Decision`] comes about: what was looked at, what was found, the section of the standard, the outcome; and
/// for a denial, what to change.
///
/// It is made of the decision itself, so that it cannot tell another story. `Display` prints it.
///
/// ```
/// use omnicors_core::{PolicyConfig, RequestParts};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("PUT");
/// let explanation = policy.explain(&preflight);
/// assert_eq!(explanation.change(), Some("add `PUT` to allow_methods"));
/// println!("{explanation}");
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    steps: Vec<Step>,
    verdict: Verdict<'a>,
    change: Option<String>,
}

/// One step of an [`Explanation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    looked_at: &'static str,
    found: String,
    standard: &'static str,
    outcome: Outcome,
}

/// How a step ends.
///
/// Exhaustive: a check passes or fails, and what is no check is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing was checked.
    Noted,
    /// The check was passed.
    Passed,
    /// The check was failed: here the request is denied.
    Failed,
}

impl<'a> Explanation<'a> {
    /// The steps, in the order in which they are taken. None follows a failed one but that about the response.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What a browser will conclude: [`Decision::verdict`].
    pub fn verdict(&self) -> Verdict<'a> {
        self.verdict
    }

    /// For a denial, what to change, in the policy or else in the page.
    pub fn change(&self) -> Option<&str> {
        self.change.as_deref()
    }
}

impl Step {
    /// What was looked at: a line of the request, or the response.
    pub fn looked_at(&self) -> &'static str {
        self.looked_at
    }

    /// What was found.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// The section of the standard.
    pub fn standard(&self) -> &'static str {
        self.standard
    }

    /// How the step ends.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            writeln!(f, "{}. {step}", index + 1)?;
        }
        match self.verdict {
            Verdict::Allowed => f.write_str("allowed"),
            Verdict::Denied(denial) => write!(f, "denied: {denial}"),
        }?;
        match &self.change {
            Some(change) => write!(f, "\nto allow it: {change}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Noted => "",
            Outcome::Passed => "passed: ",
            Outcome::Failed => "failed: ",
        };
        write!(
            f,
            "{}: {outcome}{} ({})",
            self.looked_at, self.found, self.standard
        )
    }
}

impl Policy {
    /// Tells step by step how [`evaluate`](crate::evaluate) decides about a request. This allocates, and is for people:
    /// a log at debug, a page for developers.
    pub fn explain<'a>(&'a self, request: &RequestParts<'a>) -> Explanation<'a> {
        let decision = crate::evaluate(self, request);
        let verdict = decision.verdict();
        let denial = match verdict {
            Verdict::Allowed => None,
            Verdict::Denied(denial) => Some(denial),
        };
        let mut telling = Telling {
            policy: self,
            request,
            denial,
            steps: Vec::new(),
        };
        telling.tell(&decision);
        let steps = telling.steps;
        let change = denial.and_then(|denial| change(self, request, denial));
        Explanation {
            steps,
            verdict,
            change,
        }
    }
}

struct Telling<'t, 'a> {
    policy: &'t Policy,
    request: &'t RequestParts<'a>,
    denial: Option<Denial<'a>>,
    steps: Vec<Step>,
}

impl Telling<'_, '_> {
    fn tell(&mut self, decision: &Decision<'_>) {
        let kind = self.request.kind();
        self.tell_kind(kind);
        if kind != RequestKind::NonCors {
            self.tell_origin(kind);
        }
        if kind == RequestKind::Preflight && !self.has_failed() {
            self.tell_method();
        }
        if kind == RequestKind::Preflight && !self.has_failed() {
            self.tell_headers();
        }
        if kind != RequestKind::NonCors && !self.has_failed() {
            self.tell_credentials();
        }
        self.tell_decision(decision);
    }

    fn step(
        &mut self,
        looked_at: &'static str,
        standard: &'static str,
        outcome: Outcome,
        found: String,
    ) {
        self.steps.push(Step {
            looked_at,
            found,
            standard,
            outcome,
        });
    }

    fn has_failed(&self) -> bool {
        self.steps
            .iter()
            .any(|step| step.outcome == Outcome::Failed)
    }

    fn tell_kind(&mut self, kind: RequestKind) {
        let method = shown(self.request.method());
        let found = match kind {
            RequestKind::NonCors => format!("{method} without Origin: no CORS request"),
            RequestKind::Preflight => {
                format!("{method} with Origin and Access-Control-Request-Method: a preflight")
            }
            RequestKind::Actual if self.request.method() == b"OPTIONS" => {
                format!(
                    "{method} with Origin, but without Access-Control-Request-Method: an actual request, no preflight"
                )
            }
            RequestKind::Actual => format!("{method} with Origin: an actual request"),
        };
        self.step(
            "request",
            "Fetch, \"HTTP requests\" of the CORS protocol",
            Outcome::Noted,
            found,
        );
    }

    fn tell_origin(&mut self, kind: RequestKind) {
        let origin = match self.request.origin {
            Line::Once(origin) => shown(origin),
            Line::Absent | Line::Repeated => String::from("several lines"),
        };
        let (outcome, found) = match self.denial {
            Some(
                denial @ (Denial::OriginRepeated
                | Denial::OriginMalformed(_)
                | Denial::OriginNull
                | Denial::OriginNotAllowed
                | Denial::OriginInsecure
                | Denial::OriginUndecided),
            ) => (Outcome::Failed, format!("{origin}: {denial}")),
            _ => match self.admitted_by() {
                Some(by) => (Outcome::Passed, format!("{origin} is admitted by {by}")),
                // Not allowed, and yet not denied: the browser makes no check on its own site's responses.
                None if kind == RequestKind::Actual => (
                    Outcome::Passed,
                    format!(
                        "{origin} is the server's own origin, to which no browser applies CORS"
                    ),
                ),
                None => (Outcome::Noted, format!("{origin} is not looked at")),
            },
        };
        self.step("Origin", "Fetch, \"CORS check\"", outcome, found);
    }

    /// What allows the origin: the first pattern that matches, or what lies beyond patterns.
    fn admitted_by(&self) -> Option<String> {
        let origin = self.request.origin.once()?;
        let Some(set) = self.policy.origins() else {
            return Some("any origin (`*`)".to_string());
        };
        if set.contains_exact(origin) {
            return Some(format!("`{}`", shown(origin)));
        }
        let parsed = Origin::parse(origin).ok()?;
        let mut patterns = set
            .wild_patterns()
            .filter_map(|text| OriginPattern::parse(text).ok());
        if let Some(pattern) = patterns.find(|pattern| pattern.matches(&parsed)) {
            return Some(format!("`{pattern}`"));
        }
        let allowed = matches!(
            self.policy.find(self.request),
            crate::response::Finding::Allowed(_)
        );
        allowed.then(|| String::from("an expression, a function, or the caller's verdict"))
    }

    fn tell_method(&mut self) {
        let method = self
            .request
            .request_method
            .once()
            .map_or_else(|| "several lines".to_string(), shown);
        let bytes = self.request.request_method.once().unwrap_or_default();
        let (outcome, found) = match self.denial {
            Some(denial @ (Denial::RequestMethodRepeated | Denial::RequestMethodMalformed)) => {
                (Outcome::Failed, format!("{method}: {denial}"))
            }
            Some(Denial::MethodNotAllowed(_)) => {
                let listed = self.policy.methods.line().unwrap_or("none");
                (
                    Outcome::Failed,
                    format!("{method} is neither safelisted nor listed; allow_methods: {listed}"),
                )
            }
            _ if method::is_safelisted(bytes) => {
                (Outcome::Passed, format!("{method} is safelisted"))
            }
            _ if self.policy.methods.is_any() => {
                (Outcome::Passed, format!("{method}: any method is allowed"))
            }
            _ => (Outcome::Passed, format!("{method} is listed")),
        };
        self.step(
            "Access-Control-Request-Method",
            "Fetch, \"CORS-preflight fetch\", step 7",
            outcome,
            found,
        );
    }

    fn tell_headers(&mut self) {
        let (outcome, found) = match self.denial {
            Some(denial @ (Denial::RequestHeadersTooLong | Denial::RequestHeadersMalformed)) => {
                (Outcome::Failed, denial.to_string())
            }
            Some(Denial::HeaderNotAllowed(name)) => {
                let listed = self.policy.request_headers.line().unwrap_or("none");
                let found = if self.policy.request_headers.is_any() {
                    format!(
                        "{} is not covered by `*` and must be named beside it; allow_headers: {listed}",
                        shown(name)
                    )
                } else {
                    format!("{} is not listed; allow_headers: {listed}", shown(name))
                };
                (Outcome::Failed, found)
            }
            _ => match elements(self.request.request_headers.iter())
                .flatten()
                .count()
            {
                0 => (Outcome::Passed, "none is asked for".to_string()),
                _ if self.policy.request_headers.is_any() => {
                    (Outcome::Passed, "any header is allowed".to_string())
                }
                1 => (Outcome::Passed, "the one asked for is listed".to_string()),
                count => (Outcome::Passed, format!("all {count} are listed")),
            },
        };
        self.step(
            "Access-Control-Request-Headers",
            "Fetch, \"CORS-preflight fetch\", step 7",
            outcome,
            found,
        );
    }

    fn tell_credentials(&mut self) {
        let found = if self.policy.allows_credentials() {
            "allowed"
        } else {
            "not allowed: a request made with credentials (`credentials: \"include\"`) will be denied by the browser"
        };
        self.step(
            "credentials",
            "Fetch, \"CORS protocol and credentials\"",
            Outcome::Noted,
            found.to_string(),
        );
    }

    fn tell_decision(&mut self, decision: &Decision<'_>) {
        let mut found = match decision {
            Decision::Forward { .. } => String::from("the application's, with"),
            Decision::Answer { status, .. } => {
                format!("{status}, without running the application, with")
            }
        };
        let mut separator = " ";
        for line in decision.headers() {
            found.push_str(separator);
            found.push_str(&shown(line.to_string().as_bytes()));
            separator = "; ";
        }
        if separator == " " {
            found.push_str(" no line added");
        }
        self.step(
            "response",
            "Fetch, \"HTTP responses\" of the CORS protocol",
            Outcome::Noted,
            found,
        );
    }
}

/// What to change so that the request is allowed.
fn change(policy: &Policy, request: &RequestParts<'_>, denial: Denial<'_>) -> Option<String> {
    Some(match denial {
        Denial::OriginRepeated => "send one Origin line; look for a proxy that adds a second one".to_string(),
        Denial::OriginMalformed(error) => malformed_origin(request, error),
        Denial::OriginNull => "open the page from a server instead of a file or a sandboxed frame; or add `null` to \
                               allow_origins with dangerously_allow_null_origin, which any site can then use"
            .to_string(),
        Denial::OriginNotAllowed => {
            let origin = shown(request.origin.once()?);
            match near_miss(policy, request) {
                Some(near) => format!("add `{origin}` to allow_origins; {near}"),
                None => format!("add `{origin}` to allow_origins"),
            }
        }
        Denial::OriginInsecure => "serve the page over https, or add its origin to allow_origins with \
                                   dangerously_allow_insecure_origins"
            .to_string(),
        Denial::OriginUndecided => "put a verdict on the origin into the request parts before they are evaluated".to_string(),
        Denial::RequestMethodRepeated | Denial::RequestMethodMalformed => {
            "send one Access-Control-Request-Method line with one method, as browsers do".to_string()
        }
        Denial::MethodNotAllowed(method) => wrong_method(method),
        Denial::RequestHeadersTooLong => format!(
            "send fewer header names: {} bytes in {} lines at most",
            limits::REQUEST_HEADERS,
            limits::REQUEST_HEADERS_LINES
        ),
        Denial::RequestHeadersMalformed => "send a list of header names, as browsers do".to_string(),
        Denial::HeaderNotAllowed(name) => format!("add `{}` to allow_headers", shown(&name.to_ascii_lowercase())),
        Denial::CredentialsNotAllowed => "set allow_credentials, or fetch without credentials".to_string(),
    })
}

fn malformed_origin(request: &RequestParts<'_>, error: OriginError) -> String {
    let canonical = request
        .origin
        .once()
        .and_then(|origin| core::str::from_utf8(origin).ok())
        .and_then(canonical_pattern);
    match canonical.filter(|_| error != OriginError::TooLong) {
        Some(canonical) => format!("send the origin as browsers do: `{canonical}`"),
        None => "send an origin as browsers do, such as `https://example.com`".to_string(),
    }
}

fn wrong_method(method: &[u8]) -> String {
    let upper = core::str::from_utf8(method)
        .ok()
        .and_then(method::in_upper_case);
    match upper {
        Some(upper) => format!("methods are case-sensitive: write `{upper}` in the page"),
        None => format!("add `{}` to allow_methods", shown(method)),
    }
}

/// A pattern that comes close to the origin, and what parts them. Of very many patterns, only the first are looked at.
fn near_miss(policy: &Policy, request: &RequestParts<'_>) -> Option<String> {
    const LOOKED_AT: usize = 1000;
    let origin = Origin::parse(request.origin.once()?).ok()?;
    policy
        .origins()?
        .patterns()
        .take(LOOKED_AT)
        .find_map(|text| {
            let (scheme, authority) = text.split_once("://")?;
            let (host, port) = match authority.rsplit_once(':') {
                Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
                _ => (authority, None),
            };
            let domain = host.strip_prefix("*.").unwrap_or(host);
            let own_port = origin.port().map(|port| port.to_string());
            let is_under = origin
                .host()
                .strip_suffix(domain)
                .is_some_and(|labels| labels.ends_with('.'));
            if host == origin.host() {
                let parts = match (scheme == origin.scheme(), port == own_port.as_deref()) {
                    (false, true) => "the scheme",
                    (true, false) => "the port",
                    (false, false) => "the scheme and the port",
                    (true, true) => return None,
                };
                Some(format!("`{text}` differs in {parts}"))
            } else if host != domain && domain == origin.host() {
                Some(format!("`{text}` does not admit `{domain}` itself"))
            } else if host == domain && is_under {
                Some(format!(
                    "`{text}` does not admit what lies under it, as `{scheme}://*.{domain}` would"
                ))
            } else if host != domain && is_under {
                Some(format!("`{text}` differs in the scheme or the port"))
            } else {
                None
            }
        })
}

/// Bytes of a request in one line of bearable length, whatever they are.
fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 120;
    match bytes.get(..LONGEST) {
        Some(start) => format!("{}…", start.escape_ascii()),
        None => bytes.escape_ascii().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyConfig;

    fn change_of(config: PolicyConfig, request: &RequestParts<'_>) -> String {
        config
            .build()
            .unwrap()
            .explain(request)
            .change()
            .unwrap_or("nothing")
            .to_string()
    }

    #[test]
    fn a_denial_says_what_to_change() {
        let config = || {
            PolicyConfig::new()
                .allow_origins(["https://example.com", "https://*.example.org"])
                .allow_methods(["PATCH"])
        };
        let origin = |origin| change_of(config(), &RequestParts::new("GET").origin(origin));
        assert_eq!(
            origin("https://a.test"),
            "add `https://a.test` to allow_origins"
        );
        assert_eq!(
            origin("https://example.com:8443"),
            "add `https://example.com:8443` to allow_origins; `https://example.com` differs in the port"
        );
        assert_eq!(
            origin("http://example.com"),
            "add `http://example.com` to allow_origins; `https://example.com` differs in the scheme"
        );
        assert_eq!(
            origin("https://www.example.com"),
            "add `https://www.example.com` to allow_origins; `https://example.com` does not admit what lies under it, \
             as `https://*.example.com` would"
        );
        assert_eq!(
            origin("https://example.org"),
            "add `https://example.org` to allow_origins; `https://*.example.org` does not admit `example.org` itself"
        );
        assert_eq!(
            origin("https://example.com/"),
            "send the origin as browsers do: `https://example.com`"
        );
        assert!(origin("null").contains("dangerously_allow_null_origin"));

        let preflight = RequestParts::new("OPTIONS").origin("https://example.com");
        assert_eq!(
            change_of(config(), &preflight.request_method("DELETE")),
            "add `DELETE` to allow_methods"
        );
        assert_eq!(
            change_of(config(), &preflight.request_method("patch")),
            "methods are case-sensitive: write `PATCH` in the page"
        );
        assert_eq!(
            change_of(
                config(),
                &preflight.request_method("PATCH").request_headers("X-A")
            ),
            "add `x-a` to allow_headers"
        );
        assert_eq!(
            change_of(config(), &preflight.request_method("PATCH")),
            "nothing"
        );
    }

    #[test]
    fn an_explanation_reads_as_a_list_of_steps() {
        let policy = PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .allow_methods(["PUT"])
            .build()
            .unwrap();
        let preflight = RequestParts::new("OPTIONS")
            .origin("https://example.com")
            .request_method("PUT")
            .request_headers("x-a");
        assert_eq!(
            policy.explain(&preflight).to_string(),
            "\
1. request: OPTIONS with Origin and Access-Control-Request-Method: a preflight (Fetch, \"HTTP requests\" of the CORS protocol)
2. Origin: passed: https://example.com is admitted by `https://example.com` (Fetch, \"CORS check\")
3. Access-Control-Request-Method: passed: PUT is listed (Fetch, \"CORS-preflight fetch\", step 7)
4. Access-Control-Request-Headers: failed: x-a is not listed; allow_headers: none (Fetch, \"CORS-preflight fetch\", step 7)
5. response: 204, without running the application, with access-control-allow-origin: https://example.com; \
access-control-allow-methods: PUT; access-control-max-age: 600; vary: Origin (Fetch, \"HTTP responses\" of the CORS protocol)
denied: the policy does not allow the header x-a
to allow it: add `x-a` to allow_headers"
        );
    }

    #[test]
    fn what_a_request_brings_is_shown_in_one_bearable_line() {
        assert_eq!(shown(b"a\r\nb\xFF"), "a\\r\\nb\\xff");
        assert_eq!(shown(&[b'a'; 1000]).chars().count(), 121);
    }
}
