//! Merges the application's names into `Access-Control-Expose-Headers`.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::names::is_token;
use crate::limits;

/// Joins the names in the application's `Access-Control-Expose-Headers` with those of the policy.
///
/// [`expose_headers_merge`](crate::adapter::expose_headers_merge) returns it for a decision that needs it.
///
/// ```
/// use omnicors_core::adapter::expose_headers_merge;
/// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
///
/// let policy = PolicyConfig::new()
///     .allow_origins(["https://example.com"])
///     .expose_headers(["etag"])
///     .merge_expose_headers(true)
///     .build()?;
/// let decision = evaluate(&policy, &RequestParts::new("GET").origin("https://example.com"));
///
/// let merge = expose_headers_merge(decision.headers()).expect("the policy merges names");
/// let application = [b"X-Total-Count, ETag".as_slice()];
/// assert_eq!(merge.merge(Some(b"etag"), application).as_deref(), Some("etag, X-Total-Count"));
/// # Ok::<(), omnicors_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExposeHeadersMerge {
    /// If false, a `*` of the application is dropped.
    keeps_any: bool,
}

impl ExposeHeadersMerge {
    #[inline]
    pub(crate) fn new(keeps_any: bool) -> Self {
        Self { keeps_any }
    }

    /// Returns the field value with the names of the policy (`ours`) and those of the application's fields. Returns `None` if the
    /// application adds no name.
    ///
    /// Compares names case-insensitively and removes duplicates. Drops elements that are not valid names, and values beyond
    /// [`limits::APPLICATION_EXPOSE_HEADERS`].
    ///
    /// ```
    /// use omnicors_core::adapter::expose_headers_merge;
    /// use omnicors_core::{PolicyConfig, RequestParts, evaluate};
    ///
    /// let config = PolicyConfig::new().allow_origins(["https://example.com"]);
    /// let policy = config.merge_expose_headers(true).build()?;
    /// let decision = evaluate(&policy, &RequestParts::new("GET").origin("https://example.com"));
    /// let merge = expose_headers_merge(decision.headers()).unwrap();
    ///
    /// // The policy exposes no name. The application's response has two fields.
    /// let application = [b"x-page, x-page".as_slice(), b"etag"];
    /// assert_eq!(merge.merge(None, application).as_deref(), Some("x-page, etag"));
    /// assert_eq!(merge.merge(None, []), None);
    /// # Ok::<(), omnicors_core::PolicyError>(())
    /// ```
    pub fn merge<'a>(
        self,
        ours: Option<&[u8]>,
        application: impl IntoIterator<Item = &'a [u8]>,
    ) -> Option<String> {
        let theirs = names_within_limit(application)
            .filter(|name| self.keeps_any || *name != b"*".as_slice());
        let mut missing = BTreeSet::new();
        let theirs: Vec<Name<'_>> = theirs
            .map(Name)
            .filter(|name| missing.insert(*name))
            .collect();
        for name in ours.into_iter().flat_map(elements) {
            if name == b"*" {
                // `*` already exposes every name.
                return None;
            }
            missing.remove(&Name(name));
        }
        if missing.is_empty() {
            return None;
        }
        let theirs = theirs.iter().filter(|name| missing.contains(name));
        let mut merged = String::from(text(ours.unwrap_or_default()));
        for name in theirs {
            if !merged.is_empty() {
                merged.push_str(", ");
            }
            merged.push_str(text(name.0));
        }
        Some(merged)
    }
}

/// Returns the valid names in the values, up to the first value beyond the limit.
fn names_within_limit<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
) -> impl Iterator<Item = &'a [u8]> {
    let mut bytes = 0_usize;
    let values = values.into_iter().take_while(move |value| {
        bytes = bytes.saturating_add(value.len());
        bytes <= limits::APPLICATION_EXPOSE_HEADERS
    });
    values.flat_map(elements).filter(|name| is_token(name))
}

fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// Returns names, which are ASCII, as text.
fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

/// A header name, compared case-insensitively.
#[derive(Clone, Copy)]
struct Name<'a>(&'a [u8]);

impl Ord for Name<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let lower = |name: &Self| name.0.iter().map(u8::to_ascii_lowercase);
        lower(self).cmp(lower(other))
    }
}

impl PartialOrd for Name<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Eq for Name<'_> {}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn merged(ours: Option<&str>, application: &[&str]) -> Option<String> {
        let application = application.iter().map(|value| value.as_bytes());
        ExposeHeadersMerge::new(true).merge(ours.map(str::as_bytes), application)
    }

    #[test]
    fn names_of_the_application_follow_those_of_the_policy() {
        for (ours, application, expected) in [
            (Some("etag, x-a"), &["X-B"][..], "etag, x-a, X-B"),
            (Some("etag"), &["x-b,X-C", "x-d"], "etag, x-b, X-C, x-d"),
            (None, &["x-b, x-c"], "x-b, x-c"),
            (None, &["*"], "*"),
            (Some("etag"), &["x-b, *"], "etag, x-b, *"),
        ] {
            assert_eq!(merged(ours, application).as_deref(), Some(expected));
        }
    }

    #[test]
    fn duplicate_names_in_any_case_are_removed() {
        for (ours, application, expected) in [
            (
                Some("etag"),
                &["ETag, X-A, x-a", "x-A, ETAG, x-b"][..],
                "etag, X-A, x-b",
            ),
            (None, &["X-A", "x-a"], "X-A"),
        ] {
            assert_eq!(merged(ours, application).as_deref(), Some(expected));
        }
    }

    #[test]
    fn merging_returns_none_if_the_application_adds_no_name() {
        for (ours, application) in [
            (Some("etag"), &[][..]),
            (Some("etag"), &["ETag"]),
            (Some("etag"), &["", " , \t,"]),
            (Some("*"), &["x-a"]),
            (None, &[]),
            (None, &["a b", "\u{fc}", "x-a: 1", "a\r\nb"]),
        ] {
            assert_eq!(merged(ours, application), None, "{application:?}");
        }
    }

    #[test]
    fn elements_that_are_not_names_are_dropped() {
        let application = ["x-a, b c, \"d\", x-e", "f\r\ng: h", "\u{fc}, x-i"];
        assert_eq!(merged(None, &application).as_deref(), Some("x-a, x-e, x-i"));
    }

    #[test]
    fn an_asterisk_of_the_application_is_dropped_if_credentials_are_allowed() {
        let merge = ExposeHeadersMerge::new(false);
        let merged = |value: &'static [u8]| merge.merge(Some(b"etag"), [value]);
        assert_eq!(merged(b"*"), None);
        assert_eq!(merged(b"x-a, *").as_deref(), Some("etag, x-a"));
        assert_eq!(merged(b"x-*").as_deref(), Some("etag, x-*"));
    }

    #[test]
    fn values_beyond_the_limit_are_dropped() {
        // 16 KiB, like the limit for requested headers.
        let limit = 16 * 1024;
        let half = "a".repeat(limit / 2);
        let other = "b".repeat(limit - limit / 2);
        let all = format!("{half}, {other}");
        assert_eq!(merged(None, &[&half, &other]), Some(all.clone()));
        assert_eq!(merged(None, &[&half, &other, "c"]), Some(all));
        assert_eq!(
            merged(None, &[&half, &format!("{other}c"), "d"]),
            Some(half)
        );
        assert_eq!(
            merged(Some("etag"), &["c".repeat(limit + 1).as_str()]),
            None
        );
    }
}
