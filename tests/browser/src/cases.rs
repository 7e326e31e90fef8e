//! What is asked of the engines: as data, in `tests/cases` and in `cases/*.toml` beside this package.

mod own;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use omnicors_core::Policy;
use omnicors_tests::oracle::{CredentialsMode, PageRequest};
use serde::Deserialize;

/// One request of a page, under one policy.
#[derive(Clone, Debug)]
pub struct Ask {
    /// A sentence that no other has.
    pub name: String,
    /// The name of the policy.
    pub policy: String,
    /// Who asks.
    pub page: Page,
    /// The method, as the page writes it.
    pub method: String,
    /// Names and values, as the page passes them.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<String>,
    /// What the page says of its credentials.
    pub credentials: Credentials,
    /// Where the request goes: more than once if it is redirected.
    pub hops: Vec<Hop>,
    /// Lines of the application's response to a preflight that is handed on to it.
    pub preflight_response: Vec<String>,
    /// Lines of its response to any other request.
    pub response: Vec<String>,
    /// Its status.
    pub status: u16,
    /// What ends it, in words of the table: `allowed`, or the name of the first denial. Written by hand.
    pub verdict: String,
    /// Which of the application's own headers the page reads. Written by hand; `None` if the case does not say.
    pub readable: Option<Vec<String>>,
    /// Where engines do not do as the standard says.
    pub departs: Option<Departure>,
    /// It is asked of all servers, not of the three alone that are asked everything.
    pub everywhere: bool,
    cannot_carry: BTreeMap<String, String>,
}

/// A page that asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Page {
    /// Its host.
    pub host: String,
    /// It is served on the second port.
    pub other_port: bool,
    /// It asks out of a sandboxed frame, whose origin is `null`.
    pub sandboxed: bool,
}

/// One address that a request goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The host; `page` is the page's own origin, port included.
    pub host: String,
    /// Another policy than that of the case.
    pub policy: Option<String>,
    /// The status of the redirect to the next; none for the last.
    pub redirect: Option<u16>,
}

/// What engines do that the standard does not say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Departure {
    /// The names of the engines.
    pub engines: Vec<String>,
    /// What they do.
    pub how: How,
    /// The same, for people, with the section of the standard.
    pub what: String,
}

/// What engines do that the standard does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// They take a preflight for passed that is not.
    PassPreflight,
    /// They tell a preflight after a redirect the origin of the page, and only the actual request `null`.
    PreflightFromPage,
}

/// Fetch, "Requests", credentials mode, as `fetch()` takes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    /// None.
    Omit,
    /// None for another origin: what `fetch()` uses unless told otherwise.
    #[default]
    SameOrigin,
    /// Cookies and the like.
    Include,
}

impl Credentials {
    /// As `fetch()` takes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Omit => "omit",
            Self::SameOrigin => "same-origin",
            Self::Include => "include",
        }
    }
}

/// The ports that pages are served on, which the policies name.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// The usual one.
    pub page: u16,
    /// A second one.
    pub other: u16,
}

/// All that is asked.
#[derive(Clone, Debug)]
pub struct Asks {
    /// The policies, by name.
    pub policies: BTreeMap<String, Policy>,
    /// In order.
    pub asks: Vec<Ask>,
}

/// Loads all that is asked, for pages on these ports.
///
/// # Panics
///
/// If anything is wrong with it, with the case and the reason.
#[must_use]
pub fn load(ports: Ports) -> Asks {
    let mut all = table::load(ports);
    let own = own::load(ports);
    for (name, policy) in own.policies {
        let twice = all.policies.insert(name.clone(), policy);
        assert!(twice.is_none(), "two policies are named `{name}`");
    }
    all.asks.extend(own.asks);
    let mut names = BTreeSet::new();
    for ask in &all.asks {
        let is_new = names.insert((&ask.name, ask.credentials.as_str()));
        assert!(is_new, "two cases are named `{}`", ask.name);
        for policy in ask.policies() {
            assert!(
                all.policies.contains_key(policy),
                "`{}`: no policy `{policy}`",
                ask.name
            );
        }
    }
    all
}

impl Ask {
    /// The policies of its hops, in order.
    pub fn policies(&self) -> impl Iterator<Item = &str> {
        let policies = self.hops.iter();
        policies.map(|hop| hop.policy.as_deref().unwrap_or(&self.policy))
    }

    /// What this engine does with it that the standard does not say.
    #[must_use]
    pub fn departure(&self, engine: &str) -> Option<How> {
        let departs = self.departs.as_ref();
        let departs = departs.filter(|departs| departs.engines.iter().any(|name| name == engine));
        departs.map(|departs| departs.how)
    }

    /// Why one of these carriers cannot carry it, if one cannot.
    #[must_use]
    pub fn cannot_carry(&self, carriers: &[&str]) -> Option<&str> {
        let mut reasons = carriers
            .iter()
            .filter_map(|carrier| self.cannot_carry.get(*carrier));
        reasons.next().map(String::as_str)
    }

    /// It as the oracle understands it, from a page of this origin.
    #[must_use]
    pub fn page_request(&self, origin: &str) -> PageRequest {
        let mut request = PageRequest::new(origin, &self.method);
        request.headers.clone_from(&self.headers);
        if let Some(body) = &self.body {
            // Fetch, "Request class", constructor, "If init["body"] exists": a string has this type unless told otherwise.
            let typed = self
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            if !typed {
                request = request.with_header("content-type", "text/plain;charset=UTF-8");
            }
            assert!(!body.is_empty(), "an empty body is none");
        }
        request.with_credentials(match self.credentials {
            Credentials::Omit => CredentialsMode::Omit,
            Credentials::SameOrigin => CredentialsMode::SameOrigin,
            Credentials::Include => CredentialsMode::Include,
        })
    }
}

fn split(line: &str) -> (String, String) {
    let split = line.split_once(": ");
    let (name, value) = split.unwrap_or_else(|| panic!("`{line}` is not `Name: value`"));
    (name.to_owned(), value.to_owned())
}
