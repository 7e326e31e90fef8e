//! The kinds of origins and hosts, and what a reader distinguishes.

/// The kind of an origin. The gates of `Entry` distinguish these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OriginKind {
    pub(crate) host: HostKind,
    /// As `Origin::is_potentially_trustworthy`.
    pub(crate) is_trustworthy: bool,
}

/// The kind of the host of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum HostKind {
    /// A host name of RFC 1123, which a `*` can match.
    Name,
    /// Another host of an `http` or `https` origin: a name with other characters, or an IP address.
    OtherWeb,
    /// The host of another scheme.
    Opaque,
    /// No host: `null` and `file://`.
    None,
}

/// A scheme of the web.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Web {
    Http,
    Https,
}

/// The parts of the state on which a search depends.
///
/// A search is faster if the reader forgets the others, because there are fewer states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Whether a host is a host name.
    pub(crate) names: bool,
    pub(crate) lengths: Lengths,
    /// Whether an origin is potentially trustworthy.
    pub(crate) trust: bool,
}

/// The limits of host names that a reader counts. A host beyond the other limits is read as a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lengths {
    None,
    Labels,
    Names,
    All,
}
