//! Everything that reaches outside the page's state: worker, clock, keys, address bar, storage, scrolling.

mod ask;
mod clock;
mod file;
mod keys;
mod link;
mod scroll;
mod theme;

pub use ask::{use_client, use_questions};
pub use clock::{use_debounced_run, use_play};
pub use file::{chosen, open_file, use_drop, use_file_in_sight};
pub use keys::{KEYS, use_keys};
pub use link::{copy_link, hash, show_link, use_link};
pub use scroll::reveal;
pub use theme::{start, use_theme};

use yew::Callback;

use crate::state::Action;

/// How components tell what happened.
pub type Send = Callback<Action>;
