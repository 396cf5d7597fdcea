//! Any bytes, held to the law of the same name.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| s390_iommu_fuzz::scenario(bytes));
