use super::*;
use crate::checksum::Checksum;
use std::io::Write;

fn file_with(sealed: &[u8], trailer: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(sealed).unwrap();
    file.write_all(trailer).unwrap();
    file
}

fn written(sealed: &[u8]) -> WrittenBlob {
    let mut checksum = Checksum::new();
    checksum.update(sealed);
    checksum.written()
}

#[test]
fn the_trailer_has_the_bytes_the_format_says() {
    // The check value of CRC-64/NVME is the one over "123456789".
    let trailer = trailer(written(b"123456789"));
    assert_eq!(
        hex::encode(trailer),
        "5352424c4f4200010000000000000009ae8b14860a799888"
    );
}

#[test]
fn whole_files_pass() {
    for length in [0, 1, 65_535, 300_000] {
        let sealed = vec![7; length];
        let file = file_with(&sealed, &trailer(written(&sealed)));
        assert_eq!(read_trailer(&file).unwrap(), written(&sealed));
        assert_eq!(verify(&file).unwrap(), written(&sealed));
    }
}

#[test]
fn each_flaw_is_distinguished() {
    let good = trailer(written(b"sealed"));
    assert!(matches!(
        read_trailer(&file_with(b"", b"short")),
        Err(Flaw::NoTrailer)
    ));
    assert!(matches!(
        read_trailer(&file_with(b"seal", &good)),
        Err(Flaw::Length {
            expected: 6,
            found: 4
        })
    ));
    assert!(matches!(
        read_trailer(&file_with(b"sealed", &good[..23])),
        Err(Flaw::Magic)
    ));
    let mut later = good;
    later[7] = 2;
    assert!(matches!(
        read_trailer(&file_with(b"sealed", &later)),
        Err(Flaw::Magic)
    ));
    assert!(matches!(
        verify(&file_with(b"sealEd", &good)),
        Err(Flaw::Checksum)
    ));
}
