//! How many levels a domain's tables get (`s390_domain_alloc_paging` from v6.16 on).

use crate::addr::{Iova, IovaRange};
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::table::{Designation, Level};

/// The top level for a function: as few levels as its range needs, as far as memory size and its attributes let it.
///
/// The choice shrinks the function's own range for good (`end_dma`), even if the domain is freed at once. The arithmetic
/// is the kernel's, in 64 bits: a range of 2^64 bytes counts as 0, a start beyond a table makes its room huge.
pub(super) fn choose(cx: &mut Cx, function: FunctionId) -> Progress<Level> {
    let range = cx.range(function);
    let start = range.start.get();
    let wanted = range.wrapping_len().min(cx.aperture_limit());
    let room = |level: Level| level.last_iova().get().wrapping_add(1).wrapping_sub(start);
    let types = cx.supported_tables(function);
    let (level, size) = if wanted <= room(Level::RegionThird) {
        (Level::RegionThird, wanted)
    } else if wanted <= room(Level::RegionSecond) && types & flag(Designation::RegionSecond) != 0 {
        (Level::RegionSecond, wanted)
    } else if types & flag(Designation::RegionFirst) != 0 {
        // The flag of region-first tables has two bits: either is enough.
        (Level::RegionFirst, wanted)
    } else {
        (Level::RegionThird, room(Level::RegionThird))
    };
    let last = start.wrapping_add(size).wrapping_sub(1);
    cx.set_range(function, IovaRange::new(range.start, Iova::new(last)))?;
    Ok(level)
}

/// How Linux looks for a type of table in a function's attributes: by the type's bits in an IOTA.
const fn flag(designation: Designation) -> u8 {
    (designation as u8) << 2
}
