//! The translation tables as the driver handles them: walk, grow, look up, take down.

use crate::addr::{Iova, Phys};
use crate::exec::Cx;
use crate::ids::DomainId;
use crate::state::kernel::Lock;
use crate::table::{Level, PageEntry, RegionEntry, SegmentEntry};
use crate::trace::TableUse;

/// The page table for an address, growing segment and page table where they are missing (`dma_walk_cpu_trans`).
///
/// Indices are only masked: an address beyond what the root translates lands on another one's entry.
/// `None` when a table cannot be allocated; a segment table allocated on the way stays.
pub(super) async fn page_table(cx: Cx<'_>, domain: DomainId, iova: Iova) -> Option<Phys> {
    let root = cx.root(domain);
    let owner = TableUse::Domain(domain);

    let index = Level::RegionThird.index(iova);
    let entry = RegionEntry::from_bits(cx.read_entry(Level::RegionThird, root, index).await);
    let segment_table = if entry.is_valid() {
        entry.origin()
    } else {
        let table = cx.alloc_table(Level::Segment, owner).await?;
        let new = entry.with_origin(Level::RegionThird, table).validated();
        cx.write_entry(Level::RegionThird, root, index, new.bits()).await;
        table
    };

    let index = Level::Segment.index(iova);
    let entry = SegmentEntry::from_bits(cx.read_entry(Level::Segment, segment_table, index).await);
    if entry.is_valid() {
        return Some(entry.origin());
    }
    let table = cx.alloc_table(Level::Page, owner).await?;
    let new = entry.with_origin(table).validated();
    cx.write_entry(Level::Segment, segment_table, index, new.bits()).await;
    Some(table)
}

/// `s390_iommu_iova_to_phys`: the frame an address is mapped to, without the offset inside the page.
///
/// 0 stands for "not mapped" and for a page mapped to physical address 0 alike.
pub async fn iova_to_phys(cx: Cx<'_>, domain: DomainId, iova: Iova) -> Phys {
    if !cx.geometry(domain).aperture.contains(iova) {
        return Phys::new(0);
    }
    cx.lock(Lock::dma_table(domain)).await;
    let frame = look_up(cx, cx.root(domain), iova).await;
    cx.unlock(Lock::dma_table(domain)).await;
    frame.unwrap_or(Phys::new(0))
}

async fn look_up(cx: Cx<'_>, root: Phys, iova: Iova) -> Option<Phys> {
    let word = cx.read_entry(Level::RegionThird, root, Level::RegionThird.index(iova)).await;
    let region = RegionEntry::from_bits(word);
    if !region.is_valid() {
        return None;
    }
    let word = cx.read_entry(Level::Segment, region.origin(), Level::Segment.index(iova)).await;
    let segment = SegmentEntry::from_bits(word);
    if !segment.is_valid() {
        return None;
    }
    let page =
        PageEntry::from_bits(cx.read_entry(Level::Page, segment.origin(), Level::Page.index(iova)).await);
    page.is_valid().then(|| page.frame())
}

/// Gives a table and everything below it back, children first (`dma_cleanup_tables`).
pub(in crate::linux) async fn free_tables(cx: Cx<'_>, level: Level, table: Phys) {
    // Depth is at most five; a stack instead of recursion, which async code would have to box.
    let mut pending = vec![(level, table, false)];
    while let Some((level, table, children_done)) = pending.pop() {
        if children_done || level == Level::Page {
            cx.free_table(level, table).await;
            continue;
        }
        pending.push((level, table, true));
        let words = cx.table_words(level, table);
        let children = words.into_iter().filter_map(|word| child(level, word));
        pending.extend(children.rev().map(|(level, table)| (level, table, false)));
    }
}

fn child(level: Level, word: u64) -> Option<(Level, Phys)> {
    let below = level.child()?;
    if level == Level::Segment {
        let entry = SegmentEntry::from_bits(word);
        return entry.is_valid().then(|| (below, entry.origin()));
    }
    let entry = RegionEntry::from_bits(word);
    entry.is_valid().then(|| (below, entry.origin()))
}
