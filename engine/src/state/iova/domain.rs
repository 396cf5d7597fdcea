//! A domain's addresses: tree, caches and flush queue together, as `dma-iommu.c` uses them.

use super::cache::{Cache, DEPOT_DELAY, Magazines, ORDERS, Put, order};
use super::queue::{FlushQueue, QueueKind};
use super::tree::Tree;
use crate::addr::{Iova, IovaRange, PAGE_SIZE};
use crate::state::faults::{FaultSite, Faults};

/// The highest address of the low 4 GiB.
const LOW_LAST: u64 = u32::MAX as u64;

/// What an operation needs from the kernel around it.
#[derive(Debug)]
pub struct Host<'a> {
    /// The CPU that calls.
    pub cpu: u16,
    /// Which of the possible CPUs are online.
    pub online: &'a [bool],
    /// Which allocations fail.
    pub faults: &'a mut Faults,
    /// Told in order what happens.
    pub effects: &'a mut Vec<Effect>,
}

/// What an operation does to the world outside the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The whole domain is flushed.
    Flush,
    /// The flush queue gives a range back.
    Free {
        /// Where it begins.
        iova: Iova,
        /// Its size as it was queued.
        bytes: u64,
    },
    /// A timer is to be armed; it is not armed already.
    Arm {
        /// Which.
        timer: Timer,
        /// Milliseconds from now.
        delay: u64,
    },
    /// The depot of an order was looked at.
    Depot {
        /// Log2 of pages.
        order: u32,
        /// Whether there was a magazine too many, which was given back.
        released: bool,
    },
    /// A kernel warning: a cached range is not in use.
    UnknownRange,
}

/// A timer of a domain. Whoever has the clock calls [`IovaDomain::expire`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// The flush queue's.
    Queue,
    /// The work that looks at the depot of this order.
    Depot(u32),
}

/// There was no memory for the domain (`-ENOMEM`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

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
    caches: Vec<Depot>,
    queue: Option<FlushQueue>,
}

/// The cache of an order, and whether the work on its depot is scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Depot {
    cache: Cache,
    scheduled: bool,
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
        let cache = |_| Some(Depot { cache: Cache::new(cpus, magazines, faults)?, scheduled: false });
        let caches = (0..ORDERS).map(cache).collect::<Option<_>>().ok_or(NoMemory)?;
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
    pub fn caches(&self) -> impl ExactSizeIterator<Item = &Cache> {
        self.caches.iter().map(|depot| &depot.cache)
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
            let cached = self.caches[order as usize].cache.take(host.cpu, highest);
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
            while let Some(magazine) = self.caches[order as usize].cache.pop_depot(0) {
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
        let cache = &mut self.caches[order as usize].cache;
        match cache.put(host.cpu, page(iova), host.faults) {
            Put::Kept => {}
            Put::KeptPushing => self.schedule(order, host),
            Put::Refused => drop(self.tree.free(page(iova))),
        }
    }

    /// Takes addresses back after the next flush; without a queue, at once (`queue_iova`).
    ///
    /// This is [`Self::reclaim`], a flush if the queue is full, and [`Self::enqueue`] without anybody in between. Who has
    /// to flush for real takes the steps one by one.
    pub fn defer(&mut self, iova: Iova, bytes: u64, host: &mut Host) {
        self.reclaim(host.cpu, host);
        if self.queue.as_ref().is_some_and(|queue| queue.is_full(queue.ring_of(host.cpu))) {
            self.flush(host);
            self.reclaim(host.cpu, host);
        }
        self.enqueue(iova, bytes, host);
    }

    /// Gives back what waited long enough in the queue that `owner` uses, into the caches of the CPU that calls
    /// (`fq_ring_free`).
    pub fn reclaim(&mut self, owner: u16, host: &mut Host) {
        while let Some(range) = self.queue.as_mut().and_then(|queue| queue.take_flushed(queue.ring_of(owner)))
        {
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

    /// Counts a flush as started (`fq_flush_iotlb`, before it flushes).
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

    /// A timer expired. The queue's flushes and gives back; the depot's releases a magazine if there are more than
    /// CPUs online, and is armed again if so.
    pub fn expire(&mut self, timer: Timer, host: &mut Host) {
        match timer {
            Timer::Queue => {
                self.queue.iter_mut().for_each(FlushQueue::timer_expired);
                self.flush(host);
                for owner in 0..host.online.len() {
                    self.reclaim(owner as u16, host);
                }
            }
            Timer::Depot(order) => {
                let depot = &mut self.caches[order as usize];
                depot.scheduled = false;
                let online = host.online.iter().filter(|online| **online).count();
                let magazine = depot.cache.pop_depot(online);
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
            let cached = self.caches[order as usize].cache.empty_cpu(cpu);
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
        let scheduled = std::mem::replace(&mut self.caches[order as usize].scheduled, true);
        if !scheduled {
            host.effects.push(Effect::Arm { timer: Timer::Depot(order), delay: DEPOT_DELAY });
        }
    }
}

/// The number of the page that holds an address.
const fn page(iova: Iova) -> u64 {
    iova.get() / PAGE_SIZE
}
