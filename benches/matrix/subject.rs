//! A server with a middleware, and a request that is sent to it repeatedly.

use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use omnicors_benches::Contender;

use crate::counting::{Memory, counting};
use crate::recorded::Recorded;

/// The middleware around the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Middleware {
    None,
    Omnicors,
    /// The CORS middleware of the framework.
    Peer,
    /// The least that a correct middleware can do: see [`floor`](crate::floor).
    Floor,
}

impl Middleware {
    pub(crate) const ALL: [Self; 4] = [Self::None, Self::Omnicors, Self::Peer, Self::Floor];
}

/// A server and a request.
pub(crate) struct Subject {
    contender: Box<dyn Fn(String) -> Contender<'static>>,
    once: Box<dyn Fn() -> Recorded>,
    count: Box<dyn Fn() -> Memory>,
}

impl Subject {
    /// `make` creates a request, `serve` responds to it, and `read` reads the response. Only `serve` is measured.
    pub(crate) fn new<Q: 'static, R: 'static>(
        make: impl Fn() -> Q + 'static,
        serve: impl Fn(Q) -> R + 'static,
        read: impl Fn(R) -> Recorded + 'static,
    ) -> Self {
        let make = Rc::new(make);
        let serve = Rc::new(serve);
        Self {
            contender: {
                let (make, serve) = (Rc::clone(&make), Rc::clone(&serve));
                Box::new(move |name| {
                    let (make, serve) = (Rc::clone(&make), Rc::clone(&serve));
                    Contender::on(name, move || make(), move |request| serve(request))
                })
            },
            once: {
                let (make, serve) = (Rc::clone(&make), Rc::clone(&serve));
                Box::new(move || read(serve(make())))
            },
            count: Box::new(move || {
                // The first request may initialize something, and is not counted.
                drop(serve(make()));
                let request = make();
                counting(|| drop(serve(request))).1
            }),
        }
    }

    pub(crate) fn contender(&self, name: impl Into<String>) -> Contender<'static> {
        (self.contender)(name.into())
    }

    pub(crate) fn recorded(&self) -> Recorded {
        (self.once)()
    }

    pub(crate) fn count(&self) -> Memory {
        (self.count)()
    }
}

/// Returns the result of a future that is ready at once.
pub(crate) fn finished<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future is not ready"),
    }
}
