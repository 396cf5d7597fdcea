//! Several kernels in one word: a list, a range, or all.

use super::kernel::{Revision, UnknownRevision};

/// The kernels a text names, in its order, each once: names between commas or blanks, ranges of the line with both ends
/// included (`p1..p6`, `v6.12..`, `..p3`), and `all` for the whole line.
///
/// The commas of a set belong to it: `base+p1,p4 p6` names two kernels.
///
/// # Errors
/// A name that is no kernel's, a range whose end is not in the line or whose first kernel is the newer one.
///
/// ```
/// use s390_iommu::revision::list;
/// let names: Vec<_> = list("base, p5..v6.6 base+p1,p4")?.iter().map(ToString::to_string).collect();
/// assert_eq!(names, ["v6.1-rc2", "p5", "p6", "v6.2", "v6.6", "v6.1-rc2+p1,p4"]);
/// assert_eq!(list("all")?.len(), 14);
/// # Ok::<(), s390_iommu::revision::UnknownRevision>(())
/// ```
pub fn list(text: &str) -> Result<Vec<Revision>, UnknownRevision> {
    let mut revisions = Vec::new();
    for part in text.split_whitespace() {
        let words = if part.contains('+') { vec![part] } else { part.split(',').collect() };
        for word in words.into_iter().filter(|word| !word.is_empty()) {
            let named = one(word)?;
            revisions.extend(named.into_iter().filter(|new| !revisions.contains(new)).collect::<Vec<_>>());
        }
    }
    Ok(revisions)
}

fn one(word: &str) -> Result<Vec<Revision>, UnknownRevision> {
    if word == "all" {
        return Ok(Revision::line().collect());
    }
    let Some((first, last)) = word.split_once("..") else {
        return Ok(vec![word.parse()?]);
    };
    let place = |name: &str, without: usize| match name {
        "" => Ok(without),
        _ => name.parse::<Revision>()?.place().ok_or_else(|| UnknownRevision::range(word)),
    };
    let (first, last) = (place(first, 0)?, place(last, usize::MAX)?);
    if first > last {
        return Err(UnknownRevision::range(word));
    }
    Ok(Revision::line().skip(first).take((last - first).saturating_add(1)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_the_line() {
        let names = |text: &str| list(text).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names("..p2"), ["v6.1-rc2", "p1", "p2"]);
        assert_eq!(names("v6.16.."), ["v6.16", "v6.18", "v7.3"]);
        assert_eq!(names("..").len(), Revision::line().count());
        assert_eq!(names("p1,p1..p2,p1~plain-store"), ["p1", "p2", "p1~plain-store"]);
        assert!(names("").is_empty() && names(" , ,").is_empty());
    }

    #[test]
    fn what_names_no_kernel_is_told() {
        for bad in ["p9", "p1..p9", "p6..p1", "base+p2..p4", "p1...p2"] {
            assert!(list(bad).is_err(), "{bad}");
        }
        assert!(list("p6..p1").unwrap_err().to_string().contains("p6..p1"));
    }
}
