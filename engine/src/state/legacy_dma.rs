//! What the early DMA API keeps about a function: which of its addresses are in use, and what it counted.

use super::bitmap::Bitmap;

/// The part of `struct zpci_dev` that `pci_dma.c` uses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LegacyDma {
    /// Pages in use (`iommu_bitmap`), while the API is set up.
    pub used: Option<Bitmap>,
    /// Pages given back that the machine may still have cached (`lazy_bitmap`); not there in strict mode.
    pub lazy: Option<Bitmap>,
    /// Where the next search begins (`next_bit`).
    pub next_bit: u64,
    /// Pages of the usable range (`iommu_pages`).
    pub pages: u64,
    /// Its bytes (`iommu_size`).
    pub size: u64,
    /// Pages of coherent buffers.
    pub allocated_pages: u64,
    /// Pages mapped so far.
    pub mapped_pages: u64,
    /// Pages unmapped so far.
    pub unmapped_pages: u64,
    /// Addresses of one mapping do not cross a multiple of this plus one (`dma_get_seg_boundary`).
    pub segment_boundary: u64,
    /// The most bytes that entries of a list are joined to (`dma_get_max_seg_size`).
    pub max_segment: u32,
}

/// Where the kernel's code is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// A search comes back to where it began, and never ends.
    Endless,
    /// It reads or writes beside a bitmap, or one that is not there.
    Beside,
}

/// Bits that one page of memory holds: bitmaps are whole pages.
const PAGE_BITS: u64 = 0x8000;

impl Default for LegacyDma {
    fn default() -> Self {
        Self {
            used: None,
            lazy: None,
            next_bit: 0,
            pages: 0,
            size: 0,
            allocated_pages: 0,
            mapped_pages: 0,
            unmapped_pages: 0,
            segment_boundary: 0xffff_ffff,
            max_segment: 0x1_0000,
        }
    }
}

impl LegacyDma {
    /// What the driver of internal shared memory functions asks for: mappings that stay inside a mebibyte.
    pub fn of_ism() -> Self {
        Self { segment_boundary: 0xf_ffff, max_segment: 0x10_0000, ..Self::default() }
    }

    /// Pages for `bits` in a row from `start` on, taken; `None` if there are none (`iommu_area_alloc`). `base` is the page
    /// number of the range's first address.
    ///
    /// The last page of the range is never handed out.
    ///
    /// # Errors
    /// [`Lost::Endless`] where more pages are wanted than lie between two boundaries, and there is room for them at one;
    /// [`Lost::Beside`] without a bitmap, or with an empty one: one less than no pages is very many.
    pub fn take(&mut self, start: u64, bits: u64, base: u64) -> Result<Option<u64>, Lost> {
        let used = self.used.as_mut().ok_or(Lost::Beside)?;
        let size = self.pages.checked_sub(1).ok_or(Lost::Beside)?;
        let boundary = (self.segment_boundary >> 12) + 1;
        let mut start = start;
        loop {
            let found = used.zero_area(size, start, bits).filter(|index| *index < size);
            let Some(index) = found else { return Ok(None) };
            let place = base.wrapping_add(index) & (boundary - 1);
            if place + bits <= boundary {
                used.set(index, bits);
                return Ok(Some(index));
            }
            // On from the next boundary.
            let next = base.wrapping_add(index).next_multiple_of(boundary).wrapping_sub(base);
            if next == start {
                return Err(Lost::Endless);
            }
            start = next;
        }
    }

    /// What was given back is free after a refresh of everything.
    pub fn reclaim(&mut self) {
        if let (Some(used), Some(lazy)) = (&mut self.used, &mut self.lazy) {
            used.clear_all_of(lazy);
            *lazy = Bitmap::default();
        }
    }

    /// Gives pages back: at once, or lazily. While there is no bitmap nothing happens.
    ///
    /// # Errors
    /// [`Lost::Beside`] for pages beyond the range, unless they fall into the rest of the bitmap's last page of memory:
    /// nobody ever looks there.
    pub fn give(&mut self, first: u64, bits: u64) -> Result<(), Lost> {
        let Some(used) = &mut self.used else { return Ok(()) };
        let end = first + bits;
        if end > self.pages.next_multiple_of(PAGE_BITS) {
            return Err(Lost::Beside);
        }
        let bits = end.min(self.pages).saturating_sub(first);
        match &mut self.lazy {
            None => used.clear(first, bits),
            Some(lazy) => lazy.set(first, bits),
        }
        Ok(())
    }
}
