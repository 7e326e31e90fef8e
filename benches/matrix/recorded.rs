//! What a server said, and whether that is what Fetch asks of it.

use http::{HeaderMap, HeaderName, StatusCode, header};

use crate::cases::{Case, Expected, HEADERS, Origins, Request};

/// What the application says: no middleware does, so that it is seen who answered.
pub(crate) const APPLICATION: StatusCode = StatusCode::ACCEPTED;

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) lines: Vec<(String, Vec<u8>)>,
}

impl Answer {
    pub(crate) fn new(status: u16, lines: &HeaderMap) -> Self {
        let lines = lines
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
        Self {
            status,
            lines: lines.collect(),
        }
    }

    fn is_of_application(&self) -> bool {
        self.status == APPLICATION.as_u16()
    }

    fn values<'a>(&'a self, name: &'a HeaderName) -> impl Iterator<Item = &'a [u8]> {
        let lines = self.lines.iter();
        lines
            .filter(move |line| line.0 == name.as_str())
            .map(|line| &*line.1)
    }

    /// True if a list says so, or says `*`, which covers all but `authorization`.
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

    /// What it does otherwise than Fetch, or otherwise than all the world: nothing of that is a fault of the clock.
    pub(crate) fn otherwise(&self, case: &Case) -> Vec<String> {
        let mut said = Vec::new();
        let origin = case.line(&header::ORIGIN);
        let named: Vec<_> = self.values(&header::ACCESS_CONTROL_ALLOW_ORIGIN).collect();
        let is_allowed = named.len() == 1 && (named[0] == b"*" || Some(named[0]) == origin);
        let is_cors = case.request != Request::NonCors;
        match case.expected {
            Expected::Allowed if is_cors && !is_allowed => said.push("denies the origin".into()),
            Expected::Refused if is_allowed => said.push("allows the origin".into()),
            _ => {}
        }
        if case.is_preflight() {
            self.preflight_otherwise(case, is_allowed, &mut said);
        } else if !self.is_of_application() {
            said.push(format!("refuses, with {}", self.status));
        }
        // Fetch, "CORS protocol and HTTP caches".
        let is_constant = match case.origins {
            Origins::All => named == [b"*"],
            Origins::One => named == [case.origins.exact()[0].as_bytes()],
            _ => false,
        };
        let tells = is_constant || self.lists(&header::VARY, "origin");
        if !tells && !case.is_preflight() && self.is_of_application() {
            said.push("no `Vary: Origin`".into());
        }
        said
    }

    fn preflight_otherwise(&self, case: &Case, is_allowed: bool, said: &mut Vec<String>) {
        if self.is_of_application() {
            said.push("runs the application".into());
        }
        if case.expected != Expected::Allowed {
            return;
        }
        if !(200..300).contains(&self.status) {
            said.push(format!("refuses, with {}", self.status));
            return;
        }
        if is_allowed && !self.lists(&header::ACCESS_CONTROL_ALLOW_METHODS, "PUT") {
            said.push("does not allow the method".into());
        }
        let asked: &[&str] = if case.request == Request::PreflightHeaders {
            &HEADERS
        } else {
            &["content-type"]
        };
        let allows = |name: &&str| self.lists(&header::ACCESS_CONTROL_ALLOW_HEADERS, name);
        if is_allowed && !asked.iter().all(allows) {
            said.push("does not allow the headers".into());
        }
    }
}
