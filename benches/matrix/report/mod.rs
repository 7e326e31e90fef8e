//! The report: tables for a terminal and a file, and the page and the chart in `docs/`.

mod chart;
mod data;
mod page;
mod summary;
mod table;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

pub(crate) use data::{Report, compiler, versions};

pub(crate) fn print(report: &Report) {
    print!("{}", table::all(&report.rows));
    println!("{}", table::sources(&report.sources));
    print_instructions(report);
}

pub(crate) fn print_instructions(report: &Report) {
    println!("{}", table::instructions(&report.instructions));
    println!("{}", table::targets(&report.targets));
}

/// Stores the figures and the full report in the target directory, and writes the page and the chart.
pub(crate) fn write(report: &Report) -> io::Result<()> {
    fs::create_dir_all(directory())?;
    fs::write(
        figures_path(),
        format!("{:#}\n", serde_json::to_value(report)?),
    )?;
    write_texts(report)
}

/// Writes the report, the page and the chart again, with the figures of the last run.
pub(crate) fn render() -> io::Result<()> {
    let path = figures_path();
    let text = fs::read_to_string(&path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    write_texts(&serde_json::from_str(&text)?)
}

fn write_texts(report: &Report) -> io::Result<()> {
    fs::write(directory().join("report.md"), page::full(report))?;
    let docs = root().join("docs");
    fs::write(docs.join("performance.svg"), chart::draw(&report.rows))?;
    let page = docs.join("performance.md");
    let text = fs::read_to_string(&page)?;
    fs::write(page, page::with_summary(&text, report)?)
}

/// The figures are not in the repository, because they differ in each run.
fn figures_path() -> PathBuf {
    directory().join("performance.json")
}

/// The directory for what a run writes and the repository does not keep.
pub(crate) fn directory() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root().join("target"), PathBuf::from);
    target.join("bench")
}

pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
