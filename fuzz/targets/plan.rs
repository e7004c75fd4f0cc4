#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| restore::fuzzing::plan(bytes));
