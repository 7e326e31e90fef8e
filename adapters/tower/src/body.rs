use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

/// A response body that can be empty, for the responses to preflights.
///
/// Every type that implements `Default` implements this: the bodies of axum, tonic and warp, `BoxBody`, `Full`, `String`. For
/// other bodies, such as hyper's `Incoming`, call [`CorsLayer::for_any_body`](crate::CorsLayer::for_any_body). You can also
/// implement this trait for your own body:
///
/// ```
/// use omnicors_tower::EmptyBody;
///
/// struct Text(&'static str);
///
/// impl EmptyBody for Text {
///     fn empty() -> Self {
///         Text("")
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "the response body of the inner service, `{Self}`, cannot be made empty",
    label = "does not implement `Default`",
    note = "call `.for_any_body()` on the `CorsLayer`: the response body becomes `OptionalBody<{Self}>`"
)]
pub trait EmptyBody {
    /// Returns an empty body.
    ///
    /// ```
    /// use omnicors_tower::EmptyBody;
    ///
    /// let body: String = EmptyBody::empty();
    /// assert_eq!(body, "");
    /// ```
    fn empty() -> Self;
}

#[diagnostic::do_not_recommend]
impl<B: Default> EmptyBody for B {
    #[inline]
    fn empty() -> Self {
        Self::default()
    }
}

pin_project! {
    /// The body of the inner service, or an empty body: see [`CorsLayer::for_any_body`](crate::CorsLayer::for_any_body).
    ///
    /// ```
    /// use omnicors_tower::OptionalBody;
    ///
    /// let empty = OptionalBody::<String>::default();
    /// assert_eq!(empty.into_inner(), None);
    /// ```
    #[derive(Clone, Debug)]
    pub struct OptionalBody<B> {
        // `None` if it is empty.
        #[pin]
        body: Option<B>,
    }
}

impl<B> OptionalBody<B> {
    #[inline]
    pub(crate) fn new(body: B) -> Self {
        Self { body: Some(body) }
    }

    /// Returns the body of the inner service, or `None` if the inner service was not called.
    ///
    /// ```
    /// use omnicors_tower::OptionalBody;
    ///
    /// let empty = OptionalBody::<String>::default();
    /// assert_eq!(empty.into_inner(), None);
    /// ```
    pub fn into_inner(self) -> Option<B> {
        self.body
    }
}

/// The body is empty.
impl<B> Default for OptionalBody<B> {
    fn default() -> Self {
        Self { body: None }
    }
}

impl<B: Body> Body for OptionalBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    #[inline]
    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        match self.project().body.as_pin_mut() {
            Some(body) => body.poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
