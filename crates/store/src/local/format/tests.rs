use super::*;

const FORMAT: Format = Format {
    id: StoreId([0x1d; 16]),
    timeline: Timeline([0x71; 16]),
};

/// The vector of docs/format-store.md.
const TEXT: &str = "strongroom store 2\nid 1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d\n\
                    timeline 71717171717171717171717171717171\nchecksum 0f12bbe88fd55505\n";

#[test]
fn the_vector_is_written_and_read() {
    assert_eq!(FORMAT.text(), TEXT);
    assert_eq!(Format::parse(TEXT.as_bytes()), Ok(FORMAT));
}

#[test]
fn two_new_stores_differ() {
    let [one, other] = [(), ()].map(|()| Format::of_new_store().unwrap());
    assert!(one.id != other.id && one.timeline != other.timeline && one.id.0 != one.timeline.0);
}

#[test]
fn every_damage_is_refused_as_damage() {
    for bit in 0..TEXT.len() * 8 {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(Format::parse(&bytes), Err(BadFormat::Damaged), "bit {bit}");
    }
    for length in 0..TEXT.len() {
        assert_eq!(
            Format::parse(&TEXT.as_bytes()[..length]),
            Err(BadFormat::Damaged),
            "{length} bytes"
        );
    }
    let longer = format!("{TEXT}\n");
    assert_eq!(Format::parse(longer.as_bytes()), Err(BadFormat::Damaged));
}

#[test]
fn other_versions_are_named() {
    let newer = "strongroom store 3\nanything\n";
    let newer = format!("{newer}checksum {}\n", checksum(newer));
    for (text, version) in [("strongroom store 1\n", "1"), (&newer, "3")] {
        assert_eq!(
            Format::parse(text.as_bytes()),
            Err(BadFormat::Other(version.to_owned()))
        );
    }
}
