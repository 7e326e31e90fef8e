//! The table of cases: the requests that each server gets, and the expected responses. The data is in `cases/*.toml`.
//!
//! Expectations come from the standard and from the project's promises, never from the output of the
//! code.

pub(crate) mod raw;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use omnicors_core::{Denial, LookupResult, Policy, RequestParts, Verdict};

use self::raw::RawFile;
use crate::client::{Request, Response};
use crate::notation;

const FILES: [(&str, &str); 16] = [
    ("policies", include_str!("../cases/policies.toml")),
    ("non-cors", include_str!("../cases/non-cors.toml")),
    ("actual", include_str!("../cases/actual.toml")),
    ("preflight", include_str!("../cases/preflight.toml")),
    ("methods", include_str!("../cases/methods.toml")),
    (
        "request-headers",
        include_str!("../cases/request-headers.toml"),
    ),
    ("origins", include_str!("../cases/origins.toml")),
    (
        "hostile-origins",
        include_str!("../cases/hostile-origins.toml"),
    ),
    (
        "unusual-origins",
        include_str!("../cases/unusual-origins.toml"),
    ),
    ("static-origin", include_str!("../cases/static-origin.toml")),
    ("others", include_str!("../cases/others.toml")),
    ("any-origin", include_str!("../cases/any-origin.toml")),
    ("credentials", include_str!("../cases/credentials.toml")),
    ("guard", include_str!("../cases/guard.toml")),
    ("lookups", include_str!("../cases/lookups.toml")),
    ("application", include_str!("../cases/application.toml")),
];

/// The table of cases.
#[derive(Clone, Debug)]
pub struct Table {
    /// The policies, by name.
    pub policies: BTreeMap<String, Policy>,
    /// The cases, in the order in which they are written.
    pub cases: Vec<Case>,
}

/// A case of the table.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file that contains it, without `.toml`.
    pub file: &'static str,
    /// A unique sentence.
    pub name: String,
    /// The name of its policy.
    pub policy: String,
    /// The request, including the `x-respond` fields that control the application of the servers.
    pub request: Request,
    /// The result of the origin lookup; `None` if there is no lookup.
    pub lookup: Option<LookupResult>,
    /// The header fields of the application's own response.
    pub application_fields: Vec<(String, String)>,
    /// The expected response.
    pub expected: Outcome,
    /// [`Decision::verdict`](omnicors_core::Decision::verdict), as [`verdict_name`] writes it.
    pub verdict: String,
    /// The same for `verdict_with_credentials`, if the case states it.
    pub verdict_with_credentials: Option<String>,
    cannot_carry: BTreeMap<String, String>,
}

/// The parts of a response that the table compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The status.
    pub status: u16,
    /// Whether the application ran.
    pub ran: bool,
    /// The body: that of the application, or empty.
    pub body: String,
    /// The CORS fields, each as `name: value`, sorted by name; fields of equal names in order.
    pub fields: Vec<String>,
    /// The members of all `Vary` fields, in lower case, sorted, with duplicates.
    pub vary: Vec<String>,
}

impl Outcome {
    /// Returns the outcome of a response.
    #[must_use]
    pub fn of(response: &Response) -> Self {
        let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => notation::shown(bytes),
        };
        let fields = response
            .fields
            .iter()
            .filter(|field| is_cors_field(&field.0));
        let members = response
            .values("vary")
            .flat_map(|value| value.split(|byte| *byte == b','))
            .map(|member| text(member.trim_ascii()));
        Self {
            status: response.status,
            ran: response.values("x-ran").eq([b"yes"]),
            body: text(&response.body),
            fields: sorted_by_name(fields.map(|(name, value)| line(name, &text(value)))),
            vary: sorted_without_case(members),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ran = if self.ran { "ran" } else { "did not run" };
        write!(
            f,
            "{}, the application {ran}, body {:?}",
            self.status, self.body
        )?;
        for field in &self.fields {
            write!(f, "\n      {field}")?;
        }
        write!(f, "\n      vary: {}", self.vary.join(", "))
    }
}

fn line(name: &str, value: &str) -> String {
    format!("{name}: {value}").trim_end().to_owned()
}

fn sorted_by_name(fields: impl Iterator<Item = String>) -> Vec<String> {
    let mut fields: Vec<String> = fields.collect();
    // The sort is stable: fields of one name stay in order.
    fields.sort_by(|one, other| one.split(':').next().cmp(&other.split(':').next()));
    fields
}

fn sorted_without_case(members: impl Iterator<Item = String>) -> Vec<String> {
    let mut members: Vec<String> = members.map(|member| member.to_ascii_lowercase()).collect();
    members.sort();
    members
}

impl Case {
    /// Returns true if some carrier cannot carry the request.
    #[must_use]
    pub fn is_hard_to_carry(&self) -> bool {
        !self.cannot_carry.is_empty()
    }

    /// Returns true if the policy looks the origin up and the case states no lookup result. Only the core can run such a case: a
    /// server whose policy looks origins up does not start without a lookup.
    #[must_use]
    pub fn is_without_lookup(&self, policy: &Policy) -> bool {
        let parts = RequestParts::read(policy, &self.request.method, &self.request.fields);
        self.lookup.is_none() && policy.origin_to_look_up(&parts).is_some()
    }

    /// Returns the reason why one of these carriers cannot carry the request, if there is one.
    #[must_use]
    pub fn cannot_carry(&self, carriers: &[&str]) -> Option<&str> {
        let reason = carriers
            .iter()
            .find_map(|carrier| self.cannot_carry.get(*carrier));
        reason.map(String::as_str)
    }

    /// Returns the carriers that cannot carry the request, with the reasons.
    #[must_use]
    pub fn carriers_that_cannot(&self) -> &BTreeMap<String, String> {
        &self.cannot_carry
    }
}

/// Loads the table.
///
/// # Panics
///
/// Panics if the table has a mistake. The message names the file, the case and the reason.
#[must_use]
pub fn load() -> Table {
    load_rewritten(str::to_owned)
}

/// Loads the table after `rewrite` has changed the text of its files, for example the origins in it.
///
/// # Panics
///
/// Panics if the table has a mistake. The message names the file, the case and the reason.
#[must_use]
pub fn load_rewritten(rewrite: impl Fn(&str) -> String) -> Table {
    let mut configs = BTreeMap::new();
    let mut raw_cases = Vec::new();
    for (file, text) in FILES {
        let raw: RawFile = toml::from_str(&rewrite(text))
            .unwrap_or_else(|error| panic!("cases/{file}.toml: {error}"));
        configs.extend(raw.policy);
        raw_cases.extend(raw.case.into_iter().map(|case| (file, case)));
    }
    let policies: BTreeMap<String, Policy> = configs
        .into_iter()
        .map(|(name, config)| match config.build() {
            Ok(policy) => (name, policy),
            Err(error) => panic!("policy `{name}`: {error}"),
        })
        .collect();
    let cases: Vec<Case> = raw_cases
        .into_iter()
        .map(|(file, case)| {
            let name = case.name.clone();
            case.check(file, &policies)
                .unwrap_or_else(|fault| panic!("cases/{file}.toml, case `{name}`: {fault}"))
        })
        .collect();
    let mut names = BTreeSet::new();
    for case in &cases {
        assert!(
            names.insert(&case.name),
            "two cases are named `{}`",
            case.name
        );
    }
    for name in policies.keys() {
        let is_used = cases.iter().any(|case| case.policy == *name);
        assert!(is_used, "no case uses policy `{name}`");
    }
    Table { policies, cases }
}

/// Returns a verdict in the notation of the table: `allowed`, or the name of the denial.
#[must_use]
pub fn verdict_name(verdict: Verdict<'_>) -> String {
    match verdict {
        Verdict::Allowed => ALLOWED.to_owned(),
        Verdict::Denied(Denial::MethodNotAllowed(method)) => {
            format!("MethodNotAllowed({})", method.escape_ascii())
        }
        Verdict::Denied(Denial::HeaderNotAllowed(name)) => {
            format!("HeaderNotAllowed({})", name.escape_ascii())
        }
        Verdict::Denied(denial) => format!("{denial:?}"),
    }
}

const ALLOWED: &str = "allowed";

/// Returns true if a browser's CORS or timing checks or a cache read the field. `Vary` is compared separately.
#[must_use]
pub fn is_cors_field(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("access-control-")
        || ["timing-allow-origin", "cache-control", "retry-after"].contains(&&*name)
}

/// Returns the result of the servers' lookup for an origin: it fails if the host begins with `failing`, times out if it begins with
/// `late`, is not begun if it begins with `busy`, and allows hosts that begin with `tenant`.
#[must_use]
pub fn lookup_result(origin: &str) -> LookupResult {
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    if host.starts_with("failing") {
        LookupResult::Failed
    } else if host.starts_with("late") {
        LookupResult::TimedOut
    } else if host.starts_with("busy") {
        LookupResult::NotBegun
    } else {
        LookupResult::from(host.starts_with("tenant"))
    }
}

#[cfg(test)]
mod tests;
