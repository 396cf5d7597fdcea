//! Writes the JavaScript glue for the playground's Wasm file: `s390-iommu-bindgen IN.wasm OUT-DIR`.
//!
//! It is `wasm-bindgen --target web` as a workspace member: nothing to install, and Cargo.lock keeps its version
//! equal to the library's, which the two must be.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [input, out_dir] = args.as_slice() else {
        eprintln!("usage: s390-iommu-bindgen IN.wasm OUT-DIR");
        return ExitCode::from(2);
    };
    // `app` names the files: app.js and app_bg.wasm; the assembler adds hashes.
    let written = Bindgen::new()
        .input_path(input)
        .out_name("app")
        .typescript(false)
        .remove_producers_section(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(out_dir));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("s390-iommu-bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}
