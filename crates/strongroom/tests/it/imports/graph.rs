//! Imports between the files of a crate: which file takes what from which.

use super::source::{Module, ModulePath, Named, Use};
use std::collections::{BTreeMap, BTreeSet};

/// An import of one module by another.
pub(super) struct Import {
    pub(super) from: ModulePath,
    pub(super) to: ModulePath,
    /// The path as written in the importing file, and its line.
    pub(super) named: String,
    pub(super) line: usize,
    /// True if the path names a re-export of the crate's root.
    pub(super) is_through_root: bool,
}

/// Re-exports may lead to others; more than this are a loop.
const MAX_REEXPORTS: usize = 8;

/// Collects the imports between modules in different files. The re-export of a module below is none.
pub(super) fn imports(modules: &BTreeMap<ModulePath, Module>) -> Vec<Import> {
    let mut imports = Vec::new();
    for (path, module) in modules {
        let uses = module.uses.iter().map(|item| (&item.named, item.is_reexport));
        let paths = module.paths.iter().map(|named| (named, false));
        for (named, is_reexport) in uses.chain(paths) {
            let Some(to) = find(modules, path, named) else {
                continue;
            };
            let is_below = to.starts_with(path);
            if (is_reexport && is_below) || modules[&to].file == module.file {
                continue;
            }
            imports.push(Import {
                from: path.clone(),
                to,
                named: named.segments.join("::"),
                line: named.line,
                is_through_root: is_through_root(modules, named),
            });
        }
    }
    imports
}

/// Returns whether a path leads to a name that the crate's root only re-exports.
fn is_through_root(modules: &BTreeMap<ModulePath, Module>, named: &Named) -> bool {
    let [root, name, ..] = named.segments.as_slice() else {
        return false;
    };
    let is_module = modules.contains_key(std::slice::from_ref(name));
    root == "crate" && !is_module && !modules[[].as_slice()].declares.contains(name)
}

/// Finds the module that declares what is named in the module at `path`. `None`: it is of another crate, or local.
fn find(modules: &BTreeMap<ModulePath, Module>, path: &ModulePath, named: &Named) -> Option<ModulePath> {
    let (start, rest) = absolute(modules, path, &named.segments)?;
    Some(follow(modules, start, rest, MAX_REEXPORTS))
}

/// Splits a path as written into the module that it starts from, and the rest.
fn absolute<'a>(
    modules: &BTreeMap<ModulePath, Module>,
    path: &ModulePath,
    segments: &'a [String],
) -> Option<(ModulePath, &'a [String])> {
    let first = segments.first()?;
    match first.as_str() {
        "crate" => Some((Vec::new(), &segments[1..])),
        "self" => Some((path.clone(), &segments[1..])),
        "super" => {
            let mut above = path.clone();
            let mut rest = segments;
            while rest.first().is_some_and(|segment| segment == "super") {
                above.pop()?;
                rest = &rest[1..];
            }
            Some((above, rest))
        }
        name => {
            let is_child = segments.len() > 1 && modules.contains_key(&below(path, name));
            let is_reexported = modules[path]
                .uses
                .iter()
                .any(|item| item.is_reexport && item.name == name);
            (is_child || is_reexported).then(|| (path.clone(), segments))
        }
    }
}

/// Goes down from a module along the segments, through re-exports, to the module that declares the item.
fn follow(
    modules: &BTreeMap<ModulePath, Module>,
    mut at: ModulePath,
    mut rest: &[String],
    reexports_left: usize,
) -> ModulePath {
    while let Some((name, further)) = rest.split_first() {
        let child = below(&at, name);
        if modules.contains_key(&child) {
            (at, rest) = (child, further);
            continue;
        }
        let module = &modules[&at];
        if module.declares.contains(name) || reexports_left == 0 {
            return at;
        }
        return reexport_of(modules, &at, name, reexports_left - 1).unwrap_or(at);
    }
    at
}

/// Finds the module that declares a name which the module at `at` re-exports.
fn reexport_of(
    modules: &BTreeMap<ModulePath, Module>,
    at: &ModulePath,
    name: &str,
    reexports_left: usize,
) -> Option<ModulePath> {
    let through = |item: &Use| {
        let mut segments = item.named.segments.clone();
        if item.name == "*" {
            segments.push(name.to_owned());
        }
        let (start, rest) = match absolute(modules, at, &segments)? {
            // The name itself: it is what is looked for.
            (start, rest) if start == *at && rest == [name.to_owned()] => return None,
            found => found,
        };
        let found = follow(modules, start, rest, reexports_left);
        (item.name != "*" || declares(modules, &found, name)).then_some(found)
    };
    let reexports = || modules[at].uses.iter().filter(|item| item.is_reexport);
    let by_name = reexports().find(|item| item.name == name).and_then(through);
    by_name.or_else(|| reexports().filter(|item| item.name == "*").find_map(through))
}

fn declares(modules: &BTreeMap<ModulePath, Module>, at: &ModulePath, name: &str) -> bool {
    modules
        .get(at)
        .is_some_and(|module| module.declares.contains(name))
}

fn below(path: &[String], name: &str) -> ModulePath {
    let mut path = path.to_vec();
    path.push(name.to_owned());
    path
}

/// Groups of modules that import each other in a circle.
pub(super) fn cycles(imports: &[Import]) -> Vec<BTreeSet<&ModulePath>> {
    let mut next: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> = BTreeMap::new();
    for import in imports {
        next.entry(&import.from).or_default().insert(&import.to);
    }
    let reached: BTreeMap<_, _> = next.keys().map(|from| (*from, reachable(&next, from))).collect();
    let mut cycles: Vec<BTreeSet<&ModulePath>> = Vec::new();
    for (from, to) in &reached {
        if !to.contains(from) || cycles.iter().any(|cycle| cycle.contains(from)) {
            continue;
        }
        let is_mutual = |other: &&&ModulePath| reached.get(**other).is_some_and(|back| back.contains(from));
        cycles.push(to.iter().filter(is_mutual).copied().collect());
    }
    cycles
}

/// Modules to which imports lead from one.
fn reachable<'a>(
    next: &BTreeMap<&'a ModulePath, BTreeSet<&'a ModulePath>>,
    from: &ModulePath,
) -> BTreeSet<&'a ModulePath> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        for to in next.get(module).into_iter().flatten() {
            if reached.insert(*to) {
                open.push(to);
            }
        }
    }
    reached
}
