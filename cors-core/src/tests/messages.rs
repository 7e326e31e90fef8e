//! Compares every message with a text file in this directory. Each message comes from a config or a request.
//!
//! After a change of a message, update the files:
//!
//! ```text
//! UPDATE_EXPECT=1 cargo test -p omnicors-core --all-features messages
//! ```
//!
//! [`variants!`] lists the variants of an enum. If a variant is missing in the list, the test does not compile. If a variant has no
//! message, the test fails.

mod explanations;
mod faults;
mod steps;
mod warnings;

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{Display, Write as _};
use std::path::Path;

use expect_test::expect_file;

/// Defines a function that returns the name of a variant, and a constant with all names.
macro_rules! variants {
    ($function:ident, $names:ident, $enum:ident $(<$lifetime:lifetime>)? { $($variant:ident),* $(,)? }) => {
        fn $function(value: &$enum $(<$lifetime>)?) -> &'static str {
            // No wildcard: a new variant must be added to the list.
            match value {
                $($enum::$variant { .. } => stringify!($variant),)*
            }
        }

        const $names: &[&str] = &[$(stringify!($variant)),*];
    };
}
use variants;

/// Reads the method and the header fields of a request, one in each line.
fn request_of(text: &str) -> (&str, Vec<(&str, &str)>) {
    let mut lines = text.lines();
    let method = lines.next().unwrap();
    (
        method,
        lines.map(|line| line.split_once(": ").unwrap()).collect(),
    )
}

/// The text of a file, and the names of the variants that occur in it.
#[derive(Default)]
struct Snapshot {
    text: String,
    seen: BTreeSet<&'static str>,
}

impl Snapshot {
    /// Begins an entry with the config or the request that causes the messages.
    fn begin(&mut self, cause: impl Display) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let cause = format!("{cause}");
        let _ = writeln!(self.text, "{}", cause.trim());
    }

    /// Adds a message and the names of its variants.
    fn message(&mut self, names: &[&'static str], message: impl Display) {
        let message = format!("{message}");
        let is_readable = |character: char| character == '\n' || !character.is_control();
        assert!(message.chars().all(is_readable), "{message:?}");
        self.seen.extend(names);
        let _ = writeln!(self.text, "  {}:", names.join(", "));
        for line in message.lines() {
            let _ = writeln!(self.text, "    {line}");
        }
    }

    /// Compares the text with the file of this name.
    #[track_caller]
    fn check(&self, file: &str) {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/messages");
        expect_file![directory.join(file)].assert_eq(&self.text);
    }

    /// Checks that each name has a message.
    #[track_caller]
    fn check_names(&self, names: &[&'static str]) {
        let missing: BTreeSet<_> = names
            .iter()
            .filter(|name| !self.seen.contains(*name))
            .collect();
        assert!(missing.is_empty(), "without a message: {missing:?}");
    }
}
