use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use super::step::Step;
use super::steps::steps;
use super::suggestion::Suggestion;
use super::suggestion_to_run::suggestion_to_run;
use crate::decision::Decision;
use crate::evaluate::evaluate;
use crate::policy::Policy;
use crate::rejection::Rejection;
use crate::request::RequestParts;
use crate::verdict::Verdict;

/// The steps that lead to a [`Decision`], each with its finding, its section of the standard and its outcome. For a denial, it
/// also contains a suggestion for what to change.
///
/// [`Policy::explain`] returns it. It is derived from the decision, so the two cannot disagree. `Display` prints it as a numbered list.
///
/// ```
/// use omnicors_core::{PolicyConfig, RequestParts};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let preflight = RequestParts::new("OPTIONS").origin("https://example.com").request_method("PUT");
/// let explanation = policy.explain(&preflight);
/// assert_eq!(explanation.suggestion(), Some("add `PUT` to allow_methods"));
/// println!("{explanation}");
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    decision: Decision<'a>,
    steps: Vec<Step>,
    verdict: Verdict<'a>,
    /// The rejection, unless the guard only reports.
    rejection: Option<Rejection>,
    suggestion: Option<String>,
}

impl<'a> Explanation<'a> {
    /// Returns the steps, in the order in which they were taken. Only the step about the response follows a failed step.
    ///
    /// ```
    /// use omnicors_core::{Outcome, PolicyConfig, RequestParts};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let explanation = policy.explain(&RequestParts::new("GET").origin("https://other.example"));
    /// let failed = explanation.steps().iter().find(|step| step.outcome() == Outcome::Failed);
    /// assert_eq!(failed.map(|step| step.subject()), Some("Origin"));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns the decision.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let request = RequestParts::new("GET").origin("https://example.com");
    /// assert_eq!(*policy.explain(&request).decision(), evaluate(&policy, &request));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn decision(&self) -> &Decision<'a> {
        &self.decision
    }

    /// Returns what a browser will conclude, like [`Decision::verdict`].
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let request = RequestParts::new("GET").origin("https://other.example");
    /// assert_eq!(policy.explain(&request).verdict().to_string(), "denied: the policy does not allow the origin");
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn verdict(&self) -> Verdict<'a> {
        self.verdict
    }

    /// Returns what to change, in the policy or in the page, to allow a denied request, or to run one that the guard rejects. Returns
    /// `None` if the request is allowed, or if no such change is known.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let explanation = policy.explain(&RequestParts::new("GET").origin("https://other.example"));
    /// assert_eq!(explanation.suggestion(), Some("add `https://other.example` to allow_origins"));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            writeln!(f, "{}. {step}", index + 1)?;
        }
        match self.rejection {
            Some(rejection) => write!(f, "rejected: {rejection}")?,
            None => write!(f, "{}", self.verdict)?,
        }
        match &self.suggestion {
            Some(suggestion) => write!(f, "\nto allow it: {suggestion}"),
            None => Ok(()),
        }
    }
}

impl Policy {
    /// Explains step by step how [`evaluate`] decides about a request.
    ///
    /// Use this for debug logs and developer tools. Unlike [`evaluate`], it allocates memory.
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://*.example.com"]).build()?;
    /// let explanation = policy.explain(&RequestParts::new("GET").origin("https://example.com"));
    /// assert!(explanation.to_string().ends_with("\
    /// denied: the policy does not allow the origin
    /// to allow it: add `https://example.com` to allow_origins; the listed `https://*.example.com` does not allow `example.com` itself"));
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn explain<'a>(&'a self, request: &RequestParts<'a>) -> Explanation<'a> {
        let decision = evaluate(self, request);
        let verdict = decision.verdict();
        let denial = match verdict {
            Verdict::Allowed => None,
            Verdict::Denied(denial) => Some(denial),
        };
        let is_run = matches!(decision, Decision::Forward { .. });
        let rejection = decision.rejection().filter(|_| !is_run);
        let suggestion = match rejection {
            Some(rejection) => suggestion_to_run(self, request, rejection),
            None => denial
                .and_then(|denial| Suggestion::new(self, request, denial))
                .map(|suggestion| suggestion.to_string()),
        };
        Explanation {
            steps: steps(self, request, &decision, denial),
            suggestion,
            rejection,
            decision,
            verdict,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString as _;

    use super::*;
    use crate::policy::PolicyConfig;

    #[test]
    fn an_explanation_prints_a_list_of_steps() {
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
2. Origin: passed: https://example.com is allowed by `https://example.com` (Fetch, \"CORS check\")
3. Access-Control-Request-Method: passed: PUT is listed (Fetch, \"CORS-preflight fetch\", step 7)
4. Access-Control-Request-Headers: failed: x-a is not listed; allow_headers: none (Fetch, \"CORS-preflight fetch\", step 7)
5. response: 204, without running the application, with access-control-allow-origin: https://example.com; \
access-control-allow-methods: GET, HEAD, POST, PUT; access-control-max-age: 600; vary: Origin (Fetch, \"HTTP responses\" of the CORS protocol)
denied: the policy does not allow the header x-a
to allow it: add `x-a` to allow_headers"
        );
    }

    #[test]
    fn an_explanation_says_that_an_origin_is_allowed_without_credentials() {
        let policy = PolicyConfig::new()
            .allow_origins(["https://example.com"])
            .allow_credentials(true)
            .allow_others_without_credentials(true)
            .build()
            .unwrap();
        let request = RequestParts::new("GET").origin("https://other.example");
        assert_eq!(
            policy.explain(&request).to_string(),
            "\
1. request: GET with Origin: an actual request (Fetch, \"HTTP requests\" of the CORS protocol)
2. Origin: passed: https://other.example is allowed without credentials, like any other origin (Fetch, \"CORS check\")
3. credentials: not allowed for this origin; the browser will block a request made with credentials (`credentials: \"include\"`) (Fetch, \"CORS protocol and credentials\")
4. response: the application's, with access-control-allow-origin: *; vary: Origin (Fetch, \"HTTP responses\" of the CORS protocol)
allowed"
        );
    }

    #[test]
    fn the_timing_of_a_non_cors_request_is_explained() {
        let numbered = |count: usize| (0..count).map(|number| format!("https://{number}.test"));
        let step = |config: PolicyConfig| {
            let policy = config.timing_allow_origin(true).build().unwrap();
            let explanation = policy.explain(&RequestParts::new("GET"));
            let lines = explanation.to_string();
            lines.lines().nth(1).unwrap_or_default().to_string()
        };
        let pattern = PolicyConfig::new().allow_origin("https://*.example.com");
        for (config, found) in [
            (pattern.clone(), "the policy has no exact origin to list"),
            (
                pattern.clone().allow_origins(numbered(8)),
                "the exact origins of the policy are listed: 8",
            ),
            (
                pattern.allow_origins(numbered(9)),
                "the policy has 9 exact origins, and at most 8 are listed; a page must load the resource with the attribute `crossorigin`",
            ),
        ] {
            let expected = format!("2. Timing-Allow-Origin: {found} (Fetch, \"TAO check\")");
            assert_eq!(step(config), expected);
        }
        let any = PolicyConfig::new().allow_origin("*");
        assert!(step(any).starts_with("2. response: "));
    }
}
