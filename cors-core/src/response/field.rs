use core::fmt;

use crate::header::{Operation, ResponseHeaderName};

/// One header field of a response. `Display` writes it as HTTP/1.1 does, without the line break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderField<'a> {
    /// The name.
    pub name: ResponseHeaderName,
    /// The value.
    pub value: FieldValue<'a>,
    /// What to do with fields of this name that the response has already.
    pub operation: Operation,
}

/// The value of a header field, and where it comes from: an adapter that has a header value of its own for it need not copy it.
///
/// Exhaustive: an adapter must handle each.
///
/// Two are equal if they have the same bytes, wherever these come from.
#[derive(Clone, Copy, Debug)]
pub enum FieldValue<'a> {
    /// The same for all policies.
    Constant(&'static str),
    /// Joined when the policy was built: one of [`prepared_values`](crate::adapter::prepared_values).
    Policy(&'a str),
    /// The value of a request field, and which.
    Echo(EchoedField, &'a [u8]),
}

/// The request field that a value is an echo of.
///
/// Exhaustive: an adapter must find each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchoedField {
    /// `Origin`.
    Origin,
    /// `Access-Control-Request-Method`.
    RequestMethod,
    /// `Access-Control-Request-Headers`, the field with this index, counted from 0.
    RequestHeaders(usize),
}

impl<'a> FieldValue<'a> {
    /// Returns the bytes of the value. They contain no line break: constants and values of a policy are ASCII, and an echoed
    /// value is an origin, a token or a list of tokens.
    #[expect(
        clippy::match_same_arms,
        reason = "the texts differ in their lifetimes"
    )]
    pub fn as_bytes(&self) -> &'a [u8] {
        match *self {
            Self::Constant(text) => text.as_bytes(),
            Self::Policy(text) => text.as_bytes(),
            Self::Echo(_, bytes) => bytes,
        }
    }

    /// Returns the value as text.
    pub fn as_str(&self) -> &'a str {
        // Only ASCII is ever echoed; were it otherwise, an empty text could do no harm.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl PartialEq for FieldValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for FieldValue<'_> {}

impl fmt::Display for HeaderField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.value.as_str())
    }
}
