//! How the table is written, and what is wrong with a case that is written otherwise.

use std::collections::BTreeMap;

use omnicors_core::{LookupResult, Policy, PolicyConfig};
use serde::Deserialize;

use super::{
    ALLOWED, Case, Outcome, is_cors_line, lookup_result, sorted_by_name, sorted_without_case,
};
use crate::client::Request;
use crate::notation;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    #[serde(default)]
    pub(super) policy: BTreeMap<String, PolicyConfig>,
    #[serde(default)]
    pub(super) case: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCase {
    pub(super) name: String,
    policy: String,
    method: String,
    request: Vec<String>,
    lookup: Option<RawLookup>,
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

/// What a lookup says, as the table writes it.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RawLookup {
    Allowed,
    #[serde(rename = "not allowed")]
    NotAllowed,
    Failed,
    #[serde(rename = "timed out")]
    TimedOut,
    #[serde(rename = "not begun")]
    NotBegun,
}

impl RawLookup {
    fn result(self) -> LookupResult {
        match self {
            Self::Allowed => LookupResult::Allowed,
            Self::NotAllowed => LookupResult::NotAllowed,
            Self::Failed => LookupResult::Failed,
            Self::TimedOut => LookupResult::TimedOut,
            Self::NotBegun => LookupResult::NotBegun,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawResponse {
    status: Option<u16>,
    #[serde(default)]
    lines: Vec<String>,
}

impl RawCase {
    /// The case that this is.
    pub(super) fn check(
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
        self.check_lookup(&lines)?;
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
            lookup: self.lookup.map(RawLookup::result),
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
        let is_not_modified = self.respond.status == Some(304);
        let has_body = ran && self.method != "HEAD" && !is_not_modified;
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

    /// The servers ask [`lookup_result`]; a case must not claim that it says otherwise.
    fn check_lookup(&self, lines: &[(String, Vec<u8>)]) -> Result<(), String> {
        let Some(lookup) = self.lookup.map(RawLookup::result) else {
            return Ok(());
        };
        let origin = lines
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("origin"))
            .map_or(&b""[..], |(_, value)| value);
        let result = std::str::from_utf8(origin).map_or(LookupResult::NotAllowed, lookup_result);
        if result == lookup {
            Ok(())
        } else {
            Err(format!(
                "`lookup` is {lookup:?}, but the servers' lookup says {result:?}"
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
fn has_control_byte(value: &[u8]) -> bool {
    value
        .iter()
        .any(|byte| byte.is_ascii_control() && *byte != b'\t')
}

/// RFC 9110, section 5.5: "a field value does not include leading or trailing whitespace".
pub(crate) fn has_space_around(value: &[u8]) -> bool {
    let is_space = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    is_space(value.first()) || is_space(value.last())
}
