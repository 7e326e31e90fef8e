//! The format of the table, and the validation of its cases.

use std::collections::BTreeMap;

use omnicors_core::{LookupResult, Policy, PolicyConfig};
use serde::Deserialize;

use super::{
    ALLOWED, Case, Outcome, is_cors_field, lookup_result, sorted_by_name, sorted_without_case,
};
use crate::client::Request;
use crate::notation;

/// The names that `cannot_carry` may contain: `http1` is every server that parses HTTP/1.1; `http` is everything that uses the
/// types of the crate `http`; the others are single servers.
const CARRIERS: &[&str] = &[
    "http1",
    "http",
    "tower",
    "axum",
    "hyper",
    "custom server",
    "warp",
    "warp-wrap",
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
    headers: Vec<String>,
    vary: Vec<String>,
    verdict: String,
    verdict_with_credentials: Option<String>,
}

/// A lookup result, in the notation of the table.
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
    headers: Vec<String>,
}

impl RawCase {
    /// Validates a case.
    pub(super) fn check(
        self,
        file: &'static str,
        policies: &BTreeMap<String, Policy>,
    ) -> Result<Case, String> {
        if self.name.split(' ').count() < 3 || self.name.ends_with('.') || self.name.contains('\n')
        {
            return Err("its name is not a sentence (without a full stop)".to_owned());
        }
        if !policies.contains_key(&self.policy) {
            return Err(format!("there is no policy `{}`", self.policy));
        }
        let mut fields = split_fields(&self.request)?;
        self.check_carriers(&fields)?;
        self.check_lookup(&fields)?;
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
        if !expected.ran && (self.respond.status.is_some() || !self.respond.headers.is_empty()) {
            return Err("the application does not run, so `respond` has no effect".into());
        }
        let mut application_fields = Vec::new();
        for field in &self.respond.headers {
            let (name, value) = field
                .split_once(": ")
                .ok_or_else(|| format!("`{field}` is not `Name: value`"))?;
            application_fields.push((name.to_owned(), value.to_owned()));
            fields.push(("x-respond".to_owned(), field.clone().into_bytes()));
        }
        if let Some(status) = self.respond.status {
            fields.push((
                "x-respond-status".to_owned(),
                status.to_string().into_bytes(),
            ));
        }
        if !fields
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("host"))
        {
            fields.insert(0, ("Host".to_owned(), b"api.test".to_vec()));
        }
        Ok(Case {
            file,
            request: Request {
                method: self.method,
                fields,
            },
            name: self.name,
            policy: self.policy,
            lookup: self.lookup.map(RawLookup::result),
            application_fields,
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
                .strip_prefix("respond ")
                .and_then(|status| status.parse().ok());
            let status: u16 =
                status.ok_or("`decision` is neither `forward` nor `respond STATUS`")?;
            (false, status)
        };
        let mut fields = Vec::new();
        for field in &self.headers {
            let name = field.split(':').next().unwrap_or_default();
            if !is_cors_field(name) || name != name.to_ascii_lowercase() {
                return Err(format!("`{field}` is not a CORS field in lower case"));
            }
            let field = notation::bytes(field)?;
            fields.push(String::from_utf8(field).map_err(|error| error.to_string())?);
        }
        let is_not_modified = self.respond.status == Some(304);
        let has_body = ran && self.method != "HEAD" && !is_not_modified;
        Ok(Outcome {
            status,
            ran,
            body: if has_body { "ran" } else { "" }.to_owned(),
            fields: sorted_by_name(fields.into_iter()),
            vary: sorted_without_case(self.vary.iter().cloned()),
        })
    }

    /// Requires a mark for every request that a parser changes or rejects, and permits one for long requests only.
    fn check_carriers(&self, fields: &[(String, Vec<u8>)]) -> Result<(), String> {
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
        let any = |is_so: fn(&[u8]) -> bool| fields.iter().any(|(_, value)| is_so(value));
        let has_control = any(has_control_byte);
        let is_changed = has_control || any(has_space_around);
        let is_long = fields.iter().map(|(_, value)| value.len()).sum::<usize>() > LONG;
        for (carrier, cannot, may) in [
            ("http1", is_changed, is_changed || is_long),
            ("http", has_control, has_control),
        ] {
            let is_marked = self.cannot_carry.contains_key(carrier);
            if cannot && !is_marked {
                return Err(format!(
                    "`{carrier}` cannot carry it: add the reason to `cannot_carry`"
                ));
            }
            if is_marked && !may {
                return Err(format!("`{carrier}` can carry it"));
            }
        }
        Ok(())
    }

    /// Checks that `lookup` is the result of [`lookup_result`], which the servers use.
    fn check_lookup(&self, fields: &[(String, Vec<u8>)]) -> Result<(), String> {
        let Some(lookup) = self.lookup.map(RawLookup::result) else {
            return Ok(());
        };
        let origin = fields
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

fn split_fields(texts: &[String]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let split = |text: &String| {
        let (name, value) = text
            .split_once(':')
            .filter(|(name, _)| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
            .ok_or_else(|| format!("`{text}` is not a header field"))?;
        // One space is the separator; further spaces belong to the value.
        let value = notation::bytes(value.strip_prefix(' ').unwrap_or(value))?;
        Ok((name.to_owned(), value))
    };
    texts.iter().map(split).collect()
}

/// Returns true for a control byte other than tab: <https://www.rfc-editor.org/rfc/rfc9110#section-5.5>.
fn has_control_byte(value: &[u8]) -> bool {
    value
        .iter()
        .any(|byte| byte.is_ascii_control() && *byte != b'\t')
}

/// "A field value does not include leading or trailing whitespace": <https://www.rfc-editor.org/rfc/rfc9110#section-5.5>.
pub(crate) fn has_space_around(value: &[u8]) -> bool {
    let is_space = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    is_space(value.first()) || is_space(value.last())
}
