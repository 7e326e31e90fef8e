//! An HTTP/1.1 client that sends requests byte for byte and reads whole responses.
//!
//! HTTP libraries reject much of the table: two `Origin` fields, bytes that are not text, 100 kB of commas.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// A request without a body, to `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The header fields, in order.
    pub fields: Vec<(String, Vec<u8>)>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The header fields, in order, names in lower case.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The body, without its transfer coding.
    pub body: Vec<u8>,
}

impl Response {
    /// Returns the values of all fields of this name, which is in lower case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields
            .iter()
            .filter(move |field| field.0 == name)
            .map(|field| field.1.as_slice())
    }
}

/// The time limit for a whole exchange. Only a server that hangs reaches it.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends a request on a connection of its own, and reads until the server closes it.
///
/// # Errors
///
/// Returns an error if the connection fails, the time limit passes, or the response is not HTTP/1.1.
pub fn ask(address: SocketAddr, request: &Request) -> io::Result<Response> {
    let fields = request
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()));
    let fields = fields.chain([("Connection", &b"close"[..])]);
    let mut connection = Connection::open(address)?;
    // A server may respond and close before it has read everything: ignore write errors, and read the response.
    let sent = connection.send(&head(&request.method, "/", fields));
    let received = connection.receive_all()?;
    if received.is_empty() {
        sent?;
    }
    parse(&received, request.method == "HEAD")
}

/// Returns the bytes of a request without a body.
pub fn head<'a>(
    method: &str,
    path: &str,
    fields: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Vec<u8> {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\n").into_bytes();
    for (name, value) in fields {
        bytes.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    if matches!(method, "POST" | "PUT" | "PATCH") {
        bytes.extend_from_slice(b"Content-Length: 0\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// A persistent connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// The bytes that were received and not yet returned.
    received: Vec<u8>,
    has_ended: bool,
}

impl Connection {
    /// Connects to a server.
    ///
    /// # Errors
    ///
    /// Returns an error if nothing listens at the address.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::new(),
            has_ended: false,
        })
    }

    /// Sends a request without a body, and waits for the response.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails or ends, the time limit passes, or the response is malformed.
    pub fn ask(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> io::Result<Response> {
        self.send_request(method, path, fields)?;
        match self.receive(method == "HEAD")? {
            Some(response) => Ok(response),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Sends a request without a body.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`send`](Self::send).
    pub fn send_request(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> io::Result<()> {
        let fields = fields.iter().map(|(name, value)| (*name, value.as_bytes()));
        self.send(&head(method, path, fields))
    }

    /// Sends bytes.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails, or the server does not read them within the time limit.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Closes the sending direction of the connection.
    pub fn finish(&mut self) {
        // An error means that the server has closed the connection already.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Waits for the next response; returns `None` if the connection ends before its first byte.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails or ends within a response, the time limit passes, or the response is
    /// malformed.
    pub fn receive(&mut self, is_head: bool) -> io::Result<Option<Response>> {
        loop {
            if let Some((response, length)) = split(&self.received, is_head, self.has_ended)? {
                self.received.drain(..length);
                return Ok(Some(response));
            }
            if self.has_ended {
                return if self.received.is_empty() {
                    Ok(None)
                } else {
                    Err(wrong("the response ends early", &self.received))
                };
            }
            self.read()?;
        }
    }

    /// Waits until these bytes were received, in any transfer coding, and returns the head of the response.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails or ends, the time limit passes, or the response is malformed.
    pub fn receive_until(&mut self, bytes: &[u8]) -> io::Result<Response> {
        while !self
            .received
            .windows(bytes.len())
            .any(|window| window == bytes)
        {
            if self.has_ended {
                return Err(wrong(
                    "the connection ends before the expected bytes",
                    &self.received,
                ));
            }
            self.read()?;
        }
        match split(&self.received, true, true)? {
            Some((head, _)) => Ok(head),
            None => Err(wrong("the head does not end", &self.received)),
        }
    }

    /// Waits until the connection ends, and returns everything that was received.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection fails before anything was received, or does not end within the time limit.
    pub fn receive_all(mut self) -> io::Result<Vec<u8>> {
        let deadline = Instant::now() + TIMEOUT;
        while !self.has_ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.read() {
                // A server resets the connection if it closes it before it has read everything.
                Err(error)
                    if error.kind() == io::ErrorKind::ConnectionReset
                        && !self.received.is_empty() =>
                {
                    self.has_ended = true;
                }
                read => read?,
            }
        }
        Ok(self.received)
    }

    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.has_ended = true,
            Ok(count) => self.received.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Parses everything that was received on a connection: exactly one response.
fn parse(received: &[u8], is_head: bool) -> io::Result<Response> {
    match split(received, is_head, true)? {
        Some((response, length)) if length == received.len() => Ok(response),
        Some(_) => Err(wrong("bytes after the response", received)),
        None => Err(wrong("the response ends early", received)),
    }
}

/// Splits the first response off, and returns it with its length; `None` while it is incomplete. A body without a
/// length is complete when the connection has ended.
fn split(received: &[u8], is_head: bool, has_ended: bool) -> io::Result<Option<(Response, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut head = httparse::Response::new(&mut headers);
    let start = match head.parse(received) {
        Ok(httparse::Status::Complete(start)) => start,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(wrong(&error.to_string(), received)),
    };
    let response = Response {
        status: head.code.unwrap_or_default(),
        fields: head
            .headers
            .iter()
            .map(|header| (header.name.to_ascii_lowercase(), header.value.to_vec()))
            .collect(),
        body: Vec::new(),
    };
    let rest = &received[start..];
    if is_head || matches!(response.status, 100..=199 | 204 | 304) {
        return Ok(Some((response, start)));
    }
    let encoding = response.values("transfer-encoding").next();
    let length = response.values("content-length").next();
    let body = if encoding.is_some_and(|value| value.eq_ignore_ascii_case(b"chunked")) {
        chunks(rest).ok_or_else(|| wrong("the chunks are malformed", received))?
    } else if let Some(length) = length {
        let length: Option<usize> = std::str::from_utf8(length)
            .ok()
            .and_then(|text| text.parse().ok());
        let length = length.ok_or_else(|| wrong("the length is not a number", received))?;
        rest.get(..length).map(|body| (body.to_vec(), length))
    } else {
        has_ended.then(|| (rest.to_vec(), rest.len()))
    };
    Ok(body.map(|(body, length)| (Response { body, ..response }, start + length)))
}

/// Decodes chunks without trailers, <https://www.rfc-editor.org/rfc/rfc9112#section-7.1>: returns the data and the length of the chunks,
/// `None` if they are malformed, and `Some(None)` if they are incomplete.
#[expect(
    clippy::option_option,
    reason = "malformed and incomplete are different results"
)]
fn chunks(all: &[u8]) -> Option<Option<(Vec<u8>, usize)>> {
    let mut body = Vec::new();
    let mut rest = all;
    loop {
        let (start, size) = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete(parsed)) => parsed,
            Ok(httparse::Status::Partial) => return Some(None),
            Err(_) => return None,
        };
        let size = usize::try_from(size).ok()?;
        let chunk = rest.get(start..)?;
        let Some((held, after)) = chunk.split_at_checked(size) else {
            return Some(None);
        };
        let Some((end, after)) = after.split_at_checked(2) else {
            return Some(None);
        };
        if end != b"\r\n" {
            return None;
        }
        body.extend_from_slice(held);
        rest = after;
        if size == 0 {
            return Some(Some((body, all.len() - rest.len())));
        }
    }
}

fn wrong(what: &str, received: &[u8]) -> io::Error {
    let received = crate::notation::shown(received);
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{what}: \"{received}\""),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> io::Result<Vec<u8>> {
        parse(text.as_bytes(), false).map(|response| response.body)
    }

    #[test]
    fn a_body_is_read_however_it_is_framed() {
        let ok = "HTTP/1.1 200 OK\r\n";
        for rest in [
            "Content-Length: 3\r\n\r\nran",
            "Transfer-Encoding: chunked\r\n\r\n2\r\nra\r\n1\r\nn\r\n0\r\n\r\n",
            "\r\nran",
        ] {
            assert_eq!(body(&format!("{ok}{rest}")).unwrap(), b"ran", "{rest}");
        }
        for rest in [
            "Content-Length: 4\r\n\r\nran",
            "Content-Length: 2\r\n\r\nran",
            "Transfer-Encoding: chunked\r\n\r\n4\r\nra\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            "Content-Length: 3",
        ] {
            assert!(body(&format!("{ok}{rest}")).is_err(), "{rest}");
        }
    }

    #[test]
    fn a_response_is_incomplete_until_its_last_byte() {
        let ok = "HTTP/1.1 200 OK\r\n";
        for rest in [
            "Content-Length: 3\r\n\r\nran",
            "Transfer-Encoding: chunked\r\n\r\n2\r\nra\r\n1\r\nn\r\n0\r\n\r\n",
        ] {
            let whole = format!("{ok}{rest}").into_bytes();
            for end in 0..whole.len() {
                assert_eq!(split(&whole[..end], false, false).unwrap(), None, "{end}");
            }
            let two = [&whole[..], &whole].concat();
            let (response, length) = split(&two, false, false).unwrap().unwrap();
            assert_eq!((response.body, length), (b"ran".to_vec(), whole.len()));
        }
        let until_end = format!("{ok}\r\nran").into_bytes();
        assert_eq!(split(&until_end, false, false).unwrap(), None);
    }

    #[test]
    fn a_response_without_a_body_has_none() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
        assert_eq!(parse(head, true).unwrap().body, b"");
        assert!(parse(b"HTTP/1.1 200 OK\r\n\r\nran", true).is_err());
        assert!(parse(b"HTTP/1.1 204 No Content\r\n\r\n", false).is_ok());
        assert!(parse(b"HTTP/1.1 204 No Content\r\n\r\nx", false).is_err());
    }

    #[test]
    fn fields_stay_in_order_and_names_become_lower_case() {
        let response = parse(b"HTTP/1.1 403 X\r\nVary: a\r\nvary: b\xFF\r\n\r\n", false).unwrap();
        assert_eq!(response.status, 403);
        assert_eq!(
            response.values("vary").collect::<Vec<_>>(),
            [&b"a"[..], b"b\xFF"]
        );
    }
}
