//! Explains recorded requests for the page.

use omnicors_adapter::suggestion_for_credentials;
use omnicors_core::{Denial, Outcome, Verdict};
use serde::Serialize;

use crate::change::{self, Change};
use crate::request_log::{Exchange, Exchanges};

/// The explanation of a request and its preflight.
#[derive(Serialize)]
pub(crate) struct Explanation {
    /// The revision of the policy that a change applies to.
    revision: u32,
    preflight: Option<ExplainedExchange>,
    actual: Option<ExplainedExchange>,
}

#[derive(Serialize)]
struct ExplainedExchange {
    method: String,
    /// The header fields of the request that CORS reads.
    fields: Vec<(&'static str, String)>,
    status: u16,
    /// The names of all header fields of the response.
    response: Vec<String>,
    application_ran: bool,
    allowed: bool,
    denial: Option<String>,
    /// Whether the policy denies the origin. Otherwise it allows the origin, and denies what the request asks for.
    is_origin_denied: bool,
    suggestion: Option<String>,
    /// The suggestion as a change of the policy's text, if it can be applied as it is.
    change: Option<Change>,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    subject: &'static str,
    found: String,
    standard: &'static str,
    outcome: &'static str,
}

/// Explains the requests. The verdict of a browser depends on whether it sent them with credentials, which a server does not see.
///
/// `text` and `revision` are those of the policy in force.
pub(crate) fn explain(
    exchanges: &Exchanges,
    with_credentials: bool,
    text: &str,
    revision: u32,
) -> Explanation {
    let explain = |exchange: &Option<Exchange>| {
        exchange
            .as_ref()
            .map(|exchange| explain_exchange(exchange, with_credentials, text))
    };
    Explanation {
        revision,
        preflight: explain(&exchanges.preflight),
        actual: explain(&exchanges.actual),
    }
}

fn explain_exchange(exchange: &Exchange, with_credentials: bool, text: &str) -> ExplainedExchange {
    let request = exchange.request(exchange.policy.policy());
    let explanation = exchange.policy.policy().explain(&request);
    let policy = exchange.policy.policy();
    let denial = match change::verdict(policy, &request, with_credentials) {
        Verdict::Allowed => None,
        Verdict::Denied(denial) => Some(denial),
    };
    let is_for_credentials = denial == Some(Denial::CredentialsNotAllowed);
    let steps = explanation.steps().iter().map(|step| Step {
        subject: step.subject(),
        found: step.found().to_owned(),
        standard: step.standard(),
        outcome: match step.outcome() {
            // The library explains the verdict without credentials, and only notes that it would be negative with credentials.
            _ if is_for_credentials && step.subject() == "credentials" => "failed",
            Outcome::Noted => "noted",
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
        },
    });
    let suggestion = if is_for_credentials {
        let origin = exchange.origin().unwrap_or_default();
        Some(suggestion_for_credentials(policy, origin.as_bytes()))
    } else {
        explanation.suggestion().map(str::to_owned)
    };
    ExplainedExchange {
        method: exchange.method.to_string(),
        fields: exchange
            .fields
            .iter()
            .map(|(name, value)| (*name, String::from_utf8_lossy(value).into_owned()))
            .collect(),
        status: exchange.status,
        response: exchange.response.iter().map(ToString::to_string).collect(),
        application_ran: exchange.application_ran,
        allowed: denial.is_none(),
        denial: denial.map(|denial| denial.to_string()),
        is_origin_denied: denial.is_some_and(is_about_origin),
        change: denial.and_then(|denial| {
            change::change(text, &request, exchange.origin(), with_credentials, denial)
        }),
        suggestion,
        steps: steps.collect(),
    }
}

/// Returns true if the denial does not depend on what the request asks for.
fn is_about_origin(denial: Denial<'_>) -> bool {
    !matches!(
        denial,
        Denial::MethodNotAllowed(_)
            | Denial::RequestMethodRepeated
            | Denial::RequestMethodMalformed
            | Denial::HeaderNotAllowed(_)
            | Denial::RequestHeadersTooLong
            | Denial::RequestHeadersMalformed
            | Denial::CredentialsNotAllowed
    )
}
