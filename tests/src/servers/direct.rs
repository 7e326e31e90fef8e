//! The core as a server that does not listen.

use omnicors_core::Policy;

use super::{NoResponse, Running, Server, lookup};
use crate::client::{Request, Response};
use crate::direct;

/// Calls [`evaluate`](omnicors_core::evaluate) directly.
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
        let lookup = self.looks_up.then_some(lookup as direct::Lookup);
        Ok(direct::respond(&self.policy, request, lookup))
    }
}
