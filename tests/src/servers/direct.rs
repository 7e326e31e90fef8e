//! The core itself, without a server: a decision applied to the application's response as its documentation says.

use omnicors_core::{Decision, Policy, RequestParts, evaluate};

use super::{Running, Server, Unanswered, application, lookup};
use crate::apply::apply;
use crate::client::{Request, Response};

/// [`evaluate`], asked directly.
#[derive(Clone, Copy, Debug)]
pub struct Core;

struct Evaluating {
    policy: Policy,
    looks_up: bool,
}

impl Server for Core {
    fn name(&self) -> &'static str {
        "core"
    }

    fn carriers(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn start(&self, policy: &Policy, looks_up: bool) -> Box<dyn Running> {
        Box::new(Evaluating {
            policy: policy.clone(),
            looks_up,
        })
    }
}

impl Running for Evaluating {
    fn ask(&self, request: &Request) -> Result<Response, Unanswered> {
        let mut parts = RequestParts::read(&self.policy, &request.method, &request.lines);
        if self.looks_up
            && let Some(origin) = self.policy.origin_to_look_up(&parts)
        {
            parts = parts.lookup_result(lookup(origin.as_str()));
        }
        let mut response = Response {
            status: 0,
            lines: Vec::new(),
            body: Vec::new(),
        };
        let decision = evaluate(&self.policy, &parts);
        match decision {
            Decision::Respond { status, .. } => response.status = status,
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
