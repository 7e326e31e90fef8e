//! The files that readers see, and the documentation in them.

use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The directories of the published crates, from the root of the repository.
pub(crate) fn crates(root: &Path) -> Vec<PathBuf> {
    let mut crates = vec![
        root.to_owned(),
        root.join("browser"),
        root.join("cors-core"),
    ];
    crates.extend(entries(&root.join("adapters")));
    crates
}

/// Every file with `extension` in `directory` and below it, in a fixed order.
pub(crate) fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in entries(directory) {
        if path.is_dir() {
            files.extend(self::files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// A line of Markdown and the number of the line in its file, from 1.
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) text: String,
}

/// The documentation of a Rust file: the text of its `doc` attributes, in the order of the file.
pub(crate) fn documentation(source: &str) -> syn::Result<Vec<Line>> {
    let mut visitor = Documentation::default();
    visitor.visit_file(&syn::parse_file(source)?);
    Ok(visitor.0)
}

#[derive(Default)]
struct Documentation(Vec<Line>);

impl<'ast> Visit<'ast> for Documentation {
    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let number = attribute.pound_token.spans[0].start().line;
        if let Some(text) = doc_text(&attribute.meta) {
            // Text of another item must not continue a paragraph or a list of this one.
            if self.0.last().is_some_and(|last| last.number + 1 < number) {
                self.0.push(Line {
                    number,
                    text: String::new(),
                });
            }
            for line in text.split('\n') {
                let text = line.strip_prefix(' ').unwrap_or(line).to_owned();
                self.0.push(Line { number, text });
            }
        }
        visit::visit_attribute(self, attribute);
    }
}

/// The text of `doc = "…"`, also of `cfg_attr(feature = "…", doc = "…")`, as all features are on.
pub(crate) fn doc_text(meta: &Meta) -> Option<String> {
    match meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let parts = list
                .parse_args_with(
                    syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated,
                )
                .ok()?;
            let mut parts = parts.iter();
            if parts.next()?.path().is_ident("not") {
                return None;
            }
            parts.find_map(doc_text)
        }
        _ => None,
    }
}
