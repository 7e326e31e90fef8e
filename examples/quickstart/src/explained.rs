//! Explains the requests of an attempt, for the page to show.

use omnicors_core::{Denial, Outcome, Verdict};
use serde::Serialize;

use crate::seen::{Arrived, Exchange};

/// The explanation of one attempt.
#[derive(Serialize)]
pub(crate) struct Explained {
    preflight: Option<ExplainedExchange>,
    actual: Option<ExplainedExchange>,
}

#[derive(Serialize)]
struct ExplainedExchange {
    method: String,
    /// The request's lines that CORS reads, as they came.
    lines: Vec<(String, String)>,
    status: u16,
    /// The names of the response's headers, whether or not a page can read them.
    response: Vec<String>,
    application_ran: bool,
    allowed: bool,
    denial: Option<String>,
    suggestion: Option<String>,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    looked_at: &'static str,
    found: String,
    standard: &'static str,
    outcome: &'static str,
}

/// With credentials or without: a server does not see which, and a browser's verdict depends on it.
pub(crate) fn explain(arrived: &Arrived, with_credentials: bool) -> Explained {
    let explain = |exchange: &Option<Exchange>| {
        exchange
            .as_ref()
            .map(|exchange| explain_exchange(exchange, with_credentials))
    };
    Explained {
        preflight: explain(&arrived.preflight),
        actual: explain(&arrived.actual),
    }
}

fn explain_exchange(exchange: &Exchange, with_credentials: bool) -> ExplainedExchange {
    let request = exchange.request(exchange.policy.policy());
    let explanation = exchange.policy.policy().explain(&request);
    let verdict = if with_credentials {
        explanation.decision().verdict_with_credentials()
    } else {
        explanation.verdict()
    };
    let denial = match verdict {
        Verdict::Allowed => None,
        Verdict::Denied(denial) => Some(denial),
    };
    let is_for_credentials = denial == Some(Denial::CredentialsNotAllowed);
    let steps = explanation.steps().iter().map(|step| Step {
        looked_at: step.subject(),
        found: step.found().to_owned(),
        standard: step.standard(),
        outcome: match step.outcome() {
            // The library explains a request without credentials, and notes what would become of one with them.
            _ if is_for_credentials && step.subject() == "credentials" => "failed",
            Outcome::Noted => "noted",
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
        },
    });
    let suggestion = if is_for_credentials {
        Some("set allow_credentials, or fetch without credentials")
    } else {
        explanation.suggestion()
    };
    ExplainedExchange {
        method: exchange.method.to_string(),
        lines: exchange
            .lines
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value).into_owned(),
                )
            })
            .collect(),
        status: exchange.status,
        response: exchange.response.iter().map(ToString::to_string).collect(),
        application_ran: exchange.application_ran,
        allowed: denial.is_none(),
        denial: denial.map(|denial| denial.to_string()),
        suggestion: suggestion.map(str::to_owned),
        steps: steps.collect(),
    }
}
