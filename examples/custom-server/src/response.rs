use std::borrow::Cow;
use std::io::Write as _;

/// A response: a status, header lines, a body.
#[derive(Clone, Debug)]
pub struct Response {
    status: u16,
    lines: Vec<(&'static str, Cow<'static, str>)>,
    body: Vec<u8>,
}

impl Response {
    /// A response with this status, and nothing else.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            lines: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A response with this text.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            lines: vec![("content-type", "text/plain; charset=utf-8".into())],
            body: body.into().into_bytes(),
        }
    }

    /// Adds a header line. One that would not be a line, or that speaks of the framing, which is the server's business,
    /// is left out when the response is sent.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.push(name, value.into());
        self
    }

    pub(crate) fn push(&mut self, name: &'static str, value: Cow<'static, str>) {
        self.lines.push((name, value));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.lines
            .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.lines
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_bytes())
    }

    /// The bytes to send: in one piece, so that they go out in one write.
    pub(crate) fn into_bytes(self, to_head: bool, closes: bool) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512 + self.body.len());
        // To a vector, nothing fails to be written.
        let _ = write!(
            bytes,
            "HTTP/1.1 {} {}\r\n",
            self.status,
            reason(self.status)
        );
        for (name, value) in self
            .lines
            .iter()
            .filter(|(name, value)| is_line(name, value))
        {
            let _ = write!(bytes, "{name}: {value}\r\n");
        }
        // RFC 9110, section 8.6: not in a 204, which ends with its header.
        let has_body = !matches!(self.status, 100..=199 | 204 | 304);
        if has_body {
            let _ = write!(bytes, "content-length: {}\r\n", self.body.len());
        }
        if closes {
            bytes.extend_from_slice(b"connection: close\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        if has_body && !to_head {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

/// False for what would end the line early, and for the server's own lines.
fn is_line(name: &str, value: &str) -> bool {
    const OWN: [&str; 3] = ["connection", "content-length", "transfer-encoding"];
    let is_plain = |text: &str| !text.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0));
    let is_own = OWN.iter().any(|own| name.eq_ignore_ascii_case(own));
    is_plain(name) && is_plain(value) && !is_own
}

/// Nobody needs it but people (RFC 9112, section 4), and most of them know the number.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        417 => "Expectation Failed",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        _ => "",
    }
}
