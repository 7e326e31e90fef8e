//! A client of HTTP/1.1 that sends what it is told, byte for byte, and reads the whole response.
//!
//! No HTTP library would send half of what the table holds: two `Origin` lines, bytes that are no text, 100 kB of commas.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// A request without a body, to `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The header lines, in order.
    pub lines: Vec<(String, Vec<u8>)>,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The header lines, in order, names in lower case.
    pub lines: Vec<(String, Vec<u8>)>,
    /// The body, without what it was wrapped in.
    pub body: Vec<u8>,
}

impl Response {
    /// The values of all lines of this name, which is in lower case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.lines
            .iter()
            .filter(move |line| line.0 == name)
            .map(|line| line.1.as_slice())
    }
}

/// How long a server may take for a whole exchange: far longer than it ever does, unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Sends a request on a connection of its own, and reads until the server closes it.
///
/// # Errors
///
/// If the connection fails, nothing comes within the time allowed, or what comes is no response of HTTP/1.1.
pub fn ask(address: SocketAddr, request: &Request) -> io::Result<Response> {
    let lines = request
        .lines
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()));
    let lines = lines.chain([("Connection", &b"close"[..])]);
    let mut connection = Connection::open(address)?;
    // A server may answer, and close, before it has read all: what it says counts, not that it stopped listening.
    let sent = connection.send(&head(&request.method, "/", lines));
    let received = connection.receive_all()?;
    if received.is_empty() {
        sent?;
    }
    parse(&received, request.method == "HEAD")
}

/// The bytes of a request without a body.
pub fn head<'a>(
    method: &str,
    path: &str,
    lines: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Vec<u8> {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\n").into_bytes();
    for (name, value) in lines {
        bytes.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    if matches!(method, "POST" | "PUT" | "PATCH") {
        bytes.extend_from_slice(b"Content-Length: 0\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// A connection that is kept.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// What has come and has not been taken.
    received: Vec<u8>,
    has_ended: bool,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    ///
    /// If nobody listens there.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
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
    /// If the connection fails or ends, nothing comes within the time allowed, or what comes is no response.
    pub fn ask(
        &mut self,
        method: &str,
        path: &str,
        lines: &[(&str, &str)],
    ) -> io::Result<Response> {
        self.send_request(method, path, lines)?;
        match self.receive(method == "HEAD")? {
            Some(response) => Ok(response),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Sends a request without a body.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn send_request(
        &mut self,
        method: &str,
        path: &str,
        lines: &[(&str, &str)],
    ) -> io::Result<()> {
        let lines = lines.iter().map(|(name, value)| (*name, value.as_bytes()));
        self.send(&head(method, path, lines))
    }

    /// Sends these bytes.
    ///
    /// # Errors
    ///
    /// If the connection fails, or nobody reads them within the time allowed.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Says that nothing more will be sent.
    pub fn finish(&mut self) {
        // One that is gone already needs no telling.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Waits for the next response; `None` if the connection ends first, between two of them.
    ///
    /// # Errors
    ///
    /// If the connection fails, or ends within a response; nothing comes within the time allowed; or what comes is no
    /// response.
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

    /// Waits until all of these bytes have come, in whatever they are wrapped; and returns the head that came first.
    ///
    /// # Errors
    ///
    /// If the connection fails or ends, the bytes do not come within the time allowed, or what comes is no response.
    pub fn receive_until(&mut self, bytes: &[u8]) -> io::Result<Response> {
        while !self
            .received
            .windows(bytes.len())
            .any(|window| window == bytes)
        {
            if self.has_ended {
                return Err(wrong("it ends before that comes", &self.received));
            }
            self.read()?;
        }
        match split(&self.received, true, true)? {
            Some((head, _)) => Ok(head),
            None => Err(wrong("the head does not end", &self.received)),
        }
    }

    /// Waits until the connection ends; all that has come.
    ///
    /// # Errors
    ///
    /// If the connection fails before anything has come, or does not end within the time allowed for all.
    pub fn receive_all(mut self) -> io::Result<Vec<u8>> {
        let deadline = Instant::now() + PATIENCE;
        while !self.has_ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.read() {
                // As it does if it has not read all that was sent.
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

/// Parses all that came on a connection: one response, and nothing behind it.
fn parse(received: &[u8], is_head: bool) -> io::Result<Response> {
    match split(received, is_head, true)? {
        Some((response, length)) if length == received.len() => Ok(response),
        Some(_) => Err(wrong("something behind the response", received)),
        None => Err(wrong("the response ends early", received)),
    }
}

/// The response that these bytes begin with, and how many of them it is; `None` while it is not whole. A body without a
/// length is whole when the connection has ended.
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
        lines: head
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
        let length = length.ok_or_else(|| wrong("the length is no number", received))?;
        rest.get(..length).map(|body| (body.to_vec(), length))
    } else {
        has_ended.then(|| (rest.to_vec(), rest.len()))
    };
    Ok(body.map(|(body, length)| (Response { body, ..response }, start + length)))
}

/// RFC 9112, section 7.1, without trailers: what the chunks hold, and how many bytes they are. `None` if they are malformed,
/// `Some(None)` if they are not whole.
#[expect(clippy::option_option, reason = "both are, and neither is the other")]
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
    fn a_response_is_not_whole_until_its_last_byte_has_come() {
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
    fn lines_come_in_order_with_names_in_lower_case() {
        let response = parse(b"HTTP/1.1 403 X\r\nVary: a\r\nvary: b\xFF\r\n\r\n", false).unwrap();
        assert_eq!(response.status, 403);
        assert_eq!(
            response.values("vary").collect::<Vec<_>>(),
            [&b"a"[..], b"b\xFF"]
        );
    }
}
