//! The cases for browsers: those of `tests/cases` that a page can cause, `cases/*.toml` in this package, and generated ones.

mod generated;
pub mod hosts;
mod own;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use omnicors_browser::{
    Credentials as BrowserCredentials, Fetch, Mode, Page as BrowserPage, Redirect,
};
use omnicors_core::Policy;
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
    /// The mode: `cors`, `no-cors` or `same-origin`.
    pub mode: Mode,
    /// The redirect mode.
    pub redirect: Redirect,
    /// Whether the page uses an `XMLHttpRequest` with a listener for upload events, and not `fetch()`.
    pub upload_listener: bool,
    /// The addresses of the request: several if it is redirected.
    pub hops: Vec<Hop>,
    /// The fields of the application's response to a forwarded preflight.
    pub preflight_response: Vec<String>,
    /// The fields of the application's response to any other request.
    pub response: Vec<String>,
    /// The status of that response.
    pub status: u16,
    /// The expected conclusion, in the notation of the table: `allowed`, or the name of the first denial. `None` if the case is
    /// generated.
    pub verdict: Option<String>,
    /// The application's own headers that the page can read; `None` if the case does not say.
    pub readable: Option<Vec<String>>,
    /// The servers that run the case.
    pub on: On,
    cannot_carry: BTreeMap<String, String>,
}

/// The servers that run a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Every server.
    All,
    /// The three servers that run all cases of the files.
    Three,
    /// Only axum.
    Axum,
}

/// A page that makes requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Page {
    /// The host of the page, as the user types it.
    pub host: String,
    /// Whether the page is served on the second port.
    pub other_port: bool,
    /// Whether the page is sandboxed, so that its origin is `null`.
    pub sandboxed: bool,
}

/// One address of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The host; `page` is the page's own origin, including the port.
    pub host: String,
    /// Whether the URL has a user name and a password.
    pub user_info: bool,
    /// The policy, if it is not that of the case.
    pub policy: Option<String>,
    /// The status of the redirect to the next address; `None` for the last one.
    pub redirect: Option<u16>,
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

    fn model(self) -> BrowserCredentials {
        match self {
            Self::Omit => BrowserCredentials::Omit,
            Self::SameOrigin => BrowserCredentials::SameOrigin,
            Self::Include => BrowserCredentials::Include,
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
    let generated = generated::load(ports);
    all.policies.extend(generated.policies);
    all.cases.extend(generated.cases);
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

    /// Returns the reason why one of these carriers cannot carry the case, if there is one.
    #[must_use]
    pub fn cannot_carry(&self, carriers: &[&str]) -> Option<&str> {
        let mut reasons = carriers
            .iter()
            .filter_map(|carrier| self.cannot_carry.get(*carrier));
        reasons.next().map(String::as_str)
    }

    /// Returns the request as the model of browsers represents it.
    ///
    /// `page` is the URL of the page, and `url` that of the request. `has_cookie` is true if the browser has a cookie that
    /// `SameSite` allows in this request.
    pub fn fetch(&self, page: &str, url: &str, has_cookie: bool) -> Fetch {
        let opened = if self.page.sandboxed {
            BrowserPage::sandboxed(page)
        } else {
            BrowserPage::new(page)
        };
        let opened = opened.expect("the URL of the page is valid");
        let mut fetch = opened
            .fetch(url)
            .method(&self.method)
            .mode(self.mode)
            .redirect(self.redirect)
            .credentials(self.credentials.model());
        for (name, value) in &self.headers {
            fetch = fetch.header(name, value);
        }
        // <https://xhr.spec.whatwg.org/#the-send()-method>, step 3: the body of GET and HEAD is ignored.
        let ignores_body =
            self.upload_listener && matches!(self.method.as_str(), "GET" | "get" | "HEAD");
        if let Some(body) = self.body.as_ref().filter(|_| !ignores_body) {
            // A string body has this type by default: <https://fetch.spec.whatwg.org/#concept-bodyinit-extract>.
            let is_typed = self
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            if !is_typed {
                fetch = fetch.header("content-type", "text/plain;charset=UTF-8");
            }
            assert!(!body.is_empty(), "write no body instead of an empty one");
            fetch = fetch.body(body.clone());
        }
        if self.upload_listener {
            fetch = fetch.upload_listener();
        }
        if has_cookie {
            fetch = fetch.cookies(COOKIE);
        }
        fetch
    }
}

impl BrowserCase {
    /// Returns true if it is known whether the request has a cookie in each engine.
    pub(crate) fn predicts_cookie(&self) -> bool {
        self.hops.len() == 1 && !self.page.host.ends_with('.')
    }
}

/// The cookie of each page for its own host. It has `SameSite=Lax`, because engines differ in the default.
pub const COOKIE: &str = "session=1";

fn split(field: &str) -> (String, String) {
    let split = field.split_once(": ");
    let (name, value) = split.unwrap_or_else(|| panic!("`{field}` is not `Name: value`"));
    (name.to_owned(), value.to_owned())
}
