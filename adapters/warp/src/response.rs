use http::Response;
// `Rejection` is a type of warp.
use omnicors_http::Rejection as Rejected;
use omnicors_http::call_on_reject;
use warp::reply::Response as WarpResponse;

/// Makes the response whose body a rejected request gets.
pub(crate) type OnReject = omnicors_http::OnReject<dyn Fn(Rejected) -> WarpResponse + Send + Sync>;

/// Returns the response of a decision to respond, with a body if the request is rejected and there is an `on_reject`.
pub(crate) fn respond(decided: Response<()>, on_reject: Option<&OnReject>) -> WarpResponse {
    let rejection = decided.extensions().get::<Rejected>().copied();
    let mut response: WarpResponse = decided.map(|()| empty());
    if let Some((rejection, on_reject)) = rejection.zip(on_reject) {
        let to = response.headers_mut();
        let made = call_on_reject(rejection, &*on_reject.0, WarpResponse::headers, to);
        if let Some(made) = made {
            *response.body_mut() = made.into_body();
        }
    }
    response
}

/// Returns an empty body. The name of its type is private to warp.
fn empty<B: Default>() -> B {
    B::default()
}
