//! The core itself, without a server: a decision applied to the application's response as its documentation says.

use omnicors_core::{Decision, Policy, RequestParts, evaluate};

use super::{Running, Server, Unanswered, application, decide};
use crate::apply::apply;
use crate::client::{Request, Response};

/// [`evaluate`], asked directly.
#[derive(Clone, Copy, Debug)]
pub struct Core;

struct Evaluating {
    policy: Policy,
    decides: bool,
}

impl Server for Core {
    fn name(&self) -> &'static str {
        "core"
    }

    fn carriers(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn start(&self, policy: &Policy, decides: bool) -> Box<dyn Running> {
        Box::new(Evaluating {
            policy: policy.clone(),
            decides,
        })
    }
}

impl Running for Evaluating {
    fn ask(&self, request: &Request) -> Result<Response, Unanswered> {
        let lines = request.lines.iter().map(|(name, value)| (name, value));
        let mut parts = RequestParts::from_lines(&request.method, lines);
        if self.decides
            && let Some(origin) = self.policy.origin_to_decide(&parts)
        {
            parts = parts.origin_verdict(decide(origin.as_str()));
        }
        let mut response = Response {
            status: 0,
            lines: Vec::new(),
            body: Vec::new(),
        };
        let decision = evaluate(&self.policy, &parts);
        match decision {
            Decision::Answer { status, .. } => response.status = status,
            Decision::Forward { .. } => {
                let answer = application(request.lines.iter().map(|(name, value)| (name, value)));
                response.status = answer.status;
                let lines = answer.lines.into_iter();
                response
                    .lines
                    .extend(lines.map(|(name, value)| (name.to_ascii_lowercase(), value.into())));
                if request.method != "HEAD" {
                    response.body = answer.body.into();
                }
            }
        }
        apply(decision.headers(), &mut response.lines);
        Ok(response)
    }
}
