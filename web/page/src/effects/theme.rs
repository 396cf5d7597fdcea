//! Light or dark: an attribute of the page, kept in the browser's storage.

use web_sys::Storage;
use yew::prelude::*;

use crate::state::{State, Theme};

const KEY: &str = "s390-iommu-theme";

/// The page before the worker has said anything, in the theme that was chosen last time.
pub fn start() -> State {
    let stored = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    State { theme: stored.map_or(Theme::Auto, |name| Theme::parse(&name)), ..State::new("") }
}

/// Shows the theme and keeps it.
#[hook]
pub fn use_theme(theme: Theme) {
    use_effect_with(theme, |theme| {
        if let Some(root) = gloo::utils::document().document_element() {
            let _ = root.set_attribute("data-theme", theme.name());
        }
        if let Some(storage) = storage() {
            let _ = match theme {
                Theme::Auto => storage.remove_item(KEY),
                _ => storage.set_item(KEY, theme.name()),
            };
        }
    });
}

/// The browser's storage, where it is allowed.
fn storage() -> Option<Storage> {
    gloo::utils::window().local_storage().ok().flatten()
}
