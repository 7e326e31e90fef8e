use std::fmt;
use std::sync::Arc;

use omnicors_core::Policy;

use crate::choice_request::{ChoiceRequest, RequestView};
use crate::entry::{Lookups, PolicyEntry, denying, lookups, rejecting, rejecting_all, report};
use crate::prepared::PreparedPolicy;

/// Policies for paths, for the `per_path` function of an adapter.
///
/// An entry applies to its path and to all paths below it: `/api` to `/api` and `/api/items`, but not to `/apis`. The longest
/// path that matches decides. `/` matches every path. Requests for other paths are denied: a preflight gets 403, and other
/// requests are forwarded and get only `Vary: Origin`.
///
/// ```
/// use std::sync::Arc;
///
/// use omnicors_adapter::{ChoiceRequest, NoPreparedValues, PathPolicies, PolicyConfig, PreparedPolicy, RequestView};
///
/// type Prepared = PreparedPolicy<NoPreparedValues>;
///
/// let api = PolicyConfig::new().allow_origins(["https://app.example"]).build()?;
/// let public = PolicyConfig::public_read_only().build()?;
/// let paths = PathPolicies::<NoPreparedValues>::new([("/api", api), ("/api/public", public)]);
///
/// /// The function of a policy source.
/// fn choose<V: RequestView>(
///     paths: &PathPolicies<NoPreparedValues>,
///     request: &ChoiceRequest<'_, V>,
/// ) -> Option<Arc<Prepared>> {
///     paths.choose(request)
/// }
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
///
/// # Paths that routers read differently
///
/// Some routers decode `/%61pi` to `/api`, or serve `//api` as `/api`; others do not. Proxies in front of them differ as well. A
/// policy must not depend on who is right. So a path is read in two ways: as it was sent; and with its escapes decoded, `\` as `/`, without
/// empty segments and segments `.`, and in lower case. If both choose the same entry, it applies: a router that does only some of this
/// chooses the same entry too. So `/api/search/%5Cd%2B` and `/api/.%2Fconfig` are below `/api` for all routers. If they do not, or if
/// the decoded path has a segment `..`, which some routers resolve, the request is denied, and also rejected by a guard of mode `all`: it
/// gets 403 if a page of another origin has sent it. If an entry has
/// [`allow_hosts`](omnicors_core::PolicyConfig::allow_hosts), such a path gets 421 whatever the host is.
///
/// Browsers resolve the segments `.` and `..` of a URL and replace its `\`
/// ([URL, path state](https://url.spec.whatwg.org/#path-state)), so a page sends a path with `..` only if it escapes a whole text with
/// `../` or `..\` for one segment (`..%2Fconfig`). Send such a text in the query instead.
pub struct PathPolicies<P> {
    /// The longest path is first, so the first one that matches decides.
    entries: Vec<(String, PolicyEntry<P>)>,
    unmatched: Arc<PreparedPolicy<P>>,
    ambiguous: Arc<PreparedPolicy<P>>,
    /// Instead of `ambiguous`, if an entry lists hosts.
    ambiguous_host: Arc<PreparedPolicy<P>>,
}

const AMBIGUOUS: &str = "routers read this path differently, so no entry of `per_path` applies to it: send it without `..`, and the \
    start that is in the entry without escapes, `//`, `\\` and `.`, and in the case of the entry";

impl<P: for<'a> From<&'a Policy>> PathPolicies<P> {
    /// Creates this from paths and what applies to them: policies, policy handles, or [`PolicyEntry`] values.
    /// See the example of [`PathPolicies`].
    ///
    /// # Panics
    ///
    /// Panics with a list of all faults if there is no entry, or if a path does not begin with `/`, ends with `/`, has a query,
    /// has an escape or a segment that a browser would resolve, or is there twice.
    #[track_caller]
    pub fn new<N: AsRef<str>, E: Into<PolicyEntry<P>>>(
        entries: impl IntoIterator<Item = (N, E)>,
    ) -> Self {
        let own = |(path, entry): (N, E)| (path.as_ref().to_owned(), entry.into());
        let mut entries: Vec<(String, PolicyEntry<P>)> = entries.into_iter().map(own).collect();
        let mut faults: Vec<_> = entries.iter().filter_map(|(path, _)| fault(path)).collect();
        // Stable, so that faults are reported in the order of the entries.
        entries.sort_by_key(|(path, _)| (usize::MAX - path.len(), path.to_ascii_lowercase()));
        for ((path, _), (other, _)) in entries.iter().zip(entries.iter().skip(1)) {
            if path == other {
                faults.push(format!(
                    "{path:?} is there twice: remove one of the entries"
                ));
            } else if path.eq_ignore_ascii_case(other) {
                faults.push(format!(
                    "{path:?} and {other:?} differ only in case: remove one of the entries"
                ));
            }
        }
        if entries.is_empty() {
            faults.push("there are none: write `[(\"/api\", policy)]`".to_owned());
        }
        report("per_path", &faults);
        Self {
            entries,
            unmatched: denying("no entry of `per_path` has this path: add one for it, or for `/`"),
            ambiguous: rejecting(AMBIGUOUS),
            ambiguous_host: rejecting_all(AMBIGUOUS),
        }
    }
}

impl<P> PathPolicies<P> {
    /// Returns the policy for a request, or `None` if its path is left alone. See the example of [`PathPolicies`].
    pub fn choose<V: RequestView>(
        &self,
        request: &ChoiceRequest<'_, V>,
    ) -> Option<Arc<PreparedPolicy<P>>> {
        let path = request.path();
        let sent = self.position(path, str::eq);
        if is_plain(path) {
            // Routers can differ only in how they compare case.
            let folded = self.position(path, str::eq_ignore_ascii_case);
            return self.chosen(sent, folded);
        }
        match folded(path) {
            Some(folded) => self.chosen(sent, self.position(&folded, str::eq_ignore_ascii_case)),
            None => Some(self.ambiguous()),
        }
    }

    /// Returns the policy for a path that routers read differently. The host of the request may not be served by the entry that a router
    /// reads. So if an entry lists hosts, the policy rejects every request.
    fn ambiguous(&self) -> Arc<PreparedPolicy<P>> {
        let checks_hosts = self.entries.iter().any(|(_, entry)| entry.checks_hosts());
        Arc::clone(if checks_hosts {
            &self.ambiguous_host
        } else {
            &self.ambiguous
        })
    }

    fn chosen(&self, sent: Option<usize>, folded: Option<usize>) -> Option<Arc<PreparedPolicy<P>>> {
        if sent != folded {
            return Some(self.ambiguous());
        }
        match sent.and_then(|position| self.entries.get(position)) {
            Some((_, entry)) => entry.policy(),
            None => Some(Arc::clone(&self.unmatched)),
        }
    }

    /// Returns the position of the longest entry that is a prefix of whole segments.
    fn position(&self, path: &str, is_equal: impl Fn(&str, &str) -> bool) -> Option<usize> {
        self.entries.iter().position(|(prefix, _)| {
            // `/` is a prefix without segments.
            let prefix = if prefix == "/" { "" } else { prefix };
            let (Some(start), Some(rest)) = (path.get(..prefix.len()), path.get(prefix.len()..))
            else {
                return false;
            };
            is_equal(start, prefix)
                && (rest.starts_with('/') || rest.is_empty() && !path.is_empty())
        })
    }

    /// Returns whether a policy of the entries needs origin lookups: see the example of [`Lookups`].
    pub fn lookups(&self) -> Lookups {
        lookups(self.entries.iter().map(|(_, entry)| entry))
    }
}

/// Returns true if [`folded`] changes only the case of the path.
fn is_plain(path: &str) -> bool {
    let bytes = path.as_bytes();
    !bytes.iter().any(|byte| matches!(byte, b'%' | b'\\'))
        && !bytes.windows(2).any(|pair| matches!(pair, b"//" | b"/."))
}

/// Returns the path with its escapes decoded, and without empty segments and segments `.`. Both `/` and `\` end a segment. Returns `None` if
/// there is a segment `..`.
///
/// No reading of the path matches a longer entry than this one, and none matches a shorter entry than the path as it was sent: the paths of
/// entries have no escape, `\`, empty segment or dot segment. So if these two choose the same entry, every other reading chooses it too.
/// With `..`, that would not be true: where it leads depends on which segments are counted.
fn folded(path: &str) -> Option<String> {
    let decoded = decoded(path.as_bytes());
    let mut folded = Vec::with_capacity(decoded.len());
    for segment in decoded.split(|byte| matches!(byte, b'/' | b'\\')) {
        match segment {
            b".." => return None,
            b"" | b"." => {}
            _ => {
                folded.push(b'/');
                folded.extend_from_slice(segment);
            }
        }
    }
    if folded.is_empty() {
        folded.push(b'/');
    }
    // Lossy is enough, because the paths of entries are ASCII.
    Some(String::from_utf8_lossy(&folded).into_owned())
}

/// Decodes escapes once, as servers do.
fn decoded(path: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let [first, after @ ..] = rest {
        let (byte, after) = escape(rest).unwrap_or((*first, after));
        decoded.push(byte);
        rest = after;
    }
    decoded
}

/// Returns the byte of the escape that a text begins with, and the rest of the text.
fn escape(text: &[u8]) -> Option<(u8, &[u8])> {
    let [b'%', high, low, after @ ..] = text else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?;
    Some((byte, after))
}

/// Returns what is wrong with the path of an entry, and what to write instead.
fn fault(path: &str) -> Option<String> {
    let is_visible = |byte: u8| byte.is_ascii_graphic();
    if !path.starts_with('/') {
        if path.contains("://") {
            return Some(format!(
                "{path:?} is a URL: write only its path, as in \"/api\""
            ));
        }
        return Some(format!(
            "{path:?} does not begin with `/`: write \"/{path}\""
        ));
    }
    if path.contains(['?', '#']) {
        let end = path.find(['?', '#']).unwrap_or(path.len());
        let path_alone = path.get(..end).unwrap_or_default();
        return Some(format!(
            "{path:?} has a query or fragment: write {path_alone:?}"
        ));
    }
    if path.contains(['*', '{', '}', '<', '>']) {
        return Some(format!(
            "{path:?} has a wildcard: an entry also applies to all paths below it, so write only its first segments"
        ));
    }
    if path.contains(['%', '\\']) || !path.bytes().all(is_visible) {
        return Some(format!(
            "{path:?} has a character that routers read differently: write only visible ASCII characters, without `%` and `\\`"
        ));
    }
    if path == "/" {
        return None;
    }
    let is_resolved = |segment: &str| matches!(segment, "." | "..");
    let mut segments = path.split('/').skip(1);
    if path.ends_with('/') && !path.contains("//") {
        let trimmed = path.trim_end_matches('/');
        return Some(format!(
            "{path:?} ends with `/`: write {trimmed:?}, which also applies to it"
        ));
    }
    if segments.any(|segment| segment.is_empty() || is_resolved(segment)) {
        return Some(format!(
            "{path:?} has an empty segment or a segment `.` or `..`: write the path that a browser sends"
        ));
    }
    None
}

impl<P: fmt::Debug> fmt::Debug for PathPolicies<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries.iter().map(|(path, entry)| (path, entry));
        f.debug_map().entries(entries).finish()
    }
}

#[cfg(test)]
mod tests;
