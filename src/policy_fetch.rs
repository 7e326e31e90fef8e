//! What a browser concludes from a policy alone, without a server.

use omnicors_browser::url::Url;
use omnicors_browser::{Credentials, Outcome, Page};
use omnicors_core::{LookupResult, Origin, Policy};

use crate::policy_server::PolicyServer;

/// The host of the server if the policy names none. No page can have its origin.
const HOST: &str = "server.invalid";

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
    /// to fetch. The host of the server is the first one of [`Policy::allow_hosts`], in alphabetical order, that is not the page's own; or
    /// else a host that no page has. [`PolicyRequest::host`] sets another one.
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
    page: Page,
    url: Url,
    method: Option<String>,
    headers: Vec<(String, String)>,
    credentials: Credentials,
    lookup_result: Option<LookupResult>,
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
        let mut urls = self.allow_hosts().map(server_url);
        // A request for the page's own origin says nothing about the policy.
        let is_other = |url: &Url| page.origin().to_string() != url.origin().ascii_serialization();
        let url = urls.find(is_other);
        let url = url.or_else(|| self.allow_hosts().next().map(server_url));
        PolicyRequest {
            policy: self,
            page,
            url: url.unwrap_or_else(|| server_url(HOST)),
            method: None,
            headers: Vec::new(),
            credentials: Credentials::default(),
            lookup_result: None,
        }
    }
}

impl PolicyRequest<'_> {
    /// Sets the method.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyFetch`].
    pub fn method(mut self, name: impl AsRef<str>) -> Self {
        self.method = Some(name.as_ref().to_owned());
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
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let (name, value) = (name.as_ref().to_owned(), value.as_ref().to_owned());
        self.headers.push((name, value));
        self
    }

    /// Sets the host of the server, with or without a port: `api.example` or `localhost:8080`. It is fetched by http on loopback, and by
    /// https elsewhere.
    ///
    /// A page whose origin is that of the server is same-origin: CORS does not apply to it, and it reads every response.
    ///
    /// # Panics
    ///
    /// Panics if the text is not a host with an optional port.
    ///
    /// # Examples
    ///
    /// A host that the policy does not serve gets a 421, which no other origin can read:
    ///
    /// ```
    /// use omnicors::PolicyConfig;
    /// use omnicors::browser::PolicyFetch;
    ///
    /// let policy = PolicyConfig::new()
    ///     .allow_origin("https://app.example")
    ///     .allow_hosts(["api.example", "api.test:8443"])
    ///     .build()?;
    /// policy.fetch("https://app.example").outcome().assert_readable();
    /// policy.fetch("https://app.example").host("api.test:8443").outcome().assert_readable();
    /// policy.fetch("https://app.example").host("evil.example").outcome().assert_blocked();
    /// # Ok::<(), omnicors::PolicyError>(())
    /// ```
    #[track_caller]
    pub fn host(mut self, host: &str) -> Self {
        self.url = server_url(host);
        self
    }

    /// Sends credentials, as `fetch(url, { credentials: "include" })` does.
    ///
    /// # Examples
    ///
    /// See the example of [`PolicyFetch`].
    pub fn credentials(mut self) -> Self {
        self.credentials = Credentials::Include;
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
        let mut fetch = self.page.fetch(self.url.as_str());
        if let Some(method) = self.method {
            fetch = fetch.method(method);
        }
        for (name, value) in self.headers {
            fetch = fetch.header(name, value);
        }
        let outcome = fetch.credentials(self.credentials).send_now(&mut server);
        match server.suggestion(&outcome) {
            Some(suggestion) => outcome.with_suggestion(suggestion),
            None => outcome,
        }
    }
}

/// Returns the URL of a server: http on loopback, https elsewhere.
#[track_caller]
fn server_url(host: &str) -> Url {
    // Any of these would be another part of the URL.
    let is_host = !host.is_empty() && !host.contains(['/', '\\', '?', '#', '@']);
    let https = Url::parse(&format!("https://{host}/"));
    match https {
        Ok(mut url) if is_host => {
            let origin = url.origin().ascii_serialization();
            let is_loopback = Origin::parse(origin.as_bytes()).is_ok_and(|it| it.is_loopback());
            // The port 443 is not kept in the URL above.
            if is_loopback && let Ok(http) = Url::parse(&format!("http://{host}/")) {
                url = http;
            }
            url
        }
        #[expect(clippy::panic, reason = "documented, for use in tests")]
        _ => panic!(
            "`{host}` is not a host: write it without the scheme and a path, such as `api.example` or `localhost:8080`"
        ),
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
