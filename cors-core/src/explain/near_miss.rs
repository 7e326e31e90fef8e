//! The pattern that a denied origin is closest to, and the text that names the difference.

use alloc::string::String;
use core::fmt;

/// A pattern that almost allows an origin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NearMiss {
    pub(crate) pattern: String,
    pub(crate) kind: Kind,
}

/// The origin that the pages of an application have on some operating systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    pub(super) origin: &'static str,
    pub(super) systems: &'static str,
}

/// The parts in which an origin differs from a pattern for the same host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Difference {
    Scheme,
    Port,
    SchemeAndPort,
}

/// The reason why a pattern does not allow an origin. Variants that are about the host also hold a difference in the scheme or port.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Only the scheme or the port differs.
    Differs(Difference),
    /// The `*` would have to match these characters.
    Characters {
        covered: String,
        /// The first character that a `*` never matches; `None` if a hyphen at the edge of a label is the reason.
        wrong: Option<char>,
        difference: Option<Difference>,
    },
    /// The pattern allows only the subdomains of this host.
    DomainItself {
        domain: String,
        difference: Option<Difference>,
    },
    /// The pattern allows only the domain, and the origin is one of its subdomains.
    Subdomain {
        /// A pattern that would allow the subdomains.
        wildcard: Option<String>,
        difference: Option<Difference>,
    },
    /// The hosts differ only in a leading `www.`.
    Www(Option<Difference>),
    /// The hosts differ only in a trailing dot.
    TrailingDot,
    /// Both hosts are loopback names, such as `localhost` and `127.0.0.1`.
    Loopback { host: String },
    /// The same application has this origin on another operating system.
    Application {
        framework: &'static str,
        requested: Platform,
        /// The systems on which the application has the pattern's origin.
        systems: &'static str,
    },
    /// The host contains the domain of the pattern but is not a subdomain of it.
    LookAlike { origin: String },
}

impl fmt::Display for NearMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pattern = &self.pattern;
        match &self.kind {
            Kind::Differs(difference) => {
                write!(f, "the listed `{pattern}` differs in {difference}")
            }
            Kind::Characters {
                covered,
                wrong,
                difference,
            } => {
                match difference {
                    Some(difference) => {
                        write!(
                            f,
                            "the listed `{pattern}` differs in {difference}, and its `*`"
                        )?;
                    }
                    None => write!(f, "the `*` of the listed `{pattern}`")?,
                }
                write!(f, " does not match `{covered}`")?;
                if let Some(wrong) = wrong {
                    write!(f, " because of the `{}`", wrong.escape_default())?;
                }
                f.write_str("; a `*` matches only letters, digits and inner hyphens")
            }
            Kind::DomainItself { domain, difference } => {
                write!(f, "the listed `{pattern}` {}", DiffersAnd(*difference))?;
                write!(f, "does not allow `{domain}` itself")
            }
            Kind::Subdomain {
                wildcard: Some(wildcard),
                ..
            } => write!(
                f,
                "the listed `{pattern}` does not allow its subdomains, but `{wildcard}` would"
            ),
            Kind::Subdomain {
                wildcard: None,
                difference,
            } => {
                write!(f, "the listed `{pattern}` {}", DiffersAnd(*difference))?;
                f.write_str("does not allow its subdomains")
            }
            Kind::Www(None) => write!(f, "the listed `{pattern}` differs in the leading `www.`"),
            Kind::Www(Some(difference)) => {
                write!(
                    f,
                    "the listed `{pattern}` differs in {difference} and in the leading `www.`"
                )
            }
            Kind::TrailingDot => {
                write!(
                    f,
                    "the listed `{pattern}` differs in the trailing dot of the host"
                )
            }
            Kind::Loopback { host } => write!(
                f,
                "the listed `{pattern}` differs in the host; to a browser, `{host}` is a different host"
            ),
            Kind::Application {
                framework,
                requested,
                systems,
            } => write!(
                f,
                "{framework} sends `{pattern}` on {systems}, and `{}` on {}",
                requested.origin, requested.systems
            ),
            Kind::LookAlike { origin } => write!(f, "`{origin}` only looks like `{pattern}`"),
        }
    }
}

/// Prints "differs in …, and " if there is a difference.
struct DiffersAnd(Option<Difference>);

impl fmt::Display for DiffersAnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(difference) => write!(f, "differs in {difference}, and "),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "the scheme",
            Self::Port => "the port",
            Self::SchemeAndPort => "the scheme and the port",
        })
    }
}
