//! A domain's addresses: tree, caches and flush queue together, as `dma-iommu.c` uses them.

use super::cache::{Cache, DEPOT_DELAY, Magazines, ORDERS, Put, order};
use super::host::{Effect, Host, NoMemory, Timer};
use super::queue::{FlushQueue, QueueKind};
use super::tree::Tree;
use crate::addr::{Iova, IovaRange, PAGE_SIZE};
use crate::state::faults::{FaultSite, Faults};

/// The highest address of the low 4 GiB.
const LOW_LAST: u64 = u32::MAX as u64;

/// The addresses of a domain (`struct iommu_dma_cookie` with its `struct iova_domain`).
///
/// ```
/// use s390_iommu::addr::{Iova, IovaRange};
/// use s390_iommu::state::iova::{Host, IovaDomain, cache::Magazines};
/// use s390_iommu::state::kernel::Faults;
///
/// let (mut faults, mut effects) = (Faults::default(), Vec::new());
/// let aperture = IovaRange::new(Iova::new(0), Iova::new(0x1_ffff_ffff));
/// let mut domain = IovaDomain::new(aperture, 1, Magazines::AtInit, None, &mut faults).unwrap();
/// let mut host = Host { cpu: 0, online: &[true], faults: &mut faults, effects: &mut effects };
/// // Three pages become four, so that the range can be cached later, and are aligned to four.
/// assert_eq!(domain.alloc(0x3000, u64::MAX, &mut false, &mut host), Some(Iova::new(0x1_ffff_c000)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IovaDomain {
    aperture: IovaRange,
    tree: Tree,
    /// By order.
    caches: Vec<Cache>,
    queue: Option<FlushQueue>,
}

impl IovaDomain {
    /// A domain for this many CPUs, nothing in use (`iommu_dma_init_domain`).
    ///
    /// `queue` is what is asked for; without memory for it the domain comes without one. Reserve what may not be handed
    /// out before the first request.
    pub fn new(
        aperture: IovaRange,
        cpus: u16,
        magazines: Magazines,
        queue: Option<QueueKind>,
        faults: &mut Faults,
    ) -> Result<Self, NoMemory> {
        if faults.strike(FaultSite::AllocCaches).is_some() {
            return Err(NoMemory);
        }
        let caches = (0..ORDERS).map(|_| Cache::new(cpus, magazines, faults));
        let caches = caches.collect::<Option<_>>().ok_or(NoMemory)?;
        let queue = queue.and_then(|kind| FlushQueue::new(kind, cpus, faults));
        Ok(Self { aperture, tree: Tree::new(page(aperture.start)), caches, queue })
    }

    /// Whether the domain, which is there already, serves this aperture too: initialising it again does no more.
    pub fn serves(&self, aperture: IovaRange) -> bool {
        Tree::new(page(aperture.start)).start() == self.tree.start()
    }

    /// The ranges in use.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The caches by order.
    pub fn caches(&self) -> &[Cache] {
        &self.caches
    }

    /// The flush queue, if there is one.
    pub const fn queue(&self) -> Option<&FlushQueue> {
        self.queue.as_ref()
    }

    /// Keeps a range from being handed out: a bridge's window, a reserved region.
    pub fn reserve(&mut self, range: IovaRange, faults: &mut Faults) {
        self.tree.reserve(page(range.start), page(range.last), faults);
    }

    /// Hands out addresses for `bytes`, a multiple of the page size, none of them above `limit` or the aperture; `None` if
    /// there are none (`iommu_dma_alloc_iova`).
    ///
    /// `low_first` is kept for each device: as long as it holds, addresses in the low 4 GiB are preferred; the first time
    /// there are none it is cleared for good. Devices of this platform begin without it.
    pub fn alloc(&mut self, bytes: u64, limit: u64, low_first: &mut bool, host: &mut Host) -> Option<Iova> {
        let limit = limit.min(self.aperture.last.get());
        let mut found = None;
        if *low_first && limit > LOW_LAST {
            found = self.alloc_fast(bytes / PAGE_SIZE, LOW_LAST / PAGE_SIZE, false, host);
            *low_first = found.is_some();
        }
        let found = found.or_else(|| self.alloc_fast(bytes / PAGE_SIZE, limit / PAGE_SIZE, true, host));
        found.map(|page| Iova::new(page * PAGE_SIZE))
    }

    /// From the CPU's cache, or else from the tree; if that fails and may be tried again, it is, with all caches emptied
    /// (`alloc_iova_fast`).
    fn alloc_fast(&mut self, pages: u64, limit: u64, retry: bool, host: &mut Host) -> Option<u64> {
        let order = order(pages);
        let pages = if order.is_some() { pages.checked_next_power_of_two()? } else { pages };
        if let Some(order) = order {
            // Wraps where not even page 0 would do: then whatever is cached is taken, above the limit too.
            let highest = (limit + 1).wrapping_sub(pages);
            let cached = self.caches[order as usize].take(host.cpu, highest);
            if cached.is_some_and(|page| page != 0) {
                return cached;
            }
        }
        let found = self.tree.alloc(pages, limit, host.faults);
        if found.is_some() || !retry {
            return found;
        }
        for cpu in (0..).zip(host.online).filter(|(_, online)| **online).map(|(cpu, _)| cpu) {
            self.empty_cpu(cpu, host);
        }
        for order in 0..ORDERS {
            while let Some(magazine) = self.caches[order as usize].pop_depot(0) {
                self.free_all(magazine, host);
            }
        }
        self.tree.alloc(pages, limit, host.faults)
    }

    /// Takes addresses back at once: into the CPU's cache, or else into the tree (`free_iova_fast`).
    pub fn free(&mut self, iova: Iova, bytes: u64, host: &mut Host) {
        let Some(order) = order(bytes / PAGE_SIZE) else {
            self.tree.free(page(iova));
            return;
        };
        match self.caches[order as usize].put(host.cpu, page(iova), host.faults) {
            Put::Kept => {}
            Put::KeptPushing => self.schedule(order, host),
            Put::Refused => drop(self.tree.free(page(iova))),
        }
    }

    /// Takes addresses back after the next flush; without a queue, at once (`queue_iova`).
    ///
    /// All steps at once: [`Self::reclaim`]; if the queue is full, a flush between [`Self::begin_flush`] and
    /// [`Self::end_flush`] and once more [`Self::reclaim`]; [`Self::enqueue`]. Where others may act during the flush, they
    /// are taken one by one.
    pub fn defer(&mut self, iova: Iova, bytes: u64, host: &mut Host) {
        self.reclaim(host);
        if self.queue.as_ref().is_some_and(|queue| queue.is_full(queue.ring_of(host.cpu))) {
            self.flush(host);
            self.reclaim(host);
        }
        self.enqueue(iova, bytes, host);
    }

    /// Gives back what waited long enough in the queue of the CPU that calls.
    pub fn reclaim(&mut self, host: &mut Host) {
        if let Some(ring) = self.queue.as_ref().map(|queue| queue.ring_of(host.cpu)) {
            self.reclaim_ring(ring, host);
        }
    }

    /// Gives back what waited long enough in any queue, into the caches of the CPU that calls.
    pub fn reclaim_all(&mut self, host: &mut Host) {
        for ring in 0..self.queue.as_ref().map_or(0, |queue| queue.len().len()) {
            self.reclaim_ring(ring, host);
        }
    }

    fn reclaim_ring(&mut self, ring: usize, host: &mut Host) {
        while let Some(range) = self.queue.as_mut().and_then(|queue| queue.take_flushed(ring)) {
            let (iova, bytes) = (Iova::new(range.page * PAGE_SIZE), range.pages * PAGE_SIZE);
            self.free(iova, bytes, host);
            host.effects.push(Effect::Free { iova, bytes });
        }
    }

    /// Puts a range into the queue of the CPU that calls, which has room, and arms the timer if it is not.
    pub fn enqueue(&mut self, iova: Iova, bytes: u64, host: &mut Host) {
        let Some(queue) = &mut self.queue else { return self.free(iova, bytes, host) };
        queue.push(queue.ring_of(host.cpu), page(iova), bytes / PAGE_SIZE);
        if queue.needs_timer() {
            host.effects.push(Effect::Arm { timer: Timer::Queue, delay: queue.kind().timeout() });
        }
    }

    /// Counts a flush as started (`fq_flush_iotlb` before it flushes).
    pub fn begin_flush(&mut self) {
        self.queue.iter_mut().for_each(FlushQueue::begin_flush);
    }

    /// Counts it as finished.
    pub fn end_flush(&mut self) {
        self.queue.iter_mut().for_each(FlushQueue::end_flush);
    }

    fn flush(&mut self, host: &mut Host) {
        self.begin_flush();
        host.effects.push(Effect::Flush);
        self.end_flush();
    }

    /// The queue's timer expired, which it says before it flushes: from here on it can be armed again.
    pub fn queue_expired(&mut self) {
        self.queue.iter_mut().for_each(FlushQueue::timer_expired);
    }

    /// Does what a timer is for, on the CPU that calls.
    ///
    /// The queue's (`fq_flush_timeout`) is [`Self::queue_expired`], a flush and [`Self::reclaim_all`] at once. The depot's
    /// (`iova_depot_work_func`) gives one magazine back to the tree if there are more than CPUs online, and then looks again
    /// later.
    pub fn expire(&mut self, timer: Timer, host: &mut Host) {
        match timer {
            Timer::Queue => {
                self.queue_expired();
                self.flush(host);
                self.reclaim_all(host);
            }
            Timer::Depot(order) => {
                let cache = &mut self.caches[order as usize];
                cache.work_begins();
                let online = host.online.iter().filter(|online| **online).count();
                let magazine = cache.pop_depot(online);
                host.effects.push(Effect::Depot { order, released: magazine.is_some() });
                if let Some(magazine) = magazine {
                    self.free_all(magazine, host);
                    self.schedule(order, host);
                }
            }
        }
    }

    /// A CPU went offline: what its caches hold goes back to the tree (`iova_cpuhp_dead`).
    pub fn empty_cpu(&mut self, cpu: u16, host: &mut Host) {
        for order in 0..ORDERS {
            let cached = self.caches[order as usize].empty_cpu(cpu);
            self.free_all(cached, host);
        }
    }

    /// Takes cached ranges back into the tree (`iova_magazine_free_pfns`).
    fn free_all(&mut self, magazine: Vec<u64>, host: &mut Host) {
        for page in magazine {
            if !self.tree.free(page) {
                host.effects.push(Effect::UnknownRange);
            }
        }
    }

    fn schedule(&mut self, order: u32, host: &mut Host) {
        if self.caches[order as usize].needs_work() {
            host.effects.push(Effect::Arm { timer: Timer::Depot(order), delay: DEPOT_DELAY });
        }
    }
}

/// The number of the page that holds an address.
const fn page(iova: Iova) -> u64 {
    iova.get() / PAGE_SIZE
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::state::clock::Clock;

    const PAGE: u64 = PAGE_SIZE;
    const CPUS: u16 = 2;
    const APERTURE: IovaRange = range(0, 0x3ff_ffff_ffff);
    const USABLE: IovaRange = range(0x1_0000_0000, 0x1_ffff_ffff);

    const fn range(start: u64, last: u64) -> IovaRange {
        IovaRange::new(Iova::new(start), Iova::new(last))
    }

    struct Bench {
        domain: IovaDomain,
        clock: Clock<Timer>,
        effects: Vec<Effect>,
        cpu: u16,
    }

    impl Bench {
        fn new(usable: IovaRange, queue: Option<QueueKind>) -> Self {
            let faults = &mut Faults::default();
            let mut domain = IovaDomain::new(APERTURE, CPUS, Magazines::OnDemand, queue, faults).unwrap();
            domain.reserve(range(0, usable.start.get() - 1), faults);
            domain.reserve(range(usable.last.get() + 1, APERTURE.last.get()), faults);
            Self { domain, clock: Clock::default(), effects: Vec::new(), cpu: 0 }
        }

        fn on<T>(&mut self, operation: impl FnOnce(&mut IovaDomain, &mut Host) -> T) -> T {
            let mut effects = Vec::new();
            let faults = &mut Faults::default();
            let mut host = Host { cpu: self.cpu, online: &[true; 2], faults, effects: &mut effects };
            let result = operation(&mut self.domain, &mut host);
            for effect in effects {
                match effect {
                    Effect::Arm { timer, delay } => self.clock.arm(timer, delay),
                    other => self.effects.push(other),
                }
            }
            result
        }

        fn alloc(&mut self, pages: u64) -> Option<u64> {
            let found = self.on(|domain, host| domain.alloc(pages * PAGE, u64::MAX, &mut false, host));
            found.map(Iova::get)
        }

        fn defer(&mut self, iova: u64, pages: u64) {
            self.on(|domain, host| domain.defer(Iova::new(iova), pages * PAGE, host));
        }

        fn advance(&mut self, ms: u64) {
            let until = self.clock.after(ms);
            while let Some(timer) = self.clock.next(until) {
                self.on(|domain, host| domain.expire(timer, host));
            }
        }

        fn flushes(&self) -> usize {
            self.effects.iter().filter(|effect| **effect == Effect::Flush).count()
        }
    }

    #[test]
    fn ranges_are_taken_from_the_top_aligned_to_their_size() {
        let mut bench = Bench::new(USABLE, None);
        let found = [1, 1, 3, 5, 8, 33, 256, 1, 100].map(|pages| bench.alloc(pages).unwrap());
        let expected = [
            0x1_ffff_f000,
            0x1_ffff_e000,
            0x1_ffff_8000,
            0x1_ffff_0000,
            0x1_fffe_8000,
            0x1_fffc_0000,
            0x1_ffe0_0000,
            0x1_ffdf_f000,
            0x1_ffd8_0000,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_256th_range_flushes_what_waits() {
        let mut bench = Bench::new(USABLE, Some(QueueKind::PerCpu));
        for queued in 1..=256 {
            let iova = bench.alloc(1).unwrap();
            bench.defer(iova, 1);
            assert_eq!(bench.flushes(), usize::from(queued == 256), "{queued}");
        }
        assert_eq!((bench.effects.len(), bench.domain.queue().unwrap().len().next()), (1 + 255, Some(1)));
        // What was freed first is at the bottom of the older magazine; what was freed last comes first.
        assert_eq!(bench.alloc(1), Some(0x1_ffff_f000 - 254 * PAGE));
    }

    #[test]
    fn the_timer_runs_from_the_first_range_queued() {
        for (kind, timeout) in [(QueueKind::PerCpu, 10), (QueueKind::Single, 1000)] {
            let mut bench = Bench::new(USABLE, Some(kind));
            for (cpu, pages) in [(0, 1), (1, 40)] {
                bench.cpu = cpu;
                let iova = bench.alloc(pages).unwrap();
                bench.defer(iova, pages);
                bench.advance(timeout / 2 - 1);
            }
            assert!(bench.domain.queue().unwrap().timer_on());
            bench.advance(1);
            assert!(bench.effects.is_empty());
            bench.advance(1);
            assert_eq!((bench.flushes(), bench.effects.len(), bench.clock.now()), (1, 3, timeout));
            bench.advance(timeout * 2);
            assert_eq!(bench.flushes(), 1);
        }
    }

    #[test]
    fn a_range_is_not_handed_out_before_the_flush() {
        let mut bench = Bench::new(range(0x1_0000_0000, 0x1_0000_0fff), Some(QueueKind::PerCpu));
        let only = bench.alloc(1).unwrap();
        bench.defer(only, 1);
        assert_eq!(bench.alloc(1), None);
        bench.advance(10);
        assert_eq!(bench.alloc(1), Some(only));
    }

    #[test]
    fn the_depot_shrinks_to_a_magazine_for_each_cpu() {
        let mut bench = Bench::new(USABLE, None);
        let ranges: Vec<u64> = (0..=127 * 6).map(|_| bench.alloc(2).unwrap()).collect();
        for iova in ranges {
            bench.on(|domain, host| domain.free(Iova::new(iova), 2 * PAGE, host));
        }
        assert_eq!(bench.domain.caches()[1].depot(), 5);
        bench.advance(1000);
        let released = |released| Effect::Depot { order: 1, released };
        assert_eq!(bench.effects, [true, true, true, false].map(released));
        assert_eq!(bench.domain.caches()[1].depot(), usize::from(CPUS));
    }

    proptest! {
        /// Whatever is freed and queued by whom, no address has two owners, and none is reserved.
        #[test]
        fn no_address_is_handed_out_twice(
            kind in prop_oneof![Just(None), Just(Some(QueueKind::PerCpu)), Just(Some(QueueKind::Single))],
            steps in prop::collection::vec((0..6u8, 1..70u64, 0..CPUS), 1..300),
        ) {
            let usable = range(0x1_0000_0000, 0x1_000f_ffff);
            let mut bench = Bench::new(usable, kind);
            let mut owned = BTreeMap::new();
            for (action, number, cpu) in steps {
                bench.cpu = cpu;
                let victim = owned.iter().nth(number as usize % owned.len().max(1)).map(|(a, b)| (*a, *b));
                match (action, victim) {
                    (0, Some((iova, pages))) => {
                        owned.remove(&iova);
                        bench.on(|domain, host| domain.free(Iova::new(iova), pages * PAGE, host));
                    }
                    (1, Some((iova, pages))) => {
                        owned.remove(&iova);
                        bench.defer(iova, pages);
                    }
                    (2, _) => bench.advance(number),
                    _ => if let Some(iova) = bench.alloc(number) {
                        let last = iova + number * PAGE - 1;
                        prop_assert!(usable.contains(Iova::new(iova)) && usable.contains(Iova::new(last)));
                        let below = owned.range(..=last).next_back();
                        prop_assert!(below.is_none_or(|(start, pages)| start + pages * PAGE <= iova));
                        owned.insert(iova, number);
                    },
                }
            }
            prop_assert!(!bench.effects.contains(&Effect::UnknownRange));
        }
    }
}
