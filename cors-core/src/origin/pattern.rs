use core::fmt;

use super::mistake::check_text;
use super::page_origin::{check_scheme, parse_page_origin};
use super::wildcard_pattern::{HostPattern, WildcardPattern};
use super::{Origin, OriginPatternError};
use crate::limits;

/// An entry of [`allow_origins`](crate::PolicyConfig::allow_origins): an origin, possibly with a wildcard.
///
/// ```text
/// pattern = "*"                                     any origin
///         / origin                                  this origin
///         / scheme "://*"                           any host; not for http and https
///         / ( "http" / "https" ) "://" host [ ":" ( port / "*" ) ]
/// host    = the host of an origin, in which
///           a leading "*." matches one or more whole labels, or
///           one "*" next to other characters in the first label matches one or more characters of that label
/// ```
///
/// | pattern | allows | does not allow |
/// |---|---|---|
/// | `https://example.com` | itself | its subdomains, other ports, `https://example.com.` |
/// | `https://*.example.com` | `https://a.example.com`, `https://a.b.example.com` | `https://example.com`, `https://evilexample.com` |
/// | `https://pr-*.example.com` | `https://pr-7.example.com` | `https://pr-.example.com`, `https://pr-7.evil.example.com` |
/// | `http://localhost:*` | `http://localhost`, `http://localhost:3000` | `https://localhost:3000` |
/// | `tauri://localhost`, `app://.` | itself, compared byte by byte | |
/// | `moz-extension://*` | any origin of this scheme | other schemes |
/// | `null`, `file://` | itself, with [`dangerously_allow_opaque_origins`](crate::PolicyConfig::dangerously_allow_opaque_origins) | |
/// | `*` | any origin, including `null` | |
///
/// Write a pattern in the form in which browsers send an origin. For other forms, [`PolicyError`](crate::PolicyError) shows the
/// correct one.
///
/// A `*` in the host matches only letters, digits and inner hyphens
/// ([RFC 1123, section 2.1](https://www.rfc-editor.org/rfc/rfc1123#section-2.1)). Browsers allow more characters in a host, such as
/// ``https://a`b.example``, which have been used to deceive servers. List an origin with such a host exactly.
///
/// ```
/// use omnicors_core::{Origin, OriginPattern};
///
/// let pattern = OriginPattern::parse("https://*.example.com")?;
/// assert!(pattern.matches(&Origin::parse(b"https://shop.example.com")?));
/// assert!(!pattern.matches(&Origin::parse(b"https://shop.example.com.evil.test")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OriginPattern<'a> {
    text: &'a str,
    pub(super) kind: PatternKind<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PatternKind<'a> {
    /// `*`
    Any,
    Exact(Origin<'a>),
    /// Any host of this scheme, which is neither `http` nor `https`.
    Scheme(&'a str),
    Wildcard(WildcardPattern<'a>),
}

impl<'a> OriginPattern<'a> {
    /// Parses a pattern.
    ///
    /// # Errors
    ///
    /// Returns an [`OriginPatternError`] if the text does not match the [grammar](Self).
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_core::{OriginPattern, OriginPatternError};
    ///
    /// assert!(OriginPattern::parse("http://localhost:*").is_ok());
    /// assert_eq!(OriginPattern::parse("https://*"), Err(OriginPatternError::WildcardHost));
    /// ```
    pub fn parse(text: &'a str) -> Result<Self, OriginPatternError> {
        if text == "*" {
            return Ok(Self {
                text,
                kind: PatternKind::Any,
            });
        }
        check_text(text)?;
        if !text.contains('*') {
            return Ok(Self {
                text,
                kind: PatternKind::Exact(parse_page_origin(text)?),
            });
        }
        let kind = match text.split_once("://") {
            Some((scheme, "*")) if !matches!(scheme, "http" | "https") => {
                check_scheme(scheme)?;
                // An origin needs at least one byte in place of the `*`.
                if text.len() > limits::ORIGIN {
                    return Err(OriginPatternError::WildcardTooLong);
                }
                PatternKind::Scheme(scheme)
            }
            _ => PatternKind::Wildcard(WildcardPattern::parse(text)?),
        };
        Ok(Self { text, kind })
    }

    /// Returns the pattern as text.
    ///
    /// ```
    /// use omnicors_core::OriginPattern;
    ///
    /// let pattern = OriginPattern::parse("https://*.example.com")?;
    /// assert_eq!(pattern.as_str(), "https://*.example.com");
    /// # Ok::<(), omnicors_core::OriginPatternError>(())
    /// ```
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// Returns true if this pattern allows `origin`.
    ///
    /// ```
    /// use omnicors_core::{Origin, OriginPattern};
    ///
    /// let pattern = OriginPattern::parse("https://pr-*.example.com")?;
    /// assert!(pattern.matches(&Origin::try_from("https://pr-7.example.com")?));
    /// assert!(!pattern.matches(&Origin::try_from("https://pr-7.evil.example.com")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn matches(&self, origin: &Origin<'_>) -> bool {
        match self.kind {
            PatternKind::Any => true,
            PatternKind::Exact(exact) => exact.as_str() == origin.as_str(),
            PatternKind::Scheme(scheme) => scheme == origin.scheme() && !origin.is_opaque(),
            PatternKind::Wildcard(wildcard) => wildcard.matches(origin),
        }
    }

    /// Returns true if this pattern allows every origin that `other` allows.
    pub(crate) fn covers(&self, other: &OriginPattern<'_>) -> bool {
        match (self.kind, other.kind) {
            (PatternKind::Any, _) => true,
            (_, PatternKind::Exact(exact)) => self.matches(&exact),
            (PatternKind::Scheme(scheme), PatternKind::Scheme(other)) => scheme == other,
            (PatternKind::Wildcard(wildcard), PatternKind::Wildcard(other)) => {
                wildcard.covers(&other)
            }
            _ => false,
        }
    }

    pub(crate) fn is_any(&self) -> bool {
        self.kind == PatternKind::Any
    }

    /// Returns the origin, if the pattern has no wildcard.
    pub(crate) fn origin(&self) -> Option<Origin<'a>> {
        match self.kind {
            PatternKind::Exact(origin) => Some(origin),
            _ => None,
        }
    }

    /// Returns true if the pattern has no wildcard and is not an opaque origin.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.kind, PatternKind::Exact(origin) if !origin.is_opaque())
    }

    /// Returns true for `null` and `file://`.
    pub(crate) fn is_opaque(&self) -> bool {
        matches!(self.kind, PatternKind::Exact(origin) if origin.is_opaque())
    }

    /// Returns the scheme of a pattern such as `moz-extension://*`.
    pub(crate) fn any_host_scheme(&self) -> Option<&'a str> {
        match self.kind {
            PatternKind::Scheme(scheme) => Some(scheme),
            _ => None,
        }
    }

    /// Returns true if the pattern allows only [potentially trustworthy](Origin::is_potentially_trustworthy) origins.
    pub(crate) fn is_potentially_trustworthy(&self) -> bool {
        match self.kind {
            PatternKind::Any => false,
            PatternKind::Scheme(_) => true,
            PatternKind::Exact(origin) => origin.is_potentially_trustworthy(),
            PatternKind::Wildcard(wildcard) => wildcard.scheme == "https" || wildcard.is_loopback,
        }
    }

    /// Returns true if the pattern allows only [loopback](Origin::is_loopback) origins.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.kind {
            PatternKind::Any | PatternKind::Scheme(_) => false,
            PatternKind::Exact(origin) => origin.is_loopback(),
            PatternKind::Wildcard(wildcard) => wildcard.is_loopback,
        }
    }

    /// Returns true if the scheme is `http` or `https`.
    pub(crate) fn is_web(&self) -> bool {
        match self.kind {
            PatternKind::Any | PatternKind::Scheme(_) => false,
            PatternKind::Exact(origin) => origin.is_web(),
            PatternKind::Wildcard(_) => true,
        }
    }

    /// Returns the scheme. Only `*` and `null` have none.
    pub(crate) fn scheme(&self) -> Option<&'a str> {
        match self.kind {
            PatternKind::Any => None,
            PatternKind::Scheme(scheme) => Some(scheme),
            PatternKind::Exact(origin) => Some(origin.scheme()).filter(|it| !it.is_empty()),
            PatternKind::Wildcard(wildcard) => Some(wildcard.scheme),
        }
    }

    /// Returns true if the host begins with `*.`.
    pub(crate) fn has_leading_wildcard(&self) -> bool {
        matches!(
            self.kind,
            PatternKind::Wildcard(WildcardPattern {
                host: HostPattern::Under(_),
                ..
            })
        )
    }

    pub(crate) fn allows_port(&self, port: Option<u16>) -> bool {
        match self.kind {
            PatternKind::Any | PatternKind::Scheme(_) => true,
            PatternKind::Exact(origin) => origin.port() == port,
            PatternKind::Wildcard(wildcard) => wildcard.port.matches(port),
        }
    }

    /// Returns the domain after the label with the `*`.
    pub(crate) fn wildcard_parent(&self) -> Option<&'a str> {
        match self.kind {
            PatternKind::Wildcard(WildcardPattern {
                host: HostPattern::Under(parent) | HostPattern::Part { parent, .. },
                ..
            }) => Some(parent),
            _ => None,
        }
    }
}

impl fmt::Display for OriginPattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl fmt::Debug for OriginPattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OriginPattern").field(&self.text).finish()
    }
}

impl<'a> TryFrom<&'a str> for OriginPattern<'a> {
    type Error = OriginPatternError;

    fn try_from(text: &'a str) -> Result<Self, OriginPatternError> {
        Self::parse(text)
    }
}

/// Returns the domain of a valid pattern: its host, or the labels after the one with the `*`.
///
/// This is faster than parsing the pattern again.
pub(super) fn domain_of(pattern: &[u8]) -> &[u8] {
    let Some(scheme) = pattern.iter().position(|byte| *byte == b':') else {
        return &[];
    };
    let authority = pattern.get(scheme + "://".len()..).unwrap_or_default();
    let host = match authority {
        [b'[', ..] => authority.split_inclusive(|byte| *byte == b']').next(),
        _ => authority.split(|byte| *byte == b':').next(),
    };
    let host = host.unwrap_or_default();
    if !host.contains(&b'*') {
        return host;
    }
    let dot = host.iter().position(|byte| *byte == b'.');
    dot.and_then(|dot| host.get(dot + 1..)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
