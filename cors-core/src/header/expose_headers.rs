//! Merging the application's names into `Access-Control-Expose-Headers`.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::names::is_token;
use crate::limits;

/// How the names in the application's `Access-Control-Expose-Headers` are joined with those of the policy. Made by
/// [`expose_headers_merge`](crate::adapter::expose_headers_merge).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExposeHeadersMerge {
    /// If false, a `*` of the application is left out.
    keeps_any: bool,
}

impl ExposeHeadersMerge {
    #[inline]
    pub(crate) fn new(keeps_any: bool) -> Self {
        Self { keeps_any }
    }

    /// Returns the value of the field with the names of the policy, which are `ours`, and those of the application's fields; or
    /// `None` if the application adds no name.
    ///
    /// Names are compared without case, and each is there once. Elements that are not valid names are left out, and so are values
    /// beyond [`limits::APPLICATION_EXPOSE_HEADERS`].
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
                // It covers all others.
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

/// Returns the valid names in the values, until one is beyond the limit.
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

/// The text of names, which are ASCII.
fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

/// A header name, compared without case.
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
    fn a_name_is_there_once_in_any_case() {
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
    fn there_is_nothing_to_merge_if_the_application_adds_no_name() {
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
    fn elements_that_are_not_names_are_left_out() {
        let application = ["x-a, b c, \"d\", x-e", "f\r\ng: h", "\u{fc}, x-i"];
        assert_eq!(merged(None, &application).as_deref(), Some("x-a, x-e, x-i"));
    }

    #[test]
    fn any_name_is_left_out_on_demand() {
        let merge = ExposeHeadersMerge::new(false);
        let merged = |value: &'static [u8]| merge.merge(Some(b"etag"), [value]);
        assert_eq!(merged(b"*"), None);
        assert_eq!(merged(b"x-a, *").as_deref(), Some("etag, x-a"));
        assert_eq!(merged(b"x-*").as_deref(), Some("etag, x-*"));
    }

    #[test]
    fn values_beyond_the_limit_are_left_out() {
        let limit = limits::APPLICATION_EXPOSE_HEADERS;
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
