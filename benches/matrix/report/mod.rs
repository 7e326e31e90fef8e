//! The report: tables for a terminal, and the page and the chart in `docs/`.

mod chart;
mod data;
mod page;
mod table;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

pub(crate) use data::Report;

pub(crate) fn print(report: &Report) {
    print!("{}", table::all(&report.rows));
    println!("{}", table::sources(&report.sources));
    println!("{}", table::instructions(&report.instructions));
    println!("{}", table::targets(&report.targets));
}

pub(crate) fn print_instructions(report: &Report) {
    print!("{}", table::instructions(&report.instructions));
}

/// Stores the figures in the target directory, and writes the page and the chart.
pub(crate) fn write(report: &Report) -> io::Result<()> {
    let path = figures_path();
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(path, format!("{:#}\n", serde_json::to_value(report)?))?;
    write_docs(report)
}

/// Writes the page and the chart again, with the figures of the last run.
pub(crate) fn render() -> io::Result<()> {
    let path = figures_path();
    let text = fs::read_to_string(&path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    write_docs(&serde_json::from_str(&text)?)
}

fn write_docs(report: &Report) -> io::Result<()> {
    let docs = root().join("docs");
    fs::write(docs.join("performance.svg"), chart::draw(&report.rows))?;
    let page = docs.join("performance.md");
    let text = fs::read_to_string(&page)?;
    fs::write(page, page::with_report(&text, report)?)
}

/// The figures are not in the repository, because they differ in each run.
fn figures_path() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root().join("target"), PathBuf::from);
    target.join("benchmark/performance.json")
}

pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
