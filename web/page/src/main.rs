//! The page's entry point. `boot.js` runs it once the Wasm module is loaded.
#![forbid(unsafe_code)]

use s390_iommu_page::app::App;

fn main() {
    yew::Renderer::<App>::new().render();
}
