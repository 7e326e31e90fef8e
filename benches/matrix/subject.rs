//! A server with something mounted, and a request that can be put to it again and again.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use http::{HeaderName, HeaderValue, StatusCode};
use omnicors_benches::Contender;

use crate::answer::Answer;
use crate::counting::{Asked, counting};

/// What stands around the application, or in it.
#[derive(Clone, Debug)]
pub(crate) enum Mount {
    Nothing,
    Ours,
    /// The framework's own.
    Theirs,
    /// The application itself inserts what ours would have said: the limit of any middleware.
    ByHand(Arc<Prepared>),
}

/// A response made ready beforehand.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) status: StatusCode,
    pub(crate) lines: Vec<(HeaderName, HeaderValue)>,
    /// The same as text.
    pub(crate) texts: Vec<(&'static str, &'static str)>,
}

impl Prepared {
    /// What `answer` says and `plain`, the application alone, does not.
    pub(crate) fn new(answer: &Answer, plain: &Answer) -> Self {
        let missing = answer
            .lines
            .iter()
            .filter(|line| !plain.lines.contains(line));
        // As a program has them: for as long as it runs.
        let text = |(name, value): &(String, Vec<u8>)| -> (&'static str, &'static str) {
            let value = String::from_utf8(value.clone()).expect("text");
            (name.clone().leak(), value.leak())
        };
        let texts: Vec<_> = missing.map(text).collect();
        let line = |&(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        Self {
            status: StatusCode::from_u16(answer.status).expect("a status"),
            lines: texts.iter().map(line).collect(),
            texts,
        }
    }
}

/// A server, and a request to it.
pub(crate) struct Served {
    contender: Box<dyn Fn(String) -> Contender<'static>>,
    once: Box<dyn Fn() -> Answer>,
    count: Box<dyn Fn() -> Asked>,
}

impl Served {
    /// Takes how a request is made, which is not measured, how it is served, which is, and how the response is read.
    pub(crate) fn new<Q: 'static, R: 'static>(
        make: impl Fn() -> Q + 'static,
        serve: impl Fn(Q) -> R + 'static,
        read: impl Fn(R) -> Answer + 'static,
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
                // What is made once, the first time, is none of a request's.
                drop(serve(make()));
                let request = make();
                counting(|| drop(serve(request))).1
            }),
        }
    }

    pub(crate) fn contender(&self, name: impl Into<String>) -> Contender<'static> {
        (self.contender)(name.into())
    }

    pub(crate) fn answer(&self) -> Answer {
        (self.once)()
    }

    pub(crate) fn count(&self) -> Asked {
        (self.count)()
    }
}

/// The result of a future that waits for nothing.
pub(crate) fn finished<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits, though there is nothing to wait for"),
    }
}
