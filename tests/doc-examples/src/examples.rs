//! The Rust examples in a text of Markdown, without their hidden lines.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

/// An example as a reader sees it.
#[derive(Debug, PartialEq)]
pub(crate) struct Example {
    /// The line of the text at which its code begins, from 0.
    pub(crate) line: usize,
    pub(crate) code: String,
}

/// Which code blocks are Rust: in documentation also those without a language.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fences {
    Documentation,
    Page,
}

/// Returns the examples that must compile: all but those marked `ignore` or `compile_fail`.
pub(crate) fn examples(text: &str, fences: Fences) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut current: Option<Example> = None;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if is_rust(&info, fences) => {
                let line = text[..range.start].matches('\n').count() + 1;
                current = Some(Example {
                    line,
                    code: String::new(),
                });
            }
            Event::Text(code) => {
                if let Some(example) = &mut current {
                    example.code.push_str(&visible(&code));
                }
            }
            Event::End(TagEnd::CodeBlock) => examples.extend(current.take()),
            _ => {}
        }
    }
    examples
}

fn is_rust(info: &str, fences: Fences) -> bool {
    let mut words = info
        .split([',', ' '])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .peekable();
    if words.peek().is_none() {
        return fences == Fences::Documentation;
    }
    let mut rust = fences == Fences::Documentation;
    for word in words {
        match word {
            "rust" => rust = true,
            "no_run" | "should_panic" => {}
            // Another language, `ignore` or `compile_fail`.
            _ => return false,
        }
    }
    rust
}

/// The code without the lines that rustdoc hides. `##` at the beginning of a line is shown as `#`.
fn visible(code: &str) -> String {
    code.split_inclusive('\n')
        .filter_map(|line| {
            let text = line.trim();
            if text == "#" || text.starts_with("# ") {
                return None;
            }
            Some(if text.starts_with("##") {
                line.replacen("##", "#", 1)
            } else {
                line.to_owned()
            })
        })
        .collect()
}

/// Returns true if the example has a function `main`, its own or one that a macro makes.
pub(crate) fn is_program(code: &str) -> bool {
    code.contains("fn main(") || code.contains("#[launch]") || code.contains("#[rocket::launch]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_lines_are_removed() {
        let text = "```\n# use a::b;\nlet x = b();\n#\n## shown\n#[attribute]\n```\n";
        let code = "let x = b();\n# shown\n#[attribute]\n".to_owned();
        assert_eq!(
            examples(text, Fences::Documentation),
            [Example { line: 1, code }]
        );
    }

    #[test]
    fn only_blocks_of_rust_that_compile_are_examples() {
        for (info, documentation, page) in [
            ("", true, false),
            ("rust", true, true),
            ("rust,no_run", true, true),
            ("should_panic", true, false),
            ("ignore", false, false),
            ("rust,ignore", false, false),
            ("compile_fail", false, false),
            ("text", false, false),
            ("toml policy", false, false),
        ] {
            let text = format!("text\n\n```{info}\ncode\n```\n");
            for (fences, taken) in [(Fences::Documentation, documentation), (Fences::Page, page)] {
                assert_eq!(
                    examples(&text, fences).len(),
                    usize::from(taken),
                    "`{info}`"
                );
            }
        }
    }
}
