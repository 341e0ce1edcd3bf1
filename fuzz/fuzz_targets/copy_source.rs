#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| strongroom_s3::fuzz::source_of_copy(data));
