//! The modules of a crate, and what they import from each other.

use std::collections::BTreeMap;
use std::path::Path;

use syn::Item;
use syn::ext::IdentExt as _;

use super::items::{Names, attributes, docs, is_test};

/// Returns the text of a file, by its path below `src`.
pub(super) type Loader<'a> = &'a dyn Fn(&Path) -> Option<String>;

/// A crate, without its tests.
pub(super) struct Crate {
    pub(super) files: Vec<File>,
    /// The docs of `lib.rs` or `main.rs`.
    pub(super) docs: String,
    modules: Vec<Module>,
}

/// A source file.
pub(super) struct File {
    /// Its path below `src`.
    pub(super) name: String,
    /// True if it has submodules in a folder of its name.
    pub(super) has_folder: bool,
    /// True if it only has attributes, docs, `mod` and `use` declarations.
    pub(super) only_declares: bool,
}

/// A use of a name of the same crate.
#[derive(Debug)]
pub(super) struct Import {
    /// The index of the file that imports.
    pub(super) from: usize,
    /// The index of the file that defines the name.
    pub(super) to: usize,
    pub(super) line: usize,
    /// The path in the source.
    pub(super) path: String,
}

/// A module: a file, or part of one.
#[derive(Default)]
struct Module {
    file: usize,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    names: Names,
}

impl File {
    /// Returns its top-level module, or `None` for `lib.rs` and `main.rs`.
    pub(super) fn top(&self) -> Option<&str> {
        let first = self.name.split('/').next()?;
        let first = first.strip_suffix(".rs").unwrap_or(first);
        (!matches!(first, "lib" | "main")).then_some(first)
    }
}

impl Crate {
    /// Reads `lib.rs`, or `main.rs` of a program, and the files of all modules, except those that are only compiled for tests.
    pub(super) fn read(load: Loader<'_>) -> Result<Self, String> {
        let mut krate = Self {
            files: Vec::new(),
            docs: String::new(),
            modules: Vec::new(),
        };
        let roots = ["lib.rs", "main.rs"].map(Path::new);
        let [library, _] = roots;
        let root = roots.into_iter().find(|root| load(root).is_some());
        krate.read_file(load, root.unwrap_or(library), Path::new(""), None)?;
        Ok(krate)
    }

    /// Returns every import that can be resolved to a file of the crate.
    pub(super) fn imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for (index, module) in self.modules.iter().enumerate() {
            for path in &module.names.paths {
                if let Some(to) = self.resolve(index, &path.segments, 0)
                    && let Some(target) = self.modules.get(to)
                    && target.file != module.file
                {
                    imports.push(Import {
                        from: module.file,
                        to: target.file,
                        line: path.line,
                        path: path.segments.join("::"),
                    });
                }
            }
        }
        imports
    }

    fn read_file(
        &mut self,
        load: Loader<'_>,
        path: &Path,
        folder: &Path,
        parent: Option<usize>,
    ) -> Result<usize, String> {
        let name = path.display().to_string();
        let text = load(path).ok_or_else(|| format!("{name} cannot be read"))?;
        let parsed = syn::parse_file(&text).map_err(|error| {
            let line = error.span().start().line;
            format!("{name}:{line}: {error}")
        })?;
        if parent.is_none() {
            self.docs = docs(&parsed.attrs);
        }
        let file = self.files.len();
        let mut own = parsed
            .items
            .iter()
            .filter(|item| !is_test(attributes(item)));
        self.files.push(File {
            name,
            has_folder: false,
            only_declares: own.all(|item| {
                matches!(item, Item::Use(_) | Item::ExternCrate(_))
                    || matches!(item, Item::Mod(module) if module.content.is_none())
            }),
        });
        self.read_module(load, &parsed.items, file, folder, parent)
    }

    /// Reads the items of a module, whose submodules are in `folder`.
    fn read_module(
        &mut self,
        load: Loader<'_>,
        items: &[Item],
        file: usize,
        folder: &Path,
        parent: Option<usize>,
    ) -> Result<usize, String> {
        let index = self.modules.len();
        self.modules.push(Module {
            file,
            parent,
            ..Module::default()
        });
        let mut names = Names::default();
        let mut children = BTreeMap::new();
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            let Item::Mod(module) = item else {
                names.add_item(item);
                continue;
            };
            let name = module.ident.unraw().to_string();
            let inner = folder.join(&name);
            let child = if let Some((_, items)) = &module.content {
                self.read_module(load, items, file, &inner, Some(index))?
            } else {
                if let Some(parent) = self.files.get_mut(file) {
                    parent.has_folder |= parent.top().is_some();
                }
                let beside = folder.join(format!("{name}.rs"));
                let path = match load(&beside) {
                    Some(_) => beside,
                    None => inner.join("mod.rs"),
                };
                self.read_file(load, &path, &inner, Some(index))?
            };
            children.insert(name, child);
        }
        if let Some(module) = self.modules.get_mut(index) {
            module.children = children;
            module.names = names;
        }
        Ok(index)
    }

    /// Returns the module that defines the item of a path, or `None` if it is outside of the crate.
    fn resolve(&self, module: usize, path: &[String], depth: usize) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.follow(0, rest, depth),
            "self" => self.follow(module, rest, depth),
            "super" => {
                let parent = self.modules.get(module)?.parent?;
                if rest.first().is_some_and(|next| next == "super") {
                    self.resolve(parent, rest, depth)
                } else {
                    self.follow(parent, rest, depth)
                }
            }
            name => {
                let is_known = self.provides(module, name, depth);
                is_known.then(|| self.follow(module, path, depth)).flatten()
            }
        }
    }

    /// Returns the module that defines the item of a path that starts in this module.
    fn follow(&self, module: usize, path: &[String], depth: usize) -> Option<usize> {
        let Some((first, rest)) = path.split_first() else {
            return Some(module);
        };
        if depth > MAX_DEPTH {
            return None;
        }
        let known = self.modules.get(module)?;
        if let Some(child) = known.children.get(first) {
            return self.follow(*child, rest, depth);
        }
        if known.names.items.contains(first) {
            return Some(module);
        }
        if let Some(alias) = known.names.aliases.get(first) {
            // A name from another crate counts as imported from the module that re-exports it.
            let full = [alias.as_slice(), rest].concat();
            return Some(self.resolve(module, &full, depth + 1).unwrap_or(module));
        }
        let mut globs = known.names.globs.iter();
        let glob = globs.find_map(|glob| {
            let source = self.resolve(module, glob, depth + 1)?;
            self.provides(source, first, depth + 1).then_some(source)
        });
        match glob {
            Some(source) => self.follow(source, path, depth + 1),
            // A macro may define the name.
            None => Some(module),
        }
    }

    /// Returns true if a module defines or imports a name.
    fn provides(&self, module: usize, name: &str, depth: usize) -> bool {
        let Some(known) = self.modules.get(module).filter(|_| depth <= MAX_DEPTH) else {
            return false;
        };
        known.children.contains_key(name)
            || known.names.aliases.contains_key(name)
            || known.names.items.iter().any(|item| item == name)
            || known.names.globs.iter().any(|glob| {
                let source = self.resolve(module, glob, depth + 1);
                source.is_some_and(|source| {
                    source != module && self.provides(source, name, depth + 1)
                })
            })
    }
}

/// The maximum length of a chain of re-exports. Longer chains contain two modules that re-export each other.
const MAX_DEPTH: usize = 16;
