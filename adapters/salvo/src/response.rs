use salvo_core::http::ResBody;
use salvo_core::http::response::Parts;
use salvo_core::{FlowCtrl, Response};

/// Writes the response and skips all further handlers.
pub(crate) fn respond(head: Parts, response: &mut Response, control: &mut FlowCtrl) {
    // Replace everything, because the response is 404 or 405 if no route accepts `OPTIONS`.
    response.status_code(head.status);
    response.set_headers(head.headers);
    // An empty body, because a catcher writes a page if there is none.
    response.body(ResBody::from(""));
    control.skip_rest();
}
