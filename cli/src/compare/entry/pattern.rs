//! Patterns with a wildcard.

/// A pattern with a wildcard, in its parts.
#[derive(Debug)]
pub(super) struct Pattern {
    scheme: String,
    pub(super) host: Host,
    /// The text after the host: empty, `:*`, or a colon and a port.
    port: String,
}

#[derive(Debug)]
pub(super) enum Host {
    /// `*`
    Any,
    Exact(String),
    /// `*.parent`
    Under(String),
    /// `prefix*suffix.parent`. The parent is empty if there is only one label.
    Part {
        prefix: String,
        suffix: String,
        parent: String,
    },
}

impl Pattern {
    /// Splits a valid pattern with a wildcard.
    pub(super) fn of(text: &str) -> Self {
        let (scheme, authority) = text.split_once("://").unwrap_or(("", text));
        let port = match authority.rfind(':') {
            // A colon inside an IPv6 address is not before a port.
            Some(colon) if !authority.ends_with(']') => colon,
            _ => authority.len(),
        };
        let (host, port) = authority.split_at(port);
        let host = match host.split_once('*') {
            None => Host::Exact(host.to_owned()),
            Some(("", "")) => Host::Any,
            Some(("", after)) if after.starts_with('.') => Host::Under(after.replacen('.', "", 1)),
            Some((prefix, after)) => {
                let (suffix, parent) = after.split_once('.').unwrap_or((after, ""));
                Host::Part {
                    prefix: prefix.to_owned(),
                    suffix: suffix.to_owned(),
                    parent: parent.to_owned(),
                }
            }
        };
        Self {
            scheme: scheme.to_owned(),
            host,
            port: port.to_owned(),
        }
    }

    /// Returns the regular expression of the [table](super).
    pub(super) fn regex(&self) -> String {
        let escape = regex_syntax::escape;
        let host = match &self.host {
            Host::Any => "[!-~]+".to_owned(),
            Host::Exact(host) => escape(host),
            Host::Under(parent) => format!(r"[^:]+\.{}", escape(parent)),
            Host::Part {
                prefix,
                suffix,
                parent,
            } => {
                let dot = if parent.is_empty() { "" } else { r"\." };
                let (prefix, suffix) = (escape(prefix), escape(suffix));
                format!("{prefix}[^.:]+{suffix}{dot}{}", escape(parent))
            }
        };
        let port = match self.port.as_str() {
            ":*" => "(:[0-9]+)?",
            port => port,
        };
        format!("{}://{host}{port}", escape(&self.scheme))
    }

    /// Returns true if this pattern certainly allows every origin that the other one allows. False means nothing.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let is_port = self.port == ":*" || self.port == other.port;
        let is_host = match (&self.host, &other.host) {
            (Host::Under(parent), Host::Under(other) | Host::Part { parent: other, .. }) => {
                is_under(other, parent)
            }
            (Host::Any, Host::Any) => true,
            (Host::Exact(one), Host::Exact(other)) => one == other,
            (
                Host::Part {
                    prefix,
                    suffix,
                    parent,
                },
                Host::Part {
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
        };
        self.scheme == other.scheme && is_port && is_host
    }

    /// Returns false if no origin is certainly allowed by both patterns. True means nothing.
    pub(super) fn may_overlap(&self, other: &Self) -> bool {
        let is_port = self.port == other.port || self.port == ":*" || other.port == ":*";
        let is_host = match (&self.host, &other.host) {
            (Host::Any, Host::Any) => true,
            (Host::Under(one), Host::Under(other)) => is_under(one, other) || is_under(other, one),
            (Host::Under(parent), Host::Part { parent: other, .. } | Host::Exact(other))
            | (Host::Part { parent: other, .. } | Host::Exact(other), Host::Under(parent)) => {
                is_under(other, parent)
            }
            (Host::Exact(one), Host::Exact(other))
            | (Host::Part { parent: one, .. }, Host::Part { parent: other, .. }) => one == other,
            (Host::Part { parent, .. }, Host::Exact(host))
            | (Host::Exact(host), Host::Part { parent, .. }) => {
                host.split_once('.').map_or("", |(_, rest)| rest) == parent
            }
            (Host::Any, _) | (_, Host::Any) => false,
        };
        self.scheme == other.scheme && is_port && is_host
    }
}

/// Returns true if `domain` is `parent` or below it.
fn is_under(domain: &str, parent: &str) -> bool {
    let labels = domain.strip_suffix(parent);
    labels.is_some_and(|labels| labels.is_empty() || labels.ends_with('.'))
}
