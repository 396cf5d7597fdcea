//! Writes the JavaScript glue for the playground's Wasm files: `s390-iommu-bindgen OUT-DIR NAME.wasm…`.
//!
//! It is `wasm-bindgen --target web` as a workspace member: nothing to install, and Cargo.lock keeps its version
//! equal to the library's, which the two must be.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [out_dir, inputs @ ..] = args.as_slice() else {
        eprintln!("usage: s390-iommu-bindgen OUT-DIR NAME.wasm…");
        return ExitCode::from(2);
    };
    for input in inputs {
        // NAME.wasm becomes NAME.js and NAME_bg.wasm; the assembler adds hashes.
        let written = Bindgen::new()
            .input_path(input)
            .typescript(false)
            .remove_producers_section(true)
            .web(true)
            .and_then(|bindgen| bindgen.generate(out_dir));
        if let Err(error) = written {
            eprintln!("s390-iommu-bindgen: {input}: {error:#}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
