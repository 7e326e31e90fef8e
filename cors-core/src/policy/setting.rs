use core::fmt;

/// A setting of a [`PolicyConfig`](crate::PolicyConfig). `Display` writes its name.
///
/// This enum is non-exhaustive: settings may be added in a minor version.
///
/// ```
/// use omnicors_core::{PolicyConfig, Setting};
///
/// let error = PolicyConfig::new().allow_origin("https://Example.com").build().unwrap_err();
/// assert_eq!(error.faults()[0].setting(), Some(Setting::AllowOrigins));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Setting {
    /// `allow_origins`
    AllowOrigins,
    /// `allow_origins_from`, which works only in policy files (package `omnicors-tokio`)
    AllowOriginsFrom,
    /// `allow_origin_regexes`
    AllowOriginRegexes,
    /// `allow_origins_if`
    AllowOriginsIf,
    /// `allow_origins_in`
    AllowOriginsIn,
    /// `lookup_origins`
    LookupOrigins,
    /// `static_origin`
    StaticOrigin,
    /// `allow_credentials`
    AllowCredentials,
    /// `allow_others_without_credentials`
    AllowOthersWithoutCredentials,
    /// `allow_methods`
    AllowMethods,
    /// `allow_headers`
    AllowHeaders,
    /// `expose_headers`
    ExposeHeaders,
    /// `merge_expose_headers`
    MergeExposeHeaders,
    /// `max_age`
    MaxAge,
    /// `timing_allow_origin`
    TimingAllowOrigin,
    /// `allow_private_network`
    AllowPrivateNetwork,
    /// `preflight_status`
    PreflightStatus,
    /// `forward_preflights`
    ForwardPreflights,
    /// `guard`
    Guard,
    /// `guard_report_only`
    GuardReportOnly,
    /// `allow_navigations_from`
    AllowNavigationsFrom,
    /// `allow_hosts`
    AllowHosts,
    /// `dangerously_allow_opaque_origins`
    DangerouslyAllowOpaqueOrigins,
    /// `dangerously_allow_any_origin_with_credentials`
    DangerouslyAllowAnyOriginWithCredentials,
    /// `dangerously_allow_insecure_origins`
    DangerouslyAllowInsecureOrigins,
    /// `dangerously_allow_public_suffix_subdomains`
    DangerouslyAllowPublicSuffixSubdomains,
}

impl Setting {
    /// The order is that of the documentation.
    pub(super) const ALL: [Self; 26] = [
        Self::AllowOrigins,
        Self::AllowOriginsFrom,
        Self::AllowOriginRegexes,
        Self::AllowOriginsIf,
        Self::AllowOriginsIn,
        Self::LookupOrigins,
        Self::StaticOrigin,
        Self::AllowCredentials,
        Self::AllowOthersWithoutCredentials,
        Self::AllowMethods,
        Self::AllowHeaders,
        Self::ExposeHeaders,
        Self::MergeExposeHeaders,
        Self::MaxAge,
        Self::TimingAllowOrigin,
        Self::AllowPrivateNetwork,
        Self::PreflightStatus,
        Self::ForwardPreflights,
        Self::Guard,
        Self::GuardReportOnly,
        Self::AllowNavigationsFrom,
        Self::AllowHosts,
        Self::DangerouslyAllowOpaqueOrigins,
        Self::DangerouslyAllowAnyOriginWithCredentials,
        Self::DangerouslyAllowInsecureOrigins,
        Self::DangerouslyAllowPublicSuffixSubdomains,
    ];

    /// Returns all settings, in the order in which they are documented.
    ///
    /// ```
    /// use omnicors_core::Setting;
    ///
    /// for setting in Setting::all() {
    ///     println!("{setting}");
    /// }
    /// assert_eq!(Setting::all().next(), Some(Setting::AllowOrigins));
    /// ```
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter()
    }

    /// Returns the name of the setting in code and in files.
    ///
    /// ```
    /// use omnicors_core::Setting;
    ///
    /// assert_eq!(Setting::AllowOrigins.as_str(), "allow_origins");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AllowOrigins => "allow_origins",
            Self::AllowOriginsFrom => "allow_origins_from",
            Self::AllowOriginRegexes => "allow_origin_regexes",
            Self::AllowOriginsIf => "allow_origins_if",
            Self::AllowOriginsIn => "allow_origins_in",
            Self::LookupOrigins => "lookup_origins",
            Self::StaticOrigin => "static_origin",
            Self::AllowCredentials => "allow_credentials",
            Self::AllowOthersWithoutCredentials => "allow_others_without_credentials",
            Self::AllowMethods => "allow_methods",
            Self::AllowHeaders => "allow_headers",
            Self::ExposeHeaders => "expose_headers",
            Self::MergeExposeHeaders => "merge_expose_headers",
            Self::MaxAge => "max_age",
            Self::TimingAllowOrigin => "timing_allow_origin",
            Self::AllowPrivateNetwork => "allow_private_network",
            Self::PreflightStatus => "preflight_status",
            Self::ForwardPreflights => "forward_preflights",
            Self::Guard => "guard",
            Self::GuardReportOnly => "guard_report_only",
            Self::AllowNavigationsFrom => "allow_navigations_from",
            Self::AllowHosts => "allow_hosts",
            Self::DangerouslyAllowOpaqueOrigins => "dangerously_allow_opaque_origins",
            Self::DangerouslyAllowAnyOriginWithCredentials => {
                "dangerously_allow_any_origin_with_credentials"
            }
            Self::DangerouslyAllowInsecureOrigins => "dangerously_allow_insecure_origins",
            Self::DangerouslyAllowPublicSuffixSubdomains => {
                "dangerously_allow_public_suffix_subdomains"
            }
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
