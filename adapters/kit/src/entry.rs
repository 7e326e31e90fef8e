use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;

use omnicors_core::{Guard, Policy, PolicyConfig};

use crate::handle::PolicyHandle;
use crate::prepared::PreparedPolicy;

/// What applies to a path or a host: a policy, a policy handle, or nothing.
///
/// Each adapter has an alias with its type, also named `PolicyEntry`.
///
/// ```
/// use omnicors_adapter::{NoPreparedValues, PathPolicies, PolicyConfig, PolicyHandle};
///
/// type PolicyEntry = omnicors_adapter::PolicyEntry<NoPreparedValues>;
///
/// let api = PolicyHandle::new(PolicyConfig::new().allow_origins(["https://app.example"]).build()?);
/// let public = PolicyConfig::public_read_only().build()?;
/// let paths = PathPolicies::new([
///     ("/api", PolicyEntry::from(api)),
///     ("/public", public.into()),
///     ("/legacy", PolicyEntry::left_alone()),
/// ]);
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
pub struct PolicyEntry<P>(Entry<P>);

enum Entry<P> {
    Fixed(Arc<PreparedPolicy<P>>),
    Handle(PolicyHandle<P>),
    LeftAlone,
}

impl<P> PolicyEntry<P> {
    /// Returns an entry for what the application handles itself: its requests are forwarded without a check, also preflights, and
    /// no field of their responses is changed.
    ///
    /// The guard of the other entries does not check these requests.
    ///
    /// ```
    /// use omnicors_adapter::{NoPreparedValues, PathPolicies, PolicyEntry};
    ///
    /// let paths = PathPolicies::<NoPreparedValues>::new([("/legacy", PolicyEntry::left_alone())]);
    /// ```
    pub fn left_alone() -> Self {
        Self(Entry::LeftAlone)
    }

    /// Returns the policy in force, or `None` if the entry is left alone.
    pub(crate) fn policy(&self) -> Option<Arc<PreparedPolicy<P>>> {
        match &self.0 {
            Entry::Fixed(policy) => Some(Arc::clone(policy)),
            Entry::Handle(handle) => Some(handle.load()),
            Entry::LeftAlone => None,
        }
    }

    /// Returns true if the policy in force rejects requests for hosts that it does not list.
    pub(crate) fn checks_hosts(&self) -> bool {
        self.policy().is_some_and(|entry| {
            let policy = entry.policy();
            policy.allow_hosts().next().is_some() && !policy.guard_report_only()
        })
    }

    fn lookups(&self) -> Lookups {
        match &self.0 {
            Entry::Fixed(policy) if policy.policy().lookup_origins() => Lookups::Needed,
            Entry::Fixed(_) | Entry::LeftAlone => Lookups::NotNeeded,
            Entry::Handle(_) => Lookups::Unknown,
        }
    }
}

impl<P: for<'a> From<&'a Policy>> From<Policy> for PolicyEntry<P> {
    fn from(policy: Policy) -> Self {
        Self(Entry::Fixed(PreparedPolicy::shared(policy)))
    }
}

impl<P> From<Arc<PreparedPolicy<P>>> for PolicyEntry<P> {
    fn from(policy: Arc<PreparedPolicy<P>>) -> Self {
        Self(Entry::Fixed(policy))
    }
}

impl<P> From<PolicyHandle<P>> for PolicyEntry<P> {
    fn from(handle: PolicyHandle<P>) -> Self {
        Self(Entry::Handle(handle))
    }
}

impl<P> Clone for PolicyEntry<P> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            Entry::Fixed(policy) => Entry::Fixed(Arc::clone(policy)),
            Entry::Handle(handle) => Entry::Handle(handle.clone()),
            Entry::LeftAlone => Entry::LeftAlone,
        })
    }
}

impl<P: fmt::Debug> fmt::Debug for PolicyEntry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Entry::Fixed(policy) => policy.fmt(f),
            Entry::Handle(handle) => handle.fmt(f),
            Entry::LeftAlone => f.write_str("LeftAlone"),
        }
    }
}

/// Whether the policies of a choice need origin lookups.
///
/// ```
/// use omnicors_adapter::{Lookups, NoPreparedValues, PathPolicies, PolicyConfig};
///
/// let tenants = PolicyConfig::new().lookup_origins(true).build()?;
/// let paths = PathPolicies::<NoPreparedValues>::new([("/tenants", tenants)]);
/// assert_eq!(paths.lookups(), Lookups::Needed);
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lookups {
    /// A policy that cannot be replaced needs them.
    Needed,
    /// No policy needs them, and none can be replaced.
    NotNeeded,
    /// A policy that can be replaced, or that a function chooses, may need them.
    #[default]
    Unknown,
}

/// Returns whether one of several entries needs origin lookups.
pub(crate) fn lookups<'a, P: 'a>(entries: impl IntoIterator<Item = &'a PolicyEntry<P>>) -> Lookups {
    let mut all = Lookups::NotNeeded;
    for entry in entries {
        match entry.lookups() {
            Lookups::Needed => return Lookups::Needed,
            Lookups::Unknown => all = Lookups::Unknown,
            Lookups::NotNeeded => {}
        }
    }
    all
}

/// Returns a policy that allows no origin. `suggestion` says how to get another policy.
pub(crate) fn denying<P: for<'a> From<&'a Policy>>(
    suggestion: &'static str,
) -> Arc<PreparedPolicy<P>> {
    shared(deny_all(), suggestion)
}

/// Returns a policy that allows no origin, and whose guard rejects the requests of all other origins.
pub(crate) fn rejecting<P: for<'a> From<&'a Policy>>(
    suggestion: &'static str,
) -> Arc<PreparedPolicy<P>> {
    shared(deny_all().guard(Guard::All), suggestion)
}

/// Returns a policy that rejects every request, whatever its origin and its host are: the only host that it serves is a random one.
pub(crate) fn rejecting_all<P: for<'a> From<&'a Policy>>(
    suggestion: &'static str,
) -> Arc<PreparedPolicy<P>> {
    let random = || RandomState::new().build_hasher().finish();
    let host = format!("x{:016x}{:016x}.invalid", random(), random());
    shared(deny_all().allow_hosts([host]), suggestion)
}

/// Returns the settings of a policy that allows no origin. A config that lists none is a fault, because it is usually a mistake.
fn deny_all() -> PolicyConfig {
    PolicyConfig::new().allow_origins_if(|_| false)
}

#[expect(
    clippy::expect_used,
    reason = "these settings have no fault, and this is called at start-up"
)]
fn shared<P: for<'a> From<&'a Policy>>(
    config: PolicyConfig,
    suggestion: &'static str,
) -> Arc<PreparedPolicy<P>> {
    let policy = config.build().expect("the settings are valid");
    PreparedPolicy::shared_with_suggestion(policy, suggestion)
}

/// Panics with all faults of the entries, if there are any.
#[track_caller]
pub(crate) fn report(function: &str, faults: &[String]) {
    assert!(
        faults.is_empty(),
        "the entries of `{function}` have faults: {}",
        faults.join("; ")
    );
}
