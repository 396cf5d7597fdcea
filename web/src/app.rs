//! The root component: what the page shows before anything is chosen.

use yew::prelude::*;

/// What the page's header says, as plain data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name of the tool.
    pub title: &'static str,
    /// The engine's version, so that a screenshot tells what made it. All crates of the workspace share one.
    pub version: &'static str,
}

/// The header of this build.
pub fn header() -> Header {
    Header { title: "s390-iommu", version: env!("CARGO_PKG_VERSION") }
}

/// The whole page.
#[component]
pub fn App() -> Html {
    let Header { title, version } = header();
    html! {
        <main class="page">
            <h1 class="page__title">{ title }{ " " }<small class="page__version">{ version }</small></h1>
        </main>
    }
}

#[cfg(test)]
mod tests {
    use super::header;

    #[test]
    fn the_header_names_the_engine_version() {
        assert_eq!(header().version, env!("CARGO_PKG_VERSION"));
    }
}
