use std::fmt;
use std::sync::Arc;

use http::Response;
// `Rejection` is a type of warp.
use omnicors_http::Rejection as Rejected;
use omnicors_http::{caught, copy_content_fields};
use warp::reply::Response as WarpResponse;

/// Makes the response whose body a rejected request gets.
#[derive(Clone)]
pub(crate) struct OnReject(pub(crate) Arc<dyn Fn(Rejected) -> WarpResponse + Send + Sync>);

impl fmt::Debug for OnReject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnReject")
    }
}

/// Returns the response of a decision to respond, with a body if the request is rejected and there is an `on_reject`.
pub(crate) fn respond(decided: Response<()>, on_reject: Option<&OnReject>) -> WarpResponse {
    let rejection = decided.extensions().get::<Rejected>().copied();
    let mut response: WarpResponse = decided.map(|()| empty());
    if let Some((rejection, OnReject(function))) = rejection.zip(on_reject) {
        // After a panic, the body stays empty.
        if let Some(made) = caught(|| function(rejection)) {
            copy_content_fields(made.headers(), response.headers_mut());
            *response.body_mut() = made.into_body();
        }
    }
    response
}

/// Returns an empty body. The name of its type is private to warp.
fn empty<B: Default>() -> B {
    B::default()
}
