//! Reads the documents that tests check: the subset of Markdown tables and sections that they use.

use std::fs;
use std::path::Path;

/// Returns the text of a document in `docs/`.
#[must_use]
pub fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the rows of the table with this head.
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

/// Removes the marks of code from a text.
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
    /// The heading.
    pub title: String,
    /// The info string and the text of each block.
    pub blocks: Vec<(String, String)>,
}

impl Section {
    /// Returns the block with this info string, if there is one.
    #[must_use]
    pub fn block(&self, kind: &str) -> Option<&str> {
        let block = self.blocks.iter().find(|block| block.0 == kind);
        block.map(|block| block.1.as_str())
    }
}

/// Returns the sections with a heading of the third level.
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
