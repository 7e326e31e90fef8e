use super::setting::Setting;

/// A name that a setting had in an earlier version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OldName {
    DecideOriginsOutside,
    DangerouslyAllowNullOrigin,
    RefuseDisallowedOrigins,
}

impl OldName {
    const ALL: [Self; 3] = [
        Self::DecideOriginsOutside,
        Self::DangerouslyAllowNullOrigin,
        Self::RefuseDisallowedOrigins,
    ];

    /// Finds an old name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|old| old.as_str() == name)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::DecideOriginsOutside => "decide_origins_outside",
            Self::DangerouslyAllowNullOrigin => "dangerously_allow_null_origin",
            Self::RefuseDisallowedOrigins => "refuse_disallowed_origins",
        }
    }

    /// Returns the setting that had this name.
    pub(super) const fn setting(self) -> Setting {
        match self {
            Self::DecideOriginsOutside => Setting::LookupOrigins,
            Self::DangerouslyAllowNullOrigin => Setting::DangerouslyAllowOpaqueOrigins,
            Self::RefuseDisallowedOrigins => Setting::Guard,
        }
    }
}
