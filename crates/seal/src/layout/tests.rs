use super::*;

const EDGES: [u64; 9] = [
    0,
    1,
    CHUNK - 1,
    CHUNK,
    CHUNK + 1,
    2 * CHUNK - 1,
    2 * CHUNK,
    2 * CHUNK + 1,
    10 * CHUNK + 7,
];

#[test]
fn sealed_lengths() {
    assert_eq!(sealed_length(0), 40 + 16);
    assert_eq!(sealed_length(1), 40 + 1 + 16);
    assert_eq!(sealed_length(CHUNK), 40 + 65_536 + 16);
    assert_eq!(sealed_length(CHUNK + 1), 40 + 65_537 + 32);
}

#[test]
fn a_whole_part_spans_all_of_it_but_the_header() {
    for plain in EDGES {
        let span = span(plain, 0..plain);
        assert_eq!(span.chunks, 0..chunks(plain));
        assert_eq!(span.sealed, HEADER as u64..sealed_length(plain));
        assert_eq!((span.skip, span.take), (0, plain));
    }
}

/// Compares ranges at all chunk edges with the definition: the chunks that contain at least one byte of the range.
#[test]
fn ranges_take_just_the_chunks_they_need() {
    for plain in EDGES {
        for start in EDGES.into_iter().filter(|s| *s <= plain) {
            for end in EDGES.into_iter().filter(|e| start < *e && *e <= plain) {
                let span = span(plain, start..end);
                assert_eq!(span.chunks.start, start / CHUNK);
                assert_eq!(span.chunks.end, (end - 1) / CHUNK + 1);
                assert_eq!(span.chunks.start * CHUNK + span.skip, start);
                assert_eq!(span.take, end - start);
                assert_eq!(span.sealed.start, 40 + span.chunks.start * SEALED_CHUNK);
                let cut = if span.chunks.end == chunks(plain) {
                    sealed_length(plain)
                } else {
                    40 + span.chunks.end * SEALED_CHUNK
                };
                assert_eq!(span.sealed.end, cut);
            }
        }
    }
}

#[test]
fn an_empty_range_needs_no_chunk_unless_the_part_is_empty() {
    assert!(span(100, 100..100).chunks.is_empty());
    assert!(span(CHUNK, CHUNK..CHUNK).sealed.is_empty());
    assert_eq!(span(0, 0..0).chunks, 0..1);
}
