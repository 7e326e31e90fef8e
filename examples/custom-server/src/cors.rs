//! Everything that a server does for CORS: reads the fields, decides before the application runs, and applies the headers.

use std::borrow::Cow;

use omnicors_core::adapter::{
    RequestField, RequestFields, merged_expose_headers, missing_from_vary,
};
use omnicors_core::{
    Decision, FieldValue, Operation, Policy, RequestParts, ResponseHeaderName, ResponseHeaders,
    evaluate,
};

use crate::{LookupOrigin, Request, Response};

/// Lets the core read the header fields of a request. Slices of names and values implement this trait already; add the authority to
/// them with the name `:authority`.
impl RequestFields for Request<'_> {
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        // Not a header field of HTTP/1.1. (In HTTP/2 it is the field `:authority`.) With it, the core rejects a request whose target
        // names another host than `Host`.
        if field == RequestField::Authority {
            return self.authority().filter(|_| index == 0).map(str::as_bytes);
        }
        self.values(field.as_str()).nth(index)
    }
}

/// Responds to a request according to the policy: without running the application, or with its response and the CORS headers.
pub(crate) fn respond(
    policy: &Policy,
    lookup_origin: Option<&LookupOrigin>,
    request: &Request<'_>,
    application: impl FnOnce() -> Response,
) -> Response {
    let mut parts = RequestParts::read(policy, request.method(), request);
    // Optional: a policy can leave origins to a lookup, for example in a database. Origins without a result are denied.
    if let Some(lookup) = lookup_origin
        && let Some(origin) = policy.origin_to_look_up(&parts)
    {
        parts = parts.lookup_result(lookup(&origin));
    }
    // The decision covers preflights as well. Do not detect a preflight a second time.
    match evaluate(policy, &parts) {
        Decision::Respond { status, headers } => {
            let mut response = Response::new(status);
            apply(&headers, &mut response);
            response
        }
        Decision::Forward { headers } => {
            let mut response = application();
            // On every response: without the headers, a page could not read that the status is 404.
            apply(&headers, &mut response);
            response
        }
    }
}

fn apply(headers: &ResponseHeaders<'_>, response: &mut Response) {
    // Optional: a policy can keep the names that the application exposes (`merge_expose_headers`).
    let expose_headers = ResponseHeaderName::AccessControlExposeHeaders.as_str();
    let exposed = merged_expose_headers(headers, response.values(expose_headers));
    // The policy is the authority: it replaces the application's own CORS fields.
    for name in headers.removed() {
        response.remove(name.as_str());
    }
    for field in headers {
        let name = field.name.as_str();
        match field.operation {
            Operation::Set => {
                response.remove(name);
                response.push(name, owned(field.value));
            }
            // Keep the application's `Vary`, and add each name once.
            Operation::Merge => {
                let value = field.value.as_str();
                let missing: Vec<String> = missing_from_vary(value, || response.values(name))
                    .map(str::to_owned)
                    .collect();
                for vary in missing {
                    response.push(name, vary.into());
                }
            }
            Operation::Append => response.push(name, owned(field.value)),
        }
    }
    if let Some(names) = exposed {
        response.remove(expose_headers);
        response.push(expose_headers, names.into());
    }
}

/// Copies a value unless it is constant. (To avoid the copies of policy values, convert `adapter::prepared_values` to your server's
/// header values once at the start.)
fn owned(value: FieldValue<'_>) -> Cow<'static, str> {
    match value {
        FieldValue::Constant(text) => text.into(),
        FieldValue::Policy(_) | FieldValue::Echo(..) => value.as_str().to_owned().into(),
    }
}
