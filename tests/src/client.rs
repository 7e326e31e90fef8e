//! A client of HTTP/1.1 that sends what it is told, byte for byte, and reads the whole response.
//!
//! No HTTP library would send half of what the table holds: two `Origin` lines, bytes that are no text, 100 kB of commas.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
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
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends a request on a connection of its own, and reads until the server closes it.
///
/// # Errors
///
/// If the connection fails, nothing comes within the time allowed, or what comes is no response of HTTP/1.1.
pub fn ask(address: SocketAddr, request: &Request) -> io::Result<Response> {
    let mut bytes = format!("{} / HTTP/1.1\r\n", request.method).into_bytes();
    for (name, value) in &request.lines {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        bytes.extend_from_slice(b"Content-Length: 0\r\n");
    }
    bytes.extend_from_slice(b"Connection: close\r\n\r\n");
    let received = exchange(address, &bytes)?;
    parse(&received, request.method == "HEAD")
}

/// Sends these bytes on a connection of its own, and returns all that comes until the server closes it.
///
/// # Errors
///
/// If the connection fails, or is not closed within the time allowed.
pub fn exchange(address: SocketAddr, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let deadline = Instant::now() + PATIENCE;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // A server may answer, and close, before it has read all: what it says counts, not that it stopped listening.
    let sent = stream.write_all(bytes);
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error)
                if error.kind() == io::ErrorKind::ConnectionReset && !received.is_empty() =>
            {
                break;
            }
            Err(error) => return Err(error),
        }
    }
    if received.is_empty() {
        sent?;
    }
    Ok(received)
}

/// Parses all that came on a connection: one response, and nothing behind it.
fn parse(received: &[u8], is_head: bool) -> io::Result<Response> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut head = httparse::Response::new(&mut headers);
    let start = match head.parse(received) {
        Ok(httparse::Status::Complete(start)) => start,
        Ok(httparse::Status::Partial) => return Err(wrong("the head ends early", received)),
        Err(error) => return Err(wrong(&error.to_string(), received)),
    };
    let mut response = Response {
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
        return match rest {
            [] => Ok(response),
            _ => Err(wrong("a body where there can be none", received)),
        };
    }
    let encoding = response.values("transfer-encoding").next();
    let length = response.values("content-length").next();
    response.body = if encoding.is_some_and(|value| value.eq_ignore_ascii_case(b"chunked")) {
        chunks(rest).ok_or_else(|| wrong("the chunks are malformed", received))?
    } else if let Some(length) = length {
        let length: Option<usize> = std::str::from_utf8(length)
            .ok()
            .and_then(|text| text.parse().ok());
        if length != Some(rest.len()) {
            return Err(wrong("the body is not as long as it says", received));
        }
        rest.to_vec()
    } else {
        rest.to_vec()
    };
    Ok(response)
}

/// RFC 9112, section 7.1, without trailers; nothing may follow.
fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let Ok(httparse::Status::Complete((start, size))) = httparse::parse_chunk_size(rest) else {
            return None;
        };
        let size = usize::try_from(size).ok()?;
        let chunk = rest.get(start..)?;
        body.extend_from_slice(chunk.get(..size)?);
        rest = chunk.get(size..)?.strip_prefix(b"\r\n")?;
        if size == 0 {
            return rest.is_empty().then_some(body);
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
