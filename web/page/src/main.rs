//! The page's entry point. `boot.js` runs it once the Wasm module is loaded.
#![forbid(unsafe_code)]

use s390_iommu_web::app::App;
use s390_iommu_web::hooks;

fn main() {
    hooks::install();
    yew::Renderer::<App>::new().render();
}
