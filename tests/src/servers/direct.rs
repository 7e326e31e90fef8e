//! The core without a server: applies a decision to the application's response.

use omnicors_core::{Decision, Policy, RequestParts, evaluate};

use super::{NoResponse, Running, Server, application, lookup};
use crate::apply::apply;
use crate::client::{Request, Response};

/// Calls [`evaluate`] directly.
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
    fn ask(&self, request: &Request) -> Result<Response, NoResponse> {
        let mut parts = RequestParts::read(&self.policy, &request.method, &request.fields);
        if self.looks_up
            && let Some(origin) = self.policy.origin_to_look_up(&parts)
        {
            parts = parts.lookup_result(lookup(origin.as_str()));
        }
        let mut response = Response {
            status: 0,
            fields: Vec::new(),
            body: Vec::new(),
        };
        let decision = evaluate(&self.policy, &parts);
        match decision {
            Decision::Respond { status, .. } => response.status = status,
            Decision::Forward { .. } => {
                let planned = application(request.fields.iter().map(|(name, value)| (name, value)));
                response.status = planned.status;
                let fields = planned.fields.into_iter();
                response
                    .fields
                    .extend(fields.map(|(name, value)| (name.to_ascii_lowercase(), value.into())));
                if request.method != "HEAD" {
                    response.body = planned.body.into();
                }
            }
        }
        apply(decision.headers(), &mut response.fields);
        Ok(response)
    }
}
