use super::*;

const ALL: [Label; 13] = [
    Label::Commitment,
    Label::Wrap,
    Label::Part,
    Label::OfManifests,
    Label::Manifest,
    Label::Row,
    Label::Log,
    Label::Mark,
    Label::Tables,
    Label::Tag,
    Label::Note,
    Label::Fingerprint,
    Label::Keyring,
];

/// Otherwise the fields of one label could produce the `info` of another.
#[test]
fn no_label_is_the_beginning_of_another() {
    for (at, one) in ALL.iter().enumerate() {
        for (other_at, other) in ALL.iter().enumerate() {
            assert!(at == other_at || !other.text().starts_with(one.text()));
        }
    }
}
