//! Modules of a crate, read from its source files. Test modules are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, File, Item, ItemMod, ItemUse, UseTree, Visibility};

/// Path of a module within its crate; empty for the crate's root.
pub(super) type ModulePath = Vec<String>;

/// The modules of a crate.
pub(super) struct Source {
    pub(super) modules: BTreeMap<ModulePath, Module>,
    /// Names of the modules that the crate's root file declares, in its order.
    pub(super) order: Vec<String>,
}

/// One module: the file that it is in, and all that it names.
#[derive(Default)]
pub(super) struct Module {
    pub(super) file: PathBuf,
    /// Names of the items that it declares itself.
    pub(super) declares: BTreeSet<String>,
    pub(super) uses: Vec<Use>,
    /// Paths in its code, outside `use`.
    pub(super) paths: Vec<Named>,
}

/// One name that a `use` brings in.
pub(super) struct Use {
    /// The name within this module; `*` for all names.
    pub(super) name: String,
    pub(super) named: Named,
    /// True if the name is visible outside the module.
    pub(super) is_reexport: bool,
}

/// A path as written, and its line.
pub(super) struct Named {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

/// Reads the crate whose root file is `root`. Names of files are relative to the root's directory.
pub(super) fn read(root: &Path) -> Source {
    let directory = root.parent().expect("a file has a directory");
    let mut modules = BTreeMap::new();
    let order = read_file(root, directory, &[], &mut modules);
    for module in modules.values_mut() {
        if let Ok(file) = module.file.strip_prefix(directory) {
            module.file = file.to_owned();
        }
    }
    Source { modules, order }
}

/// Reads a file, and the files of its modules, which are in `directory`. Returns the names of its modules.
fn read_file(
    file: &Path,
    directory: &Path,
    path: &[String],
    modules: &mut BTreeMap<ModulePath, Module>,
) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let File { items, .. } =
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    read_items(&items, file, directory, path, modules)
}

fn read_items(
    items: &[Item],
    file: &Path,
    directory: &Path,
    path: &[String],
    modules: &mut BTreeMap<ModulePath, Module>,
) -> Vec<String> {
    let mut reader = Reader::default();
    let mut children = Vec::new();
    for item in items {
        match item {
            Item::Mod(child) if is_test(&child.attrs) => {}
            Item::Mod(child) => children.push(child),
            item => reader.visit_item(item),
        }
    }
    let mut module = reader.module;
    file.clone_into(&mut module.file);
    modules.insert(path.to_vec(), module);
    let names: Vec<_> = children.iter().map(|child| child.ident.to_string()).collect();
    for (ItemMod { content, .. }, name) in children.into_iter().zip(&names) {
        let child = [path, std::slice::from_ref(name)].concat();
        let below = directory.join(name);
        match content {
            Some((_, items)) => read_items(items, file, &below, &child, modules),
            None => read_file(&below.with_extension("rs"), &below, &child, modules),
        };
    }
    names
}

/// Collects the names of one module's code.
#[derive(Default)]
struct Reader {
    module: Module,
    /// Depth of blocks: a `use` in a function declares nothing for the module.
    depth: usize,
}

impl Reader {
    fn name(&mut self, segments: Vec<String>, line: usize) {
        self.module.paths.push(Named { segments, line });
    }

    fn flatten(&mut self, tree: &UseTree, mut prefix: Vec<String>, is_reexport: bool) {
        let (ident, name) = match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                return self.flatten(&path.tree, prefix, is_reexport);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.flatten(tree, prefix.clone(), is_reexport);
                }
                return;
            }
            UseTree::Name(name) => (&name.ident, name.ident.to_string()),
            UseTree::Rename(rename) => (&rename.ident, rename.rename.to_string()),
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                let named = Named {
                    segments: prefix,
                    line,
                };
                return self.module.uses.push(Use {
                    name: "*".into(),
                    named,
                    is_reexport,
                });
            }
        };
        let line = ident.span().start().line;
        if ident != "self" {
            prefix.push(ident.to_string());
        }
        let name = if name == "self" {
            prefix.last().cloned().unwrap_or_default()
        } else {
            name
        };
        let named = Named {
            segments: prefix,
            line,
        };
        self.module.uses.push(Use {
            name,
            named,
            is_reexport,
        });
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, name) = match item {
            Item::Const(item) => (&item.attrs, Some(&item.ident)),
            Item::Enum(item) => (&item.attrs, Some(&item.ident)),
            Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
            Item::Impl(item) => (&item.attrs, None),
            Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
            Item::Static(item) => (&item.attrs, Some(&item.ident)),
            Item::Struct(item) => (&item.attrs, Some(&item.ident)),
            Item::Trait(item) => (&item.attrs, Some(&item.ident)),
            Item::Type(item) => (&item.attrs, Some(&item.ident)),
            Item::Use(item) => (&item.attrs, None),
            _ => return visit::visit_item(self, item),
        };
        if is_test(attributes) {
            return;
        }
        if let Some(name) = name.filter(|_| self.depth == 0) {
            self.module.declares.insert(name.to_string());
        }
        visit::visit_item(self, item);
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.depth += 1;
        visit::visit_block(self, block);
        self.depth -= 1;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_reexport = self.depth == 0 && !matches!(item.vis, Visibility::Inherited);
        self.flatten(&item.tree, Vec::new(), is_reexport);
    }

    /// Skips visibilities: `pub(super)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    /// Reads the name of a called function; [`Self::visit_path`] skips it when it may be a variable.
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(function) = &*call.func
            && let Some(name) = function.path.get_ident()
        {
            self.name(vec![name.to_string()], name.span().start().line);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let is_variable = |name: &syn::Ident| name.to_string().starts_with(|c: char| c.is_lowercase());
        if path.get_ident().is_some_and(is_variable) {
            return;
        }
        let segments: Vec<_> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        let line = path
            .segments
            .first()
            .map_or(0, |segment| segment.ident.span().start().line);
        self.name(segments, line);
        visit::visit_path(self, path);
    }

    /// Reads the paths in a macro's tokens, which are not parsed.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        visit::visit_macro(self, call);
        self.read_tokens(call.tokens.clone());
    }
}

impl Reader {
    fn read_tokens(&mut self, tokens: proc_macro2::TokenStream) {
        use proc_macro2::TokenTree;
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.end_path(&mut path, line);
                        line = ident.span().start().line;
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => colons += 1,
                TokenTree::Group(group) => {
                    self.end_path(&mut path, line);
                    colons = 0;
                    self.read_tokens(group.stream());
                }
                _ => {
                    self.end_path(&mut path, line);
                    colons = 0;
                }
            }
        }
        self.end_path(&mut path, line);
    }

    fn end_path(&mut self, path: &mut Vec<String>, line: usize) {
        if path.len() > 1 {
            self.name(std::mem::take(path), line);
        }
        path.clear();
    }
}

/// Returns whether an item is compiled for tests only.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| {
                let condition = list.tokens.to_string();
                condition == "test" || condition.starts_with("any (test") || condition.starts_with("any(test")
            })
    })
}
