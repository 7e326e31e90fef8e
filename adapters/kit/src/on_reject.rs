//! What all adapters do with a request that the guard rejects.

use std::fmt;
use std::sync::Arc;

use omnicors_core::{Decision, Rejection};

use crate::panics::caught;

/// Returns why a decision rejects its request, or `None` if it does not.
///
/// Unlike [`Decision::rejection`], this is `None` if the guard [only reports](omnicors_core::PolicyConfig::guard_report_only). Then a denied
/// preflight gets 403 as without a guard, and is not rejected.
///
/// ```
/// use omnicors_adapter::PolicyConfig;
/// use omnicors_adapter::omnicors_core::{RequestParts, Rejection, evaluate};
/// use omnicors_adapter::rejection_of;
///
/// let config = PolicyConfig::new().allow_origin("https://app.example").allow_hosts(["api.example"]);
/// let rejects = config.clone().build()?;
/// let reports = config.guard_report_only(true).build()?;
/// let request = [("host", "rebound.example")];
///
/// let decision = evaluate(&rejects, &RequestParts::read(&rejects, "GET", &request));
/// assert_eq!(rejection_of(&decision), Some(Rejection::HostNotListed));
/// let decision = evaluate(&reports, &RequestParts::read(&reports, "GET", &request));
/// assert_eq!(decision.rejection(), Some(Rejection::HostNotListed));
/// assert_eq!(rejection_of(&decision), None);
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
pub fn rejection_of(decision: &Decision<'_>) -> Option<Rejection> {
    // First, because most responses are those to preflights.
    let may_reject = matches!(
        decision,
        Decision::Respond {
            status: 403 | 421,
            ..
        }
    );
    let rejection = may_reject.then(|| decision.rejection()).flatten();
    rejection.filter(|rejection| is_rejected(decision, *rejection))
}

/// Returns true if the request is rejected for this reason, and false if the guard only reports it.
pub(crate) fn is_rejected(decision: &Decision<'_>, rejection: Rejection) -> bool {
    // A denied preflight has the status 403, but only its host can be a reason to reject it, with 421.
    matches!(decision, Decision::Respond { status, .. } if *status == rejection.status())
}

/// The function of an adapter's `on_reject`: it makes the response whose body a rejected request gets. Cloning is cheap.
///
/// [`call_on_reject`] has an example.
pub struct OnReject<F: ?Sized>(pub Arc<F>);

impl<F: ?Sized> Clone for OnReject<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F: ?Sized> fmt::Debug for OnReject<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnReject")
    }
}

/// Calls the function of `on_reject`, and copies the fields that describe a body from the response that it makes. Returns that response, so
/// that the adapter sends its body. Everything else of it is discarded.
///
/// `copy` sets the field with this name, if the made response has it. Returns `None` if the function panics: then the body stays empty.
///
/// ```
/// use std::sync::Arc;
///
/// use omnicors_adapter::omnicors_core::Rejection;
/// use omnicors_adapter::{OnReject, call_on_reject};
///
/// #[derive(Default)]
/// struct Response {
///     content_type: Option<String>,
///     body: String,
/// }
///
/// type Make = dyn Fn(Rejection) -> Response + Send + Sync;
///
/// fn complete(response: &mut Response, rejection: Rejection, on_reject: &OnReject<Make>) {
///     let copy = |name, made: &Response| {
///         // This framework has only one of the fields.
///         if name == "content-type" {
///             response.content_type.clone_from(&made.content_type);
///         }
///     };
///     if let Some(made) = call_on_reject(rejection, &*on_reject.0, copy) {
///         response.body = made.body;
///     }
/// }
///
/// let explain = |rejection: Rejection| Response { body: rejection.to_string(), ..Response::default() };
/// let mut response = Response::default();
/// complete(&mut response, Rejection::HostNotListed, &OnReject(Arc::new(explain)));
/// assert_eq!(response.body, "the policy does not list the host of the request");
/// ```
pub fn call_on_reject<M>(
    rejection: Rejection,
    make: impl FnOnce(Rejection) -> M,
    mut copy: impl FnMut(&'static str, &M),
) -> Option<M> {
    let response = caught(|| make(rejection))?;
    for name in ["content-type", "content-language", "content-encoding"] {
        copy(name, &response);
    }
    Some(response)
}
