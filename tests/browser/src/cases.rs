//! The cases for browsers: those of `tests/cases` that a page can cause, and `cases/*.toml` in this package.

mod own;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use omnicors_core::Policy;
use omnicors_tests::oracle::{CredentialsMode, PageRequest};
use serde::Deserialize;

/// One request of a page, under one policy.
#[derive(Clone, Debug)]
pub struct BrowserCase {
    /// A unique sentence.
    pub name: String,
    /// The name of the policy.
    pub policy: String,
    /// The page that makes the request.
    pub page: Page,
    /// The method, before normalization.
    pub method: String,
    /// The names and values that the page passes to `fetch()`.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<String>,
    /// The credentials mode.
    pub credentials: Credentials,
    /// The addresses of the request: several if it is redirected.
    pub hops: Vec<Hop>,
    /// The fields of the application's response to a forwarded preflight.
    pub preflight_response: Vec<String>,
    /// The fields of the application's response to any other request.
    pub response: Vec<String>,
    /// The status of that response.
    pub status: u16,
    /// The expected conclusion, in the notation of the table: `allowed`, or the name of the first denial.
    pub verdict: String,
    /// The application's own headers that the page can read; `None` if the case does not say.
    pub readable: Option<Vec<String>>,
    /// How engines deviate from the standard.
    pub deviates: Option<Deviation>,
    /// Whether all servers run the case, and not only the three that run everything.
    pub everywhere: bool,
    cannot_carry: BTreeMap<String, String>,
}

/// A page that makes requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Page {
    /// The host of the page.
    pub host: String,
    /// Whether the page is served on the second port.
    pub other_port: bool,
    /// Whether the request is made in a sandboxed frame, whose origin is `null`.
    pub sandboxed: bool,
}

/// One address of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The host; `page` is the page's own origin, including the port.
    pub host: String,
    /// The policy, if it is not that of the case.
    pub policy: Option<String>,
    /// The status of the redirect to the next address; `None` for the last one.
    pub redirect: Option<u16>,
}

/// A deviation of engines from the standard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// The names of the engines.
    pub engines: Vec<String>,
    /// The kind of deviation.
    pub kind: DeviationKind,
    /// A description, with the section of the standard.
    pub what: String,
}

/// A kind of deviation from the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviationKind {
    /// A preflight passes that the standard says fails.
    PassPreflight,
    /// After a redirect, the preflight has the origin of the page, and only the actual request has `null`.
    PreflightFromPage,
}

/// A credentials mode: <https://fetch.spec.whatwg.org/#concept-request-credentials-mode>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    /// Never sends credentials.
    Omit,
    /// Sends credentials only to the same origin. The default of `fetch()`.
    #[default]
    SameOrigin,
    /// Always sends credentials.
    Include,
}

impl Credentials {
    /// Returns the value that `fetch()` takes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Omit => "omit",
            Self::SameOrigin => "same-origin",
            Self::Include => "include",
        }
    }
}

/// The ports of the pages, which the policies name.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// The first port.
    pub page: u16,
    /// The second port.
    pub other: u16,
}

/// All cases for browsers.
#[derive(Clone, Debug)]
pub struct BrowserCases {
    /// The policies, by name.
    pub policies: BTreeMap<String, Policy>,
    /// The cases, in order.
    pub cases: Vec<BrowserCase>,
}

/// Loads all cases for pages on these ports.
///
/// # Panics
///
/// Panics if a case has a mistake. The message names the case and the reason.
#[must_use]
pub fn load(ports: Ports) -> BrowserCases {
    let mut all = table::load(ports);
    let own = own::load(ports);
    for (name, policy) in own.policies {
        let twice = all.policies.insert(name.clone(), policy);
        assert!(twice.is_none(), "two policies are named `{name}`");
    }
    all.cases.extend(own.cases);
    let mut names = BTreeSet::new();
    for case in &all.cases {
        let is_new = names.insert((&case.name, case.credentials.as_str()));
        assert!(is_new, "two cases are named `{}`", case.name);
        for policy in case.policies() {
            assert!(
                all.policies.contains_key(policy),
                "`{}`: no policy `{policy}`",
                case.name
            );
        }
    }
    all
}

impl BrowserCase {
    /// Returns the policies of the hops, in order.
    pub fn policies(&self) -> impl Iterator<Item = &str> {
        let policies = self.hops.iter();
        policies.map(|hop| hop.policy.as_deref().unwrap_or(&self.policy))
    }

    /// Returns how this engine deviates from the standard.
    #[must_use]
    pub fn deviation(&self, engine: &str) -> Option<DeviationKind> {
        let deviates = self.deviates.as_ref();
        let deviates =
            deviates.filter(|deviates| deviates.engines.iter().any(|name| name == engine));
        deviates.map(|deviates| deviates.kind)
    }

    /// Returns the reason why one of these carriers cannot carry the case, if there is one.
    #[must_use]
    pub fn cannot_carry(&self, carriers: &[&str]) -> Option<&str> {
        let mut reasons = carriers
            .iter()
            .filter_map(|carrier| self.cannot_carry.get(*carrier));
        reasons.next().map(String::as_str)
    }

    /// Returns the request as the oracle represents it, from a page of this origin.
    #[must_use]
    pub fn page_request(&self, origin: &str) -> PageRequest {
        let mut request = PageRequest::new(origin, &self.method);
        request.headers.clone_from(&self.headers);
        if let Some(body) = &self.body {
            // A string body has this type by default: <https://fetch.spec.whatwg.org/#concept-bodyinit-extract>.
            let typed = self
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            if !typed {
                request = request.with_header("content-type", "text/plain;charset=UTF-8");
            }
            assert!(!body.is_empty(), "write no body instead of an empty one");
        }
        request.with_credentials(match self.credentials {
            Credentials::Omit => CredentialsMode::Omit,
            Credentials::SameOrigin => CredentialsMode::SameOrigin,
            Credentials::Include => CredentialsMode::Include,
        })
    }
}

fn split(field: &str) -> (String, String) {
    let split = field.split_once(": ");
    let (name, value) = split.unwrap_or_else(|| panic!("`{field}` is not `Name: value`"));
    (name.to_owned(), value.to_owned())
}
