//! Name, version, and what concerns the page as a whole.

use yew::prelude::*;

use crate::effects::Send;
use crate::state::{Action, Pane, Theme};

/// What the [`header`] shows.
pub struct HeaderProps {
    /// The theme.
    pub theme: Theme,
    /// Copies the link.
    pub share: Callback<MouseEvent>,
    /// What happened.
    pub send: Send,
}

/// The page's header.
pub fn header(props: &HeaderProps) -> Html {
    let tell = |action: Action| {
        let send = props.send.clone();
        Callback::from(move |_: MouseEvent| send.emit(action.clone()))
    };
    let (icon, theme) = match props.theme {
        Theme::Auto => ("◐", "automatic"),
        Theme::Light => ("☀", "light"),
        Theme::Dark => ("☾", "dark"),
    };
    html! {
        <header class="header">
            <h1 class="header__title">
                <span class="header__mark" aria-hidden="true"></span>
                { "s390-iommu" }{ " " }<small class="header__version">{ env!("CARGO_PKG_VERSION") }</small>
            </h1>
            <p class="header__claim">{ "A laboratory for the IBM Z PCI IOMMU" }</p>
            <nav class="header__tools" aria-label="Page">
                <button class="button button--main" onclick={props.share.clone()}>{ "Share link" }</button>
                <button
                    class="button button--icon" onclick={tell(Action::NextTheme)} data-theme-button="true"
                    title={format!("Theme: {theme}")} aria-label={format!("Theme: {theme}")}
                >
                    <span aria-hidden="true">{ icon }</span>
                </button>
                <button class="button button--icon" onclick={tell(Action::Keys)} title="Keys" aria-label="Keys">
                    { "?" }
                </button>
            </nav>
        </header>
    }
}

/// What the [`tabs`] show.
pub struct TabsProps {
    /// The part that is shown.
    pub pane: Pane,
    /// What happened.
    pub send: Send,
}

/// Chooses the part of the page that a narrow screen shows.
pub fn tabs(props: &TabsProps) -> Html {
    let tab = |(pane, name): (Pane, &'static str)| {
        let send = props.send.clone();
        html! {
            <button
                class="tabs__tab" aria-pressed={(pane == props.pane).to_string()}
                onclick={move |_| send.emit(Action::Show(pane))}
            >
                { name }
            </button>
        }
    };
    let tabs = [(Pane::Scenario, "Scenario"), (Pane::Steps, "Steps"), (Pane::State, "State")];
    html! { <nav class="tabs" aria-label="Parts of the page">{ for tabs.into_iter().map(tab) }</nav> }
}
