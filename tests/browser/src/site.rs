//! A server of pages, on loopback.

use omnicors_tests::servers::OverSocket;

use crate::http::{ReceivedRequest, Reply, serve};

/// A server of pages. It listens on one port of the loopback address, for any host: `127.0.0.1`, `localhost`, and every name under
/// `.localhost` resolve to it in every engine, without any setup. It stops when this is dropped.
#[derive(Debug)]
pub struct Site(OverSocket);

impl Site {
    /// Serves the responses of a function.
    pub fn start(respond: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static) -> Self {
        Self(serve(move |request| {
            let reply = respond(&request);
            std::future::ready(reply.into_bytes(request.method == "HEAD"))
        }))
    }

    /// Serves the same empty page for every target.
    #[must_use]
    pub fn of_empty_pages() -> Self {
        Self::start(|_| Reply::page(EMPTY_PAGE))
    }

    /// Returns the port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.address().port()
    }

    /// Returns the origin with this host name.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.port())
    }
}

/// An empty page. The icon prevents engines from requesting one.
pub const EMPTY_PAGE: &str = "<!doctype html><title>-</title><link rel=icon href=data:,>";
