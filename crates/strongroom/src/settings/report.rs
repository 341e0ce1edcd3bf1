//! Output of `check-config`: every setting with its value and origin.

use std::fmt::Write;

use super::load::{Loaded, Origin};
use super::table::SETTINGS;

/// Formats one line per setting. No setting holds a secret, so all are shown.
pub(crate) fn report(loaded: &Loaded) -> String {
    let rows: Vec<[String; 3]> = SETTINGS
        .iter()
        .zip(&loaded.origins)
        .map(|(setting, origin)| {
            let origin = match origin {
                Origin::Default => "default".to_owned(),
                Origin::File => "file".to_owned(),
                Origin::Variable => setting.variable(),
                Origin::Flag => "flag".to_owned(),
            };
            [setting.name.to_owned(), (setting.show)(&loaded.settings), origin]
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
    text
}
