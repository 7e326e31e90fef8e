mod origins;
mod patterns;

use super::{is_origin, pattern_matches};

fn assert_matches(pattern: &str, origins: &[&str]) {
    for origin in origins {
        assert!(
            is_origin(origin.as_bytes()) || *origin == "null",
            "{origin} is not an origin"
        );
        assert!(
            pattern_matches(pattern, origin.as_bytes()),
            "{pattern} should match {origin}"
        );
    }
}

fn assert_misses(pattern: &str, origins: &[&str]) {
    for origin in origins {
        assert!(
            !pattern_matches(pattern, origin.as_bytes()),
            "{pattern} should not match {origin}"
        );
    }
}

/// Returns a host of this length, in labels of up to 63 characters: 253 is 63 + 1 + 63 + 1 + 63 + 1 + 61.
fn long_host(length: usize) -> String {
    let host = format!("{0}.{0}.{0}.", "a".repeat(63));
    format!("{host}{}", "a".repeat(length - host.len()))
}
