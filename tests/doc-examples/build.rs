//! Writes the examples of the docs, without their hidden lines, to one file of Rust.

#[path = "src/examples.rs"]
mod examples;
#[path = "src/quickstart.rs"]
mod quickstart;
#[path = "src/sources.rs"]
mod sources;

// The quick start generates programs for its page with these.
#[path = "../../examples/quickstart/src/presets.rs"]
mod presets;
#[path = "../../examples/quickstart/src/rust_code.rs"]
mod rust_code;
#[allow(dead_code, reason = "the names of the tabs are only for the page")]
#[path = "../../examples/quickstart/src/usage.rs"]
mod usage;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use examples::{Fences, examples, is_program};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()?;
    let mut output = String::new();

    for package in sources::crates(&root) {
        watch(&package.join("src"));
        for file in sources::files(&package.join("src"), "rs") {
            let lines = sources::documentation(&fs::read_to_string(&file)?)?;
            let text: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
            for example in examples(&text.join("\n"), Fences::Documentation) {
                let line = lines.get(example.line).map_or(0, |line| line.number);
                write_module(&mut output, &root, &file, line, &example.code)?;
            }
        }
    }
    for file in pages(&root) {
        watch(&file);
        for example in examples(&fs::read_to_string(&file)?, Fences::Page) {
            write_module(&mut output, &root, &file, example.line + 1, &example.code)?;
        }
    }

    watch(&root.join("examples/quickstart"));
    for (name, code) in quickstart::programs()? {
        write_module(&mut output, &root, &root.join(name), 1, &code)?;
    }

    let folder = env::var("OUT_DIR")?;
    let folder = Path::new(&folder);
    fs::write(folder.join("examples.rs"), output)?;
    fs::write(folder.join("policies.rs"), quickstart::policies()?)?;
    Ok(())
}

/// The READMEs of the published crates, and `docs/`.
fn pages(root: &Path) -> Vec<PathBuf> {
    let readmes = sources::crates(root)
        .into_iter()
        .map(|package| package.join("README.md"));
    let mut pages: Vec<_> = readmes.filter(|file| file.exists()).collect();
    watch(&root.join("docs"));
    pages.extend(sources::files(&root.join("docs"), "md"));
    pages
}

fn watch(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

fn write_module(
    output: &mut String,
    root: &Path,
    file: &Path,
    line: usize,
    code: &str,
) -> Result<(), Box<dyn Error>> {
    let file = file.strip_prefix(root)?.display().to_string();
    let name = file.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let (before, after) = if is_program(code) {
        ("", "")
    } else {
        (
            "async fn example() -> Result<(), Box<dyn std::error::Error>> {\n",
            ";\nOk(())\n}\n",
        )
    };
    writeln!(
        output,
        "mod {name}_line_{line} {{\n{before}{code}{after}}}\n"
    )?;
    Ok(())
}
