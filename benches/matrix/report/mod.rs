//! The figures, as a person and as a program read them.

mod chart;
mod docs;
mod json;
mod table;

use std::fs;
use std::path::Path;

use crate::figures::{Row, Sources};
use crate::instructions::Counted;
use crate::targets::Target;

/// All of a run.
pub(crate) struct Run {
    pub(crate) rows: Vec<Row>,
    pub(crate) sources: Vec<Sources>,
    pub(crate) instructions: Vec<Counted>,
    pub(crate) targets: Vec<Target>,
}

pub(crate) use table::instructions;

pub(crate) fn print(run: &Run) {
    print!("{}", table::all(&run.rows));
    println!("{}", table::sources(&run.sources));
    println!("{}", instructions(&run.instructions));
    println!("{}", table::targets(&run.targets));
}

/// Writes what stands in `docs/`: the tables, the chart, and all of it for programs.
pub(crate) fn write(run: &Run) -> std::io::Result<()> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let docs = root.join("docs");
    let lock = fs::read_to_string(root.join("Cargo.lock"))?;
    fs::write(docs.join("performance.json"), json::of(run, &lock))?;
    fs::write(docs.join("performance.svg"), chart::of(&run.rows))?;
    let page = docs.join("performance.md");
    let text = fs::read_to_string(&page)?;
    fs::write(page, docs::renewed(&text, run, &lock)?)
}
