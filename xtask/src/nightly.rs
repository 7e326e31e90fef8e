//! Installs missing components of the nightly toolchain.

use std::process::Command;

use crate::command::{self, Failed};

/// Ensures that the nightly toolchain has these components, which `user` needs.
pub(crate) fn ready(components: &[&str], user: &str) -> Result<(), Failed> {
    if installed(components) {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    add.args(["component", "add", "--toolchain", "nightly"]);
    command::run(add.args(components)).inspect_err(|_| eprintln!("{}", advice(components, user)))
}

fn installed(components: &[&str]) -> bool {
    let mut list = Command::new("rustup");
    list.args(["component", "list", "--toolchain", "nightly", "--installed"]);
    let Ok(output) = list.output() else {
        return false;
    };
    let listed = String::from_utf8_lossy(&output.stdout);
    // Some names have the target as suffix: `miri-x86_64-unknown-linux-gnu`, but `rust-src`.
    let has = |component: &&str| listed.lines().any(|line| line.starts_with(component));
    components.iter().all(has)
}

fn advice(components: &[&str], user: &str) -> String {
    let components = components.join(" --component ");
    format!(
        "
{user} did not run, because components of the nightly toolchain are missing. Install them with:

    rustup toolchain install nightly --profile minimal --component {components}

Then run the same command again."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_names_each_component() {
        let text = advice(&["miri", "rust-src"], "Miri");
        let line = "    rustup toolchain install nightly --profile minimal --component miri --component rust-src\n";
        assert!(text.contains(line), "{text}");
        assert!(text.starts_with("\nMiri did not run"), "{text}");
    }
}
