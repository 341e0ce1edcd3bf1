use super::*;

const STORE: StoreId = StoreId([0x1d; 16]);
const NAME: FileName = FileName::Partitions(0xb0);

/// The vector of docs/format-store.md: two envelopes of one bucket.
const VECTOR: &str = concat!(
    "53524b4559530001",
    "1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d",
    "01b0",
    "00000002",
    "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0 00000003 6f6c64",
    "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0 00000003 6e6577",
    "c35166a2d6ef747f"
);

fn vector() -> Vec<u8> {
    hex::decode(VECTOR.replace(' ', "")).unwrap()
}

fn entries() -> Vec<Entry> {
    let entry = |envelope| Entry {
        owner: PartitionId([0xb0; 16]),
        envelope: Bytes::from_static(envelope),
    };
    vec![entry(b"old"), entry(b"new")]
}

fn parsed(bytes: Vec<u8>) -> Result<Vec<Entry>, Flaw> {
    parse(bytes.into(), STORE, NAME)
}

#[test]
fn the_vector_is_written_and_read() {
    assert_eq!(
        hex::encode(encode(STORE, NAME, &entries())),
        hex::encode(vector())
    );
    assert_eq!(parsed(vector()), Ok(entries()));
    assert_eq!(parse(vector().into(), StoreId::UNKNOWN, NAME), Ok(entries()));
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    for bit in 0..vector().len() * 8 {
        let mut bytes = vector();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let flaw = parsed(bytes).unwrap_err();
        assert!(matches!(flaw, Flaw::Magic | Flaw::Checksum), "bit {bit}: {flaw}");
    }
    for length in 0..vector().len() {
        assert!(parsed(vector()[..length].to_vec()).is_err(), "{length} bytes");
    }
    assert_eq!(parsed([vector(), vec![0]].concat()), Err(Flaw::Checksum));
}

#[test]
fn a_file_of_another_name_or_store_is_refused() {
    let other = |name| parse(vector().into(), STORE, name);
    assert_eq!(other(FileName::Store), Err(Flaw::OtherName));
    assert_eq!(other(FileName::Partitions(0xb1)), Err(Flaw::OtherName));
    assert_eq!(
        parse(vector().into(), StoreId([0x1e; 16]), NAME),
        Err(Flaw::OtherStore)
    );
}

#[test]
fn entries_must_be_in_order_whole_and_in_their_file() {
    let entry = |first: u8, last: u8| {
        let mut id = [first; 16];
        id[15] = last;
        Entry {
            owner: PartitionId(id),
            envelope: Bytes::from_static(b"x"),
        }
    };
    let written = |entries: &[Entry]| parsed(encode(STORE, NAME, entries));
    assert!(written(&[entry(0xb0, 1), entry(0xb0, 1), entry(0xb0, 2)]).is_ok());
    assert_eq!(written(&[entry(0xb0, 2), entry(0xb0, 1)]), Err(Flaw::Entries));
    assert_eq!(written(&[entry(0xb1, 1)]), Err(Flaw::Entries));
    let mut longer = encode(STORE, NAME, &[entry(0xb0, 1)]);
    longer.truncate(longer.len() - 8);
    longer.push(0);
    longer.extend(checksum(&longer));
    assert_eq!(parsed(longer), Err(Flaw::Entries));
}
