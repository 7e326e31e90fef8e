use omnicors_http::{Rejection, call_on_reject};
use salvo_core::http::ResBody;
use salvo_core::http::response::Parts;
use salvo_core::{FlowCtrl, Response};

/// Makes the response whose body a rejected request gets.
pub(crate) type OnReject = omnicors_http::OnReject<dyn Fn(Rejection) -> Response + Send + Sync>;

/// Writes the response and skips all further handlers.
pub(crate) fn respond(
    mut head: Parts,
    on_reject: Option<&OnReject>,
    response: &mut Response,
    control: &mut FlowCtrl,
) {
    let rejection = head.extensions.get::<Rejection>().copied();
    let made = rejection.zip(on_reject).and_then(|(rejection, on_reject)| {
        call_on_reject(
            rejection,
            &*on_reject.0,
            Response::headers,
            &mut head.headers,
        )
    });
    let body = match made.map(|mut made| made.take_body()) {
        // An empty body, because a catcher writes a page if there is none.
        None | Some(ResBody::None) => ResBody::from(""),
        Some(body) => body,
    };
    // Replace everything, because the response is 404 or 405 if no route accepts `OPTIONS`.
    response.status_code(head.status);
    response.set_headers(head.headers);
    response.body(body);
    control.skip_rest();
}
