use core::fmt;
use core::iter::FusedIterator;

use super::field::{EchoedField, FieldValue, HeaderField};
use super::headers::ResponseHeaders;
use crate::header::{Operation, ResponseField, ResponseFieldSet};
use crate::limits;

/// An iterator over the fields of [`ResponseHeaders`]. Created by [`ResponseHeaders::iter`].
///
/// ```
/// use omnicors_core::{HeaderFields, PolicyConfig, RequestParts, evaluate};
///
/// fn write(fields: HeaderFields<'_, '_>) -> String {
///     fields.map(|field| format!("{field}\r\n")).collect()
/// }
///
/// let policy = PolicyConfig::new().allow_origin("*").build()?;
/// let decision = evaluate(&policy, &RequestParts::new("GET"));
/// assert_eq!(write(decision.headers().iter()), "access-control-allow-origin: *\r\n");
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone)]
pub struct HeaderFields<'h, 'a> {
    headers: &'h ResponseHeaders<'a>,
    /// The remaining fields.
    fields: ResponseFieldSet,
    /// The index of the next request field to echo.
    echoed_index: usize,
    has_echoed: bool,
}

impl<'a> ResponseHeaders<'a> {
    /// Returns an iterator over the fields, in the order of [`ResponseHeaderName::ALL`](crate::ResponseHeaderName::ALL).
    ///
    /// ```
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let policy = PolicyConfig::new().allow_origin("*").build()?;
    /// let decision = evaluate(&policy, &RequestParts::new("GET"));
    /// let fields: Vec<String> = decision.headers().iter().map(|field| field.to_string()).collect();
    /// assert_eq!(fields, ["access-control-allow-origin: *"]);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    #[inline]
    pub fn iter(&self) -> HeaderFields<'_, 'a> {
        self.walk(self.fields)
    }

    #[inline]
    pub(crate) fn walk(&self, fields: ResponseFieldSet) -> HeaderFields<'_, 'a> {
        HeaderFields {
            headers: self,
            fields,
            echoed_index: 0,
            has_echoed: false,
        }
    }
}

impl<'h, 'a> IntoIterator for &'h ResponseHeaders<'a> {
    type Item = HeaderField<'a>;
    type IntoIter = HeaderFields<'h, 'a>;

    fn into_iter(self) -> HeaderFields<'h, 'a> {
        self.iter()
    }
}

impl<'a> HeaderFields<'_, 'a> {
    /// Returns the echo of the next `Access-Control-Request-Headers` field, or `None` after the last.
    #[cold]
    fn next_echoed(&mut self) -> Option<HeaderField<'a>> {
        loop {
            let index = self.echoed_index;
            let value = self.headers.request.request_headers_value(index)?;
            self.echoed_index += 1;
            if !is_blank(value) {
                let operation = if self.has_echoed {
                    Operation::Append
                } else {
                    Operation::Set
                };
                self.has_echoed = true;
                return Some(HeaderField {
                    name: ResponseField::EchoedHeaders.name(),
                    value: FieldValue::Echo(EchoedField::RequestHeaders(index), value),
                    operation,
                });
            }
        }
    }
}

impl<'a> Iterator for HeaderFields<'_, 'a> {
    type Item = HeaderField<'a>;

    // Without inlining, the field is returned through memory, which takes three times as long.
    #[expect(clippy::inline_always, reason = "measured")]
    #[inline(always)]
    fn next(&mut self) -> Option<HeaderField<'a>> {
        if self.fields.first() == Some(ResponseField::EchoedHeaders) {
            if let Some(field) = self.next_echoed() {
                return Some(field);
            }
            self.fields.take_first();
        }
        let field = self.fields.take_first()?;
        Some(self.headers.field(field))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let fields = self.fields;
        if fields.contains(ResponseField::EchoedHeaders) {
            (
                fields.len() - 1,
                Some(fields.len() - 1 + limits::REQUEST_HEADERS_FIELDS),
            )
        } else {
            (fields.len(), Some(fields.len()))
        }
    }
}

impl FusedIterator for HeaderFields<'_, '_> {}

/// Writes the remaining fields.
impl fmt::Debug for HeaderFields<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self
            .clone()
            .map(|field| (field.name.as_str(), field.value.as_str()));
        f.debug_map().entries(shown).finish()
    }
}

/// Returns true for a value without elements. Its echo would be useless.
fn is_blank(value: &[u8]) -> bool {
    value.iter().all(|byte| matches!(byte, b',' | b' ' | b'\t'))
}
