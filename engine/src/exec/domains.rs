//! The door to the kernel's domains.

use super::cx::Cx;
use super::turn::Progress;
use crate::addr::IovaRange;
use crate::ids::DomainId;
use crate::state::kernel::{Counter, Domain, DomainType, Gather, Geometry, Tables};
use crate::state::{Element, Link};
use crate::trace::{Class, Event};

impl Cx {
    /// A domain's tables: where they begin never changes.
    #[inline]
    pub fn tables(&mut self, domain: DomainId) -> Tables {
        self.look(move |cx| cx.world.kernel.domains[domain.index()].tables)
    }

    /// What a domain's user unmapped without a sync.
    pub fn gather(&mut self, domain: DomainId) -> Gather {
        self.look(|cx| cx.world.kernel.domains[domain.index()].gather)
    }

    /// Sets it.
    pub fn set_gather(&mut self, domain: DomainId, gather: Gather) -> Progress {
        self.change(|cx| cx.world.kernel.domains[domain.index()].gather = gather)
    }

    /// Counts something in a domain.
    #[inline]
    pub fn count(&mut self, domain: DomainId, counter: Counter, amount: u64) -> Progress {
        self.change(move |cx| {
            cx.world.kernel.domains[domain.index()].counters[counter as usize] += amount;
        })
    }

    /// The addresses a domain translates.
    #[inline]
    pub fn aperture(&mut self, domain: DomainId) -> IovaRange {
        self.look(move |cx| cx.world.kernel.domains[domain.index()].geometry.aperture)
    }

    /// A domain's geometry.
    #[inline]
    pub fn geometry(&mut self, domain: DomainId) -> Geometry {
        self.look(|cx| cx.world.kernel.domains[domain.index()].geometry)
    }

    /// Sets a domain's geometry.
    pub fn set_geometry(&mut self, domain: DomainId, geometry: Geometry) -> Progress {
        self.change(|cx| {
            cx.world.kernel.domains[domain.index()].geometry = geometry;
            cx.emit(Class::Detail, || Event::SetAperture { domain, aperture: geometry.aperture });
        })
    }

    /// The number the next domain will have: whose name tables allocated before it exists carry.
    pub fn next_domain(&mut self) -> DomainId {
        self.look(|cx| DomainId(cx.world.kernel.domains.len() as u32))
    }

    /// A new domain with these tables and an empty list.
    pub fn add_domain(
        &mut self,
        name: &str,
        tables: Tables,
        kind: DomainType,
        geometry: Geometry,
    ) -> Progress<DomainId> {
        self.change(|cx| {
            let kernel = &mut cx.world.kernel;
            let id = DomainId(kernel.domains.len() as u32);
            kernel.domains.push(Domain {
                name: name.to_owned(),
                tables,
                kind,
                counters: [0; Counter::ALL.len()],
                gather: Gather::EMPTY,
                iova: None,
                geometry,
                devices: Link::alone(Element::head(id)),
                freed: false,
                table_lock: None,
                list_lock: None,
            });
            id
        })
    }

    /// Marks a domain as freed.
    pub fn drop_domain(&mut self, domain: DomainId) -> Progress {
        self.change(|cx| {
            let kernel = &mut cx.world.kernel;
            kernel.domains[domain.index()].freed = true;
            kernel.clock.retain(|(of, _)| *of != domain);
        })
    }
}
