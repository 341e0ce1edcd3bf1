#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| strongroom_s3::fuzz::chunk_framing(data));
