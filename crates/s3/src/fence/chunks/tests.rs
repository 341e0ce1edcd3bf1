use super::*;

/// Follows `body` in pieces of `size` bytes.
fn follow(body: &[u8], size: usize) -> Result<(), ChunkTooLarge> {
    let mut chunks = Chunks::default();
    body.chunks(size).try_for_each(|piece| chunks.follow(piece))
}

fn signature() -> String {
    format!(";chunk-signature={}", "a".repeat(64))
}

#[test]
fn bodies_of_real_clients_pass_however_they_are_cut() {
    let data = "x".repeat(0x1_0000);
    let signed = format!("10000{0}\r\n{data}\r\n3{0}\r\nabc\r\n0{0}\r\n\r\n", signature());
    let unsigned = format!("10000\r\n{data}\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n");
    for body in [signed, unsigned] {
        for size in [1, 2, 3, 7, 1000, body.len()] {
            assert!(follow(body.as_bytes(), size).is_ok(), "{size}");
        }
    }
}

#[test]
fn data_is_not_read_as_framing() {
    let body = format!("{:x}\r\nFFFFFFFF\r\nFFFFFFFF\r\n0\r\n\r\n", 18);
    for size in [1, 5, body.len()] {
        assert!(follow(body.as_bytes(), size).is_ok());
    }
}

#[test]
fn chunks_beyond_the_bound_are_refused_at_their_first_line() {
    for line in [
        "1000001\r\n",
        "ffffffff;chunk-signature=",
        "ffffffffffffffffffffffff",
    ] {
        for size in [1, line.len()] {
            assert!(follow(line.as_bytes(), size).is_err(), "{line:?}");
        }
    }
    assert!(follow(b"1000000\r\n", 3).is_ok());
}

#[test]
fn endless_lines_are_refused() {
    assert!(follow(&vec![b';'; MAX_LINE + 1], 100).is_err());
}

#[test]
fn a_second_chunk_is_bounded_too() {
    assert!(follow(b"1\r\na\r\nffffffff\r\n", 4).is_err());
}
