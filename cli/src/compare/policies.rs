//! Compares two policies.

use omnicors_core::{OriginStatus, Policy, RequestParts, evaluate};

use super::changes::{
    Access, Comparison, Direction, Grant, GrantChange, GrantsChange, Incomparable, OriginsChange,
    ServerChange, SettingChange, Side,
};
use super::confirm::{Unconfirmed, confirm};
use super::entry::TooLarge;
use super::grants::{Grants, Tier, header, method, timing_list};
use super::guard::{Subject, compare_guards};
use super::listed::{Listed, Region, region, witness};

/// Compares two policies. Each difference has an example, with which both policies were evaluated.
///
/// Origins of more than 512 bytes are not compared: only `*` without credentials allows them.
///
/// # Errors
///
/// Returns an error if an example does not show the difference, which is an error of the comparison.
pub(crate) fn compare<'p>(
    old_subject: &'p Subject<'_>,
    new_subject: &'p Subject<'_>,
) -> Result<Comparison<'p>, Unconfirmed> {
    let (old, new) = (&*old_subject.cors, &*new_subject.cors);
    let (of_old, of_new) = (Sets::new(old), Sets::new(new));
    let mut comparison = Comparison::default();
    for (subject, side) in [(old_subject, Side::Old), (new_subject, Side::New)] {
        let policy = subject.policy;
        if policy.lookup_origins() {
            comparison.incomparable.push(Incomparable::Lookup(side));
        }
        if policy.has_origin_predicate() {
            comparison.incomparable.push(Incomparable::Predicate(side));
        }
        if policy.has_dynamic_origins() {
            let incomparable = Incomparable::DynamicOrigins(side);
            comparison.incomparable.push(incomparable);
        }
    }
    let changes = origins(&of_new, &of_old, Direction::Widens)
        .and_then(|gained| Ok((gained, origins(&of_old, &of_new, Direction::Narrows)?)));
    match changes {
        Ok((gained, lost)) => comparison.origins = gained.into_iter().chain(lost).collect(),
        Err(TooLarge) => comparison.incomparable.push(Incomparable::OriginsTooLarge),
    }
    compare_grants(&of_old, &of_new, &mut comparison);
    compare_guards(
        [old_subject, new_subject],
        [&of_old.listed, &of_new.listed],
        &mut comparison,
    );
    compare_server(&of_old, &of_new, &mut comparison);
    compare_settings(&of_old, &of_new, &mut comparison);
    compare_guard_settings(old_subject.policy, new_subject.policy, &mut comparison);
    confirm(&comparison, old_subject, new_subject)?;
    Ok(comparison)
}

/// The sets of origins of a policy.
struct Sets<'p> {
    policy: &'p Policy,
    /// The listed origins.
    listed: Listed<'p>,
    everything: Listed<'p>,
    nothing: Listed<'p>,
}

impl<'p> Sets<'p> {
    fn new(policy: &'p Policy) -> Self {
        Self {
            policy,
            listed: Listed::of(policy),
            everything: Listed::everything(),
            nothing: Listed::nothing(),
        }
    }

    fn allows_others(&self) -> bool {
        self.policy.allow_others_without_credentials()
    }

    /// Returns the origins that may read responses.
    fn readers(&self) -> &Listed<'p> {
        if self.allows_others() {
            &self.everything
        } else {
            &self.listed
        }
    }

    /// Returns the origins that may read responses with credentials.
    fn readers_with_credentials(&self) -> &Listed<'p> {
        if self.policy.allow_credentials() {
            &self.listed
        } else {
            &self.nothing
        }
    }
}

/// Returns the origins that `one` allows and `other` does not.
fn origins<'p>(
    one: &Sets<'p>,
    other: &Sets<'p>,
    direction: Direction,
) -> Result<Vec<OriginsChange<'p>>, TooLarge> {
    let mut changes = Vec::new();
    let mut add = |access, region: Region<'p>| {
        if !region.is_empty() {
            changes.push(OriginsChange {
                direction,
                access,
                region,
            });
        }
    };
    let all = &one.everything;
    if !one.policy.allow_credentials() {
        let gained = region(&one.listed, all, &[other.readers()])?;
        add(Access::WithoutCredentials, gained);
        return Ok(changes);
    }
    let gained = region(&one.listed, all, &[other.readers()])?;
    add(Access::WithCredentials, gained);
    if one.allows_others() {
        let gained = region(all, all, &[other.readers(), &one.listed])?;
        add(Access::WithoutCredentials, gained);
    }
    let with_credentials = [other.readers_with_credentials()];
    let gained = region(&one.listed, other.readers(), &with_credentials)?;
    add(Access::OnlyCredentials, gained);
    Ok(changes)
}

/// Compares what the policies grant to origins that both allow.
fn compare_grants(old: &Sets<'_>, new: &Sets<'_>, comparison: &mut Comparison<'_>) {
    for (old_tier, new_tier) in [
        (Tier::Listed, Tier::Listed),
        (Tier::Listed, Tier::Others),
        (Tier::Others, Tier::Listed),
        (Tier::Others, Tier::Others),
    ] {
        let grants = grant_changes(
            &Grants::new(old.policy, old_tier),
            &Grants::new(new.policy, new_tier),
        );
        if grants.is_empty() {
            continue;
        }
        let origin = match shared_origin(old, old_tier, new, new_tier) {
            Ok(Some(origin)) => origin,
            Ok(None) => continue,
            Err(TooLarge) => {
                let incomparable = Incomparable::GrantsTooLarge(old_tier, new_tier);
                comparison.incomparable.push(incomparable);
                continue;
            }
        };
        let mut known = comparison.grants.iter_mut();
        match known.find(|known| known.grants == grants) {
            Some(known) => {
                known.tiers.push((old_tier, new_tier));
                known.origins.push(origin);
            }
            None => comparison.grants.push(GrantsChange {
                tiers: vec![(old_tier, new_tier)],
                origins: vec![origin],
                grants,
            }),
        }
    }
}

/// Returns an origin of these tiers.
fn shared_origin(
    old: &Sets<'_>,
    old_tier: Tier,
    new: &Sets<'_>,
    new_tier: Tier,
) -> Result<Option<String>, TooLarge> {
    let all = &old.everything;
    let is_others = |tier, sets: &Sets<'_>| tier == Tier::Others && !sets.allows_others();
    if is_others(old_tier, old) || is_others(new_tier, new) {
        return Ok(None);
    }
    let found = match (old_tier, new_tier) {
        (Tier::Listed, Tier::Listed) => witness(&old.listed, &new.listed, &[])?,
        (Tier::Listed, Tier::Others) => witness(&old.listed, all, &[&new.listed])?,
        (Tier::Others, Tier::Listed) => witness(&new.listed, all, &[&old.listed])?,
        (Tier::Others, Tier::Others) => witness(all, all, &[&old.listed, &new.listed])?,
    };
    if found.is_some() || (old_tier, new_tier) != (Tier::Listed, Tier::Listed) {
        return Ok(found.map(Into::into));
    }
    // A lookup can allow an origin that the other policy lists or looks up.
    let candidate = match (old.policy.lookup_origins(), new.policy.lookup_origins()) {
        (false, false) => return Ok(None),
        (true, true) => Some("https://looked-up.example".into()),
        (true, false) => witness(&new.listed, all, &[])?,
        (false, true) => witness(&old.listed, all, &[])?,
    };
    let candidate: Option<String> = candidate.map(Into::into);
    Ok(candidate.filter(|origin| {
        let is_listed = |sets: &Sets<'_>| can_be_listed(sets.policy, origin);
        is_listed(old) && is_listed(new)
    }))
}

/// Returns true if the policy lists the origin, or if a lookup can allow it.
fn can_be_listed(policy: &Policy, origin: &str) -> bool {
    let request = RequestParts::new("GET").origin(origin);
    policy.origin_to_look_up(&request).is_some()
        || evaluate(policy, &request).origin_status() == OriginStatus::Allowed
}

fn grant_changes(old: &Grants, new: &Grants) -> Vec<GrantChange> {
    let mut changes = Vec::new();
    for (one, other, direction) in [
        (new, old, Direction::Widens),
        (old, new, Direction::Narrows),
    ] {
        let mut add = |grant| changes.push(GrantChange { direction, grant });
        let gained = one.methods.gained(&other.methods, method).into_iter();
        gained.map(Grant::Method).for_each(&mut add);
        let gained = one.headers.gained(&other.headers, header).into_iter();
        gained.map(Grant::Header).for_each(&mut add);
        let gained = one.exposed.gained(&other.exposed, header).into_iter();
        gained.map(Grant::ExposedHeader).for_each(&mut add);
        if !other.exposed.is_any() {
            if one.merges_exposed && !other.merges_exposed {
                let is_new = |name: &String| !other.exposed.contains(name);
                let name = (0..=other.exposed.len()).map(header).find(is_new);
                name.map(Grant::ApplicationExposed)
                    .into_iter()
                    .for_each(&mut add);
            } else if one.merges_any_exposed && !other.merges_any_exposed {
                add(Grant::ApplicationExposedAny);
            }
        }
        if one.timing && !other.timing {
            add(Grant::Timing);
        }
        if one.private_network && !other.private_network {
            add(Grant::PrivateNetwork);
        }
    }
    changes
}

/// Compares what the server does, whatever pages may read.
fn compare_server(old: &Sets<'_>, new: &Sets<'_>, comparison: &mut Comparison<'_>) {
    for (one, other, direction) in [
        (new, old, Direction::Widens),
        (old, new, Direction::Narrows),
    ] {
        if one.policy.forward_preflights() && !other.policy.forward_preflights() {
            comparison.server.push(ServerChange::Preflights(direction));
        }
        let listed = timing_list(other.policy);
        let is_any = listed.iter().any(|origin| origin == "*");
        for origin in timing_list(one.policy) {
            if !is_any && !listed.contains(&origin) {
                let change = ServerChange::TimingWithoutOrigin(direction, origin);
                comparison.server.push(change);
            }
        }
    }
}

/// Lists the settings that differ and allow the same.
fn compare_settings(of_old: &Sets<'_>, of_new: &Sets<'_>, comparison: &mut Comparison<'_>) {
    let (old, new) = (of_old.policy, of_new.policy);
    let mut add = |setting, old: String, new: String| {
        if old != new {
            comparison
                .settings
                .push(SettingChange { setting, old, new });
        }
    };
    let age = |policy: &Policy| {
        let age = policy.max_age();
        age.map_or("none".to_owned(), |age| age.as_secs().to_string())
    };
    add("max_age", age(old), age(new));
    let status = |policy: &Policy| policy.preflight_status().to_string();
    add("preflight_status", status(old), status(new));
    for (setting, get) in [
        (
            "static_origin",
            Policy::static_origin as fn(&Policy) -> bool,
        ),
        (
            "dangerously_allow_opaque_origins",
            Policy::dangerously_allow_opaque_origins,
        ),
        (
            "dangerously_allow_any_origin_with_credentials",
            Policy::dangerously_allow_any_origin_with_credentials,
        ),
        (
            "dangerously_allow_insecure_origins",
            Policy::dangerously_allow_insecure_origins,
        ),
        (
            "dangerously_allow_public_suffix_subdomains",
            Policy::dangerously_allow_public_suffix_subdomains,
        ),
    ] {
        add(setting, get(old).to_string(), get(new).to_string());
    }
    let is_known = comparison.incomparable.is_empty();
    if is_known && comparison.origins.is_empty() && of_old.listed.texts() != of_new.listed.texts() {
        comparison.settings.push(SettingChange {
            setting: "allow_origins",
            old: count(of_old),
            new: count(of_new),
        });
    }
}

/// Lists the settings of the guard that differ and let the same requests run.
fn compare_guard_settings(old: &Policy, new: &Policy, comparison: &mut Comparison<'_>) {
    let changes = &comparison.server;
    let is_changed = |is: fn(&ServerChange) -> bool| changes.iter().any(is);
    let checks = is_changed(|change| matches!(change, ServerChange::Requests(..)));
    let navigations = is_changed(|change| matches!(change, ServerChange::Navigations(..)));
    let hosts = is_changed(|change| matches!(change, ServerChange::Hosts(..)));
    let mut add = |setting, old: String, new: String| {
        let change = SettingChange { setting, old, new };
        comparison.settings.push(change);
    };
    if !checks {
        if old.guard() != new.guard() {
            add("guard", old.guard().to_string(), new.guard().to_string());
        }
        let (of_old, of_new) = (old.guard_report_only(), new.guard_report_only());
        if of_old != of_new {
            add("guard_report_only", of_old.to_string(), of_new.to_string());
        }
    }
    let entries = |list: &mut dyn Iterator<Item = &str>| entries(list.count());
    if !navigations
        && !checks
        && old
            .allow_navigations_from()
            .ne(new.allow_navigations_from())
    {
        let old = entries(&mut old.allow_navigations_from());
        add(
            "allow_navigations_from",
            old,
            entries(&mut new.allow_navigations_from()),
        );
    }
    if !hosts && old.allow_hosts().ne(new.allow_hosts()) {
        let old = entries(&mut old.allow_hosts());
        add("allow_hosts", old, entries(&mut new.allow_hosts()));
    }
}

fn count(sets: &Sets<'_>) -> String {
    let (exact, others) = sets.listed.texts();
    entries(exact.len() + others.len())
}

fn entries(count: usize) -> String {
    match count {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    }
}
