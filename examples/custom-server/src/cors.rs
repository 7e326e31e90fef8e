//! All that Omnicors asks of a server: decide before the application runs, obey, and put the headers on what leaves.

use std::borrow::Cow;

use omnicors_core::{
    Decision, LineValue, Operation, Policy, RequestParts, ResponseHeaders, evaluate,
    missing_from_vary,
};

use crate::{DecideOrigin, Request, Response};

/// Responds to a request as the policy says: without the application, or with what it responds and the headers.
pub(crate) fn respond(
    policy: &Policy,
    decide_origin: Option<&DecideOrigin>,
    request: &Request<'_>,
    application: impl FnOnce() -> Response,
) -> Response {
    let mut parts = RequestParts::from_lines(request.method(), request.lines());
    // Optional: a policy may leave origins to its caller, who looks them up wherever it likes. No verdict means denied.
    if let Some(decide) = decide_origin
        && let Some(origin) = policy.origin_to_decide(&parts)
    {
        parts = parts.origin_verdict(decide(&origin));
    }
    // There is nothing to find out about the request beside this: whether it is a preflight, and what that means, is
    // decided already. A second opinion here could only be a wrong one.
    match evaluate(policy, &parts) {
        Decision::Answer { status, headers } => {
            let mut response = Response::new(status);
            apply(&headers, &mut response);
            response
        }
        Decision::Forward { headers } => {
            let mut response = application();
            // Onto whatever it is: without them, a page could not even read that it got a 404.
            apply(&headers, &mut response);
            response
        }
    }
}

fn apply(headers: &ResponseHeaders<'_>, response: &mut Response) {
    // The policy is the authority: of the application's own lines, none may contradict it.
    for name in headers.removed() {
        response.remove(name.as_str());
    }
    for line in headers {
        let name = line.name.as_str();
        match line.operation {
            Operation::Set => {
                response.remove(name);
                response.push(name, owned(line.value));
            }
            // What the application's response varies with stays; and no name is said twice.
            Operation::Merge => {
                let ours = line.value.as_str();
                let missing: Vec<String> = missing_from_vary(ours, || response.values(name))
                    .map(str::to_owned)
                    .collect();
                for name_varied in missing {
                    response.push(name, name_varied.into());
                }
            }
            Operation::Append => response.push(name, owned(line.value)),
        }
    }
}

/// A constant need not be copied. (Nor need what depends on the policy alone: a server in a hurry makes its own kind of
/// value of each of `Policy::header_texts` once.)
fn owned(value: LineValue<'_>) -> Cow<'static, str> {
    match value {
        LineValue::Constant(text) => text.into(),
        LineValue::Policy(_) | LineValue::Echo(..) => value.as_str().to_owned().into(),
    }
}
