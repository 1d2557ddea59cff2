#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| advance_core_fuzz::differential(input));
