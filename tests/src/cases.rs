//! The table of cases: what each server is asked, and what it must answer. The data is in `cases/*.toml`.
//!
//! An expectation is written by hand, from the standard and from what the project promises; none is taken from what the
//! code answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use omnicors_core::{Denial, Policy, PolicyConfig, Verdict};
use serde::Deserialize;

use crate::client::{Request, Response};
use crate::notation;

const FILES: [(&str, &str); 13] = [
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
    ("any-origin", include_str!("../cases/any-origin.toml")),
    ("credentials", include_str!("../cases/credentials.toml")),
    ("refusing", include_str!("../cases/refusing.toml")),
    ("outside", include_str!("../cases/outside.toml")),
    ("application", include_str!("../cases/application.toml")),
];

/// What may be unable to carry a request: any server that parses HTTP/1.1; anything that speaks in the types of the
/// crate `http`; or one server, by its name.
const CARRIERS: &[&str] = &[
    "http1",
    "http",
    "tower",
    "axum",
    "hyper",
    "custom server",
    "warp",
    "warp-service",
    "rocket",
    "actix-web",
    "poem",
    "salvo",
];

/// The table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The policies, by name.
    pub policies: BTreeMap<String, Policy>,
    /// The cases, in the order in which they are written.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file that it stands in, without `.toml`.
    pub file: &'static str,
    /// A sentence that no other case has.
    pub name: String,
    /// The name of its policy.
    pub policy: String,
    /// What is sent, with the lines that tell the servers' application what to respond.
    pub request: Request,
    /// What the caller has decided about the origin; `None` if nobody has asked it.
    pub outside: Option<bool>,
    /// The lines of the application's own response.
    pub application_lines: Vec<(String, String)>,
    /// What must come back.
    pub expected: Outcome,
    /// [`Decision::verdict`](omnicors_core::Decision::verdict), as [`verdict_name`] writes it.
    pub verdict: String,
    /// The same of `verdict_with_credentials`, where the case speaks of it.
    pub verdict_with_credentials: Option<String>,
    cannot_carry: BTreeMap<String, String>,
}

/// What comes back, as far as CORS has a say in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The status.
    pub status: u16,
    /// The application ran.
    pub ran: bool,
    /// The body: the application's, or none.
    pub body: String,
    /// The lines that a browser reads, each as `name: value`, sorted by name; of equal names, in order.
    pub lines: Vec<String>,
    /// The members of all `Vary` lines, in lower case, sorted; twice if said twice.
    pub vary: Vec<String>,
}

impl Outcome {
    /// What came back.
    #[must_use]
    pub fn of(response: &Response) -> Self {
        let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => notation::shown(bytes),
        };
        let lines = response.lines.iter().filter(|line| is_cors_line(&line.0));
        let members = response
            .values("vary")
            .flat_map(|value| value.split(|byte| *byte == b','))
            .map(|member| text(member.trim_ascii()));
        Self {
            status: response.status,
            ran: response.values("x-ran").eq([b"yes"]),
            body: text(&response.body),
            lines: sorted_by_name(lines.map(|(name, value)| line(name, &text(value)))),
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
        for line in &self.lines {
            write!(f, "\n      {line}")?;
        }
        write!(f, "\n      vary: {}", self.vary.join(", "))
    }
}

fn line(name: &str, value: &str) -> String {
    format!("{name}: {value}").trim_end().to_owned()
}

fn sorted_by_name(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<String> = lines.collect();
    // Stable: lines of one name stay in order.
    lines.sort_by(|one, other| one.split(':').next().cmp(&other.split(':').next()));
    lines
}

fn sorted_without_case(members: impl Iterator<Item = String>) -> Vec<String> {
    let mut members: Vec<String> = members.map(|member| member.to_ascii_lowercase()).collect();
    members.sort();
    members
}

impl Case {
    /// True if something cannot carry the request.
    #[must_use]
    pub fn is_hard_to_carry(&self) -> bool {
        !self.cannot_carry.is_empty()
    }

    /// Why one of these carriers cannot carry the request, if one cannot.
    #[must_use]
    pub fn cannot_carry(&self, carriers: &[&str]) -> Option<&str> {
        let reason = carriers
            .iter()
            .find_map(|carrier| self.cannot_carry.get(*carrier));
        reason.map(String::as_str)
    }
}

/// Loads the table.
///
/// # Panics
///
/// If anything is wrong with it, with the file, the case and the reason.
#[must_use]
pub fn load() -> Table {
    let mut configs = BTreeMap::new();
    let mut raw_cases = Vec::new();
    for (file, text) in FILES {
        let raw: RawFile =
            toml::from_str(text).unwrap_or_else(|error| panic!("cases/{file}.toml: {error}"));
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
        assert!(is_used, "no case asks policy `{name}`");
    }
    Table { policies, cases }
}

/// A verdict as the table writes it: `allowed`, or the name of the denial.
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

/// True if a browser's CORS or timing checks read the line: `Vary` is looked at apart.
#[must_use]
pub fn is_cors_line(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("access-control-") || name == "timing-allow-origin"
}

/// What the servers' decider says of an origin that the policy leaves to it: yes, if its host begins with `tenant`.
#[must_use]
pub fn is_tenant(origin: &str) -> bool {
    origin
        .split_once("://")
        .is_some_and(|(_, host)| host.starts_with("tenant"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    policy: BTreeMap<String, PolicyConfig>,
    #[serde(default)]
    case: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    name: String,
    policy: String,
    method: String,
    request: Vec<String>,
    outside: Option<bool>,
    #[serde(default)]
    respond: RawResponse,
    #[serde(default)]
    cannot_carry: BTreeMap<String, String>,
    decision: String,
    lines: Vec<String>,
    vary: Vec<String>,
    verdict: String,
    verdict_with_credentials: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawResponse {
    status: Option<u16>,
    #[serde(default)]
    lines: Vec<String>,
}

impl RawCase {
    fn check(
        self,
        file: &'static str,
        policies: &BTreeMap<String, Policy>,
    ) -> Result<Case, String> {
        if self.name.split(' ').count() < 3 || self.name.ends_with('.') || self.name.contains('\n')
        {
            return Err("its name is no sentence (without a full stop)".to_owned());
        }
        if !policies.contains_key(&self.policy) {
            return Err(format!("there is no policy `{}`", self.policy));
        }
        let mut lines = split_lines(&self.request)?;
        self.check_carriers(&lines)?;
        self.check_outside(&lines)?;
        for (name, value) in [
            ("verdict", Some(&self.verdict)),
            (
                "verdict_with_credentials",
                self.verdict_with_credentials.as_ref(),
            ),
        ] {
            let names = |value: &String| value == ALLOWED || value.starts_with(char::is_uppercase);
            if !value.is_none_or(names) {
                return Err(format!(
                    "`{name}` is neither `allowed` nor the name of a denial"
                ));
            }
        }
        let expected = self.expected()?;
        if !expected.ran && (self.respond.status.is_some() || !self.respond.lines.is_empty()) {
            return Err("the application does not run, so that nothing it responds counts".into());
        }
        let mut application_lines = Vec::new();
        for line in &self.respond.lines {
            let (name, value) = line
                .split_once(": ")
                .ok_or_else(|| format!("`{line}` is not `Name: value`"))?;
            application_lines.push((name.to_owned(), value.to_owned()));
            lines.push(("x-respond".to_owned(), line.clone().into_bytes()));
        }
        if let Some(status) = self.respond.status {
            lines.push((
                "x-respond-status".to_owned(),
                status.to_string().into_bytes(),
            ));
        }
        if !lines
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            lines.insert(0, ("Host".to_owned(), b"api.test".to_vec()));
        }
        Ok(Case {
            file,
            request: Request {
                method: self.method,
                lines,
            },
            name: self.name,
            policy: self.policy,
            outside: self.outside,
            application_lines,
            expected,
            verdict: self.verdict,
            verdict_with_credentials: self.verdict_with_credentials,
            cannot_carry: self.cannot_carry,
        })
    }

    fn expected(&self) -> Result<Outcome, String> {
        let (ran, status) = if self.decision == "forward" {
            (true, self.respond.status.unwrap_or(200))
        } else {
            let status = self
                .decision
                .strip_prefix("answer ")
                .and_then(|status| status.parse().ok());
            let status: u16 =
                status.ok_or("`decision` is neither `forward` nor `answer STATUS`")?;
            (false, status)
        };
        let mut lines = Vec::new();
        for line in &self.lines {
            let name = line.split(':').next().unwrap_or_default();
            if !is_cors_line(name) || name != name.to_ascii_lowercase() {
                return Err(format!("`{line}` is no CORS line in lower case"));
            }
            let line = notation::bytes(line)?;
            lines.push(String::from_utf8(line).map_err(|error| error.to_string())?);
        }
        let has_body = ran && self.method != "HEAD";
        Ok(Outcome {
            status,
            ran,
            body: if has_body { "ran" } else { "" }.to_owned(),
            lines: sorted_by_name(lines.into_iter()),
            vary: sorted_without_case(self.vary.iter().cloned()),
        })
    }

    /// What a parser cannot let through must be marked, and nothing else may be, unless it is merely long.
    fn check_carriers(&self, lines: &[(String, Vec<u8>)]) -> Result<(), String> {
        const LONG: usize = 4096;
        for (carrier, reason) in &self.cannot_carry {
            if !CARRIERS.contains(&carrier.as_str()) {
                return Err(format!(
                    "`cannot_carry` names `{carrier}`, which is none of {CARRIERS:?}"
                ));
            }
            if reason.split(' ').count() < 2 {
                return Err(format!("`cannot_carry` gives no reason for `{carrier}`"));
            }
        }
        let any = |is_so: fn(&[u8]) -> bool| lines.iter().any(|(_, value)| is_so(value));
        let has_control = any(has_control_byte);
        let is_changed = has_control || any(has_space_around);
        let is_long = lines.iter().map(|(_, value)| value.len()).sum::<usize>() > LONG;
        for (carrier, cannot, may) in [
            ("http1", is_changed, is_changed || is_long),
            ("http", has_control, has_control),
        ] {
            let is_marked = self.cannot_carry.contains_key(carrier);
            if cannot && !is_marked {
                return Err(format!(
                    "`{carrier}` cannot carry it, which `cannot_carry` must say, and why"
                ));
            }
            if is_marked && !may {
                return Err(format!("`{carrier}` can carry it"));
            }
        }
        Ok(())
    }

    /// The servers ask [`is_tenant`]; a case must not claim that it says otherwise.
    fn check_outside(&self, lines: &[(String, Vec<u8>)]) -> Result<(), String> {
        let Some(outside) = self.outside else {
            return Ok(());
        };
        let origin = lines
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("origin"))
            .map_or(&b""[..], |(_, value)| value);
        let decided = std::str::from_utf8(origin).is_ok_and(is_tenant);
        if decided == outside {
            Ok(())
        } else {
            Err(format!(
                "`outside` is {outside}, but the servers' decider says {decided}"
            ))
        }
    }
}

fn split_lines(texts: &[String]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let split = |text: &String| {
        let (name, value) = text
            .split_once(':')
            .filter(|(name, _)| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
            .ok_or_else(|| format!("`{text}` is no header line"))?;
        // One space is the separator; what goes beyond it belongs to the value.
        let value = notation::bytes(value.strip_prefix(' ').unwrap_or(value))?;
        Ok((name.to_owned(), value))
    };
    texts.iter().map(split).collect()
}

/// RFC 9110, section 5.5: no `field-value` has one, the tab apart.
pub(crate) fn has_control_byte(value: &[u8]) -> bool {
    value
        .iter()
        .any(|byte| byte.is_ascii_control() && *byte != b'\t')
}

/// RFC 9110, section 5.5: "a field value does not include leading or trailing whitespace".
pub(crate) fn has_space_around(value: &[u8]) -> bool {
    let is_space = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    is_space(value.first()) || is_space(value.last())
}

#[cfg(test)]
mod tests;
