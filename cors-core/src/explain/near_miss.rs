//! A pattern that an origin comes close to, and the difference, as text.

use alloc::string::String;
use core::fmt;

/// A pattern that an origin comes close to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NearMiss {
    pub(crate) pattern: String,
    pub(crate) kind: Kind,
}

/// The origin of an application's pages on some systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    pub(super) origin: &'static str,
    pub(super) systems: &'static str,
}

/// In what an origin differs from a pattern for the same host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Difference {
    Scheme,
    Port,
    SchemeAndPort,
}

/// How an origin comes close to a pattern. Where there is a difference in the scheme or the port as well, it is in here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Only the scheme or the port differs.
    Differs(Difference),
    /// The `*` would have to stand for these characters.
    Characters {
        covered: String,
        /// The first that a `*` does not stand for, if one alone is the reason.
        wrong: Option<char>,
        difference: Option<Difference>,
    },
    /// The pattern allows the subdomains of this host only.
    DomainItself {
        domain: String,
        difference: Option<Difference>,
    },
    /// The pattern allows the domain only, and not its subdomains.
    Subdomain {
        /// A pattern that would allow them.
        wildcard: Option<String>,
        difference: Option<Difference>,
    },
    /// One host is the other one and `www.`.
    Www(Option<Difference>),
    /// One host is the other one and a dot at the end.
    TrailingDot,
    /// Both hosts are names of this machine.
    Loopback { host: String },
    /// The same application on another system.
    Application {
        framework: &'static str,
        requested: Platform,
        /// Those of the pattern.
        systems: &'static str,
    },
    /// The host has the domain of the pattern in it, without being under it.
    LookAlike { origin: String },
}

impl fmt::Display for NearMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pattern = &self.pattern;
        match &self.kind {
            Kind::Differs(difference) => write!(f, "`{pattern}` differs in {difference}"),
            Kind::Characters {
                covered,
                wrong,
                difference,
            } => {
                match difference {
                    Some(difference) => {
                        write!(f, "`{pattern}` differs in {difference}, and its `*`")?;
                    }
                    None => write!(f, "the `*` of `{pattern}`")?,
                }
                write!(f, " does not stand for `{covered}`")?;
                if let Some(wrong) = wrong {
                    write!(f, ", because of the `{}`", wrong.escape_default())?;
                }
                f.write_str("; it stands for letters, digits and inner hyphens")
            }
            Kind::DomainItself { domain, difference } => {
                write!(f, "`{pattern}` {}", And(*difference))?;
                write!(f, "does not allow `{domain}` itself")
            }
            Kind::Subdomain {
                wildcard: Some(wildcard),
                ..
            } => write!(
                f,
                "`{pattern}` does not allow its subdomains, as `{wildcard}` would"
            ),
            Kind::Subdomain {
                wildcard: None,
                difference,
            } => {
                write!(f, "`{pattern}` {}", And(*difference))?;
                f.write_str("does not allow its subdomains")
            }
            Kind::Www(None) => write!(f, "`{pattern}` differs in the `www.`"),
            Kind::Www(Some(difference)) => {
                write!(f, "`{pattern}` differs in {difference}, and in the `www.`")
            }
            Kind::TrailingDot => {
                write!(f, "`{pattern}` differs in the dot at the end of the host")
            }
            Kind::Loopback { host } => write!(
                f,
                "`{pattern}` differs in the host: to a browser, `{host}` is another one"
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

/// A difference, and the word that joins it to another one.
struct And(Option<Difference>);

impl fmt::Display for And {
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
