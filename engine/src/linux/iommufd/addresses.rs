//! Addresses of an address space: what is free, what is reserved.

use crate::addr::{Iova, IovaRange, PAGE_SIZE};
use crate::linux::errno::{Errno, Outcome};
use crate::state::iommufd::{Ioas, Reserver};

/// Multiples that addresses have to be of: one page, once there is a page table.
pub(super) fn alignment(ioas: &Ioas) -> u64 {
    if ioas.domains.is_empty() { 1 } else { PAGE_SIZE }
}

/// Addresses that nobody has reserved.
pub(super) fn allowed(ioas: &Ioas) -> Vec<IovaRange> {
    let reserved = ioas.reserved.iter().map(|(range, _)| (range.start.get(), range.last.get()));
    holes(0, u64::MAX, reserved.collect()).into_iter().map(|(start, last)| range(start, last)).collect()
}

/// Reserves addresses.
///
/// # Errors
/// -EADDRINUSE where something is mapped.
pub(super) fn reserve(ioas: &mut Ioas, start: u64, last: u64, who: Reserver) -> Outcome {
    if overlaps(ioas, start, last) {
        return Err(Errno::EADDRINUSE);
    }
    ioas.reserved.push((range(start, last), who));
    Ok(())
}

/// Gives back what somebody reserved.
pub(super) fn give_back(ioas: &mut Ioas, who: Reserver) {
    ioas.reserved.retain(|(_, other)| *other != who);
}

/// Whether something is mapped there.
fn overlaps(ioas: &Ioas, start: u64, last: u64) -> bool {
    ioas.areas.iter().any(|(iova, area)| *iova <= last && iova + (area.size - 1) >= start)
}

/// Whether a request may be mapped there.
///
/// # Errors
/// -EINVAL for a bad alignment or reserved addresses; -EOVERFLOW; -EEXIST over another mapping.
pub(super) fn check(ioas: &Ioas, iova: u64, size: u64) -> Outcome {
    if iova & (alignment(ioas) - 1) != 0 || size == 0 {
        return Err(Errno::EINVAL);
    }
    let last = iova.checked_add(size - 1).ok_or(Errno::EOVERFLOW)?;
    let reserved = |(range, _): &(IovaRange, Reserver)| range.start.get() <= last && range.last.get() >= iova;
    if ioas.reserved.iter().any(reserved) {
        return Err(Errno::EINVAL);
    }
    if overlaps(ioas, iova, last) { Err(Errno::EEXIST) } else { Ok(()) }
}

/// The lowest free place for a request whose memory is at `vaddr` in the process: what alignment that has is kept.
///
/// # Errors
/// -EOVERFLOW for a size without sense; -ENOSPC without a place.
pub(super) fn find(ioas: &Ioas, vaddr: u64, size: u64) -> Outcome<u64> {
    if size == 0 || size >= u64::MAX / 2 {
        return Err(Errno::EOVERFLOW);
    }
    let alignment = size.next_power_of_two().min(vaddr & vaddr.wrapping_neg()).max(1);
    let offset = vaddr % PAGE_SIZE;
    if alignment < self::alignment(ioas) {
        return Err(Errno::EINVAL);
    }
    let areas = ioas.areas.iter().map(|(iova, area)| (*iova, iova + (area.size - 1)));
    let reserved = ioas.reserved.iter().map(|(range, _)| (range.start.get(), range.last.get()));
    for (start, last) in holes(PAGE_SIZE, u64::MAX - PAGE_SIZE, areas.chain(reserved).collect()) {
        let Some(start) = start.checked_next_multiple_of(alignment) else { continue };
        let start = start | offset;
        if start <= last && last - start >= size - 1 {
            return Ok(start);
        }
    }
    Err(Errno::ENOSPC)
}

/// What is left between `start` and `last` beside the used stretches.
fn holes(start: u64, last: u64, mut used: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    used.sort_unstable();
    let mut holes = Vec::new();
    let mut next = Some(start);
    for (from, to) in used {
        if let Some(at) = next.filter(|at| *at < from) {
            holes.push((at, from - 1));
        }
        next = next.and_then(|at| Some(at.max(to.checked_add(1)?)));
    }
    holes.extend(next.filter(|at| *at <= last).map(|at| (at, last)));
    holes
}

const fn range(start: u64, last: u64) -> IovaRange {
    IovaRange::new(Iova::new(start), Iova::new(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_keep_the_alignment_of_the_memory() {
        let mut ioas = Ioas::default();
        assert_eq!(find(&ioas, 0x7f00_0000_8000, 0x1_0000), Ok(0x8000));
        reserve(&mut ioas, 0, 0xffff_ffff, Reserver::Device(1)).unwrap();
        assert_eq!(find(&ioas, 0x7f00_0000_8000, 0x1_0000), Ok(0x1_0000_0000));
        assert_eq!(allowed(&ioas), [range(0x1_0000_0000, u64::MAX)]);
        assert_eq!(check(&ioas, 0x1000, 0x1000), Err(Errno::EINVAL));
        give_back(&mut ioas, Reserver::Device(1));
        assert_eq!(allowed(&ioas), [range(0, u64::MAX)]);
    }
}
