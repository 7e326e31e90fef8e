use omnicors_adapter::omnicors_core::adapter::{RequestFields as _, ResponseOutline};
use omnicors_adapter::omnicors_core::{Decision, LookupResult, Rejection, RequestParts, evaluate};
use omnicors_adapter::{VaryNames, call_on_reject, rejection_of};
use rocket::{Request, Response};

use crate::request::RequestMap;
use crate::response::{Fields, ForwardHeaders, set_status_without_body};
use crate::source::PreparedPolicy;

/// A decision that borrows nothing, so that it can be kept until the response.
///
/// The default bypasses CORS: the request is forwarded, and its response is not changed.
#[derive(Debug, Default)]
pub(crate) struct OwnedDecision {
    /// The status to respond with, or `None` to forward the request.
    status: Option<u16>,
    fields: ForwardHeaders,
    /// Why the guard rejects the request.
    rejection: Option<Rejection>,
}

/// Makes the response whose body a rejected request gets.
pub(crate) type OnReject = omnicors_adapter::OnReject<MakeResponse>;

pub(crate) type MakeResponse =
    dyn Fn(Rejection, &Request<'_>) -> rocket::response::Result<'static> + Send + Sync;

fn replace_body(
    on_reject: &OnReject,
    rejection: Rejection,
    request: &Request<'_>,
    to: &mut Response<'_>,
) {
    let respond = |rejection| (on_reject.0)(rejection, request);
    let made = call_on_reject(rejection, respond, |name, made| {
        let value = made
            .as_ref()
            .ok()
            .and_then(|made| made.headers().get_one(name));
        if let Some(value) = value {
            to.set_raw_header(name, value.to_owned());
        }
    });
    // After an error, the body stays empty.
    if let Some(Ok(mut made)) = made {
        *to.body_mut() = made.body_mut().take();
    }
}

/// Decides about a request with the result of its origin lookup, if there was one.
///
/// Returns `None` if the decision is to forward with the [fields of non-CORS requests](ForwardHeaders::of_non_cors), and `knows_non_cors` is
/// true: the caller knows them already.
pub(crate) fn decide(
    prepared: &PreparedPolicy,
    request: &Request<'_>,
    lookup_result: Option<LookupResult>,
    knows_non_cors: bool,
) -> Option<OwnedDecision> {
    let policy = prepared.policy();
    let fields = RequestMap::new(request);
    let parts =
        RequestParts::read(policy, request.method().as_str(), &fields).lookup_result(lookup_result);
    let decision = evaluate(policy, &parts);
    if prepared.is_observed() {
        prepared.observe(&parts, &decision, || request.uri().path().as_str().into());
    }
    let is_known = knows_non_cors
        && matches!(&decision, Decision::Forward { headers }
            if ResponseOutline::of(headers) == prepared.non_cors());
    let fields = || {
        ForwardHeaders::new(decision.headers(), prepared.values(), |echoed| {
            // Copied, because Rocket has no string type that responses can share.
            let (field, index) = echoed.request_field();
            let value = fields.value(field, index)?;
            Some(String::from_utf8(value.to_vec()).ok()?.into())
        })
    };
    (!is_known).then(|| OwnedDecision::new(&decision, fields()))
}

impl OwnedDecision {
    fn new(decision: &Decision<'_>, fields: ForwardHeaders) -> Self {
        Self {
            status: match decision {
                Decision::Forward { .. } => None,
                Decision::Respond { status, .. } => Some(*status),
            },
            fields,
            rejection: rejection_of(decision),
        }
    }

    /// Adds the names of the request fields that the choice of the policy read to `Vary` of the response. Returns `None` if
    /// nothing needs to be kept.
    pub(crate) fn vary_on(decision: Option<Self>, names: VaryNames) -> Option<Self> {
        if names.is_empty() {
            return decision;
        }
        let mut decision = decision.unwrap_or_default();
        decision.fields.vary_on(names);
        Some(decision)
    }

    /// Returns the status to respond with, or `None` if the application runs.
    pub(crate) fn status(&self) -> Option<u16> {
        self.status
    }

    /// Applies the decision to a response. `is_ours` is true if the response is from the responding route.
    pub(crate) fn apply<'r>(
        mut self,
        request: &'r Request<'_>,
        response: &mut Response<'r>,
        is_ours: bool,
        on_reject: Option<&OnReject>,
    ) {
        if let Some(status) = self.status {
            if !is_ours {
                // The response is from a catcher, or from a route to which a later fairing led the request. Discard it.
                *response = Response::new();
            }
            set_status_without_body(response, status);
            if let Some((rejection, on_reject)) = self.rejection.zip(on_reject) {
                replace_body(on_reject, rejection, request, response);
            }
        }
        self.fields.apply(&mut Fields(response));
    }
}
