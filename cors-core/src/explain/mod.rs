//! The same decision, told step by step, for a person who wants to know why a browser says no.

mod change;
mod telling;

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use self::change::change;
use self::telling::tell;
use crate::decision::{Decision, Verdict};
use crate::policy::Policy;
use crate::request::RequestParts;

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
    decision: Decision<'a>,
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

    /// The decision that is explained.
    pub fn decision(&self) -> &Decision<'a> {
        &self.decision
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
    pub fn explain<'a>(&'a self, request: &'a RequestParts<'a>) -> Explanation<'a> {
        let decision = crate::evaluate(self, request);
        let verdict = decision.verdict();
        let denial = match verdict {
            Verdict::Allowed => None,
            Verdict::Denied(denial) => Some(denial),
        };
        let steps = tell(self, request, &decision, denial);
        let change = denial.and_then(|denial| change(self, request, denial));
        Explanation {
            decision,
            steps,
            verdict,
            change,
        }
    }
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
