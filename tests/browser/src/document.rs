//! The documents that tests check: tables and sections of Markdown, as much of it as they use.

use std::fs;
use std::path::Path;

/// The text of a document in `docs/`.
#[must_use]
pub fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of the table whose head has these names, each with as many cells.
#[must_use]
pub fn table<const N: usize>(text: &str, head: [&str; N]) -> Vec<[String; N]> {
    let mut lines = text.lines();
    let found = lines.by_ref().any(|line| cells(line).iter().eq(&head));
    assert!(found, "no table of {head:?}");
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells = cells(row);
        let count = cells.len();
        cells
            .try_into()
            .unwrap_or_else(|_| panic!("{count} cells, not {N}: {row}"))
    })
    .collect()
}

/// A cell, or anything else, without the marks of code.
#[must_use]
pub fn plain(cell: &str) -> String {
    cell.replace('`', "")
}

fn cells(row: &str) -> Vec<String> {
    let inner = row
        .strip_prefix("| ")
        .and_then(|row| row.strip_suffix(" |"));
    let cells = inner.into_iter().flat_map(|row| row.split(" | "));
    cells.map(|cell| cell.trim().to_owned()).collect()
}

/// A section of a document, and the blocks of code in it.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// What stands behind the opening fence, and the text of the block.
    pub blocks: Vec<(String, String)>,
}

impl Section {
    /// The block of this kind, if there is one.
    #[must_use]
    pub fn block(&self, kind: &str) -> Option<&str> {
        let block = self.blocks.iter().find(|block| block.0 == kind);
        block.map(|block| block.1.as_str())
    }
}

/// The sections that begin with a heading of the third level.
#[must_use]
pub fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("### ") {
            sections.push(Section {
                title: plain(title),
                blocks: Vec::new(),
            });
        } else if let Some(kind) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let section = sections.last_mut().expect("each block is in a section");
            section.blocks.push((kind.to_owned(), block.join("\n")));
        }
    }
    sections
}
