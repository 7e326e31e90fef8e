use httparse::Header;

/// The longest body that is taken, in bytes: an example needs no more.
const BODY_LIMIT: usize = 64 * 1024;

/// A request, borrowed from the bytes that came in.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    method: &'a str,
    target: &'a str,
    headers: &'a [Header<'a>],
    body: &'a [u8],
}

impl<'a> Request<'a> {
    pub(crate) fn new(method: &'a str, target: &'a str, headers: &'a [Header<'a>]) -> Self {
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

    /// The method, in the case in which it was sent: `get` is not `GET`.
    pub fn method(&self) -> &'a str {
        self.method
    }

    /// The path, without the query.
    pub fn path(&self) -> &'a str {
        self.target
            .split_once('?')
            .map_or(self.target, |(path, _)| path)
    }

    /// All header lines. A value is bytes: nobody promises that they are text.
    pub fn lines(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        self.headers
            .iter()
            .map(|header| (header.name, header.value))
    }

    /// The values of the lines of this name.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.lines()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The body.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The length of the body that is announced (RFC 9112, section 6.3); or the status for one that is not taken. What is
    /// unclear is refused: two readings of where a request ends are how one is smuggled past a proxy.
    pub(crate) fn body_length(&self) -> Result<usize, u16> {
        if self.values("transfer-encoding").next().is_some() {
            return Err(501);
        }
        let mut lines = self.values("content-length");
        let Some(first) = lines.next() else {
            return Ok(0);
        };
        if !first.iter().all(u8::is_ascii_digit) || lines.any(|other| other != first) {
            return Err(400);
        }
        let length = str::from_utf8(first)
            .ok()
            .filter(|digits| !digits.is_empty())
            .ok_or(400_u16)?;
        match length.parse() {
            Ok(length) if length <= BODY_LIMIT => Ok(length),
            // All digits, and yet no number: more than fit.
            Ok(_) | Err(_) => Err(413),
        }
    }

    /// True if the client wants to hear from us before it sends the body.
    pub(crate) fn expects_word(&self) -> bool {
        self.values("expect").next().is_some()
    }

    /// True if the client will send nothing more on this connection.
    pub(crate) fn is_last(&self) -> bool {
        self.values("connection").any(|line| {
            line.split(|byte| *byte == b',')
                .any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
        })
    }
}
