use std::fmt;
use std::sync::Arc;

use omnicors_http::{Rejection, caught, copy_content_fields};
use salvo_core::http::ResBody;
use salvo_core::http::response::Parts;
use salvo_core::{FlowCtrl, Response};

/// Makes the response whose body a rejected request gets.
#[derive(Clone)]
pub(crate) struct OnReject(pub(crate) Arc<Render>);

pub(crate) type Render = dyn Fn(Rejection, &mut Response) + Send + Sync;

/// Writes the response and skips all further handlers.
pub(crate) fn respond(
    mut head: Parts,
    on_reject: Option<&OnReject>,
    response: &mut Response,
    control: &mut FlowCtrl,
) {
    // An empty body, because a catcher writes a page if there is none.
    let mut body = ResBody::from("");
    let rejection = head.extensions.get::<Rejection>().copied();
    if let Some((rejection, on_reject)) = rejection.zip(on_reject) {
        let mut made = Response::new();
        // After a panic, the body stays empty.
        if caught(|| (on_reject.0)(rejection, &mut made)).is_some() {
            copy_content_fields(made.headers(), &mut head.headers);
            body = made.take_body();
        }
    }
    // Replace everything, because the response is 404 or 405 if no route accepts `OPTIONS`.
    response.status_code(head.status);
    response.set_headers(head.headers);
    response.body(body);
    control.skip_rest();
}

impl fmt::Debug for OnReject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnReject")
    }
}
