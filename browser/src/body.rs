//! The body of a response.

use std::error::Error;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body::Body;
use http_body_util::{BodyExt, Limited};

/// The same type as `crate::server::ServerError`.
type BodyError = Box<dyn Error + Send + Sync>;

/// The largest number of bytes in a body, if no other is set.
pub(crate) const LIMIT: usize = 16 * 1024 * 1024;

/// Reads a body. Of an event stream, which may never end, only the part that is there at once is read.
pub(crate) async fn read<B>(headers: &HeaderMap, body: B, limit: usize) -> Result<Bytes, BodyError>
where
    B: Body,
    B::Error: Into<BodyError>,
{
    let may_be_endless = is_event_stream(headers) && body.size_hint().exact().is_none();
    let body = Limited::new(body, limit);
    if !may_be_endless {
        return Ok(body.collect().await?.to_bytes());
    }
    let mut body = pin!(body);
    let mut read = BytesMut::new();
    poll_fn(|context| {
        loop {
            match body.as_mut().poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        read.put(data);
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                Poll::Ready(None) | Poll::Pending => return Poll::Ready(Ok(())),
            }
        }
    })
    .await?;
    Ok(read.freeze())
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| {
        let essence = value.as_bytes().split(|&byte| byte == b';').next();
        let essence = essence.unwrap_or_default().trim_ascii();
        essence.eq_ignore_ascii_case(b"text/event-stream")
    })
}
