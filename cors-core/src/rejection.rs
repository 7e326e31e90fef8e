use core::fmt;

/// The reason why the guard of a policy rejects a request: see [`Decision::rejection`](crate::Decision::rejection).
///
/// `Display` explains it. This enum is non-exhaustive: reasons may be added in a minor version.
///
/// ```
/// use omnicors_core::{Guard, PolicyConfig, Rejection, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new().allow_origin("https://app.example").guard(Guard::UnsafeMethods).build()?;
/// let form = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
/// let request = RequestParts::read(&policy, "POST", &form);
/// assert_eq!(evaluate(&policy, &request).rejection(), Some(Rejection::OriginNotListed));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rejection {
    /// The request has neither a `Host` field nor an authority, and the policy [lists hosts](crate::PolicyConfig::allow_hosts).
    HostMissing,
    /// The request names several hosts: it has more than one `Host` field, or one that is not [the same](crate::adapter::same_host) as the authority.
    HostAmbiguous,
    /// The policy does not list the host of the request.
    HostNotListed,
    /// `Sec-Fetch-Site` says that a page of another origin has sent the request, and the policy does not list that origin.
    OriginNotListed,
    /// The request has no `Sec-Fetch-Site`. Its `Origin` does not have the host of the request, and the policy does not list that origin.
    OriginNotHost,
}

impl Rejection {
    /// Returns the status of the response: 421 because of the host, otherwise 403.
    ///
    /// ```
    /// use omnicors_core::Rejection;
    ///
    /// assert_eq!(Rejection::HostNotListed.status(), 421);
    /// assert_eq!(Rejection::OriginNotListed.status(), 403);
    /// ```
    pub const fn status(self) -> u16 {
        match self {
            Self::HostMissing | Self::HostAmbiguous | Self::HostNotListed => 421,
            Self::OriginNotListed | Self::OriginNotHost => 403,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HostMissing => "the request does not name a host, and the policy lists hosts",
            Self::HostAmbiguous => "the request names several hosts",
            Self::HostNotListed => "the policy does not list the host of the request",
            Self::OriginNotListed => {
                "a page of another origin has sent the request, and the policy does not list that origin"
            }
            Self::OriginNotHost => {
                "the origin is neither that of the host nor listed in the policy, and the request has no Sec-Fetch-Site"
            }
        })
    }
}
