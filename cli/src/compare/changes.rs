//! The differences between two policies.

use super::grants::{Gained, Tier};
use super::listed::Region;

/// Which policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Old,
    New,
}

/// Whether a change allows pages more or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Widens,
    Narrows,
    /// The same pages may do the same.
    Neither,
}

/// Everything that differs between two policies.
#[derive(Debug, Default)]
pub(crate) struct Comparison<'p> {
    pub(crate) incomparable: Vec<Incomparable>,
    pub(crate) origins: Vec<OriginsChange<'p>>,
    pub(crate) grants: Vec<GrantsChange>,
    pub(crate) server: Vec<ServerChange>,
    /// Settings that differ and allow the same.
    pub(crate) settings: Vec<SettingChange>,
}

/// A part of the policies that cannot be compared, so that it is not known whether it is wider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Incomparable {
    /// Code outside the policy allows origins.
    Lookup(Side),
    /// A function of the program allows origins.
    Predicate(Side),
    /// A set of the program, which can change, allows origins.
    DynamicOrigins(Side),
    /// The automata of the origins exceed a limit.
    OriginsTooLarge,
    /// The automata of the origins that both policies allow exceed a limit, so it is not known whether these may do more.
    GrantsTooLarge(Tier, Tier),
}

/// Origins that only one of the policies allows.
#[derive(Debug)]
pub(crate) struct OriginsChange<'p> {
    pub(crate) direction: Direction,
    pub(crate) access: Access,
    pub(crate) region: Region<'p>,
}

/// What only one of the policies allows the origins to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "the names say what differs")]
pub(crate) enum Access {
    /// To read responses, with and without credentials.
    WithCredentials,
    /// To read responses without credentials.
    WithoutCredentials,
    /// To read responses with credentials. Both policies allow to read them without.
    OnlyCredentials,
}

/// What the policies grant differently to origins that both allow.
#[derive(Debug)]
pub(crate) struct GrantsChange {
    /// The tiers of these origins in the old and the new policy.
    pub(crate) tiers: Vec<(Tier, Tier)>,
    /// One of these origins for each item of `tiers`.
    pub(crate) origins: Vec<String>,
    pub(crate) grants: Vec<GrantChange>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GrantChange {
    pub(crate) direction: Direction,
    pub(crate) grant: Grant,
}

/// Something that a policy grants to pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    Method(Gained),
    Header(Gained),
    ExposedHeader(Gained),
    /// The application can expose response headers. The witness is the name of one that the policy does not expose.
    ApplicationExposed(String),
    /// The application can expose all response headers by `*`.
    ApplicationExposedAny,
    Timing,
    PrivateNetwork,
}

/// What the server does differently, whatever pages may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServerChange {
    /// Requests with this method of an origin that is not listed, such as this one, run the application in one policy only.
    Requests(Direction, &'static str, String),
    /// Navigations from this origin run the application in one policy only.
    Navigations(Direction, String),
    /// Requests for this host run the application in one policy only.
    Hosts(Direction, String),
    /// Preflights run the application in one policy only.
    Preflights(Direction),
    /// One policy only lets pages of this origin see the timing of images, scripts and styles: `*` for all origins.
    TimingWithoutOrigin(Direction, String),
}

/// A setting that differs and does not change what pages may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SettingChange {
    pub(crate) setting: &'static str,
    pub(crate) old: String,
    pub(crate) new: String,
}

impl ServerChange {
    pub(crate) fn direction(&self) -> Direction {
        match self {
            Self::Requests(direction, ..)
            | Self::Navigations(direction, _)
            | Self::Hosts(direction, _)
            | Self::Preflights(direction)
            | Self::TimingWithoutOrigin(direction, _) => *direction,
        }
    }
}

impl Comparison<'_> {
    /// Returns the direction of every change that is not [`Neither`](Direction::Neither).
    pub(crate) fn directions(&self) -> impl Iterator<Item = Direction> {
        let origins = self.origins.iter().map(|change| change.direction);
        let grants = self.grants.iter().flat_map(|change| &change.grants);
        let grants = grants.map(|change| change.direction);
        let server = self.server.iter().map(ServerChange::direction);
        origins.chain(grants).chain(server)
    }

    /// Returns true if the new policy allows something that the old one does not, or if that is not known.
    pub(crate) fn may_widen(&self) -> bool {
        let mut directions = self.directions();
        !self.incomparable.is_empty() || directions.any(|it| it == Direction::Widens)
    }
}
