//! The response of a server, and its differences from the response that the Fetch standard requires.

use http::{HeaderMap, HeaderName, StatusCode, header};

use crate::cases::{Case, Expected, HEADERS, OLD_EXPOSED, Origins, Request};

/// The status of the application. No middleware uses it, so it shows whether the application ran.
pub(crate) const APPLICATION: StatusCode = StatusCode::ACCEPTED;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, Vec<u8>)>,
}

impl Recorded {
    pub(crate) fn new(status: u16, fields: &HeaderMap) -> Self {
        let fields = fields
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
        Self {
            status,
            fields: fields.collect(),
        }
    }

    /// Sorts the fields. Their order has no meaning.
    pub(crate) fn sorted(mut self) -> Self {
        self.fields.sort();
        self
    }

    fn is_of_application(&self) -> bool {
        self.status == APPLICATION.as_u16()
    }

    fn values<'a>(&'a self, name: &'a HeaderName) -> impl Iterator<Item = &'a [u8]> {
        let fields = self.fields.iter();
        fields
            .filter(move |field| field.0 == name.as_str())
            .map(|field| &*field.1)
    }

    /// Returns true if a list contains a member, or `*`, which matches everything except `authorization`.
    /// <https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>
    fn lists(&self, name: &HeaderName, member: &str) -> bool {
        self.values(name).any(|value| {
            value
                .split(|byte| *byte == b',')
                .map(<[u8]>::trim_ascii)
                .any(|found| {
                    found.eq_ignore_ascii_case(member.as_bytes())
                        || found == b"*" && member != "authorization"
                })
        })
    }

    /// Returns the differences from the response that a browser needs for the expected verdict.
    pub(crate) fn differences(&self, case: &Case) -> Vec<String> {
        let mut differences = Vec::new();
        let origin = case.field(&header::ORIGIN);
        let named: Vec<_> = self.values(&header::ACCESS_CONTROL_ALLOW_ORIGIN).collect();
        let is_allowed = named.len() == 1 && (named[0] == b"*" || Some(named[0]) == origin);
        let is_cors = case.request != Request::NonCors;
        match case.expected {
            Expected::Allowed if is_cors && !is_allowed => {
                differences.push("denies the origin".into());
            }
            Expected::Denied if is_allowed => differences.push("allows the origin".into()),
            _ => {}
        }
        let keeps = |value: &[u8]| value == OLD_EXPOSED.as_bytes();
        // The policy exposes no header.
        if self
            .values(&header::ACCESS_CONTROL_EXPOSE_HEADERS)
            .any(keeps)
        {
            differences.push("keeps CORS fields of the application".into());
        }
        if case.is_preflight() {
            self.preflight_differences(case, is_allowed, &mut differences);
        } else if !self.is_of_application() {
            differences.push(format!("responds with {}", self.status));
        }
        // https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches
        let is_constant = match case.origins {
            Origins::All => named == [b"*"],
            Origins::One => named == [case.origins.exact()[0].as_bytes()],
            _ => false,
        };
        let is_cacheable = is_constant || self.lists(&header::VARY, "origin");
        if !is_cacheable && !case.is_preflight() && self.is_of_application() {
            differences.push("no `Vary: Origin`".into());
        }
        differences
    }

    fn preflight_differences(&self, case: &Case, is_allowed: bool, differences: &mut Vec<String>) {
        if self.is_of_application() {
            differences.push("runs the application".into());
        }
        if case.expected != Expected::Allowed {
            return;
        }
        if !(200..300).contains(&self.status) {
            differences.push(format!("responds with {}", self.status));
            return;
        }
        if is_allowed && !self.lists(&header::ACCESS_CONTROL_ALLOW_METHODS, "PUT") {
            differences.push("does not allow the method".into());
        }
        let requested: &[&str] = if case.request == Request::PreflightHeaders {
            &HEADERS
        } else {
            &["content-type"]
        };
        let allows = |name: &&str| self.lists(&header::ACCESS_CONTROL_ALLOW_HEADERS, name);
        if is_allowed && !requested.iter().all(allows) {
            differences.push("does not allow the headers".into());
        }
    }
}
