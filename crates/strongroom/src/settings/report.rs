//! Output of `check-config`: every setting with its value and origin.

use std::fmt::Write;

use super::general::Layer;
use super::layered::{Layered as _, names};
use super::load::{Loaded, Origin};
use super::variables::variable;

/// Formats one line per setting: those that a source gives, or `all`. No setting holds a secret.
pub(crate) fn report(loaded: &Loaded, all: bool) -> String {
    let mut values = Vec::new();
    Layer::show(&loaded.settings, &mut |value| values.push(value.to_owned()));
    let settings = names::<Layer>().into_iter().zip(values).zip(&loaded.origins);
    let rows: Vec<[String; 3]> = settings
        .filter(|(_, origin)| all || **origin != Origin::Default)
        .map(|((name, value), origin)| {
            let origin = match origin {
                Origin::Default => "default".to_owned(),
                Origin::File => "file".to_owned(),
                Origin::Variable => variable(&name),
                Origin::Flag => "flag".to_owned(),
            };
            [name, value, origin]
        })
        .collect();
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let (names, values) = (width(0), width(1));
    let mut text = match &loaded.file {
        Some(path) => format!("Settings file: {}\n\n", path.display()),
        None => "Settings file: none (there is no strongroom.toml in the current directory)\n\n".to_owned(),
    };
    for [name, value, origin] in &rows {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{name:names$}  {value:values$}  ({origin})");
    }
    if !all {
        text.push_str(if rows.is_empty() {
            "All settings have their default values; --all shows them.\n"
        } else {
            "\nAll other settings have their default values; --all shows them.\n"
        });
    }
    text
}
