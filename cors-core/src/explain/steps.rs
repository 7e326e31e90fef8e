use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::ops::ControlFlow;

use super::printable::printable;
use super::step::{Outcome, Step};
use crate::adapter::expose_headers_merge;
use crate::decision::Decision;
use crate::denial::Denial;
use crate::guard::{self, Pass};
use crate::header::elements;
use crate::limits;
use crate::method;
use crate::origin::{Origin, OriginSet};
use crate::policy::{Guard, OriginStatus, Policy};
use crate::rejection::Rejection;
use crate::request::{RequestKind, RequestParts};

/// Returns the steps that lead to a decision. `denial` is the reason of its verdict, if that is negative.
pub(super) fn steps<'a>(
    policy: &Policy,
    request: &RequestParts<'a>,
    decision: &Decision<'_>,
    denial: Option<Denial<'a>>,
) -> Vec<Step> {
    let mut writer = StepWriter {
        policy,
        request,
        denial,
        steps: Vec::new(),
    };
    writer.write(decision);
    writer.steps
}

/// Returns why a request passes the guard.
fn passes(pass: Pass, checked: Guard) -> &'static str {
    match pass {
        Pass::NotChecked if checked == Guard::All => {
            "neither an unsafe method, a WebSocket handshake nor a CORS request, so it is not checked"
        }
        Pass::NotChecked => {
            "neither an unsafe method nor a WebSocket handshake, so it is not checked"
        }
        Pass::SameOrigin => "a page of the server itself, or the user, has sent the request",
        Pass::Listed => "the policy lists the origin",
        Pass::Navigation => "the origin may send navigations",
        Pass::NoOrigin => "the request has neither Sec-Fetch-Site nor Origin",
        Pass::OfHost => "the origin has the host of the request",
    }
}

struct StepWriter<'t, 'a> {
    policy: &'t Policy,
    request: &'t RequestParts<'a>,
    denial: Option<Denial<'a>>,
    steps: Vec<Step>,
}

impl StepWriter<'_, '_> {
    fn write(&mut self, decision: &Decision<'_>) {
        let kind = self.request.kind();
        self.write_kind(kind);
        self.write_guard(decision);
        if self.has_failed() {
            return self.write_decision(decision);
        }
        if kind == RequestKind::NonCors {
            self.write_timing();
        } else {
            self.write_origin(decision.origin_status());
        }
        if kind == RequestKind::Preflight && !self.has_failed() {
            self.write_method();
        }
        if kind == RequestKind::Preflight && !self.has_failed() {
            self.write_headers();
        }
        if self.request.is_checked_by_browsers() && !self.has_failed() {
            self.write_credentials(decision.origin_status());
        }
        self.write_decision(decision);
    }

    fn step(
        &mut self,
        subject: &'static str,
        standard: &'static str,
        outcome: Outcome,
        found: String,
    ) {
        self.steps.push(Step {
            subject,
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

    /// <https://fetch.spec.whatwg.org/#http-requests>
    fn write_kind(&mut self, kind: RequestKind) {
        let method = printable(self.request.method());
        let found = match kind {
            RequestKind::NonCors => format!("{method} without Origin: not a CORS request"),
            RequestKind::Preflight => {
                format!("{method} with Origin and Access-Control-Request-Method: a preflight")
            }
            RequestKind::Actual if self.request.method() == b"OPTIONS" => {
                format!(
                    "{method} with Origin, but without Access-Control-Request-Method: an actual request, not a preflight"
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

    /// Writes whether the guard rejects the request.
    fn write_guard(&mut self, decision: &Decision<'_>) {
        let Some(rules) = self.policy.guard.as_deref() else {
            return;
        };
        let rejected = |rejection: Rejection| {
            if rules.report_only {
                let found = format!("{rejection}; the guard only reports this");
                (Outcome::Noted, found)
            } else {
                (Outcome::Failed, rejection.to_string())
            }
        };
        if !rules.hosts.is_empty() {
            let (outcome, found) = match guard::rejection_of_host(rules, self.request) {
                Some(rejection) => rejected(rejection),
                None => (Outcome::Passed, "the host is listed".to_string()),
            };
            let standard = "RFC 9110, section 15.5.20";
            self.step("Host", standard, outcome, found);
        }
        if self.has_failed() || self.request.is_preflight() || rules.checked == Guard::Off {
            return;
        }
        // The status of the decision, because a predicate or a set may say something else now.
        let status = decision.headers().status;
        let (outcome, found) = match guard::check_origin(rules, self.request, status) {
            Err(_) if guard::is_failure(status, self.request) => {
                let found = "the origin could not be looked up".to_string();
                (Outcome::Failed, found)
            }
            Err(rejection) => rejected(rejection),
            Ok(pass) => (Outcome::Passed, passes(pass, rules.checked).to_string()),
        };
        self.step(
            "guard",
            "Fetch Metadata, \"Sec-Fetch-Site\"",
            outcome,
            found,
        );
    }

    /// <https://fetch.spec.whatwg.org/#concept-cors-check>
    fn write_origin(&mut self, status: OriginStatus) {
        let origin = self.request.origin_field().once();
        let origin = origin.map_or_else(|| String::from("several fields"), printable);
        let (outcome, found) = match self.denial {
            Some(
                denial @ (Denial::OriginRepeated
                | Denial::OriginMalformed(_)
                | Denial::OriginOpaque
                | Denial::OriginNotAllowed
                | Denial::OriginInsecure
                | Denial::OriginUndecided
                | Denial::LookupNotAllowed
                | Denial::LookupFailed
                | Denial::LookupTimedOut
                | Denial::LookupNotBegun),
            ) => (Outcome::Failed, format!("{origin}: {denial}")),
            _ => match self.allowed_by(status) {
                Some(by) => (Outcome::Passed, format!("{origin} is allowed by {by}")),
                None if status == OriginStatus::AllowedWithoutCredentials => (
                    Outcome::Passed,
                    format!("{origin} is allowed without credentials, like any other origin"),
                ),
                // The policy does not allow the origin, and there is no denial: browsers do not check same-origin responses
                // (Fetch, "main fetch": https://fetch.spec.whatwg.org/#concept-main-fetch).
                None => (
                    Outcome::Passed,
                    format!(
                        "{origin} is the server's own origin; browsers do not apply CORS to it"
                    ),
                ),
            },
        };
        self.step("Origin", "Fetch, \"CORS check\"", outcome, found);
    }

    /// Writes which origins may read the timing of a non-CORS request, in which the origin of the page is unknown.
    ///
    /// <https://fetch.spec.whatwg.org/#concept-tao-check>
    fn write_timing(&mut self) {
        let policy = self.policy;
        if !policy.timing_allow_origin() || policy.is_static() {
            return;
        }
        let exact = policy.origins().map_or(0, OriginSet::exact_len);
        let found = match exact {
            0 => "the policy has no exact origin to list".to_string(),
            1..=limits::TIMING_ORIGINS => {
                format!("the exact origins of the policy are listed: {exact}")
            }
            _ => format!(
                "the policy has {exact} exact origins, and at most {} are listed; a page must load the resource with the attribute \
                 `crossorigin`",
                limits::TIMING_ORIGINS
            ),
        };
        self.step(
            "Timing-Allow-Origin",
            "Fetch, \"TAO check\"",
            Outcome::Noted,
            found,
        );
    }

    /// Returns what allows the origin: a pattern, or a rule that is asked if no pattern matches.
    fn allowed_by(&self, status: OriginStatus) -> Option<String> {
        let Some(set) = self.policy.origins() else {
            return Some("`*`".to_string());
        };
        let origin = self.request.origin_field().once()?;
        if set.contains_exact(origin) {
            return Some(format!("`{}`", printable(origin)));
        }
        if let Ok(parsed) = Origin::parse(origin) {
            if let Some(pattern) = set.pattern_that_allows(&parsed) {
                return Some(format!("`{pattern}`"));
            }
        }
        if self.policy.origins.is_in_dynamic_set(origin) {
            return Some(String::from("a set of origins that can change"));
        }
        (status == OriginStatus::Allowed)
            .then(|| String::from("a regular expression, a predicate or a lookup"))
    }

    /// <https://fetch.spec.whatwg.org/#cors-preflight-fetch>, step 7
    fn write_method(&mut self) {
        let value = self.request.request_method_field().once();
        let method = value.map_or_else(|| "several fields".to_string(), printable);
        let bytes = value.unwrap_or_default();
        let (outcome, found) = match self.denial {
            Some(denial @ (Denial::RequestMethodRepeated | Denial::RequestMethodMalformed)) => {
                (Outcome::Failed, format!("{method}: {denial}"))
            }
            Some(Denial::MethodNotAllowed(_)) => {
                let listed = self.policy.methods.listed_text().unwrap_or("none");
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

    /// <https://fetch.spec.whatwg.org/#cors-preflight-fetch>, step 7
    fn write_headers(&mut self) {
        let (outcome, found) = match self.denial {
            Some(denial @ (Denial::RequestHeadersTooLong | Denial::RequestHeadersMalformed)) => {
                (Outcome::Failed, denial.to_string())
            }
            Some(Denial::HeaderNotAllowed(name)) => {
                let listed = self.policy.request_headers.listed_text().unwrap_or("none");
                let found = if self.policy.request_headers.is_any() {
                    format!(
                        "{} is not covered by `*`, so it must be listed as well; allow_headers: {listed}",
                        printable(name)
                    )
                } else {
                    format!("{} is not listed; allow_headers: {listed}", printable(name))
                };
                (Outcome::Failed, found)
            }
            _ => match self.requested_headers() {
                0 => (Outcome::Passed, "no header is requested".to_string()),
                _ if self.policy.request_headers.is_any() => {
                    (Outcome::Passed, "any header is allowed".to_string())
                }
                1 => (
                    Outcome::Passed,
                    "the requested header is listed".to_string(),
                ),
                count => (
                    Outcome::Passed,
                    format!("all {count} requested headers are listed"),
                ),
            },
        };
        self.step(
            "Access-Control-Request-Headers",
            "Fetch, \"CORS-preflight fetch\", step 7",
            outcome,
            found,
        );
    }

    fn requested_headers(&self) -> usize {
        let mut count = 0;
        let _ = self.request.each_request_headers_value(&mut |value| {
            count += elements(value).count();
            ControlFlow::Continue(())
        });
        count
    }

    /// <https://fetch.spec.whatwg.org/#cors-protocol-and-credentials>
    fn write_credentials(&mut self, status: OriginStatus) {
        let found = if status == OriginStatus::AllowedWithoutCredentials {
            "not allowed for this origin; the browser will block a request made with credentials (`credentials: \"include\"`)"
        } else if self.policy.allow_credentials() {
            "allowed"
        } else {
            "not allowed; the browser will block a request made with credentials (`credentials: \"include\"`)"
        };
        self.step(
            "credentials",
            "Fetch, \"CORS protocol and credentials\"",
            Outcome::Noted,
            found.to_string(),
        );
    }

    /// <https://fetch.spec.whatwg.org/#http-responses>
    fn write_decision(&mut self, decision: &Decision<'_>) {
        let mut found = match decision {
            Decision::Forward { .. } => String::from("the application's, with"),
            Decision::Respond { status, .. } => {
                format!("{status}, without running the application, with")
            }
        };
        let mut separator = " ";
        for field in decision.headers() {
            found.push_str(separator);
            found.push_str(&printable(field.to_string().as_bytes()));
            separator = "; ";
        }
        if separator == " " {
            found.push_str(" no fields");
        }
        if expose_headers_merge(decision.headers()).is_some() {
            found.push_str("; the application's own access-control-expose-headers is merged");
        }
        self.step(
            "response",
            "Fetch, \"HTTP responses\" of the CORS protocol",
            Outcome::Noted,
            found,
        );
    }
}
