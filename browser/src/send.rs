//! Sends the requests of pages.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::browser::Browser;
use crate::fetch::Fetch;
use crate::network_error::NetworkError;
use crate::outcome::Outcome;
use crate::prepare::prepare;
use crate::server::Server;

impl Browser {
    /// Sends a request of a page, and stores what the caches may keep.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::{Browser, Engine, Page, Server};
    ///
    /// async fn read_twice<M>(server: &mut impl Server<M>) -> Result<(), Box<dyn std::error::Error>> {
    ///     let mut browser = Browser::new(Engine::WebKit);
    ///     let fetch = Page::new("https://app.example")?.fetch("https://api.example/");
    ///     browser.send(&fetch, server).await.assert_readable();
    ///     browser.send(&fetch, server).await.assert_readable();
    ///     Ok(())
    /// }
    /// ```
    pub async fn send<M>(&mut self, fetch: &Fetch, server: &mut impl Server<M>) -> Outcome {
        let mut request = match &fetch.request {
            Ok(request) => request.clone(),
            Err(reason) => {
                let error = NetworkError::InvalidRequest(reason.clone());
                return Outcome::new(Vec::new(), Err(error), None);
            }
        };
        request.engine = self.engine();
        if let Err(error) = prepare(&mut request) {
            return Outcome::new(Vec::new(), Err(error), Some(request));
        }
        let mut exchanges = Vec::new();
        let result = self.run(&mut request, server, &mut exchanges).await;
        Outcome::new(exchanges, result, Some(request))
    }

    /// Sends a request to a server that never waits, such as a closure.
    ///
    /// # Panics
    ///
    /// Panics if the server waits for something.
    ///
    /// # Examples
    ///
    /// See the example of [`Browser`].
    #[allow(clippy::panic, reason = "documented, for use in tests")]
    pub fn send_now<M>(&mut self, fetch: &Fetch, server: &mut impl Server<M>) -> Outcome {
        let sending = pin!(self.send(fetch, server));
        match sending.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("the server waits for something: use `send` in an async test"),
        }
    }
}
