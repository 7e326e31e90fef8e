use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use omnicors_http::ForwardHeaders;
use pin_project_lite::pin_project;
use warp::reply::Response;

pin_project! {
    /// The response future of a [`CorsService`](crate::CorsService).
    ///
    /// ```
    /// use omnicors_warp::{CorsService, ResponseFuture};
    /// use tower_service::Service;
    /// use warp::http::Request;
    /// use warp::reply::Response;
    ///
    /// fn call<S, F>(service: &mut CorsService<S>, request: Request<String>) -> ResponseFuture<F>
    /// where
    ///     CorsService<S>: Service<Request<String>, Response = Response, Future = ResponseFuture<F>>,
    /// {
    ///     service.call(request)
    /// }
    /// ```
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F> {
        Forwarded {
            #[pin]
            response: F,
            headers: ForwardHeaders,
        },
        // `None` after the future was ready.
        Responded {
            response: Option<Response>,
        },
        LookingUp {
            response: Pin<Box<dyn Future<Output = Response> + Send>>,
        },
    }
}

impl<F> ResponseFuture<F> {
    #[inline]
    pub(crate) fn forwarded(response: F, headers: ForwardHeaders) -> Self {
        let state = State::Forwarded { response, headers };
        Self { state }
    }

    #[inline]
    pub(crate) fn responded(response: Response) -> Self {
        let response = Some(response);
        let state = State::Responded { response };
        Self { state }
    }

    /// Boxed, so that the future of a request without a lookup is small.
    pub(crate) fn looking_up(response: impl Future<Output = Response> + Send + 'static) -> Self {
        let response = Box::pin(response);
        let state = State::LookingUp { response };
        Self { state }
    }
}

impl<F> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response, Infallible>>,
{
    type Output = Result<Response, Infallible>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Forwarded { response, headers } => {
                let mut result = ready!(response.poll(context));
                // In place, because a response is large and a move copies it.
                if let Ok(response) = &mut result {
                    headers.apply(response.headers_mut());
                }
                Poll::Ready(result)
            }
            StateProjection::Responded { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response)),
                // The future was polled after it was ready, which callers of `Future::poll` must not do.
                None => Poll::Pending,
            },
            StateProjection::LookingUp { response } => response.as_mut().poll(context).map(Ok),
        }
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
