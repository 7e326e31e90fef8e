use core::fmt;

use crate::header::{Operation, ResponseHeaderName};
use crate::request::RequestField;

/// A header field of a response. `Display` writes it in the form of HTTP/1.1, without the line break.
///
/// ```
/// use omnicors_core::{Operation, PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// for field in evaluate(&policy, &request).headers() {
///     match field.operation {
///         Operation::Set => println!("replace {} by {}", field.name, field.value.as_str()),
///         Operation::Append => println!("append {field}"),
///         Operation::Merge => println!("add {} to the list in {}", field.value.as_str(), field.name),
///     }
/// }
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderField<'a> {
    /// The name.
    pub name: ResponseHeaderName,
    /// The value.
    pub value: FieldValue<'a>,
    /// The way to add the field to a response that already has fields with the same name.
    pub operation: Operation,
}

/// The value of a header field, with its source.
///
/// The source lets an adapter reuse a header value instead of copying the bytes. Other servers call
/// [`as_str`](Self::as_str) or [`as_bytes`](Self::as_bytes). Two values are equal if they have the same bytes.
///
/// This enum is exhaustive, so that every adapter handles each source.
///
/// ```
/// use omnicors_core::{FieldValue, PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("*").build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// let decision = evaluate(&policy, &request);
/// let values = decision.headers().iter().map(|field| field.value);
/// assert!(values.eq([FieldValue::Constant("*")]));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub enum FieldValue<'a> {
    /// A value that is the same for all policies.
    Constant(&'static str),
    /// A value that was prepared when the policy was built: one of [`prepared_values`](crate::adapter::prepared_values).
    Policy(&'a str),
    /// An echo: the request field, and its value.
    Echo(EchoedField, &'a [u8]),
}

/// The request field that a response field echoes.
///
/// This enum is exhaustive, so that every adapter handles each field.
///
/// ```
/// use omnicors_core::adapter::EchoedField;
/// use omnicors_core::{FieldValue, PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("https://example.com").build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// let decision = evaluate(&policy, &request);
/// let first = decision.headers().iter().next().ok_or("no field")?;
/// assert!(matches!(first.value, FieldValue::Echo(EchoedField::Origin, b"https://example.com")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchoedField {
    /// `Origin`.
    Origin,
    /// `Access-Control-Request-Method`.
    RequestMethod,
    /// The `Access-Control-Request-Headers` field with this index, counted from 0.
    RequestHeaders(usize),
}

impl EchoedField {
    /// Returns the field and its index, for [`RequestFields::value`](crate::adapter::RequestFields::value) and
    /// [`RequestParts::value`](crate::RequestParts::value).
    ///
    /// ```
    /// use omnicors_core::adapter::{EchoedField, RequestField};
    ///
    /// let echoed = EchoedField::RequestHeaders(1);
    /// assert_eq!(echoed.request_field(), (RequestField::AccessControlRequestHeaders, 1));
    /// ```
    pub fn request_field(self) -> (RequestField, usize) {
        match self {
            Self::Origin => (RequestField::Origin, 0),
            Self::RequestMethod => (RequestField::AccessControlRequestMethod, 0),
            Self::RequestHeaders(index) => (RequestField::AccessControlRequestHeaders, index),
        }
    }
}

impl<'a> FieldValue<'a> {
    /// Returns the bytes of the value. They are ASCII without line breaks: an echoed value is an origin, a token or a list of tokens.
    ///
    /// ```
    /// use omnicors_core::FieldValue;
    ///
    /// assert_eq!(FieldValue::Constant("true").as_bytes(), b"true");
    /// ```
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

    /// Returns the value as a string.
    ///
    /// ```
    /// use omnicors_core::FieldValue;
    ///
    /// assert_eq!(FieldValue::Constant("true").as_str(), "true");
    /// ```
    pub fn as_str(&self) -> &'a str {
        // Only ASCII is echoed, so this never fails. If it did, an empty value would be harmless.
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
