//! Physical memory: sparse, big-endian, copied only where it changes, with an allocator that knows owners.
//!
//! Memory is where driver and hardware meet, so it keeps nothing but bytes and, apart from them, who asked
//! for which block. Cloning shares every frame until one side writes: a snapshot of a system costs almost nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{PAGE_SIZE, Phys};

/// Doublewords in a frame.
const FRAME_WORDS: usize = (PAGE_SIZE / 8) as usize;
/// Frames in a chunk, the unit of the directory: 2 MiB.
const CHUNK_FRAMES: usize = 512;
const CHUNK_SHIFT: u32 = 21;
/// Chunks that are searched in order.
const FEW_CHUNKS: usize = 32;

/// Where the allocator starts: out of the way of the addresses people like to map.
const POOL_START: u64 = 0x10_0000_0000;

/// What freed memory is filled with, as Linux's slab poisoning does.
const POISON: u64 = u64::from_ne_bytes([0x6b; 8]);

/// A frame of 4 KiB, its doublewords in memory order (big-endian).
type Frame = [u64; FRAME_WORDS];
type Chunk = [Option<Arc<Frame>>; CHUNK_FRAMES];

/// Who asked for a block; what the number means is the caller's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Owner(pub u32);

/// A block that was handed out: how long it is, for whom, and whether it was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// Bytes.
    pub len: u64,
    /// Who asked for it.
    pub owner: Owner,
    /// Given back: whoever still reads it reads poison, or the next owner's data.
    pub freed: bool,
}

/// How consecutive doublewords change: the k-th becomes `(old & keep) | (set + k * step)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// Bits of the old word that stay.
    pub keep: u64,
    /// Bits that are set in the first word.
    pub set: u64,
    /// What `set` grows by from word to word.
    pub step: u64,
    /// Old words with any of these bits are counted.
    pub flag: u64,
}

impl Rewrite {
    #[inline]
    fn word(self, word: &mut u64) -> u64 {
        let flagged = u64::from(*word & self.flag.to_be() != 0);
        *word = *word & self.keep.to_be() | self.set.to_be();
        flagged
    }

    #[inline(never)]
    fn run(self, words: &mut [u64]) -> u64 {
        let Self { keep, set, step, flag } = self;
        let (keep, flag) = (keep.to_be(), flag.to_be());
        let mut flagged = 0;
        if step == 0 {
            let set = set.to_be();
            for word in words {
                flagged += u64::from(*word & flag != 0);
                *word = *word & keep | set;
            }
        } else {
            let mut set = set;
            for word in words {
                flagged += u64::from(*word & flag != 0);
                *word = *word & keep | set.to_be();
                set = set.wrapping_add(step);
            }
        }
        flagged
    }
}

/// Sparse physical memory of 2^64 bytes; what was never written reads as zero.
///
/// ```
/// use s390_iommu::{addr::Phys, mem::{Memory, Owner}};
/// let mut memory = Memory::new();
/// let table = memory.alloc(0x4000, Owner(1)).unwrap();
/// memory.write(table, 0x8a00_8007);
/// assert_eq!(memory.read(table), 0x8a00_8007);
/// assert_eq!(memory.bytes(table, 8), [0, 0, 0, 0, 0x8a, 0, 0x80, 0x07]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Memory {
    chunks: Vec<(u64, Box<Chunk>)>,
    blocks: BTreeMap<u64, Block>,
    free: BTreeMap<u64, Vec<u64>>,
    next: u64,
    limit: u64,
    frames: u64,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// Bytes the allocator hands out before it refuses, unless [`Self::set_limit`] says otherwise: 256 MiB.
    pub const DEFAULT_LIMIT: u64 = 256 << 20;

    /// Empty memory.
    pub fn new() -> Self {
        Self {
            chunks: Vec::new(),
            blocks: BTreeMap::new(),
            free: BTreeMap::new(),
            next: POOL_START,
            limit: Self::DEFAULT_LIMIT,
            frames: 0,
        }
    }

    /// Changes how many bytes the allocator hands out in all before it refuses.
    pub fn set_limit(&mut self, bytes: u64) {
        self.limit = bytes;
    }

    /// Whether the allocator is at its limit: a further block would be refused.
    pub fn is_exhausted(&self) -> bool {
        self.next - POOL_START >= self.limit
    }

    /// A block of `len` bytes (a power of two) aligned to its length; `None` at the limit.
    ///
    /// The block given back last is handed out first, as a slab allocator does: that is what makes a use after
    /// free visible. The contents are whatever was there.
    pub fn alloc(&mut self, len: u64, owner: Owner) -> Option<Phys> {
        let start = match self.free.get_mut(&len).and_then(Vec::pop) {
            Some(start) => start,
            None if self.is_exhausted() => return None,
            None => {
                let start = self.next.next_multiple_of(len);
                self.next = start + len;
                start
            }
        };
        self.blocks.insert(start, Block { len, owner, freed: false });
        Some(Phys::new(start))
    }

    /// Gives a block back and poisons it; `false` if there is none at this address or it was given back already.
    pub fn free(&mut self, start: Phys) -> bool {
        let Some(block) = self.blocks.get_mut(&start.get()).filter(|block| !block.freed) else {
            return false;
        };
        block.freed = true;
        let len = block.len;
        self.free.entry(len).or_default().push(start.get());
        self.fill(start, len, POISON);
        true
    }

    /// The block handed out at or around an address, with its start.
    pub fn block_at(&self, at: Phys) -> Option<(Phys, Block)> {
        let (start, block) = self.blocks.range(..=at.get()).next_back()?;
        (at.get() - start < block.len).then_some((Phys::new(*start), *block))
    }

    /// Every block ever handed out, by address; a block handed out again has its latest owner.
    pub fn blocks(&self) -> impl Iterator<Item = (Phys, Block)> {
        self.blocks.iter().map(|(start, block)| (Phys::new(*start), *block))
    }

    /// Frames of 4 KiB that were ever written to.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// The doubleword at an address, at any alignment.
    #[inline]
    pub fn read(&self, at: Phys) -> u64 {
        if at.is_aligned(8) { self.aligned(at) } else { self.across(at) }
    }

    /// Consecutive doublewords that lie within one 4 KiB frame.
    ///
    /// # Panics
    /// They leave their frame.
    pub fn read_run(&self, at: Phys, into: &mut [u64]) {
        let first = word_index(at);
        match self.frame(at) {
            Some(frame) => {
                let words = &frame[first..first + into.len()];
                into.iter_mut().zip(words).for_each(|(to, word)| *to = u64::from_be(*word));
            }
            None => into.fill(0),
        }
    }

    /// Eight bytes that lie across two doublewords.
    #[cold]
    fn across(&self, at: Phys) -> u64 {
        let shift = at.get() % 8 * 8;
        self.aligned(at) << shift | self.aligned(at.wrapping_add(8)) >> (64 - shift)
    }

    #[inline]
    fn aligned(&self, at: Phys) -> u64 {
        self.frame(at).map_or(0, |frame| u64::from_be(frame[word_index(at)]))
    }

    /// Changes the doubleword at an address; the low three bits are ignored.
    pub fn write(&mut self, at: Phys, word: u64) {
        self.frame_mut(at)[word_index(at)] = word.to_be();
    }

    /// Fills `len` bytes (a multiple of 8) with one doubleword.
    pub fn fill(&mut self, at: Phys, len: u64, word: u64) {
        let mut at = at;
        let mut words = (len / 8) as usize;
        while words > 0 {
            let first = word_index(at);
            let here = words.min(FRAME_WORDS - first);
            self.frame_mut(at)[first..first + here].fill(word.to_be());
            at = at.wrapping_add(here as u64 * 8);
            words -= here;
        }
    }

    /// Rewrites `count` doublewords that lie within one 4 KiB frame; gives how many of the old ones had a bit of
    /// `rewrite.flag` set.
    ///
    /// This is the loop that maps and unmaps pages: one look-up of the frame, and words changed as they lie in memory.
    ///
    /// # Panics
    /// The run leaves its frame.
    #[inline]
    pub fn rewrite(&mut self, at: Phys, count: usize, rewrite: Rewrite) -> u64 {
        let first = word_index(at);
        let run = &mut self.frame_mut(at)[first..first + count];
        // A single page is the common case, and not worth the beginning of a loop.
        if let [word] = run { rewrite.word(word) } else { rewrite.run(run) }
    }

    /// `len` bytes from an address on, in memory order.
    pub fn bytes(&self, at: Phys, len: usize) -> Vec<u8> {
        (0..len as u64)
            .map(|k| {
                let at = at.wrapping_add(k);
                self.aligned(at).to_be_bytes()[(at.get() & 7) as usize]
            })
            .collect()
    }

    /// Changes bytes from an address on, in memory order.
    pub fn write_bytes(&mut self, at: Phys, bytes: &[u8]) {
        for (k, byte) in (0..).zip(bytes) {
            let at = at.wrapping_add(k);
            let mut word = self.aligned(at).to_be_bytes();
            word[(at.get() & 7) as usize] = *byte;
            self.write(at, u64::from_be_bytes(word));
        }
    }

    /// A chunk's place in the directory, or where it belongs. As long as there are few, a search in order is fastest.
    #[inline]
    fn find(&self, at: Phys) -> Result<usize, usize> {
        let number = at.get() >> CHUNK_SHIFT;
        // Nearly all tables lie in the first one.
        if self.chunks.first().is_some_and(|(here, _)| *here == number) {
            return Ok(0);
        }
        let place = if self.chunks.len() <= FEW_CHUNKS {
            self.chunks.iter().position(|(here, _)| *here >= number).unwrap_or(self.chunks.len())
        } else {
            self.chunks.partition_point(|(here, _)| *here < number)
        };
        match self.chunks.get(place) {
            Some((here, _)) if *here == number => Ok(place),
            _ => Err(place),
        }
    }

    #[inline]
    fn frame(&self, at: Phys) -> Option<&Frame> {
        let place = self.find(at).ok()?;
        self.chunks[place].1[frame_index(at)].as_deref()
    }

    #[inline(always)]
    fn frame_mut(&mut self, at: Phys) -> &mut Frame {
        let place = match self.find(at) {
            Ok(place) => place,
            Err(place) => self.add_chunk(place, at),
        };
        let frame = self.chunks[place].1[frame_index(at)].get_or_insert_with(|| {
            self.frames += 1;
            empty_frame()
        });
        Arc::make_mut(frame)
    }

    #[cold]
    fn add_chunk(&mut self, place: usize, at: Phys) -> usize {
        self.chunks.insert(place, (at.get() >> CHUNK_SHIFT, Box::new([const { None }; CHUNK_FRAMES])));
        place
    }
}

#[cold]
fn empty_frame() -> Arc<Frame> {
    Arc::new([0; FRAME_WORDS])
}

const fn word_index(at: Phys) -> usize {
    (at.get() % PAGE_SIZE / 8) as usize
}

const fn frame_index(at: Phys) -> usize {
    ((at.get() >> 12) % CHUNK_FRAMES as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_its_contents() {
        let mut memory = Memory::new();
        memory.write(Phys::new(0x1000), 1);
        let before = memory.clone();
        memory.write(Phys::new(0x1000), 2);
        assert_eq!((before.read(Phys::new(0x1000)), memory.read(Phys::new(0x1000))), (1, 2));
    }

    #[test]
    fn blocks_are_aligned_to_their_length_and_freed_ones_come_back_first() {
        let mut memory = Memory::new();
        let page_table = memory.alloc(0x800, Owner(1)).unwrap();
        let segment_table = memory.alloc(0x4000, Owner(1)).unwrap();
        assert!(page_table.is_aligned(0x800) && segment_table.is_aligned(0x4000));
        assert!(memory.free(page_table));
        assert_eq!(memory.read(page_table), POISON);
        assert!(!memory.free(page_table), "a second free is seen");
        assert_eq!(memory.alloc(0x800, Owner(2)), Some(page_table));
        assert_eq!(memory.block_at(page_table.wrapping_add(0x7ff)).unwrap().1.owner, Owner(2));
    }

    #[test]
    fn the_allocator_stops_at_its_limit() {
        let mut memory = Memory::new();
        memory.set_limit(0x8000);
        assert!(memory.alloc(0x4000, Owner(0)).is_some() && memory.alloc(0x4000, Owner(0)).is_some());
        assert!(memory.is_exhausted());
        assert_eq!(memory.alloc(0x4000, Owner(0)), None);
    }

    #[test]
    fn fill_crosses_frames_and_the_top_of_memory_is_there() {
        let mut memory = Memory::new();
        memory.fill(Phys::new(0x1ff8), 16, 7);
        assert_eq!((memory.read(Phys::new(0x1ff8)), memory.read(Phys::new(0x2000))), (7, 7));
        assert_eq!(memory.read(Phys::new(u64::MAX)), 0);
    }

    #[test]
    fn any_address_can_be_read_and_any_byte_be_written() {
        let mut memory = Memory::new();
        memory.write_bytes(Phys::new(0xffd), &[1, 2, 3, 4, 5]);
        assert_eq!(memory.bytes(Phys::new(0xffc), 7), [0, 1, 2, 3, 4, 5, 0]);
        assert_eq!(memory.read(Phys::new(0xffd)), 0x0102_0304_0500_0000);
        assert_eq!(memory.read(Phys::new(0xff8)), 0x0001_0203);
    }
}
