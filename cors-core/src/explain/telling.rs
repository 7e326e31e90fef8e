use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::{Outcome, Step, shown};
use crate::decision::{Decision, Denial};
use crate::header::elements;
use crate::method;
use crate::origin::{Origin, OriginPattern};
use crate::policy::Policy;
use crate::request::{Line, RequestKind, RequestParts};
use crate::response::Finding;

/// The steps that lead to a decision, given why it is a denial, if it is.
pub(super) fn tell<'a>(
    policy: &Policy,
    request: &RequestParts<'a>,
    decision: &Decision<'_>,
    denial: Option<Denial<'a>>,
) -> Vec<Step> {
    let mut telling = Telling {
        policy,
        request,
        denial,
        steps: Vec::new(),
    };
    telling.tell(decision);
    telling.steps
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
        let allowed = self.policy.find(self.request) == Finding::Allowed;
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
