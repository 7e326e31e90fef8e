//! Every public item of the published crates has an example.

#[allow(
    dead_code,
    reason = "shared with the build script, which uses all of it"
)]
#[path = "../src/examples.rs"]
mod examples;
#[allow(
    dead_code,
    reason = "shared with the build script, which uses all of it"
)]
#[path = "../src/sources.rs"]
mod sources;

use std::fs;
use std::path::Path;

use examples::Fences;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemImpl, ItemMod, ItemTrait, TraitItem, Visibility};

/// Variants, fields, constants and implementations of traits need none. An item whose docs link to an item that shows it, with
/// the word "example", needs none either.
#[test]
fn every_public_item_has_an_example_or_links_to_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut missing = Vec::new();
    let mut found = 0;
    for package in sources::crates(&root) {
        for file in sources::files(&package.join("src"), "rs") {
            let source = fs::read_to_string(&file).expect("a source is readable");
            let mut items = PublicItems::default();
            items.visit_file(&syn::parse_file(&source).expect("a source is Rust"));
            found += items.with_example;
            let file = file
                .strip_prefix(&root)
                .unwrap_or(&file)
                .display()
                .to_string();
            missing.extend(
                items
                    .without_example
                    .iter()
                    .map(|item| format!("{file}: {item}")),
            );
        }
    }
    println!(
        "examples: {found} public items have one, {} have none",
        missing.len()
    );
    assert!(found > 0, "no public item was found");
    assert!(
        missing.is_empty(),
        "these have no example:\n{}",
        missing.join("\n")
    );
}

#[derive(Default)]
struct PublicItems {
    with_example: usize,
    without_example: Vec<String>,
}

impl PublicItems {
    fn check(&mut self, attributes: &[Attribute], name: &str) {
        if has_example(attributes) {
            self.with_example += 1;
        } else {
            self.without_example.push(name.to_owned());
        }
    }
}

fn has_example(attributes: &[Attribute]) -> bool {
    let lines: Vec<_> = attributes
        .iter()
        .filter_map(|attribute| sources::doc_text(&attribute.meta))
        .collect();
    let text: Vec<_> = lines
        .iter()
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let text = text.join("\n");
    !examples::examples(&text, Fences::Documentation).is_empty()
        || (text.contains("xample") && text.contains("[`")) // "See the example of [`Policy`]."
        || hidden(attributes)
}

/// `#[doc(hidden)]`.
fn hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("doc")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "hidden")
    })
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

impl<'ast> Visit<'ast> for PublicItems {
    fn visit_item(&mut self, item: &'ast Item) {
        let (visibility, attributes, name) = match item {
            Item::Struct(item) => (&item.vis, &item.attrs, &item.ident),
            Item::Enum(item) => (&item.vis, &item.attrs, &item.ident),
            Item::Trait(item) => (&item.vis, &item.attrs, &item.ident),
            Item::Type(item) => (&item.vis, &item.attrs, &item.ident),
            Item::Fn(item) => (&item.vis, &item.attrs, &item.sig.ident),
            _ => return visit::visit_item(self, item),
        };
        if is_public(visibility) {
            self.check(attributes, &name.to_string());
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let test = item
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("cfg"));
        if !test {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if item.trait_.is_none() {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if is_public(&function.vis) {
            self.check(&function.attrs, &function.sig.ident.to_string());
        }
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        if is_public(&item.vis) {
            for member in &item.items {
                if let TraitItem::Fn(function) = member {
                    self.check(
                        &function.attrs,
                        &format!("{}::{}", item.ident, function.sig.ident),
                    );
                }
            }
        }
    }

    fn visit_item_fn(&mut self, _: &'ast syn::ItemFn) {}
}
