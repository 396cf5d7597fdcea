//! An address split into the indices of a walk.

use s390_iommu::addr::Iova;
use s390_iommu::table::{IovaSplit, Level};
use s390_iommu_view::walk::Part;

/// The parts, from the highest bits down; those that tables below this root use are marked.
pub fn parts(iova: u64, root: Level) -> Vec<Part> {
    let split = IovaSplit::split(Iova::new(iova));
    let mut parts: Vec<Part> = Level::ALL
        .into_iter()
        .map(|level| {
            let name = match level {
                Level::RegionFirst => "RFX",
                Level::RegionSecond => "RSX",
                Level::RegionThird => "RTX",
                Level::Segment => "SX",
                Level::Page => "PX",
            };
            let used = level.shift() <= root.shift();
            let width = level.entries().ilog2();
            part(
                name,
                format!("index into the {} table", level.name()),
                level.shift(),
                width,
                split.index(level),
                used,
            )
        })
        .collect();
    parts.push(part("BX", "byte within the page".to_owned(), 0, 12, usize::from(split.offset), true));
    parts.sort_by_key(|part| std::cmp::Reverse(part.range));
    parts
}

fn part(name: &str, title: String, shift: u32, width: u32, value: usize, used: bool) -> Part {
    let bits = format!("{value:0width$b}", width = width as usize);
    Part { name: name.to_owned(), title, bits, range: (shift + width - 1, shift), value: value as u64, used }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_all_64_bits() {
        let parts = parts(0x1_2345_6789, Level::RegionThird);
        let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["RFX", "RSX", "RTX", "SX", "PX", "BX"]);
        let bits: String = parts.iter().map(|part| part.bits.as_str()).collect();
        assert_eq!(u64::from_str_radix(&bits, 2), Ok(0x1_2345_6789));
        assert_eq!(bits.len(), 64);
        assert_eq!(parts.iter().filter(|part| part.used).count(), 4);
        assert_eq!((parts[2].value, parts[3].value, parts[4].value), (2, 0x234, 0x56));
    }
}
