//! What a browser concludes from a policy alone, without a server.

use omnicors_browser::{Credentials, Fetch, Outcome, Page};
use omnicors_core::{LookupResult, Policy};

use crate::policy_server::PolicyServer;

/// The URL that is fetched. No page can have its origin.
const URL: &str = "https://server.invalid/";

/// Asks a browser what a page may do with a server that has a policy.
///
/// A [`Verdict`](omnicors_core::Verdict) judges one request. This runs the whole exchange, the preflight included, so it is what a test
/// of a policy should ask.
///
/// # Examples
///
/// ```
/// use omnicors::PolicyConfig;
/// use omnicors::browser::PolicyFetch;
///
/// let policy = PolicyConfig::new()
///     .allow_origin("https://app.example")
///     .allow_methods(["GET", "DELETE"])
///     .allow_credentials(true)
///     .build()?;
///
/// policy.fetch("https://app.example").method("DELETE").credentials().outcome().assert_readable();
/// policy.fetch("https://app.example").method("PUT").outcome().assert_blocked();
/// policy.fetch("https://evil.example").outcome().assert_blocked();
/// # Ok::<(), omnicors::PolicyError>(())
/// ```
///
/// If a request is blocked, the outcome says what to change in the policy:
///
/// ```
/// use omnicors::PolicyConfig;
/// use omnicors::browser::PolicyFetch;
///
/// let policy = PolicyConfig::new().allow_origin("https://admin.example").build()?;
/// let outcome = policy.fetch("https://app.example").outcome();
/// assert!(outcome.to_string().ends_with("To allow it: add `https://app.example` to allow_origins."));
/// # Ok::<(), omnicors::PolicyError>(())
/// ```
pub trait PolicyFetch {
    /// Prepares a GET of a page to a server with this policy.
    ///
    /// The page is given as its origin, or as `null` for a page with an opaque origin. The policy is the server, so there is no URL
    /// to fetch.
    ///
    /// # Panics
    ///
    /// Panics if the page is not a valid URL, or if it is an http or https URL with a path, a query or a fragment: it is probably the
    /// URL of the server.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyFetch`].
    #[track_caller]
    fn fetch(&self, page: &str) -> PolicyRequest<'_>;
}

/// A request of a page to a server with a policy. Created by [`PolicyFetch::fetch`].
///
/// # Examples
///
/// See the example of [`PolicyFetch`].
#[derive(Debug)]
#[must_use = "a request is sent by `outcome`"]
pub struct PolicyRequest<'a> {
    policy: &'a Policy,
    lookup_result: Option<LookupResult>,
    fetch: Fetch,
}

impl PolicyFetch for Policy {
    fn fetch(&self, page: &str) -> PolicyRequest<'_> {
        assert!(
            !has_path(page),
            "`{page}` is not an origin: pass the origin of the page that sends the request, such as `https://app.example`; \
             the policy is the server, so `fetch` does not take its URL"
        );
        let page = if page == "null" {
            Page::opaque()
        } else {
            match Page::new(page) {
                Ok(page) => page,
                #[expect(clippy::panic, reason = "documented, for use in tests")]
                Err(error) => panic!("`{page}` is not a valid URL of a page: {error}"),
            }
        };
        PolicyRequest {
            policy: self,
            lookup_result: None,
            fetch: page.fetch(URL),
        }
    }
}

impl PolicyRequest<'_> {
    /// Sets the method.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyFetch`].
    pub fn method(mut self, name: &str) -> Self {
        self.fetch = self.fetch.method(name);
        self
    }

    /// Appends a header.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors::PolicyConfig;
    /// use omnicors::browser::PolicyFetch;
    ///
    /// let policy = PolicyConfig::new().allow_origin("https://app.example").build()?;
    /// let post = policy.fetch("https://app.example").method("POST").header("content-type", "application/json");
    /// post.outcome().assert_blocked();
    /// # Ok::<(), omnicors::PolicyError>(())
    /// ```
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.fetch = self.fetch.header(name, value);
        self
    }

    /// Sends credentials, as `fetch(url, { credentials: "include" })` does.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyFetch`].
    pub fn credentials(mut self) -> Self {
        self.fetch = self.fetch.credentials(Credentials::Include);
        self
    }

    /// Sets the result of the [origin lookup](omnicors_core::PolicyConfig::lookup_origins).
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors::{LookupResult, PolicyConfig};
    /// use omnicors::browser::PolicyFetch;
    ///
    /// let policy = PolicyConfig::new().lookup_origins(true).build()?;
    /// policy.fetch("https://tenant.example").lookup_result(LookupResult::Allowed).outcome().assert_readable();
    /// policy.fetch("https://tenant.example").lookup_result(LookupResult::NotAllowed).outcome().assert_blocked();
    /// # Ok::<(), omnicors::PolicyError>(())
    /// ```
    pub fn lookup_result(mut self, result: LookupResult) -> Self {
        self.lookup_result = Some(result);
        self
    }

    /// Returns what the page gets.
    ///
    /// If the request is blocked, the message of the outcome ends with the [suggestion](omnicors_core::Explanation::suggestion) of
    /// the policy.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyFetch`].
    pub fn outcome(self) -> Outcome {
        let mut server = PolicyServer::new(self.policy);
        if let Some(result) = self.lookup_result {
            server = server.lookup_result(result);
        }
        let outcome = self.fetch.send_now(&mut server);
        match server.suggestion(&outcome) {
            Some(suggestion) => outcome.with_suggestion(suggestion),
            None => outcome,
        }
    }
}

/// Returns true if an http or https URL has more than an origin.
fn has_path(page: &str) -> bool {
    let Some((scheme, rest)) = page.split_once("://") else {
        return false;
    };
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let path = rest.find(['/', '\\', '?', '#']).map(|start| &rest[start..]);
    is_web && path.is_some_and(|path| path != "/")
}

#[cfg(test)]
#[path = "policy_fetch/tests.rs"]
mod tests;
