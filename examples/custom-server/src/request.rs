use httparse::Header;

use crate::target::Target;

/// The maximum length of a body, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// A request, borrowed from the bytes that were received.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    method: &'a str,
    target: Target<'a>,
    headers: &'a [Header<'a>],
    body: &'a [u8],
}

impl<'a> Request<'a> {
    pub(crate) fn new(method: &'a str, target: Target<'a>, headers: &'a [Header<'a>]) -> Self {
        Self {
            method,
            target,
            headers,
            body: &[],
        }
    }

    pub(crate) fn with_body(self, body: &'a [u8]) -> Self {
        Self { body, ..self }
    }

    /// Returns the method. It is case-sensitive: `get` is not `GET`.
    pub fn method(&self) -> &'a str {
        self.method
    }

    /// Returns the path without the query. It is `*` for the request `OPTIONS *`, and empty for a CONNECT.
    pub fn path(&self) -> &'a str {
        self.target.path
    }

    /// Returns the host and port of an absolute target (`GET http://api.example/items`) or of a CONNECT. `Host` can differ from it.
    pub fn authority(&self) -> Option<&'a str> {
        self.target.authority
    }

    /// Returns all header fields. A value is not always valid UTF-8.
    pub fn fields(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        self.headers
            .iter()
            .map(|header| (header.name, header.value))
    }

    /// Returns the values of the fields with a name.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Returns the body.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Returns the length of the body (<https://www.rfc-editor.org/rfc/rfc9112#section-6.3>), or the status of the response if the
    /// server does not accept the body.
    ///
    /// Ambiguous lengths are errors: if a proxy and this server disagreed about the end of a request, a client could smuggle a
    /// second one past the proxy.
    pub(crate) fn body_length(&self) -> Result<usize, u16> {
        if self.values("transfer-encoding").next().is_some() {
            return Err(501);
        }
        let mut values = self.values("content-length");
        let Some(first) = values.next() else {
            return Ok(0);
        };
        if !first.iter().all(u8::is_ascii_digit) || values.any(|other| other != first) {
            return Err(400);
        }
        let length = str::from_utf8(first)
            .ok()
            .filter(|digits| !digits.is_empty())
            .ok_or(400_u16)?;
        match length.parse() {
            Ok(length) if length <= BODY_LIMIT => Ok(length),
            // An error means that the number is too large for `usize`, because the text contains only digits.
            Ok(_) | Err(_) => Err(413),
        }
    }

    /// Returns true if the client waits for an interim response before it sends the body.
    pub(crate) fn expects_continue(&self) -> bool {
        self.values("expect").next().is_some()
    }

    /// Returns true if the client asks to close the connection after the response.
    pub(crate) fn is_last(&self) -> bool {
        self.values("connection").any(|value| {
            value
                .split(|byte| *byte == b',')
                .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
        })
    }
}
