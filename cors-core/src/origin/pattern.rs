use alloc::string::String;
use core::fmt;

use super::host::{HostKind, is_host_name, is_subdomain};
use super::{Origin, OriginError, OriginPatternError};
use crate::limits;

/// What a policy allows: an origin, or one with `*` in the places the grammar permits.
///
/// ```text
/// pattern = "*" / "null" / scheme "://" host [ ":" ( port / "*" ) ]
/// host    = an origin's host, where
///           a leading "*." stands for one or more whole labels, or
///           one "*" beside other characters in the first label stands for a part of exactly that label
/// ```
///
/// | pattern | allows | does not allow |
/// |---|---|---|
/// | `https://example.com` | itself | its subdomains, other ports |
/// | `https://*.example.com` | `https://a.example.com`, `https://a.b.example.com` | `https://example.com`, `https://evilexample.com` |
/// | `https://pr-*.example.com` | `https://pr-7.example.com` | `https://pr-.example.com`, `https://pr-7.evil.example.com` |
/// | `http://localhost:*` | `http://localhost`, `http://localhost:3000` | `https://localhost:3000` |
/// | `*` | any origin, `null` among them | |
///
/// A pattern is written in the form in which browsers send an origin. Where it is not,
/// [`PolicyError`](crate::PolicyError) shows the form to write. What a `*` in the host stands for is made of letters,
/// digits and inner hyphens (RFC 1123): the other characters that browsers let through in a host (``https://a`b.example``)
/// have been used to fool servers.
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
    Any,
    Null,
    Exact(Origin<'a>),
    Wild(WildPattern<'a>),
}

/// A pattern with a `*` in its host or port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct WildPattern<'a> {
    pub(super) scheme: &'a str,
    pub(super) host: HostPattern<'a>,
    pub(super) port: PortPattern,
    /// The host is, or lies under, `localhost`, or is a loopback address.
    is_loopback: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum HostPattern<'a> {
    /// This host; only the port is a wildcard.
    Exact(&'a str),
    /// One or more labels, a dot, and this.
    Under(&'a str),
    /// A first label with this prefix and suffix and at least one character between them, a dot, and this parent
    /// (empty where the first label is the whole host).
    Part {
        prefix: &'a str,
        suffix: &'a str,
        parent: &'a str,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PortPattern {
    /// Only this one, `None` being the default port of the scheme, left out.
    Exact(Option<u16>),
    Any,
}

impl<'a> OriginPattern<'a> {
    /// Parses a pattern.
    ///
    /// # Errors
    ///
    /// An [`OriginPatternError`] for the first thing that is not in the grammar.
    pub fn parse(text: &'a str) -> Result<Self, OriginPatternError> {
        let kind = match text {
            "*" => PatternKind::Any,
            "null" => PatternKind::Null,
            _ if text.contains('*') => PatternKind::Wild(WildPattern::parse(text)?),
            _ => PatternKind::Exact(Origin::try_from(text)?),
        };
        Ok(Self { text, kind })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// Returns true if this pattern allows `origin`.
    pub fn matches(&self, origin: &Origin<'_>) -> bool {
        match self.kind {
            PatternKind::Any => true,
            PatternKind::Null => false,
            PatternKind::Exact(exact) => exact.as_str() == origin.as_str(),
            PatternKind::Wild(wild) => wild.matches(origin),
        }
    }

    /// Returns true if each origin that `other` allows is allowed by this pattern too.
    pub(crate) fn covers(&self, other: &OriginPattern<'_>) -> bool {
        match (self.kind, other.kind) {
            (PatternKind::Any, _) | (PatternKind::Null, PatternKind::Null) => true,
            (_, PatternKind::Exact(exact)) => self.matches(&exact),
            (PatternKind::Wild(wild), PatternKind::Wild(other)) => wild.covers(&other),
            _ => false,
        }
    }

    pub(crate) fn is_any(&self) -> bool {
        self.kind == PatternKind::Any
    }

    /// Returns true if it is an origin itself.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.kind, PatternKind::Exact(_))
    }

    pub(crate) fn is_null(&self) -> bool {
        self.kind == PatternKind::Null
    }

    /// Returns true if all it allows is potentially trustworthy (see [`Origin::is_potentially_trustworthy`]).
    pub(crate) fn is_potentially_trustworthy(&self) -> bool {
        match self.kind {
            PatternKind::Any | PatternKind::Null => false,
            PatternKind::Exact(origin) => origin.is_potentially_trustworthy(),
            PatternKind::Wild(wild) => {
                !matches!(wild.scheme, "http" | "ws" | "ftp") || wild.is_loopback
            }
        }
    }

    /// Returns true if all it allows are hosts of this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.kind {
            PatternKind::Any | PatternKind::Null => false,
            PatternKind::Exact(origin) => origin.is_loopback(),
            PatternKind::Wild(wild) => wild.is_loopback,
        }
    }

    /// The scheme, which only `*` and `null` do not have.
    pub(crate) fn scheme(&self) -> Option<&'a str> {
        match self.kind {
            PatternKind::Any | PatternKind::Null => None,
            PatternKind::Exact(origin) => Some(origin.scheme()),
            PatternKind::Wild(wild) => Some(wild.scheme),
        }
    }

    /// Returns true if the host begins with `*.`.
    pub(crate) fn is_of_whole_labels(&self) -> bool {
        matches!(
            self.kind,
            PatternKind::Wild(WildPattern {
                host: HostPattern::Under(_),
                ..
            })
        )
    }

    pub(crate) fn allows_port(&self, port: Option<u16>) -> bool {
        match self.kind {
            PatternKind::Any => true,
            PatternKind::Null => false,
            PatternKind::Exact(origin) => origin.port() == port,
            PatternKind::Wild(wild) => wild.port.matches(port),
        }
    }

    /// The domain after the label with the `*`.
    pub(crate) fn wildcard_parent(&self) -> Option<&'a str> {
        match self.kind {
            PatternKind::Wild(WildPattern {
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

impl<'a> WildPattern<'a> {
    /// Removes the wildcards, parses what is left as an [`Origin`], and puts them back, so that there is one grammar.
    fn parse(text: &'a str) -> Result<Self, OriginPatternError> {
        if text.len() > limits::ORIGIN {
            return Err(OriginError::TooLong.into());
        }
        let (scheme, authority) = text.split_once("://").ok_or(OriginError::NoScheme)?;
        if scheme == "file" {
            return Err(OriginError::FileScheme.into());
        }
        if scheme.contains('*') {
            return Err(OriginPatternError::WildcardInScheme);
        }
        let (host, any_port) = match authority.strip_suffix(":*") {
            Some(host) => (host, true),
            None => (authority, false),
        };
        let mut plain = String::with_capacity(text.len());
        plain.extend([scheme, "://"]);
        let Some((before, after)) = host.split_once('*') else {
            plain.push_str(host);
            let origin = Origin::try_from(plain.as_str())?;
            let port = if any_port && origin.port().is_none() {
                PortPattern::Any
            } else {
                return Err(OriginError::Port.into());
            };
            return Ok(Self {
                scheme,
                host: HostPattern::Exact(host),
                port,
                is_loopback: origin.is_loopback(),
            });
        };
        check_wildcard(before, after)?;
        let is_under = before.is_empty() && after.starts_with('.');
        if is_under {
            plain.push_str(after.trim_start_matches('.'));
        } else {
            // The least that the `*` can stand for; a letter, so that no number or address comes about.
            plain.extend([before, "x", after]);
        }
        let origin = Origin::try_from(plain.as_str())?;
        if is_under && after.starts_with("..") {
            return Err(OriginError::EmptyLabel.into());
        }
        match origin.kind() {
            HostKind::HostName => {}
            HostKind::OtherName => return Err(OriginPatternError::WildcardHostName),
            HostKind::Ip => return Err(OriginPatternError::WildcardInIp),
        }
        if any_port && origin.port().is_some() {
            return Err(OriginError::Port.into());
        }
        let port = if any_port {
            PortPattern::Any
        } else {
            PortPattern::Exact(origin.port())
        };
        // The port is digits, so that the last colon, if any, is in front of it.
        let after = if origin.port().is_some() {
            after.rsplit_once(':').map_or(after, |(host, _)| host)
        } else {
            after
        };
        let host = if is_under {
            HostPattern::Under(after.strip_prefix('.').unwrap_or(after))
        } else {
            let (suffix, parent) = after.split_once('.').unwrap_or((after, ""));
            HostPattern::Part {
                prefix: before,
                suffix,
                parent,
            }
        };
        let is_loopback = match host {
            HostPattern::Part { parent: "", .. } => false,
            _ => origin.is_loopback(),
        };
        Ok(Self {
            scheme,
            host,
            port,
            is_loopback,
        })
    }

    fn matches(&self, origin: &Origin<'_>) -> bool {
        self.scheme == origin.scheme()
            && self.port.matches(origin.port())
            && self.host.matches(origin)
    }

    fn covers(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.port.covers(other.port) && self.host.covers(&other.host)
    }
}

fn check_wildcard(before: &str, after: &str) -> Result<(), OriginPatternError> {
    if after.contains('*') {
        // `host:80*` and `*.host:80*` are about the port; anything else about the host.
        let port = after.rsplit_once(':').map_or("", |(_, port)| port);
        return Err(if port.contains('*') {
            OriginPatternError::WildcardInPort
        } else {
            OriginPatternError::SeveralWildcards
        });
    }
    if before.contains(['/', '?', '#', '\\']) {
        return Err(OriginError::Path.into());
    }
    if before.contains(':') && !before.starts_with('[') {
        return Err(OriginPatternError::WildcardInPort);
    }
    if before.starts_with('[') {
        return Err(OriginPatternError::WildcardInIp);
    }
    if before.contains('.') {
        return Err(OriginPatternError::WildcardNotFirst);
    }
    if before.is_empty() && (after.is_empty() || after.starts_with(':')) {
        return Err(OriginPatternError::WildcardHost);
    }
    Ok(())
}

impl HostPattern<'_> {
    fn matches(&self, origin: &Origin<'_>) -> bool {
        let host = origin.host();
        match *self {
            Self::Exact(exact) => host == exact,
            Self::Under(parent) => {
                origin.kind() == HostKind::HostName && is_subdomain(host, parent)
            }
            Self::Part {
                prefix,
                suffix,
                parent,
            } => {
                let (label, rest) = host.split_once('.').unwrap_or((host, ""));
                origin.kind() == HostKind::HostName
                    && rest == parent
                    && part_matches(label, prefix, suffix)
            }
        }
    }

    fn covers(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Exact(one), Self::Exact(other)) => one == other,
            (Self::Under(parent), Self::Exact(host)) => {
                is_subdomain(host, parent) && is_host_name(host.as_bytes())
            }
            (Self::Under(parent), Self::Under(other) | Self::Part { parent: other, .. }) => {
                other == parent || is_subdomain(other, parent)
            }
            (
                Self::Part {
                    prefix,
                    suffix,
                    parent,
                },
                Self::Part {
                    prefix: other_prefix,
                    suffix: other_suffix,
                    parent: other_parent,
                },
            ) => {
                parent == other_parent
                    && other_prefix.starts_with(prefix)
                    && other_suffix.ends_with(suffix)
            }
            _ => false,
        }
    }
}

/// Returns the domain of a valid pattern: its host, or the labels after the one with the `*`. Does not parse it again.
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

pub(super) fn part_matches(label: &str, prefix: &str, suffix: &str) -> bool {
    label.len() > prefix.len() + suffix.len()
        && label.starts_with(prefix)
        && label.ends_with(suffix)
}

impl fmt::Display for PortPattern {
    /// Writes a colon and the port; nothing for a default port.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str(":*"),
            Self::Exact(None) => Ok(()),
            Self::Exact(Some(port)) => write!(f, ":{port}"),
        }
    }
}

impl PortPattern {
    pub(super) fn matches(self, port: Option<u16>) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => exact == port,
        }
    }

    fn covers(self, other: Self) -> bool {
        self == Self::Any || self == other
    }
}

#[cfg(test)]
mod tests;
