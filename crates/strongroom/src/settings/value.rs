//! Values of settings: how they are parsed from text.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;

/// Reason why a value was rejected: the text that says what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ValueError(pub(crate) &'static str);

/// Value of a setting.
pub(crate) trait Value: Sized {
    /// Parses the text of a variable; the error says what to write.
    fn read(text: &str) -> Result<Self, String>;

    /// Returns whether an empty text is a value.
    fn may_be_empty() -> bool {
        false
    }

    /// Returns whether this is a path without any component.
    fn is_empty_path(&self) -> bool {
        false
    }
}

impl Value for PathBuf {
    fn read(text: &str) -> Result<Self, String> {
        Ok(text.into())
    }

    fn is_empty_path(&self) -> bool {
        self.as_os_str().is_empty()
    }
}

impl<T: FromStr<Err: Display>> Value for Vec<T> {
    fn read(text: &str) -> Result<Self, String> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|error: T::Err| format!("{error}; separate several with commas"))
    }

    // An empty list: no hosts, no proxies.
    fn may_be_empty() -> bool {
        true
    }
}

/// Parses a value by its `FromStr`.
pub(super) fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// Parses one of the words of a choice.
pub(super) fn choice<T: ValueEnum>(text: &str) -> Result<T, String> {
    T::from_str(text, false).map_err(|_| one_of(T::value_variants().iter().map(word)))
}

/// Returns the error for a word that is none of `words`.
pub(super) fn one_of(words: impl Iterator<Item = String>) -> String {
    format!("write one of: {}", words.collect::<Vec<_>>().join(", "))
}

/// Returns the word of a choice.
pub(super) fn word<T: ValueEnum>(choice: &T) -> String {
    let value = choice.to_possible_value();
    value.map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Makes types values that are parsed by their `FromStr`.
macro_rules! parsed_values {
    ($($value:ty),+) => {$(
        impl $crate::settings::value::Value for $value {
            fn read(text: &str) -> Result<Self, String> {
                $crate::settings::value::parsed(text)
            }
        }
    )+};
}
pub(super) use parsed_values;

/// Makes types values that are parsed by their `FromStr`, in the settings file too.
macro_rules! text_values {
    ($($value:ty),+) => {
        $crate::settings::value::parsed_values!($($value),+);
        $(
            impl TryFrom<String> for $value {
                type Error = $crate::settings::value::ValueError;

                fn try_from(text: String) -> Result<Self, Self::Error> {
                    text.parse()
                }
            }
        )+
    };
}
pub(super) use text_values;

/// Makes enums values that are one of several words.
macro_rules! choices {
    ($($value:ty),+) => {$(
        impl $crate::settings::value::Value for $value {
            fn read(text: &str) -> Result<Self, String> {
                $crate::settings::value::choice(text)
            }
        }
    )+};
}
pub(super) use choices;

/// Declares a whole number within bounds.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident: $min:literal to $max:literal $unit:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
        #[serde(try_from = "u64")]
        pub(crate) struct $name(u64);

        impl TryFrom<u64> for $name {
            type Error = $crate::settings::value::ValueError;

            fn try_from(number: u64) -> Result<Self, Self::Error> {
                if ($min..=$max).contains(&number) {
                    return Ok(Self(number));
                }
                Err($crate::settings::value::ValueError(concat!(
                    "write a whole number of ", $unit, " from ", $min, " to ", $max
                )))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::settings::value::ValueError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                // Text that is not a number gets the error of a number out of bounds.
                text.parse().unwrap_or(u64::MAX).try_into()
            }
        }

        $crate::settings::value::parsed_values!($name);
    };
}
pub(super) use number;

parsed_values!(String, bool);
