//! Scrolling inside a part of the page; the page itself stays where it is.

use web_sys::HtmlElement;

/// Space that is kept above and below what is shown.
const MARGIN: i32 = 48;

/// Scrolls `list` as little as needed for `item` to be seen, which lies in it and is placed relative to it.
pub fn reveal(list: &HtmlElement, item: &HtmlElement) {
    let (from, height) = (item.offset_top(), item.offset_height());
    let (shown, room) = (list.scroll_top(), list.client_height());
    if from < shown + MARGIN || height > room - 2 * MARGIN {
        list.set_scroll_top(from - MARGIN);
    } else if from + height > shown + room - MARGIN {
        list.set_scroll_top(from + height - room + MARGIN);
    }
}
