//! The door to the addresses of domains, to their flush queues, and to time.

use super::cx::Cx;
use super::run::{CPUS, Stop};
use super::turn::Progress;
use crate::addr::{Iova, IovaRange};
use crate::ids::DomainId;
use crate::state::iova::cache::Magazines;
use crate::state::iova::queue::QueueKind;
use crate::state::iova::{Effect, Host, IovaDomain, Timer};
use crate::state::kernel::DomainType;
use crate::trace::{AddressUse, Class, Event, Warning};

impl Cx {
    /// Sets what a domain is used for.
    pub fn set_kind(&mut self, domain: DomainId, kind: DomainType) -> Progress {
        self.change(|cx| cx.world.kernel.domains[domain.index()].kind = kind)
    }

    /// What a domain is for.
    pub fn kind(&mut self, domain: DomainId) -> DomainType {
        self.look(|cx| cx.world.kernel.domains[domain.index()].kind)
    }

    /// Whether the DMA API has begun to use a domain.
    pub fn has_addresses(&mut self, domain: DomainId) -> bool {
        self.look(|cx| cx.world.kernel.domains[domain.index()].iova.is_some())
    }

    /// The DMA API begins to use a domain: an allocator for its addresses, all free but those reserved; `false` for want
    /// of memory. A domain that cannot have its queue becomes a strict one.
    pub fn set_up_addresses(
        &mut self,
        domain: DomainId,
        magazines: Magazines,
        queue: Option<QueueKind>,
        reserved: &[IovaRange],
    ) -> Progress<bool> {
        self.change(|cx| {
            let kernel = &mut cx.world.kernel;
            let own = &mut kernel.domains[domain.index()];
            let aperture = own.geometry.aperture;
            let made = IovaDomain::new(aperture, CPUS as u16, magazines, queue, &mut kernel.faults);
            let Ok(mut addresses) = made else { return false };
            for range in reserved {
                addresses.reserve(*range, &mut kernel.faults);
            }
            own.kind = if addresses.queue().is_some() { DomainType::DmaFq } else { DomainType::Dma };
            own.iova = Some(Box::new(addresses));
            true
        })
    }

    /// One use of a domain's addresses, which exist: takes, gives back, looks into the queue.
    pub fn addresses<T: Clone + Send + 'static>(
        &mut self,
        domain: DomainId,
        act: impl FnOnce(&mut IovaDomain, &mut Host) -> T,
    ) -> Progress<T> {
        self.access(|cx| {
            if !cx.spend(1) {
                return cx.halt(Stop::TooMuchWork);
            }
            let kernel = &mut cx.world.kernel;
            let Some(addresses) = &mut kernel.domains[domain.index()].iova else {
                unreachable!("{domain:?} has no addresses")
            };
            let mut effects = Vec::new();
            let mut host = Host {
                cpu: cx.cpu as u16,
                online: &[true; CPUS],
                faults: &mut kernel.faults,
                effects: &mut effects,
            };
            let value = act(addresses, &mut host);
            for effect in effects {
                cx.follow(domain, effect);
            }
            Ok(value)
        })
    }

    /// What an allocator of addresses does to the world around it.
    fn follow(&mut self, domain: DomainId, effect: Effect) {
        match effect {
            Effect::Arm { timer, delay } => self.world.kernel.clock.arm((domain, timer), delay),
            Effect::Free { iova, bytes } => self.emit_addresses(domain, AddressUse::Reclaimed, iova, bytes),
            Effect::UnknownRange => self.warn_times(Warning::UnknownIovaRange, 1),
            // Flushes are the driver's, step by step; what the depot does is seen in its state.
            Effect::Flush | Effect::Depot { .. } => {}
        }
    }

    /// Tells what becomes of addresses.
    pub fn log_addresses(&mut self, domain: DomainId, what: AddressUse, iova: Iova, bytes: u64) {
        self.tell(|cx| cx.emit_addresses(domain, what, iova, bytes));
    }

    fn emit_addresses(&mut self, domain: DomainId, what: AddressUse, iova: Iova, bytes: u64) {
        self.emit(Class::Detail, || Event::Addresses { domain, what, iova, bytes });
    }

    /// `iommu.strict=1`.
    pub fn strict_dma(&mut self) -> bool {
        self.look(|cx| cx.world.kernel.strict_dma)
    }

    /// The kernel's time, milliseconds from boot.
    pub fn now(&mut self) -> u64 {
        self.look(|cx| cx.world.kernel.clock.now())
    }

    /// Time passes to the next timer that expires until then, which it gives, or to that point.
    pub fn next_timer(&mut self, until: u64) -> Progress<Option<(DomainId, Timer)>> {
        self.at_once(|cx| {
            let timer = cx.world.kernel.clock.next(until);
            let now = cx.world.kernel.clock.now();
            cx.emit(Class::Detail, || Event::Time { now });
            timer
        })
    }
}
