//! Layers: the settings given by one source, where each value may be missing.

use super::value::Value;

/// Settings given by one source: one value, or a group of them.
pub(crate) trait Layered: Sized {
    /// Completed settings, from which [`Self::show`] takes the values.
    type Shown;

    /// Merges this layer over `below`: a value of this layer replaces that of `below`, a list replaces the whole list.
    fn over(self, below: Self) -> Self;

    /// Calls `visit` for each value, in the order in which `check-config` shows them. `name` is the name of the value
    /// or group, with dots for tables.
    fn each(&mut self, name: &str, visit: &mut dyn FnMut(&str, &mut dyn Slot));

    /// Calls `visit` with the text of each completed value, in the same order.
    fn show(shown: &Self::Shown, visit: &mut dyn FnMut(&str));
}

/// Slot of one value in a layer.
pub(crate) trait Slot {
    /// Parses the text of a variable; the error says what to write.
    fn read(&mut self, text: &str) -> Result<(), String>;
    /// Returns whether the source gives the value.
    fn is_given(&self) -> bool;
    /// Returns whether the value may be empty.
    fn may_be_empty(&self) -> bool;
    /// Returns whether the value is a path without any component.
    fn is_empty_path(&self) -> bool;
}

impl<T: Value> Slot for Option<T> {
    fn read(&mut self, text: &str) -> Result<(), String> {
        *self = Some(T::read(text)?);
        Ok(())
    }

    fn is_given(&self) -> bool {
        self.is_some()
    }

    fn may_be_empty(&self) -> bool {
        T::may_be_empty()
    }

    fn is_empty_path(&self) -> bool {
        self.as_ref().is_some_and(T::is_empty_path)
    }
}

impl<T: Value> Layered for Option<T> {
    type Shown = String;

    fn over(self, below: Self) -> Self {
        self.or(below)
    }

    fn each(&mut self, name: &str, visit: &mut dyn FnMut(&str, &mut dyn Slot)) {
        visit(name, self);
    }

    fn show(shown: &String, visit: &mut dyn FnMut(&str)) {
        visit(shown);
    }
}

/// Returns the names of the values of a layer.
pub(crate) fn names<L: Layered + Default>() -> Vec<String> {
    let mut names = Vec::new();
    L::default().each("", &mut |name, _| names.push(name.to_owned()));
    names
}

/// Returns the name of a value in the table `table`; the table at the top has no name.
pub(super) fn name_in(table: &str, name: &str) -> String {
    if table.is_empty() {
        return name.to_owned();
    }
    format!("{table}.{name}")
}

/// Declares the layer of a group of settings. Each field is a setting, with the help and name of its flag, its type, and
/// its text as shown by `check-config`; or a group within this one. Its name in the file is that of the field.
///
/// With `dropping what is below if f`, a layer ignores all values of the layers below it if `f(&layer, &below)` is true.
macro_rules! layer {
    (
        $(#[$attribute:meta])*
        struct $layer:ident, shown from $shown:ident: $settings:ty $(, dropping what is below if $drops:path)? {
            $($(#[$field_attribute:meta])* $field:ident $([$flag:literal])?: $type:ty = $show:expr,)+
        }
    ) => {
        #[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        $(#[$attribute])*
        pub(crate) struct $layer {
            $($(#[$field_attribute])* $(#[arg(id = $flag, long = $flag)])? pub(crate) $field: $type,)+
        }

        impl $crate::settings::layered::Layered for $layer {
            type Shown = $settings;

            fn over(self, below: Self) -> Self {
                $(let below = if $drops(&self, &below) { Self::default() } else { below };)?
                Self {
                    $($field: $crate::settings::layered::Layered::over(self.$field, below.$field),)+
                }
            }

            fn each(
                &mut self,
                name: &str,
                visit: &mut dyn FnMut(&str, &mut dyn $crate::settings::layered::Slot),
            ) {
                $(
                    let field = $crate::settings::layered::name_in(name, stringify!($field));
                    $crate::settings::layered::Layered::each(&mut self.$field, &field, visit);
                )+
            }

            fn show($shown: &$settings, visit: &mut dyn FnMut(&str)) {
                $(<$type as $crate::settings::layered::Layered>::show(&$show, visit);)+
            }
        }
    };
}
pub(super) use layer;
