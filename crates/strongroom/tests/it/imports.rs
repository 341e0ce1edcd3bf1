//! Tests that the code keeps its structure: crates depend on crates of lower layers only, a module imports only modules
//! that its crate's root file declares before it, and no files import each other in a circle. ARCHITECTURE.md describes
//! the same layers and modules.

mod document;
mod graph;
mod source;

use graph::Import;
use source::{ModulePath, Source};
use std::fs;
use std::path::{Path, PathBuf};

/// The repository's root directory.
fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn architecture() -> String {
    fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap()
}

#[test]
fn crates_depend_on_lower_layers_only() {
    let layers = document::layers(&architecture());
    let mut wrong = Vec::new();
    for name in crates() {
        let layer = *layers
            .get(&name)
            .unwrap_or_else(|| panic!("ARCHITECTURE.md gives no layer of {name}"));
        for dependency in dependencies(&name) {
            if layers.get(&dependency).is_none_or(|below| *below >= layer) {
                wrong.push(format!("{name} (layer {layer}) depends on {dependency}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn modules_import_only_modules_before_them() {
    let mut wrong = Vec::new();
    for name in crates() {
        wrong.extend(faults(&name, &source::read(&root_file(&name))));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_architecture_lists_the_modules() {
    for name in ["engine", "s3", "strongroom"] {
        let listed = document::modules(&architecture(), name);
        assert_eq!(
            listed,
            source::read(&root_file(name)).order,
            "ARCHITECTURE.md, modules of {name}"
        );
    }
}

/// Names of the directories in `crates/`.
fn crates() -> Vec<String> {
    let directories = fs::read_dir(repository().join("crates")).unwrap();
    directories
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Crates of this workspace that a crate depends on outside its tests, by the names of their directories.
fn dependencies(name: &str) -> Vec<String> {
    let manifest = repository().join("crates").join(name).join("Cargo.toml");
    let manifest: toml::Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
    let names = manifest["dependencies"].as_table().unwrap().keys();
    names
        .filter_map(|name| name.strip_prefix("strongroom-"))
        .map(str::to_owned)
        .collect()
}

fn root_file(name: &str) -> PathBuf {
    let sources = repository().join("crates").join(name).join("src");
    let library = sources.join("lib.rs");
    if library.exists() {
        library
    } else {
        sources.join("main.rs")
    }
}

/// Finds imports in a circle, imports of modules that are declared later, and imports through the root of a crate.
fn faults(name: &str, source: &Source) -> Vec<String> {
    let Source { modules, order } = source;
    let imports = graph::imports(modules);
    let place = |path: &ModulePath| order.iter().position(|module| Some(module) == path.first());
    let shown = |import: &Import| {
        let file = modules[&import.from].file.display();
        format!("{name}: {file}:{} imports {}", import.line, import.named)
    };
    let mut faults = Vec::new();
    for import in &imports {
        if import.is_through_root {
            faults.push(format!("{} through the crate's root", shown(import)));
        }
        // The root itself has no place: it wires.
        if let (Some(from), Some(to)) = (place(&import.from), place(&import.to))
            && from < to
        {
            faults.push(format!(
                "{}, which is declared after {}",
                shown(import),
                order[from]
            ));
        }
    }
    for cycle in graph::cycles(&imports) {
        let within = |import: &&Import| cycle.contains(&import.from) && cycle.contains(&import.to);
        let imports: Vec<_> = imports
            .iter()
            .filter(within)
            .map(|import| format!("  {}", shown(import)))
            .collect();
        faults.push(format!(
            "{name}: {} files import each other:\n{}",
            cycle.len(),
            imports.join("\n")
        ));
    }
    faults
}

/// Returns the faults of a crate of the given files.
fn faults_of(files: &[(&str, &str)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    for (file, text) in files {
        let file = directory.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    faults("it", &source::read(&directory.path().join("lib.rs"))).join("\n")
}

#[test]
fn an_import_upwards_is_found() {
    let down = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub struct A;"),
        ("b.rs", "use crate::a::A;"),
    ];
    assert_eq!(faults_of(&down), "");
    let up = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "pub struct B;"),
    ];
    assert_eq!(
        faults_of(&up),
        "it: a.rs:1 imports crate::b::B, which is declared after a"
    );
}

#[test]
fn a_path_in_code_or_in_a_macro_is_an_import() {
    for code in [
        "fn f() { crate::b::g() }",
        "fn f(b: crate::b::B) {}",
        "fn f() { println!(\"{}\", crate::b::G) }",
    ] {
        let files = [("lib.rs", "mod a; mod b;"), ("a.rs", code), ("b.rs", "")];
        assert!(faults_of(&files).contains("a.rs:1 imports crate::b::"), "{code}");
    }
}

#[test]
fn files_that_import_each_other_are_found_also_through_re_exports() {
    let parent = "mod one; mod two; pub use one::One; pub use two::Two;";
    let one_way = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", parent),
        ("a/one.rs", "use super::Two; pub struct One;"),
        ("a/two.rs", "pub struct Two;"),
        ("b.rs", "use crate::a::One;"),
    ];
    assert_eq!(faults_of(&one_way), "");
    let mut circle = one_way;
    circle[3].1 = "use super::One; pub struct Two;";
    assert_eq!(
        faults_of(&circle),
        "it: 2 files import each other:\n  it: a/one.rs:1 imports super::Two\n  it: a/two.rs:1 imports super::One"
    );
}

#[test]
fn a_parent_and_its_child_that_import_each_other_are_found() {
    let files = |parent| {
        faults_of(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", parent),
            ("a/child.rs", "use super::A; pub fn f() {}"),
            ("b.rs", ""),
        ])
    };
    assert_eq!(files("mod child; pub use child::f; pub struct A;"), "");
    for parent in [
        "mod child; pub struct A; fn g() { child::f() }",
        "mod child; pub use child::f; pub struct A; fn g() { f() }",
    ] {
        assert!(files(parent).contains("2 files import each other"), "{parent}");
    }
}

#[test]
fn an_import_through_the_root_is_found() {
    let files = [
        ("lib.rs", "mod a; mod b; pub use a::A;"),
        ("a.rs", "pub struct A;"),
        ("b.rs", "use crate::A;"),
    ];
    assert_eq!(
        faults_of(&files),
        "it: b.rs:1 imports crate::A through the crate's root"
    );
}

#[test]
fn tests_may_import_all() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "#[cfg(test)] mod tests; #[cfg(test)] use crate::b::B;"),
        ("a/tests.rs", "use crate::b::B;"),
        ("b.rs", "pub struct B;"),
    ];
    assert_eq!(faults_of(&files), "");
}
