//! Sends the requests of pages.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::browser::Browser;
use crate::fetch::Fetch;
use crate::method;
use crate::network_error::NetworkError;
use crate::outcome::Outcome;
use crate::request::{Mode, Request};
use crate::request_header;
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
        if let Err(error) = complete(&mut request) {
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

/// Checks the conditions of `fetch()` that depend on several settings, and adds the headers that it adds.
fn complete(request: &mut Request) -> Result<(), NetworkError> {
    let invalid = |reason: &str| Err(NetworkError::InvalidRequest(reason.to_owned()));
    if request.mode == Mode::WebSocket {
        request.prepare_handshake();
    }
    let scheme = request.current_url.scheme();
    if !matches!(scheme, "http" | "https") {
        return Err(NetworkError::NotHttp(scheme.to_owned()));
    }
    if request.mode == Mode::Cors
        || request.mode == Mode::SameOrigin
        || request.mode == Mode::NoCors
    {
        // "Request class", constructor, step 6: a URL with user info throws.
        if !request.current_url.username().is_empty() || request.current_url.password().is_some() {
            return invalid("the URL contains a user name or a password");
        }
        // Step 35.
        if request.body.is_some() && matches!(request.method.as_str(), "GET" | "HEAD") {
            return invalid("GET and HEAD cannot have a body");
        }
    }
    if request.mode == Mode::NoCors {
        // Step 26.
        if !method::is_safelisted(&request.method) {
            return invalid("with the mode `no-cors` the method must be GET, HEAD or POST");
        }
        // Step 31: the guard "request-no-cors".
        request.headers.0.retain(|(name, value)| {
            let name_is_safe = [
                &b"accept"[..],
                b"accept-language",
                b"content-language",
                b"content-type",
            ]
            .iter()
            .any(|safe| name.eq_ignore_ascii_case(safe));
            name_is_safe && request_header::is_safelisted(name, value)
        });
    }
    // "Fetching", fetch, step 12.
    if !request.headers.contains(b"accept") {
        let accept = match request.mode {
            Mode::Navigate => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            _ if request.destination == "image" => {
                "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5"
            }
            _ => "*/*",
        };
        request.headers.append(b"accept".to_vec(), accept.into());
    }
    Ok(())
}
