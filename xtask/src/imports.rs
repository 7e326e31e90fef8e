//! `cargo xtask imports`: checks the order of imports, and finds cycles.
//!
//! In the core, a file imports only from modules below its own in [`ORDER`]; in an adapter, in the browser crate and in the
//! command line, only from the modules after its own in the list that its `lib.rs` or `main.rs` states. The graph of files must not have cycles.
//!
//! An import of a name that a module re-exports counts as an import from the file that defines it. So files that only declare
//! and re-export are not part of a cycle.

mod cycles;
mod items;
mod modules;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::command::{Failed, root};
use cycles::cycles;
use modules::{Crate, Import, Loader};

/// The modules of the core, from the top down. Modules in one row may import from each other, but not in a cycle.
///
/// `edit_distance` and `limits` are last: they import nothing, and every other module may import them.
const ORDER: [&[&str]; 12] = [
    &["explain"],
    &["evaluate"],
    // For adapter authors only; uses the modules below.
    &["adapter"],
    &["decision"],
    &["verdict"],
    &["guard"],
    &["rejection"],
    &["response"],
    &["policy"],
    &["denial", "request", "method"],
    &["header", "origin"],
    &["edit_distance", "limits"],
];

const CORE: &str = "cors-core";
const ADAPTERS: &str = "adapters";
const BROWSER: &str = "browser";
const CLI: &str = "cli";

/// The text before the list of modules in the docs of a `lib.rs` or `main.rs`.
const STATED_ORDER: &str = "imports only from those after it:";

pub(crate) fn run() -> Result<(), Failed> {
    let mut violations = 0;
    for folder in folders()? {
        let source = root().join(&folder).join("src");
        let load = |path: &Path| fs::read_to_string(source.join(path)).ok();
        let report = check(&folder, &load)
            .map_err(|error| Failed::because(format_args!("{folder}: {error}")))?;
        print!("{}", report.text);
        violations += report.violations;
    }
    if violations == 0 {
        Ok(())
    } else {
        Err(Failed::because(format_args!(
            "violations of the order of imports: {violations}"
        )))
    }
}

/// Returns the folders of the core, of the browser crate, of the command line and of each adapter, relative to the root.
fn folders() -> Result<Vec<String>, Failed> {
    let unreadable = |error| Failed::because(format_args!("{ADAPTERS}: {error}"));
    let mut folders = vec![CORE.to_owned(), BROWSER.to_owned(), CLI.to_owned()];
    for entry in fs::read_dir(root().join(ADAPTERS)).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.join("src/lib.rs").is_file()
            && let Some(name) = path.file_name()
        {
            folders.push(format!("{ADAPTERS}/{}", name.display()));
        }
    }
    folders.sort_unstable_by_key(|folder| (folder != CORE, folder.clone()));
    Ok(folders)
}

/// The report about a crate.
struct Report {
    text: String,
    violations: usize,
}

fn check(folder: &str, load: Loader<'_>) -> Result<Report, String> {
    let krate = Crate::read(load)?;
    let imports = krate.imports();
    let order = match folder {
        CORE => Some(ORDER.map(<[&str]>::to_vec).to_vec()),
        _ => stated_order(&krate.docs),
    };
    let mut violations = order
        .as_ref()
        .map_or_else(Vec::new, |order| upward(&krate, &imports, order));
    let edges = edges(&krate, &imports);
    for cycle in cycles(&edges) {
        let names: Vec<_> = cycle.iter().chain(cycle.first()).cloned().collect();
        violations.push(format!("cycle: {}", names.join(" -> ")));
    }

    let mut text = format!(
        "{folder}: files: {}, imports: {}, violations: {}\n",
        krate.files.len(),
        edges.len(),
        violations.len()
    );
    for violation in &violations {
        writeln!(text, "  {violation}").map_err(|error| error.to_string())?;
    }
    for note in notes(folder, &krate, order.is_some()) {
        writeln!(text, "  note: {note}").map_err(|error| error.to_string())?;
    }
    Ok(Report {
        text,
        violations: violations.len(),
    })
}

/// Returns findings that are not violations.
fn notes(folder: &str, krate: &Crate, has_order: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if !has_order {
        notes.push("its docs do not state an order, so only cycles are checked".to_owned());
    }
    if folder == CORE {
        let files = krate.files.iter();
        let files = files.filter(|file| file.name == "lib.rs" || file.has_folder);
        let files = files.filter(|file| !file.only_declares);
        let names: Vec<_> = files.map(|file| file.name.as_str()).collect();
        if !names.is_empty() {
            let names = names.join(", ");
            notes.push(format!(
                "these files have submodules and also define items: {names}"
            ));
        }
    }
    notes
}

/// Returns the imports from one file to another, without those of files that only declare and re-export.
fn edges(krate: &Crate, imports: &[Import]) -> BTreeSet<(String, String)> {
    let file = |index: usize| krate.files.get(index).filter(|file| !file.only_declares);
    imports
        .iter()
        .filter_map(|import| Some((file(import.from)?, file(import.to)?)))
        .filter(|(from, to)| from.name != to.name)
        .map(|(from, to)| (from.name.clone(), to.name.clone()))
        .collect()
}

/// Returns the imports from a module above, and the modules that are not in the order.
fn upward(krate: &Crate, imports: &[Import], order: &[Vec<&str>]) -> Vec<String> {
    let row = |module: &str| order.iter().position(|row| row.contains(&module));
    let modules: BTreeSet<_> = krate.files.iter().filter_map(|file| file.top()).collect();
    let mut violations: Vec<_> = modules
        .into_iter()
        .filter(|module| row(module).is_none())
        .map(|module| format!("`{module}` is not in the order of imports"))
        .collect();
    for import in imports {
        let (Some(from), Some(to)) = (krate.files.get(import.from), krate.files.get(import.to))
        else {
            continue;
        };
        // `lib.rs` or `main.rs` is above all modules.
        let Some(own) = from.top() else { continue };
        let is_upward = match to.top() {
            None => true,
            Some(other) => {
                matches!((row(own), row(other)), (Some(own), Some(other)) if other < own)
            }
        };
        if is_upward {
            violations.push(format!(
                "{}:{}: imports `{}` from above, {}",
                from.name, import.line, import.path, to.name
            ));
        }
    }
    violations
}

/// Returns the order that the docs of a crate state.
fn stated_order(docs: &str) -> Option<Vec<Vec<&str>>> {
    let (_, list) = docs.split_once(STATED_ORDER)?;
    let list = list.split_once('.').map_or(list, |(list, _)| list);
    let names = list.split('`').skip(1).step_by(2);
    Some(names.map(|name| vec![name]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a crate with these files, and returns the report.
    fn checked(folder: &str, files: &[(&str, &str)]) -> String {
        let load = |path: &Path| {
            let mut files = files.iter();
            let found = files.find(|(name, _)| Path::new(name) == path);
            found.map(|(_, text)| (*text).to_owned())
        };
        check(folder, &load).unwrap().text
    }

    #[test]
    fn an_upward_import_in_the_core_is_found() {
        let lib = ("lib.rs", "mod header; mod policy;\npub use policy::Policy;");
        let policy = ("policy.rs", "pub struct Policy;\nuse crate::header::Name;");
        let header = ("header.rs", "pub struct Name;");
        let text = checked(CORE, &[lib, policy, header]);
        assert_eq!(text, "cors-core: files: 3, imports: 1, violations: 0\n");

        // In `use`, in a path, in a macro, in an attribute, and through the re-export of `lib.rs`.
        for header in [
            "use crate::policy::Policy;",
            "use super::policy::{Policy as P, self};",
            "fn f() -> crate::policy::Policy { todo!() }",
            "fn f() { assert!(crate::policy::Policy::is_static()) }",
            "#[serde(with = \"crate::policy::Policy\")] struct S;",
            "use crate::Policy;",
            "fn f(_: &super::Policy) {}",
        ] {
            let lib = ("lib.rs", "mod header; mod policy;\npub use policy::Policy;");
            let policy = ("policy.rs", "pub struct Policy;");
            let text = checked(CORE, &[lib, policy, ("header.rs", header)]);
            assert!(text.contains("header.rs:1: imports `"), "{header}: {text}");
            assert!(text.contains("from above, policy.rs"), "{header}: {text}");
        }
    }

    #[test]
    fn a_cycle_between_files_is_found_through_re_exports() {
        let files = [
            ("lib.rs", "mod policy;"),
            (
                "policy.rs",
                "mod build; mod config;\npub use build::Built; pub use config::Config;",
            ),
            (
                "policy/build.rs",
                "pub struct Built; use super::config::Config;",
            ),
            (
                "policy/config.rs",
                "pub struct Config; fn f() { super::Built; }",
            ),
        ];
        let text = checked(CORE, &files);
        assert_eq!(
            text,
            "cors-core: files: 4, imports: 2, violations: 1\n  \
             cycle: policy/build.rs -> policy/config.rs -> policy/build.rs\n"
        );
    }

    #[test]
    fn a_module_that_imports_from_its_submodule_and_back_is_a_cycle() {
        let files = [
            ("lib.rs", "mod origin;"),
            (
                "origin.rs",
                "mod set; use self::set::Set; pub struct Origin(Set);",
            ),
            ("origin/set.rs", "pub struct Set; use super::Origin;"),
        ];
        let text = checked(CORE, &files);
        assert!(
            text.contains("cycle: origin.rs -> origin/set.rs -> origin.rs"),
            "{text}"
        );
        assert!(
            text.contains("note: these files have submodules and also define items: origin.rs"),
            "{text}"
        );
    }

    #[test]
    fn an_adapter_follows_the_order_that_it_states() {
        let lib = "//! Each file imports only from those after it: `cors`,\n//! `request`; and `fields`. The \
                   last is like `other`.\nmod cors; mod fields; mod request;";
        let files = |request| {
            [
                ("lib.rs", lib),
                ("cors.rs", "use crate::request::head; pub struct Cors;"),
                ("request.rs", request),
                ("fields.rs", ""),
            ]
        };
        let text = checked("adapters/x", &files("pub fn head() {}"));
        assert!(text.ends_with(" violations: 0\n"), "{text}");
        let text = checked(
            "adapters/x",
            &files("use crate::cors::Cors; pub fn head() {}"),
        );
        assert!(
            text.contains("request.rs:1: imports `crate::cors::Cors` from above, cors.rs"),
            "{text}"
        );
        assert!(
            text.contains("cycle: cors.rs -> request.rs -> cors.rs"),
            "{text}"
        );
    }

    #[test]
    fn a_program_follows_the_order_that_it_states() {
        let main = "//! Each file imports only from those after it: `check`, `exit`.\nmod check; mod exit; fn main() { check::run() }\n\
                    pub(crate) const ROOT: u8 = 0;";
        let files = |check| {
            [
                ("main.rs", main),
                ("check.rs", check),
                ("exit.rs", "pub const REPORTED: u8 = 1;"),
            ]
        };
        let text = checked(CLI, &files("use crate::exit::REPORTED; pub fn run() {}"));
        assert_eq!(text, "cli: files: 3, imports: 2, violations: 0\n");
        let text = checked(CLI, &files("use crate::ROOT; pub fn run() {}"));
        assert!(
            text.contains("check.rs:1: imports `crate::ROOT` from above, main.rs"),
            "{text}"
        );
    }

    #[test]
    fn a_module_that_is_not_in_the_order_is_found() {
        let text = checked(CORE, &[("lib.rs", "mod unknown;"), ("unknown.rs", "")]);
        assert!(
            text.contains("`unknown` is not in the order of imports"),
            "{text}"
        );
    }

    #[test]
    fn tests_may_import_anything() {
        let files = [
            (
                "lib.rs",
                "mod header; mod policy; #[cfg(test)] mod tests; #[cfg(all(test, unix))] mod more;",
            ),
            ("policy.rs", "pub struct Policy;"),
            (
                "header.rs",
                "#[cfg(test)] mod tests { use crate::policy::Policy; }\n#[cfg(test)] use crate::policy::Policy;\n\
                 impl X { #[cfg(test)] fn f(_: crate::policy::Policy) {} }",
            ),
        ];
        let text = checked(CORE, &files);
        assert!(text.ends_with(" violations: 0\n"), "{text}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error() {
        let load = |path: &Path| (path == Path::new("lib.rs")).then(|| "mod gone;".to_owned());
        assert!(check(CORE, &load).is_err());
        assert!(check(CORE, &|_: &Path| Some("fn {".to_owned())).is_err());
    }
}
