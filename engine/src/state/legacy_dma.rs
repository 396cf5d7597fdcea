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

/// A search that comes back to where it began: the kernel's never ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endless;

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
    /// More pages are wanted than lie between two boundaries, and there is room for them at one.
    pub fn take(&mut self, start: u64, bits: u64, base: u64) -> Result<Option<u64>, Endless> {
        let Some(used) = self.used.as_mut() else { return Ok(None) };
        let size = self.pages.wrapping_sub(1);
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
                return Err(Endless);
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

    /// Gives pages back: at once, or lazily.
    pub fn give(&mut self, first: u64, bits: u64) {
        let Some(used) = &mut self.used else { return };
        match &mut self.lazy {
            None => used.clear(first, bits),
            Some(lazy) => lazy.set(first, bits),
        }
    }
}
