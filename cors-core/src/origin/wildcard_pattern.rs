//! Patterns with a `*` in the host or port of an `http` or `https` origin.

use alloc::string::String;
use core::fmt;

use super::host::{HostKind, LONGEST_HOST, LONGEST_LABEL, is_host_name, is_subdomain};
use super::page_origin::{check_scheme, parse_page_origin};
use super::{Origin, OriginError, OriginPatternError};
use crate::limits;

/// A pattern with a `*` in its host or port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct WildcardPattern<'a> {
    pub(super) scheme: &'a str,
    pub(super) host: HostPattern<'a>,
    pub(super) port: PortPattern,
    /// The host is `localhost`, a subdomain of it, or a loopback address.
    pub(super) is_loopback: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum HostPattern<'a> {
    /// `host:*`: exactly this host. Only the port is a wildcard.
    Exact(&'a str),
    /// `*.parent`: one or more labels, a dot, and this parent.
    Under(&'a str),
    /// `prefix*suffix.parent`: a first label with this prefix and suffix and at least one character between them, a dot, and this
    /// parent. The parent is empty if the first label is the whole host.
    Part {
        prefix: &'a str,
        suffix: &'a str,
        parent: &'a str,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PortPattern {
    /// Exactly this port. `None` is the default port of the scheme.
    Exact(Option<u16>),
    Any,
}

impl<'a> WildcardPattern<'a> {
    /// Replaces the wildcards by the shortest text that they match, and parses the result as an [`Origin`]. So patterns and origins
    /// share one grammar.
    pub(super) fn parse(text: &'a str) -> Result<Self, OriginPatternError> {
        if text.len() > limits::ORIGIN {
            return Err(OriginError::TooLong.into());
        }
        let (scheme, authority) = text.split_once("://").ok_or(OriginError::NoScheme)?;
        check_scheme(scheme)?;
        if !matches!(scheme, "http" | "https") {
            return Err(OriginPatternError::WildcardInOpaqueHost);
        }
        let (host, any_port) = match authority.strip_suffix(":*") {
            Some(host) => (host, true),
            None => (authority, false),
        };
        let mut plain = String::with_capacity(text.len());
        plain.extend([scheme, "://"]);
        let Some((before, after)) = host.split_once('*') else {
            plain.push_str(host);
            let origin = parse_page_origin(&plain)?;
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
            // The shortest text that the `*` matches. It is a letter, because a digit could make the host an IP address.
            plain.extend([before, "x", after]);
        }
        if is_under && after.starts_with("..") {
            return Err(OriginPatternError::EmptyLabel);
        }
        let origin = parse_page_origin(&plain)?;
        match origin.kind() {
            HostKind::HostName => {}
            HostKind::Ip => return Err(OriginPatternError::WildcardInIp),
            _ if has_lengths_of_other_name(origin.name()) => {
                return Err(OriginPatternError::WildcardTooLong);
            }
            _ => return Err(OriginPatternError::WildcardHostName),
        }
        // The shortest text that `*.` matches is one letter and a dot.
        if is_under && origin.name().len() + "x.".len() > LONGEST_HOST {
            return Err(OriginPatternError::WildcardTooLong);
        }
        if any_port && origin.port().is_some() {
            return Err(OriginError::Port.into());
        }
        let port = if any_port {
            PortPattern::Any
        } else {
            PortPattern::Exact(origin.port())
        };
        // The port is digits, so the last colon is the one before it.
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
        Ok(Self {
            scheme,
            host,
            port,
            // `localhost` has no `x`, so a single label with a `*` inside is never a loopback host.
            is_loopback: origin.is_loopback(),
        })
    }

    pub(super) fn matches(&self, origin: &Origin<'_>) -> bool {
        self.scheme == origin.scheme()
            && self.port.matches(origin.port())
            && self.host.matches(origin)
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.port.covers(other.port) && self.host.covers(&other.host)
    }
}

/// Returns true if the host, or one of its labels, is longer than a host name allows.
fn has_lengths_of_other_name(host: &str) -> bool {
    host.len() > LONGEST_HOST || host.split('.').any(|label| label.len() > LONGEST_LABEL)
}

fn check_wildcard(before: &str, after: &str) -> Result<(), OriginPatternError> {
    if after.contains('*') {
        // `host:80*` and `*.host:80*` have a mistake in the port, other texts in the host.
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
        let host = origin.name();
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

pub(super) fn part_matches(label: &str, prefix: &str, suffix: &str) -> bool {
    label.len() > prefix.len() + suffix.len()
        && label.starts_with(prefix)
        && label.ends_with(suffix)
}

impl fmt::Display for PortPattern {
    /// Writes a colon and the port, or nothing for the default port.
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
