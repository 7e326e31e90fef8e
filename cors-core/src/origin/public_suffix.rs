//! Public suffixes: domains directly under which anyone can register a name.

use alloc::string::{String, ToString as _};

/// The public suffix that a `*` in front of `parent` would cover.
pub(crate) fn public_suffix(parent: &str) -> Option<String> {
    // The Public Suffix List's default rule, `*`: a domain of one label (or none) is a suffix.
    if !parent.contains('.') {
        return Some(parent.to_string());
    }
    #[cfg(feature = "public-suffix")]
    {
        let is_suffix = |domain: &str| {
            psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix == domain.as_bytes())
        };
        if is_suffix(parent) {
            return Some(parent.to_string());
        }
        // A rule such as `*.kawasaki.jp` makes the names under a domain suffixes, and not the domain itself.
        if is_suffix(&(String::from("any-label.") + parent)) {
            return Some(String::from("*.") + parent);
        }
    }
    None
}

/// Returns true if there are public suffixes under a domain, such as `s3.amazonaws.com` under `amazonaws.com`.
pub(crate) fn has_public_suffixes_below(domain: &str) -> bool {
    #[cfg(feature = "public-suffix")]
    {
        use psl::Psl as _;

        // The list reads labels from the last to the first, and one more only if a rule has one more.
        let mut is_asked_for_more = false;
        let end = core::iter::from_fn(|| {
            is_asked_for_more = true;
            None
        });
        let labels = domain.rsplit('.').map(str::as_bytes);
        let _info = psl::List.find(labels.chain(end));
        is_asked_for_more
    }
    #[cfg(not(feature = "public-suffix"))]
    {
        let _ = domain;
        false
    }
}

#[cfg(all(test, feature = "public-suffix"))]
mod tests {
    use super::*;

    #[test]
    fn a_domain_under_which_others_register_is_known() {
        for domain in ["amazonaws.com", "windows.net", "uk", "us"] {
            assert!(has_public_suffixes_below(domain), "{domain}");
        }
        for domain in [
            "example.com",
            "app.example.com",
            "example.co.uk",
            "app.amazonaws.com",
            "bucket.s3.amazonaws.com",
            "me.github.io",
            "localhost",
        ] {
            assert!(!has_public_suffixes_below(domain), "{domain}");
        }
    }
}
