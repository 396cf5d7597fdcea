//! A file of the browser's, read piece by piece.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::Uint8Array;
use s390_iommu::dump::Source;
use web_sys::{Blob, FileReaderSync};

/// Bytes that are read at once.
const PIECE: u64 = 1 << 18;
/// Pieces that are kept.
const KEPT: usize = 64;

/// A file, and the pieces of it that were read last.
pub struct Pieces {
    blob: Blob,
    size: u64,
    kept: RefCell<VecDeque<(u64, Rc<[u8]>)>>,
}

impl Pieces {
    /// A file of which nothing is read yet.
    pub fn new(blob: Blob) -> Self {
        // JavaScript's numbers hold sizes exactly up to 2^53.
        #[expect(clippy::cast_sign_loss, reason = "a size is not negative")]
        let size = blob.size() as u64;
        Self { blob, size, kept: RefCell::default() }
    }

    fn piece(&self, number: u64) -> Option<Rc<[u8]>> {
        let mut kept = self.kept.borrow_mut();
        if let Some(place) = kept.iter().position(|(known, _)| *known == number) {
            let found = kept.remove(place)?;
            let piece = found.1.clone();
            kept.push_back(found);
            return Some(piece);
        }
        let (start, end) = (number * PIECE, ((number + 1) * PIECE).min(self.size));
        #[expect(clippy::cast_precision_loss, reason = "no file has 2^53 bytes")]
        let slice = self.blob.slice_with_f64_and_f64(start as f64, end as f64).ok()?;
        let buffer = FileReaderSync::new().ok()?.read_as_array_buffer(&slice).ok()?;
        let piece: Rc<[u8]> = Uint8Array::new(&buffer).to_vec().into();
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back((number, piece.clone()));
        Some(piece)
    }
}

impl Source for Pieces {
    fn size(&self) -> u64 {
        self.size
    }

    fn copy(&self, mut at: u64, mut into: &mut [u8]) -> bool {
        if at.checked_add(into.len() as u64).is_none_or(|end| end > self.size) {
            return false;
        }
        while !into.is_empty() {
            let Some(piece) = self.piece(at / PIECE) else { return false };
            let from = (at % PIECE) as usize;
            let Some(here) = piece.get(from..).filter(|here| !here.is_empty()) else { return false };
            let len = here.len().min(into.len());
            let (now, rest) = into.split_at_mut(len);
            now.copy_from_slice(&here[..len]);
            (at, into) = (at + len as u64, rest);
        }
        true
    }
}
