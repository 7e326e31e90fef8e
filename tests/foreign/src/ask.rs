//! What `omnicors-browser` concludes about a server.

use std::net::SocketAddr;

use omnicors_browser::{Browser, Engine, HttpServer, Outcome, Page};

use crate::requests::{From, PageRequest};

/// Asks a server as a page of this origin would, and returns what Chromium is predicted to conclude.
///
/// This is the only place where the tests ask a server, so another program that asks servers can be tested here too.
///
/// # Panics
///
/// Panics if the origin or the URL is not valid.
pub async fn ask(address: SocketAddr, origin: &str, request: &PageRequest, url: &str) -> Outcome {
    let page = if request.from == From::Sandboxed {
        Page::opaque()
    } else {
        Page::new(origin).expect("the origin of a page is a URL")
    };
    let mut fetch = page.fetch(url).method(request.method);
    for (name, value) in request.headers {
        fetch = fetch.header(name, value);
    }
    if let Some(body) = request.body {
        fetch = fetch.body(body);
    }
    fetch = fetch.credentials(request.credentials);
    let mut server = HttpServer::new(&format!("http://{address}")).expect("an address");
    // New for each request, so that nothing is stored: the addresses in Chromium differ as well.
    Browser::new(Engine::Chromium)
        .send(&fetch, &mut server)
        .await
}
