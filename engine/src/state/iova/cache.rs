//! Ranges kept ready: magazines of one size, two for each CPU, and a depot of full ones (`struct iova_rcache`).
//!
//! What is freed goes into the magazine its CPU has loaded, and is the first to be taken again. Ranges in a magazine stay in
//! use for the tree.

use crate::state::faults::{FaultSite, Faults};

/// Sizes that are cached: 1, 2, 4, … 32 pages.
pub const ORDERS: u32 = 6;

/// Ranges in a full magazine.
pub const MAGAZINE: usize = 127;

/// How long full magazines lie in the depot before one too many is given back; milliseconds.
pub const DEPOT_DELAY: u64 = 100;

/// The order of a size, the exponent of the power of two it is rounded up to; `None` if it is not cached.
pub const fn order(pages: u64) -> Option<u32> {
    let order = if pages <= 1 { 0 } else { u64::BITS - (pages - 1).leading_zeros() };
    if order < ORDERS { Some(order) } else { None }
}

/// When the two magazines of a CPU are created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Magazines {
    /// With the domain, which cannot be initialised without them.
    AtInit,
    /// When the first range is to be put in; without memory the range goes back to the tree.
    OnDemand,
}

/// First pages of ranges, the last one on top.
type Magazine = Vec<u64>;

/// A CPU's magazines. The second is there only if the first is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
struct CpuCache {
    loaded: Option<Magazine>,
    previous: Option<Magazine>,
}

/// What became of a range that was to be cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is cached.
    Kept,
    /// It is cached, and a full magazine went to the depot to make room.
    KeptPushing,
    /// There is no room and no memory.
    Refused,
}

/// The cache of one order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cache {
    cpus: Vec<CpuCache>,
    /// Full magazines, the last one on top.
    depot: Vec<Magazine>,
    /// The work that looks at the depot is scheduled.
    scheduled: bool,
}

impl Cache {
    /// An empty cache for this many CPUs; `None` without memory.
    pub fn new(cpus: u16, magazines: Magazines, faults: &mut Faults) -> Option<Self> {
        if faults.strike(FaultSite::AllocPercpu).is_some() {
            return None;
        }
        let mut cache = Self { cpus: Vec::new(), depot: Vec::new(), scheduled: false };
        for _ in 0..cpus {
            cache.cpus.push(match magazines {
                Magazines::AtInit => {
                    let (loaded, previous) = (magazine(faults), magazine(faults));
                    CpuCache { loaded: Some(loaded?), previous: Some(previous?) }
                }
                Magazines::OnDemand => CpuCache::default(),
            });
        }
        Some(cache)
    }

    /// How many magazines lie in the depot.
    pub fn depot(&self) -> usize {
        self.depot.len()
    }

    /// For each CPU how many ranges are in the loaded magazine and in the previous one.
    pub fn fill(&self) -> impl ExactSizeIterator<Item = [usize; 2]> {
        self.cpus.iter().map(|cpu| [&cpu.loaded, &cpu.previous].map(|mag| mag.as_ref().map_or(0, Vec::len)))
    }

    /// Puts a range into a CPU's cache (`__iova_rcache_insert`).
    pub fn put(&mut self, cpu: u16, page: u64, faults: &mut Faults) -> Put {
        let Self { cpus, depot, .. } = self;
        let CpuCache { loaded, previous } = &mut cpus[usize::from(cpu)];
        let mut put = Put::Kept;
        if loaded.as_ref().is_none_or(is_full) {
            if previous.as_ref().is_some_and(|previous| !is_full(previous)) {
                std::mem::swap(loaded, previous);
            } else {
                let Some(new) = magazine(faults) else { return Put::Refused };
                if let Some(full) = loaded.replace(new) {
                    if previous.is_none() {
                        *previous = Some(full);
                    } else {
                        depot.push(full);
                        put = Put::KeptPushing;
                    }
                }
            }
        }
        loaded.get_or_insert_default().push(page);
        put
    }

    /// Takes a range from a CPU's cache, or from the depot; it does not begin above page `highest` (`__iova_rcache_get`).
    ///
    /// Only the loaded magazine is searched, even if another one would have a range that fits.
    pub fn take(&mut self, cpu: u16, highest: u64) -> Option<u64> {
        let CpuCache { loaded, previous } = &mut self.cpus[usize::from(cpu)];
        if loaded.as_ref().is_none_or(Vec::is_empty) {
            if previous.as_ref().is_some_and(|previous| !previous.is_empty()) {
                std::mem::swap(loaded, previous);
            } else {
                *loaded = Some(self.depot.pop()?);
            }
        }
        let loaded = loaded.as_mut()?;
        let place = loaded.iter().rposition(|page| *page <= highest)?;
        Some(loaded.swap_remove(place))
    }

    /// Takes a CPU's cached ranges out; its magazines remain.
    pub fn empty_cpu(&mut self, cpu: u16) -> Vec<u64> {
        let CpuCache { loaded, previous } = &mut self.cpus[usize::from(cpu)];
        [loaded, previous].into_iter().flatten().flat_map(std::mem::take).collect()
    }

    /// Takes the topmost magazine out of the depot if there are more than `keep`.
    pub fn pop_depot(&mut self, keep: usize) -> Option<Vec<u64>> {
        if self.depot.len() > keep { self.depot.pop() } else { None }
    }

    /// Whether the work on the depot must be scheduled now; from then on it is.
    pub const fn needs_work(&mut self) -> bool {
        !std::mem::replace(&mut self.scheduled, true)
    }

    /// The work on the depot begins.
    pub const fn work_begins(&mut self) {
        self.scheduled = false;
    }
}

fn is_full(magazine: &Magazine) -> bool {
    magazine.len() >= MAGAZINE
}

/// A new magazine, if there is memory.
fn magazine(faults: &mut Faults) -> Option<Magazine> {
    faults.strike(FaultSite::AllocMagazine).is_none().then(Vec::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::faults::{Armed, Failure};

    fn cache() -> (Cache, Faults) {
        let mut faults = Faults::default();
        (Cache::new(1, Magazines::AtInit, &mut faults).unwrap(), faults)
    }

    #[test]
    fn orders_are_those_of_powers_of_two() {
        let orders = [1, 2, 3, 4, 5, 31, 32, 33].map(order);
        assert_eq!(orders, [Some(0), Some(1), Some(2), Some(2), Some(3), Some(5), Some(5), None]);
    }

    #[test]
    fn two_magazines_fill_before_the_depot_gets_one() {
        let (mut cache, mut faults) = cache();
        let puts: Vec<Put> = (1..=255).map(|page| cache.put(0, page, &mut faults)).collect();
        assert_eq!(puts.iter().position(|put| *put == Put::KeptPushing), Some(254));
        assert_eq!((cache.fill().next(), cache.depot()), (Some([1, 127]), 1));
        // The magazine that was filled last is the one that went; the first is still there.
        let taken: Vec<u64> = std::iter::from_fn(|| cache.take(0, u64::MAX)).collect();
        assert_eq!((taken.len(), taken[0], taken[1], taken[128]), (255, 255, 127, 254));
    }

    #[test]
    fn magazines_on_demand_are_asked_for_when_there_is_no_room() {
        let mut faults = Faults::default();
        let fail = |faults: &mut Faults| {
            faults.arm(FaultSite::AllocMagazine, Armed { after: 0, count: 1, failure: Failure::default() });
        };
        fail(&mut faults);
        assert_eq!(Cache::new(1, Magazines::AtInit, &mut faults), None);
        let mut cache = Cache::new(1, Magazines::OnDemand, &mut faults).unwrap();
        for fill in [[1, 0], [1, 127]] {
            fail(&mut faults);
            assert_eq!(cache.put(0, 1, &mut faults), Put::Refused);
            assert_eq!(cache.put(0, 2, &mut faults), Put::Kept);
            assert_eq!(cache.fill().next(), Some(fill));
            assert!((0..126).all(|_| cache.put(0, 3, &mut faults) == Put::Kept));
        }
    }

    #[test]
    fn the_topmost_range_that_is_low_enough_is_taken() {
        let (mut cache, mut faults) = cache();
        let puts = [5, 9, 7, 8].map(|page| cache.put(0, page, &mut faults));
        assert_eq!(puts, [Put::Kept; 4]);
        assert_eq!([7, 5, 4].map(|highest| cache.take(0, highest)), [Some(7), Some(5), None]);
        assert_eq!(cache.empty_cpu(0), [8, 9]);
    }
}
