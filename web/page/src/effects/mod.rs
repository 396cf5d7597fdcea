//! Everything that reaches outside the page's state: clock, keys, address bar, storage, scrolling.

mod clock;
mod keys;
mod link;
mod scroll;
mod theme;

pub use clock::{use_debounced_run, use_play};
pub use keys::{KEYS, use_keys};
pub use link::{copy_link, start, use_link};
pub use scroll::reveal;
pub use theme::use_theme;

use yew::Callback;

use crate::state::Action;

/// How components tell what happened.
pub type Send = Callback<Action>;
