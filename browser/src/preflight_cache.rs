//! The [CORS-preflight cache](https://fetch.spec.whatwg.org/#cors-preflight-cache).

use std::time::Duration;

use url::Url;

use crate::engine::Deviation;
use crate::method;
use crate::preflight::Allowance;
use crate::request::Request;

#[derive(Clone, Debug, Default)]
pub(crate) struct PreflightCache {
    entries: Vec<Entry>,
}

/// A [cache entry](https://fetch.spec.whatwg.org/#concept-cache).
#[derive(Clone, Debug)]
struct Entry {
    /// The network partition key: the site of the page.
    key: String,
    origin: String,
    url: Url,
    /// The time of the browser at which the entry is removed.
    expires: Duration,
    credentials: bool,
    allowed: Allowed,
}

#[derive(Clone, Debug, PartialEq)]
enum Allowed {
    Method(String),
    HeaderName(Vec<u8>),
}

impl PreflightCache {
    /// [HTTP fetch](https://fetch.spec.whatwg.org/#http-fetch), step 4.1: returns true if the cache does not allow the request.
    pub(crate) fn requires_preflight(&mut self, request: &Request, now: Duration) -> bool {
        self.entries.retain(|entry| entry.expires > now);
        let method_is_cached = self.matching(request).any(|entry| match &entry.allowed {
            Allowed::Method(method) => *method == request.method || method == "*",
            Allowed::HeaderName(_) => false,
        });
        if !method_is_cached
            && (!method::is_safelisted(&request.method)
                || request.use_cors_preflight
                || request.needs_preflight_again)
        {
            return true;
        }
        request
            .unsafe_header_names()
            .iter()
            .any(|name| !self.allows_header(request, name))
    }

    /// [header-name cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-header).
    fn allows_header(&self, request: &Request, name: &[u8]) -> bool {
        let wildcard_applies =
            name != b"authorization" || request.engine.has(Deviation::WildcardCoversAuthorization);
        self.matching(request).any(|entry| match &entry.allowed {
            Allowed::HeaderName(allowed) => {
                allowed.eq_ignore_ascii_case(name) || (allowed == b"*" && wildcard_applies)
            }
            Allowed::Method(_) => false,
        })
    }

    /// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch), steps 7.12 to 7.15.
    pub(crate) fn store(&mut self, request: &Request, allowance: Allowance, now: Duration) {
        let Allowance {
            mut methods,
            header_names,
            max_age,
        } = allowance;
        if request.engine.has(Deviation::StoresWildcardAsRequested) {
            for method in methods.iter_mut().filter(|method| *method == "*") {
                method.clone_from(&request.method);
            }
        }
        if request.engine.has(Deviation::StoresRequestedMethod)
            && !methods.contains(&request.method)
        {
            methods.push(request.method.clone());
        }
        let methods = methods.into_iter().map(Allowed::Method);
        let allowed = methods.chain(header_names.into_iter().map(Allowed::HeaderName));
        let expires = now.saturating_add(max_age);
        for allowed in allowed {
            self.store_one(request, allowed, expires);
        }
    }

    /// Renews the entries that match, or creates an entry if there are none.
    fn store_one(&mut self, request: &Request, allowed: Allowed, expires: Duration) {
        let mut found = false;
        for entry in &mut self.entries {
            if entry.matches(request) && entry.allows(&allowed) {
                entry.expires = expires;
                found = true;
            }
        }
        if !found {
            self.entries.push(Entry {
                key: request.origin.site(),
                origin: request.serialized_origin(),
                url: request.current_url.clone(),
                expires,
                credentials: request.includes_credentials_mode(),
                allowed,
            });
        }
    }

    /// [clear cache entries](https://fetch.spec.whatwg.org/#concept-cache-clear).
    pub(crate) fn clear(&mut self, request: &Request) {
        let (key, origin) = (request.origin.site(), request.serialized_origin());
        self.entries.retain(|entry| {
            entry.key != key || entry.origin != origin || entry.url != request.current_url
        });
    }

    fn matching<'a>(&'a self, request: &'a Request) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(|entry| entry.matches(request))
    }
}

impl Entry {
    /// [cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match).
    fn matches(&self, request: &Request) -> bool {
        let include = request.includes_credentials_mode();
        let credentials = if request.engine.has(Deviation::SeparatesCredentials) {
            self.credentials == include
        } else {
            self.credentials || !include
        };
        self.key == request.origin.site()
            && self.origin == request.serialized_origin()
            && self.url == request.current_url
            && credentials
    }

    /// Returns true if this entry is for the method or header name, or for `*`.
    fn allows(&self, allowed: &Allowed) -> bool {
        match (&self.allowed, allowed) {
            (Allowed::Method(entry), Allowed::Method(method)) => entry == method || entry == "*",
            (Allowed::HeaderName(entry), Allowed::HeaderName(name)) => {
                entry.eq_ignore_ascii_case(name)
                    || (entry == b"*" && !name.eq_ignore_ascii_case(b"authorization"))
            }
            _ => false,
        }
    }
}
