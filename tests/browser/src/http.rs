//! HTTP/1.1, as much of it as an engine speaks to a test: one request on a connection, and its response in one piece.
//!
//! In one piece, since a body that is written apart waits some 40 ms for the acknowledgement of its head.

use std::io;
use std::sync::Arc;

use omnicors_tests::servers::OverSocket;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The header lines, in order, names in lower case.
    pub lines: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A response to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The header lines; how the body is framed is added.
    pub lines: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Asked {
    /// The one line of this name, which is in lower case, as text; `None` if there is none.
    ///
    /// # Panics
    ///
    /// If there are several: no browser sends one of those that are looked at here twice.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<&str> {
        let mut lines = self.lines.iter().filter(|line| line.0 == name);
        let line = lines.next();
        assert!(lines.next().is_none(), "{name} comes twice: {self:?}");
        line.map(|(_, value)| str::from_utf8(value).expect("a browser sends text"))
    }

    /// The value of a parameter of the query, as it stands there.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let query = self.target.split_once('?')?.1;
        let mut parameters = query.split('&').filter_map(|pair| pair.split_once('='));
        parameters.find(|pair| pair.0 == name).map(|pair| pair.1)
    }

    /// The bytes of the same request with more lines, after which the server closes the connection.
    pub(crate) fn with_lines(&self, more: &[(String, String)]) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        let kept = self.lines.iter().filter(|line| line.0 != "connection");
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
    /// A response with this type and body, which no cache keeps.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            lines: Vec::new(),
            body: body.into(),
        }
        .line("content-type", content_type)
        .line("cache-control", "no-store")
    }

    /// An HTML page.
    pub fn page(html: impl Into<Vec<u8>>) -> Self {
        Self::new(200, "text/html; charset=utf-8", html)
    }

    /// The same with one more line.
    #[must_use]
    pub fn line(mut self, name: &str, value: &str) -> Self {
        self.lines.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn into_bytes(self, to_head: bool) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} -\r\n", self.status);
        for (name, value) in &self.lines {
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

/// Serves each request with the bytes that `respond` comes to, on a port of the loopback address.
pub(crate) fn serve<F>(respond: impl Fn(Asked) -> F + Send + Sync + 'static) -> OverSocket
where
    F: Future<Output = Vec<u8>> + Send + 'static,
{
    let respond = Arc::new(respond);
    OverSocket::on_tokio(|listener| async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let respond = Arc::clone(&respond);
            tokio::spawn(async move {
                // A browser opens connections ahead of need, and closes them unused.
                if let Ok(Some(asked)) = read(&mut stream).await {
                    let response = respond(asked).await;
                    // An error means that the page has gone.
                    let _ = stream.write_all(&response).await;
                    let _ = stream.shutdown().await;
                }
            });
        }
    })
}

/// Reads one request; `None` if the connection ends before one is whole.
async fn read(stream: &mut TcpStream) -> io::Result<Option<Asked>> {
    let mut received = Vec::new();
    loop {
        if let Some(asked) = parse(&received)? {
            return Ok(Some(asked));
        }
        if stream.read_buf(&mut received).await? == 0 {
            return Ok(None);
        }
    }
}

fn parse(received: &[u8]) -> io::Result<Option<Asked>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut headers);
    let parsed = head.parse(received);
    let parsed = parsed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let httparse::Status::Complete(start) = parsed else {
        return Ok(None);
    };
    let mut asked = Asked {
        method: head.method.unwrap_or_default().to_owned(),
        target: head.path.unwrap_or_default().to_owned(),
        lines: head
            .headers
            .iter()
            .map(|header| (header.name.to_ascii_lowercase(), header.value.to_vec()))
            .collect(),
        body: Vec::new(),
    };
    let length = asked.line("content-length").map_or(0, |length| {
        length.parse().expect("a browser sends a number")
    });
    Ok(received[start..].get(..length).map(|body| {
        asked.body = body.to_vec();
        asked
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_when_its_body_is() {
        let text = b"POST /a?case=7&b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok";
        for length in 0..text.len() {
            assert_eq!(parse(&text[..length]).unwrap(), None, "{length}");
        }
        let asked = parse(text).unwrap().unwrap();
        assert_eq!(
            (asked.method.as_str(), asked.body.as_slice()),
            ("POST", &b"ok"[..])
        );
        assert_eq!(
            (asked.line("host"), asked.line("origin")),
            (Some("x"), None)
        );
        assert_eq!(
            (asked.parameter("case"), asked.parameter("b")),
            (Some("7"), Some("c"))
        );
        assert_eq!(asked.parameter("a"), None);
    }

    #[test]
    fn a_request_is_handed_on_with_one_connection_line() {
        let text = b"GET / HTTP/1.1\r\nConnection: keep-alive\r\nHost: x\r\n\r\n";
        let asked = parse(text).unwrap().unwrap();
        let bytes = asked.with_lines(&[("x-respond-status".into(), "404".into())]);
        let expected =
            "GET / HTTP/1.1\r\nhost: x\r\nx-respond-status: 404\r\nconnection: close\r\n\r\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
