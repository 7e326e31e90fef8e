//! Public suffixes: domains under which anyone can register a name, from the [Public Suffix List](https://publicsuffix.org).

use alloc::string::{String, ToString as _};

/// Returns the public suffix that a `*` in front of `parent` would cover, if there is one.
pub(crate) fn public_suffix(parent: &str) -> Option<String> {
    let parent = without_root(parent);
    // The default rule of the Public Suffix List, `*`: a domain of one label (or none) is a suffix.
    // https://github.com/publicsuffix/list/wiki/Format#algorithm
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
        // A rule such as `*.kawasaki.jp` makes the subdomains suffixes, but not the domain itself.
        if is_suffix(&(String::from("any-label.") + parent)) {
            return Some(String::from("*.") + parent);
        }
    }
    None
}

/// Returns true if a subdomain of `domain` is a public suffix, such as `s3.amazonaws.com` for `amazonaws.com`.
pub(crate) fn has_public_suffixes_below(domain: &str) -> bool {
    let domain = without_root(domain);
    #[cfg(feature = "public-suffix")]
    {
        use psl::Psl as _;

        // `find` reads labels from the last to the first, and reads another one only if a rule has more labels. So it reads past
        // the labels of `domain` only if there is a rule for a subdomain.
        let mut has_longer_rule = false;
        let end = core::iter::from_fn(|| {
            has_longer_rule = true;
            None
        });
        let labels = domain.rsplit('.').map(str::as_bytes);
        let _info = psl::List.find(labels.chain(end));
        has_longer_rule
    }
    #[cfg(not(feature = "public-suffix"))]
    {
        let _ = domain;
        false
    }
}

/// Removes the dot at the end of a name, which is the root of DNS: `example.com.` belongs to the owner of `example.com`.
fn without_root(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(all(test, feature = "public-suffix"))]
mod tests {
    use super::*;

    #[test]
    fn a_domain_with_public_suffixes_below_it_is_recognized() {
        for domain in ["amazonaws.com", "amazonaws.com.", "windows.net", "uk", "us"] {
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
