//! The [CORS-preflight cache](https://fetch.spec.whatwg.org/#cors-preflight-cache).

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use url::Url;

use crate::engine::Deviation;
use crate::method;
use crate::preflight::Allowance;
use crate::request::Request;

/// The cache entries. Those of one key are searched by what they allow: a server can list thousands of names.
#[derive(Clone, Debug, Default)]
pub(crate) struct PreflightCache {
    entries: HashMap<Key, Entries>,
}

/// What each [cache entry](https://fetch.spec.whatwg.org/#concept-cache) of a key allows, whether it is for credentials, and the time of
/// the browser at which it is removed.
type Entries = BTreeMap<(Allowed, bool), Duration>;

/// The parts of a cache entry that a request must match.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    partition: String,
    origin: String,
    url: Url,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Allowed {
    Method(String),
    /// The name in lower case.
    HeaderName(Vec<u8>),
}

impl PreflightCache {
    /// [HTTP fetch](https://fetch.spec.whatwg.org/#http-fetch), step 4.1: returns true if the cache does not allow the request.
    pub(crate) fn requires_preflight(&mut self, request: &Request, now: Duration) -> bool {
        self.entries.retain(|_, entries| {
            entries.retain(|_, expires| *expires > now);
            !entries.is_empty()
        });
        let none = Entries::new();
        let entries = self.entries.get(&Key::of(request)).unwrap_or(&none);
        let method = Allowed::Method(request.method.clone());
        let method_is_cached = entries_that_match(entries, request, &method, true)
            .next()
            .is_some();
        if !method_is_cached
            && (!method::is_safelisted(&request.method)
                || request.use_cors_preflight
                || request.needs_preflight_again)
        {
            return true;
        }
        request.unsafe_header_names().into_iter().any(|name| {
            // [header-name cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-header).
            let wildcard_applies = name != b"authorization"
                || request.engine.has(Deviation::WildcardCoversAuthorization);
            let name = Allowed::HeaderName(name);
            entries_that_match(entries, request, &name, wildcard_applies)
                .next()
                .is_none()
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
        let names = header_names.into_iter();
        let allowed =
            methods.chain(names.map(|name| Allowed::HeaderName(name.to_ascii_lowercase())));
        let expires = now.saturating_add(max_age);
        let entries = self.entries.entry(Key::of(request)).or_default();
        for allowed in allowed {
            renew_or_create(entries, request, allowed, expires);
        }
    }

    /// [clear cache entries](https://fetch.spec.whatwg.org/#concept-cache-clear).
    pub(crate) fn clear(&mut self, request: &Request) {
        self.entries.remove(&Key::of(request));
    }
}

impl Key {
    fn of(request: &Request) -> Self {
        Self {
            partition: request.partition(),
            origin: request.serialized_origin(),
            url: request.current_url.clone(),
        }
    }
}

impl Allowed {
    fn wildcard(&self) -> Self {
        match self {
            Self::Method(_) => Self::Method("*".to_owned()),
            Self::HeaderName(_) => Self::HeaderName(b"*".to_vec()),
        }
    }
}

/// Renews the entries that match. If none match, creates an entry.
fn renew_or_create(entries: &mut Entries, request: &Request, allowed: Allowed, expires: Duration) {
    let wildcard_applies = allowed != Allowed::HeaderName(b"authorization".to_vec());
    let found: Vec<_> = entries_that_match(entries, request, &allowed, wildcard_applies).collect();
    if found.is_empty() {
        let credentials = request.includes_credentials_mode();
        entries.insert((allowed, credentials), expires);
    }
    for entry in found {
        entries.insert(entry, expires);
    }
}

/// Returns the entries for a method or header name, or for `*`:
/// [method cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-method), and the same for a header name.
fn entries_that_match<'a>(
    entries: &'a Entries,
    request: &Request,
    allowed: &'a Allowed,
    wildcard_applies: bool,
) -> impl Iterator<Item = (Allowed, bool)> + use<'a> {
    let include = request.includes_credentials_mode();
    // [cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match).
    let without = !include;
    let with = include || !request.engine.has(Deviation::SeparatesCredentials);
    let wildcard = wildcard_applies.then(|| allowed.wildcard());
    let names = [Some(allowed.clone()), wildcard].into_iter().flatten();
    let credentials = move |name: Allowed| {
        [(true, with), (false, without)]
            .into_iter()
            .filter(|(_, matches)| *matches)
            .map(move |(credentials, _)| (name.clone(), credentials))
    };
    names
        .flat_map(credentials)
        .filter(|entry| entries.contains_key(entry))
}
