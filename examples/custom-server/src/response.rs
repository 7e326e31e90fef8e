use std::borrow::Cow;
use std::io::Write as _;

/// A response: a status, header fields, a body.
#[derive(Clone, Debug)]
pub struct Response {
    status: u16,
    fields: Vec<(&'static str, Cow<'static, str>)>,
    body: Vec<u8>,
}

impl Response {
    /// Creates a response without header fields and body.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            fields: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Creates a response with a text as body.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            fields: vec![("content-type", "text/plain; charset=utf-8".into())],
            body: body.into().into_bytes(),
        }
    }

    /// Adds a header field. Invalid fields, and fields about connection and length, which the server sets, are not sent.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.push(name, value.into());
        self
    }

    pub(crate) fn push(&mut self, name: &'static str, value: Cow<'static, str>) {
        self.fields.push((name, value));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.fields
            .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.fields
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_bytes())
    }

    /// Returns all bytes of the response, so that it can be sent in one write.
    pub(crate) fn into_bytes(self, to_head: bool, closes: bool) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512 + self.body.len());
        // Writing to a vector does not fail.
        let _ = write!(
            bytes,
            "HTTP/1.1 {} {}\r\n",
            self.status,
            reason(self.status)
        );
        for (name, value) in self
            .fields
            .iter()
            .filter(|(name, value)| is_sent(name, value))
        {
            let _ = write!(bytes, "{name}: {value}\r\n");
        }
        // A 204 response has no length: https://www.rfc-editor.org/rfc/rfc9110#section-8.6
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

/// Returns false for fields that contain a line break, which would start another field, and for fields that the server sets.
fn is_sent(name: &str, value: &str) -> bool {
    const SET_BY_SERVER: [&str; 3] = ["connection", "content-length", "transfer-encoding"];
    let is_plain = |text: &str| !text.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0));
    let is_set_by_server = SET_BY_SERVER
        .iter()
        .any(|other| name.eq_ignore_ascii_case(other));
    is_plain(name) && is_plain(value) && !is_set_by_server
}

/// Returns the reason phrase. Clients ignore it (<https://www.rfc-editor.org/rfc/rfc9112#section-4>).
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
        421 => "Misdirected Request",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "",
    }
}
