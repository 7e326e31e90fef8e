//! The names and paths in the source of a module.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Meta, Token, UseTree};

/// The names that a module defines, and the paths that it uses, without those of its submodules.
#[derive(Default)]
pub(super) struct Names {
    /// The names of its items.
    pub(super) items: Vec<String>,
    /// The names from `use` declarations, including private ones, because a submodule can import those.
    pub(super) aliases: BTreeMap<String, Vec<String>>,
    pub(super) globs: Vec<Vec<String>>,
    pub(super) paths: Vec<WrittenPath>,
}

/// A path in the source.
pub(super) struct WrittenPath {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

impl Names {
    pub(super) fn add_item(&mut self, item: &Item) {
        self.visit_item(item);
    }

    fn add_path(&mut self, segments: Vec<String>, span: Span) {
        let line = span.start().line;
        self.paths.push(WrittenPath { segments, line });
    }

    fn add_use(&mut self, tree: &UseTree, prefix: &[String]) {
        let with = |name: &syn::Ident| {
            let mut path = prefix.to_vec();
            // `a::{self}` is `a`.
            if name != "self" || prefix.is_empty() {
                path.push(name.unraw().to_string());
            }
            path
        };
        match tree {
            UseTree::Path(path) => self.add_use(&path.tree, &with(&path.ident)),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_use(tree, prefix);
                }
            }
            UseTree::Name(name) => {
                let path = with(&name.ident);
                if let Some(alias) = path.last() {
                    self.aliases.insert(alias.clone(), path.clone());
                }
                self.add_path(path, name.ident.span());
            }
            UseTree::Rename(rename) => {
                let path = with(&rename.ident);
                let alias = rename.rename.unraw().to_string();
                self.aliases.insert(alias, path.clone());
                self.add_path(path, rename.ident.span());
            }
            UseTree::Glob(glob) => {
                self.globs.push(prefix.to_vec());
                self.add_path(prefix.to_vec(), glob.star_token.spans[0]);
            }
        }
    }

    /// Adds the paths in the tokens of a macro or an attribute, which have no syntax of their own.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut start = Span::call_site();
        // The number of colons after the last name of the path.
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.add_path_of_tokens(&mut path, start);
                        start = name.span();
                    }
                    path.push(name.unraw().to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.add_path_of_tokens(&mut path, start);
                    colons = 0;
                    match other {
                        TokenTree::Group(group) => self.add_tokens(group.stream()),
                        TokenTree::Literal(literal) => {
                            self.add_text(&literal.to_string(), literal.span());
                        }
                        _ => {}
                    }
                }
            }
        }
        self.add_path_of_tokens(&mut path, start);
    }

    fn add_path_of_tokens(&mut self, path: &mut Vec<String>, span: Span) {
        if path.len() > 1 {
            self.add_path(path.clone(), span);
        }
        path.clear();
    }

    /// Adds the path in a string literal, as in `#[serde(with = "super::x")]`.
    fn add_text(&mut self, literal: &str, span: Span) {
        let text = literal.trim_matches('"');
        let starts = ["crate::", "super::", "self::"];
        if starts.iter().any(|start| text.starts_with(start))
            && let Ok(path) = syn::parse_str::<syn::Path>(text)
        {
            self.add_path(segments(&path), span);
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            self.items.extend(name(item));
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Const(item) => &item.attrs,
            syn::ImplItem::Fn(item) => &item.attrs,
            syn::ImplItem::Type(item) => &item.attrs,
            syn::ImplItem::Macro(item) => &item.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            self.add_use(&item.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // A single name is an item of the module, or was imported.
        if path.leading_colon.is_none()
            && path.segments.len() > 1
            && let Some(first) = path.segments.first()
        {
            self.add_path(segments(path), first.ident.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // `pub(in crate::x)` is not an import.
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.visit_path(&called.path);
        self.add_tokens(called.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        // A link in the docs is not an import.
        if let Meta::List(list) = &attribute.meta {
            self.add_tokens(list.tokens.clone());
        }
    }
}

fn segments(path: &syn::Path) -> Vec<String> {
    let names = path.segments.iter();
    names
        .map(|segment| segment.ident.unraw().to_string())
        .collect()
}

/// Returns the text of doc comments as one line.
pub(super) fn docs(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes {
        if let Meta::NameValue(meta) = &attribute.meta
            && meta.path.is_ident("doc")
            && let syn::Expr::Lit(value) = &meta.value
            && let syn::Lit::Str(line) = &value.lit
        {
            text += &line.value();
        }
    }
    text
}

/// Returns true if an item is only compiled for tests.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list
            .parse_args()
            .is_ok_and(|condition| needs_test(&condition)),
        Meta::Path(path) => path.is_ident("test"),
        _ => false,
    })
}

/// Returns true for `test`, and for `all(…, test, …)`.
fn needs_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => {
            let all = Punctuated::<Meta, Token![,]>::parse_terminated;
            let all = all.parse2(list.tokens.clone());
            all.is_ok_and(|all| all.iter().any(needs_test))
        }
        _ => false,
    }
}

pub(super) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Returns the name that an item defines in its module.
fn name(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.unraw().to_string())
}
