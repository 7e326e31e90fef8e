//! Reads the blocks of the document.

pub(crate) const DOCUMENT: &str = include_str!("../../docs/configuration.md");

/// A block of code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) language: &'static str,
    pub(crate) text: &'static str,
}

impl Block {
    pub(crate) fn first_line(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default()
    }
}

pub(crate) fn blocks() -> Vec<Block> {
    let parts: Vec<_> = DOCUMENT.split("\n```").collect();
    assert_eq!(parts.len() % 2, 1, "each block has an end");
    parts
        .into_iter()
        .skip(1)
        .step_by(2)
        .map(|part| {
            let (language, text) = part.split_once('\n').unwrap();
            Block { language, text }
        })
        .collect()
}

/// Returns the block that begins with a line.
pub(crate) fn block(first_line: &str) -> &'static str {
    let mut found = blocks()
        .into_iter()
        .filter(|block| block.first_line() == first_line);
    let block = found.next().expect(first_line);
    assert!(found.next().is_none(), "one block begins with {first_line}");
    block.text
}

/// The files that contain the Rust blocks.
const SOURCES: [&str; 8] = [
    include_str!("clap.rs"),
    include_str!("code.rs"),
    include_str!("config.rs"),
    include_str!("environment.rs"),
    include_str!("figment.rs"),
    include_str!("file.rs"),
    include_str!("loco.rs"),
    include_str!("rocket.rs"),
];

#[test]
fn every_rust_block_is_in_a_test() {
    let blocks = blocks()
        .into_iter()
        .filter(|block| block.language == "rust");
    let mut count = 0;
    for block in blocks {
        count += 1;
        let is_there = SOURCES.iter().any(|source| source.contains(block.text));
        assert!(is_there, "not in a test:\n{}", block.text);
    }
    assert!(count >= 8, "{count}");
}
