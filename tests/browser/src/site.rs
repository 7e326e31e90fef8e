//! A site of pages, on loopback.

use omnicors_tests::servers::OverSocket;

use crate::http::{Asked, Reply, serve};

/// It answers on one port of the loopback address, whatever host is named: `127.0.0.1`, `localhost`, and every name under
/// `.localhost` lead there in every engine, without any set-up. It ends when this is dropped.
#[derive(Debug)]
pub struct Site(OverSocket);

impl Site {
    /// Serves what the function responds.
    pub fn start(respond: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self(serve(move |asked| {
            let reply = respond(&asked);
            std::future::ready(reply.into_bytes(asked.method == "HEAD"))
        }))
    }

    /// The same empty page for every target.
    #[must_use]
    pub fn of_empty_pages() -> Self {
        Self::start(|_| Reply::page(EMPTY_PAGE))
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.address().port()
    }

    /// Its origin under this name.
    #[must_use]
    pub fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.port())
    }
}

/// A page with nothing in it; the icon, so that no engine asks for one.
pub const EMPTY_PAGE: &str = "<!doctype html><title>-</title><link rel=icon href=data:,>";
