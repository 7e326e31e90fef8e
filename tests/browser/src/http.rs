//! A minimal HTTP/1.1 server: one request per connection, and a response that is written in one piece.
//!
//! A body that is written separately would wait about 40 ms for the acknowledgement of its head.

use std::future::pending;
use std::io;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;

use omnicors_tests::servers::OverSocket;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request, as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedRequest {
    /// The method.
    pub method: String,
    /// The path and query.
    pub target: String,
    /// The header fields, in order, names in lower case.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A response to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The header fields, without those that frame the body.
    pub fields: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl ReceivedRequest {
    /// Returns the value of the only field of this name, which is in lower case; `None` if there is none.
    ///
    /// # Panics
    ///
    /// Panics if there are several: browsers do not repeat these fields.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter().filter(|field| field.0 == name);
        let field = fields.next();
        assert!(fields.next().is_none(), "{name} is repeated: {self:?}");
        field.map(|(_, value)| str::from_utf8(value).expect("a browser sends text"))
    }

    /// Returns the value of a query parameter, without decoding it.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let query = self.target.split_once('?')?.1;
        let mut parameters = query.split('&').filter_map(|pair| pair.split_once('='));
        parameters.find(|pair| pair.0 == name).map(|pair| pair.1)
    }

    /// Returns the bytes of the request with more fields, and with `Connection: close`.
    pub(crate) fn with_headers(&self, more: &[(String, String)]) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        let kept = self.fields.iter().filter(|field| field.0 != "connection");
        let kept = kept.map(|(name, value)| (name, value.as_slice()));
        let more = more.iter().map(|(name, value)| (name, value.as_bytes()));
        for (name, value) in kept.chain(more) {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"connection: close\r\n\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

impl Reply {
    /// Returns a response with this type and body, which caches must not store.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            fields: Vec::new(),
            body: body.into(),
        }
        .field("content-type", content_type)
        .field("cache-control", "no-store")
    }

    /// Returns an HTML page.
    pub fn page(html: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/html; charset=utf-8", html)
    }

    /// Adds a header field.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn into_bytes(self, to_head: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} -\r\n", self.status);
        for (name, value) in &self.fields {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if self.status != 204 {
            head.extend(["content-length: ", &self.body.len().to_string(), "\r\n"]);
        }
        head += "connection: close\r\n\r\n";
        let mut bytes = head.into_bytes();
        if !to_head && self.status != 204 {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

/// Serves each request with the bytes that `respond` returns, on a port of the loopback address; and on the same port of the IPv6
/// loopback address, if the machine has one.
pub(crate) fn serve<F>(respond: impl Fn(ReceivedRequest) -> F + Send + Sync + 'static) -> OverSocket
where
    F: Future<Output = Vec<u8>> + Send + 'static,
{
    let respond = Arc::new(respond);
    OverSocket::on_tokio(|listener| async move {
        let port = listener
            .local_addr()
            .expect("a bound socket has one")
            .port();
        let ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await;
        let ipv6 = ipv6.map_err(|error| {
            let kind = error.kind();
            assert_ne!(
                kind,
                io::ErrorKind::AddrInUse,
                "another program uses the port"
            );
        });
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                accepted = accept(ipv6.as_ref().ok()) => accepted,
            };
            let (mut stream, _) = accepted.expect("a connection");
            let respond = Arc::clone(&respond);
            tokio::spawn(async move {
                // A browser may open connections in advance, and close them unused.
                if let Ok(Some(request)) = read(&mut stream).await {
                    let response = respond(request).await;
                    // An error means that the page has closed the connection.
                    let _ = stream.write_all(&response).await;
                    let _ = stream.shutdown().await;
                }
            });
        }
    })
}

/// Accepts a connection; never completes without a listener.
async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => pending().await,
    }
}

/// Reads one request; returns `None` if the connection ends before it is complete.
async fn read(stream: &mut TcpStream) -> io::Result<Option<ReceivedRequest>> {
    let mut received = Vec::new();
    loop {
        if let Some(request) = parse(&received)? {
            return Ok(Some(request));
        }
        if stream.read_buf(&mut received).await? == 0 {
            return Ok(None);
        }
    }
}

fn parse(received: &[u8]) -> io::Result<Option<ReceivedRequest>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let parsed = head.parse(received);
    let parsed = parsed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let httparse::Status::Complete(start) = parsed else {
        return Ok(None);
    };
    let mut request = ReceivedRequest {
        method: head.method.unwrap_or_default().to_owned(),
        target: head.path.unwrap_or_default().to_owned(),
        fields: head
            .headers
            .iter()
            .map(|header| (header.name.to_ascii_lowercase(), header.value.to_vec()))
            .collect(),
        body: Vec::new(),
    };
    let length = request.field("content-length").map_or(0, |length| {
        length.parse().expect("a browser sends a number")
    });
    Ok(received[start..].get(..length).map(|body| {
        request.body = body.to_vec();
        request
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_complete_when_its_body_is() {
        let text = b"POST /a?case=7&b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok";
        for length in 0..text.len() {
            assert_eq!(parse(&text[..length]).unwrap(), None, "{length}");
        }
        let request = parse(text).unwrap().unwrap();
        assert_eq!(
            (request.method.as_str(), request.body.as_slice()),
            ("POST", &b"ok"[..])
        );
        assert_eq!(
            (request.field("host"), request.field("origin")),
            (Some("x"), None)
        );
        assert_eq!(
            (request.parameter("case"), request.parameter("b")),
            (Some("7"), Some("c"))
        );
        assert_eq!(request.parameter("a"), None);
    }

    #[test]
    fn a_forwarded_request_has_one_connection_field() {
        let text = b"GET / HTTP/1.1\r\nConnection: keep-alive\r\nHost: x\r\n\r\n";
        let request = parse(text).unwrap().unwrap();
        let bytes = request.with_headers(&[("x-respond-status".into(), "404".into())]);
        let expected =
            "GET / HTTP/1.1\r\nhost: x\r\nx-respond-status: 404\r\nconnection: close\r\n\r\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
