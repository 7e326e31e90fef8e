use omnicors_http::{ForwardHeaders, HttpDecision};
use salvo_core::http::ResBody;
use salvo_core::{FlowCtrl, Response};

/// Returns the fields for the response of the next handlers; or writes the response and returns `None` if they are not run.
#[inline]
pub(crate) fn fields_or_respond(
    decision: HttpDecision,
    response: &mut Response,
    control: &mut FlowCtrl,
) -> Option<ForwardHeaders> {
    match decision {
        HttpDecision::Forward(headers) => Some(headers),
        HttpDecision::Respond(decided) => {
            let (head, ()) = decided.into_parts();
            // Replace everything: the response is 404 or 405 if no route takes OPTIONS.
            response.status_code(head.status);
            response.set_headers(head.headers);
            // An empty body, because a catcher writes a page if there is none.
            response.replace_body(ResBody::from(""));
            control.skip_rest();
            None
        }
    }
}
