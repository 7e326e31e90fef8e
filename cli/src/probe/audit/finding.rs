//! What an audit finds.

use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Severity {
    /// Other sites can read or change what belongs to users.
    High,
    /// Other sites can read or run more than they should, or pages that are allowed are blocked.
    Medium,
    /// A mistake with a small effect.
    Low,
    /// Good to know. It does not change the exit code.
    Info,
}

impl Severity {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

/// A section of a standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) url: &'static str,
}

pub(super) const CREDENTIALS: Section = Section {
    title: "Fetch, \"CORS protocol and credentials\"",
    url: "https://fetch.spec.whatwg.org/#cors-protocol-and-credentials",
};
pub(super) const CACHES: Section = Section {
    title: "Fetch, \"CORS protocol and HTTP caches\"",
    url: "https://fetch.spec.whatwg.org/#cors-protocol-and-http-caches",
};
pub(super) const CORS_CHECK: Section = Section {
    title: "Fetch, \"CORS check\"",
    url: "https://fetch.spec.whatwg.org/#cors-check",
};
pub(super) const PREFLIGHT: Section = Section {
    title: "Fetch, \"CORS-preflight fetch\"",
    url: "https://fetch.spec.whatwg.org/#cors-preflight-fetch",
};
pub(super) const ORIGIN_HEADER: Section = Section {
    title: "Fetch, \"`Origin` header\"",
    url: "https://fetch.spec.whatwg.org/#origin-header",
};
pub(super) const RESPONSES: Section = Section {
    title: "Fetch, \"HTTP responses\"",
    url: "https://fetch.spec.whatwg.org/#http-responses",
};
pub(super) const TIMING: Section = Section {
    title: "Fetch, \"TAO check\"",
    url: "https://fetch.spec.whatwg.org/#tao-check",
};
pub(super) const MISDIRECTED: Section = Section {
    title: "RFC 9110, section 7.4, \"Rejecting Misdirected Requests\"",
    url: "https://www.rfc-editor.org/rfc/rfc9110#section-7.4",
};
pub(super) const WEB_SOCKET: Section = Section {
    title: "RFC 6455, section 10.2, \"Origin Considerations\"",
    url: "https://www.rfc-editor.org/rfc/rfc6455#section-10.2",
};
pub(super) const PRIVATE_NETWORK: Section = Section {
    title: "Private Network Access, \"CORS preflight\"",
    url: "https://wicg.github.io/private-network-access/#cors-preflight",
};

/// Something that an audit reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// A stable name.
    pub(super) id: String,
    pub(super) severity: Severity,
    pub(super) title: String,
    /// What it means, and what to change.
    pub(super) text: String,
    pub(super) section: Section,
    /// The numbers of the exchanges that show it. The first exchange of the audit is 1.
    pub(super) exchanges: Vec<usize>,
}
