//! The door to the kernel's own data: variables of functions and domains, lists, locks.

use super::cx::Cx;
use super::run::{Crash, Run, Stop};
use super::turn::{Halt, Progress};
use crate::addr::{Iova, IovaRange, Phys};
use crate::ids::TableUse;
use crate::ids::{DomainId, FunctionId};
use crate::mem::Owner;
use crate::state::kernel::{Counter, Domain, DomainType, Gather, Geometry, Kernel, Lock, Node, Tables};
use crate::state::{Element, ElementKind, Link, World};
use crate::trace::{Call, Event, Variable};

impl Run {
    #[inline]
    fn kernel<T>(&self, act: impl FnOnce(&mut Kernel) -> T) -> T {
        act(&mut self.world.borrow_mut().kernel)
    }

    /// Whose tables hold this root.
    pub(super) fn table_use(&self, root: Option<Phys>) -> Option<TableUse> {
        root.and_then(|root| table_use(&self.world.borrow(), root))
    }

    /// Whom an element of a list stands for.
    fn function_of(&self, element: Element) -> FunctionId {
        // A head never stands for a function; `next_element` never returns one.
        self.world
            .borrow()
            .kernel
            .function_of(element)
            .unwrap_or_else(|| unreachable!("{element:?} is a list head"))
    }
}

impl Cx<'_> {
    // Variables.

    /// `zdev->s390_domain`.
    pub fn domain_of(self, function: FunctionId) -> Progress<Option<DomainId>> {
        self.at_once(|run| {
            let domain = run.kernel(|kernel| kernel.functions[function.index()].domain);
            run.emit(Event::Read { function, variable: Variable::Domain(domain) });
            domain
        })
    }

    /// Sets `zdev->s390_domain`.
    pub fn set_domain_of(self, function: FunctionId, domain: Option<DomainId>) -> Progress {
        self.at_once(|run| {
            run.kernel(|kernel| kernel.functions[function.index()].domain = domain);
            run.emit(Event::Write { function, variable: Variable::Domain(domain) });
        })
    }

    /// `zdev->dma_table`.
    pub fn dma_table(self, function: FunctionId) -> Progress<Option<Phys>> {
        self.at_once(|run| {
            let table = run.kernel(|kernel| kernel.functions[function.index()].dma_table);
            run.emit(Event::Read { function, variable: Variable::DmaTable(table, run.table_use(table)) });
            table
        })
    }

    /// Sets `zdev->dma_table`.
    pub fn set_dma_table(self, function: FunctionId, table: Option<Phys>) -> Progress {
        self.at_once(|run| {
            run.kernel(|kernel| kernel.functions[function.index()].dma_table = table);
            run.emit(Event::Write { function, variable: Variable::DmaTable(table, run.table_use(table)) });
        })
    }

    /// `start_dma` to `end_dma`.
    pub fn range(self, function: FunctionId) -> IovaRange {
        self.look(|run| run.world.borrow().kernel.functions[function.index()].range)
    }

    /// Sets `start_dma` and `end_dma`.
    pub fn set_range(self, function: FunctionId, range: IovaRange) -> Progress {
        self.change(|run| run.kernel(|kernel| kernel.functions[function.index()].range = range))
    }

    /// The handle the kernel uses for a function.
    pub fn handle(self, function: FunctionId) -> u32 {
        self.look(|run| run.world.borrow().kernel.functions[function.index()].handle)
    }

    /// The IOMMU core's idea of a function's domain (`iommu_get_domain_for_dev`).
    pub fn core_domain(self, function: FunctionId) -> Option<DomainId> {
        self.look(|run| run.world.borrow().kernel.functions[function.index()].core_domain)
    }

    /// Sets the IOMMU core's idea of a function's domain.
    pub fn set_core_domain(self, function: FunctionId, domain: Option<DomainId>) -> Progress {
        self.change(|run| run.kernel(|kernel| kernel.functions[function.index()].core_domain = domain))
    }

    /// Upper bound of a function's range, from the memory size; bytes.
    pub fn aperture_limit(self) -> u64 {
        self.look(|run| run.world.borrow().kernel.aperture_limit)
    }

    /// The top levels of tables that a function takes, as its CLP group says (`dtsm`).
    pub fn supported_tables(self, function: FunctionId) -> u8 {
        self.look(|run| run.world.borrow().kernel.functions[function.index()].supported_tables)
    }

    /// Whether its group wants to be told of new entries too (`tlb_refresh`).
    #[inline]
    pub fn wants_refresh(self, function: FunctionId) -> bool {
        self.look(|run| run.world.borrow().kernel.functions[function.index()].tlb_refresh)
    }

    /// Whether it is an internal shared memory function.
    pub fn is_ism(self, function: FunctionId) -> bool {
        self.look(|run| run.world.borrow().kernel.functions[function.index()].ism)
    }

    /// `shadow_on_flush`: one flush queue is to serve all CPUs.
    pub fn shadow_on_flush(self, function: FunctionId) -> bool {
        self.look(|run| run.world.borrow().kernel.functions[function.index()].shadow_on_flush)
    }

    /// Asks for one flush queue for all CPUs.
    pub fn set_shadow_on_flush(self, function: FunctionId) -> Progress {
        self.change(|run| run.kernel(|kernel| kernel.functions[function.index()].shadow_on_flush = true))
    }

    /// What stands behind the DMA API.
    pub fn dma_api(self) -> crate::state::kernel::DmaApi {
        self.look(|run| run.world.borrow().kernel.dma_api)
    }

    // Domains.

    /// A domain's tables: where they begin never changes.
    #[inline]
    pub fn tables(self, domain: DomainId) -> Tables {
        self.look(|run| run.world.borrow().kernel.domains[domain.index()].tables)
    }

    /// What a domain's user unmapped without a sync.
    pub fn gather(self, domain: DomainId) -> Gather {
        self.look(|run| run.world.borrow().kernel.domains[domain.index()].gather)
    }

    /// Sets it.
    pub fn set_gather(self, domain: DomainId, gather: Gather) -> Progress {
        self.change(|run| run.kernel(|kernel| kernel.domains[domain.index()].gather = gather))
    }

    /// Counts something in a domain.
    #[inline]
    pub fn count(self, domain: DomainId, counter: Counter, amount: u64) -> Progress {
        self.change(|run| {
            run.kernel(|kernel| kernel.domains[domain.index()].counters[counter as usize] += amount);
        })
    }

    /// A domain's geometry.
    #[inline]
    pub fn geometry(self, domain: DomainId) -> Geometry {
        self.look(|run| run.world.borrow().kernel.domains[domain.index()].geometry)
    }

    /// Sets a domain's geometry.
    pub fn set_geometry(self, domain: DomainId, geometry: Geometry) -> Progress {
        self.change(|run| {
            run.kernel(|kernel| kernel.domains[domain.index()].geometry = geometry);
            run.emit(Event::SetAperture { domain, aperture: geometry.aperture });
        })
    }

    /// The number the next domain will have: whose name tables allocated before it exists carry.
    pub fn next_domain(self) -> DomainId {
        self.look(|run| DomainId(run.world.borrow().kernel.domains.len() as u32))
    }

    /// A new domain with these tables and an empty list.
    pub fn add_domain(
        self,
        name: &str,
        tables: Tables,
        kind: DomainType,
        geometry: Geometry,
    ) -> Progress<DomainId> {
        self.change(|run| {
            run.kernel(|kernel| {
                let id = DomainId(kernel.domains.len() as u32);
                kernel.domains.push(Domain {
                    name: name.to_owned(),
                    tables,
                    kind,
                    counters: [0; Counter::ALL.len()],
                    gather: Gather::EMPTY,
                    geometry,
                    devices: Link::alone(Element::head(id)),
                    freed: false,
                    table_lock: None,
                    list_lock: None,
                });
                id
            })
        })
    }

    /// Marks a domain as freed.
    pub fn drop_domain(self, domain: DomainId) -> Progress {
        self.change(|run| run.kernel(|kernel| kernel.domains[domain.index()].freed = true))
    }

    // Lists.

    /// The element after this one on the list of `domain`; `None` at its head.
    ///
    /// A list that leads to another head never comes to its own: the kernel hangs or reads garbage.
    pub fn next_element(self, domain: DomainId, after: Element) -> Progress<Option<Element>> {
        self.access(|run| {
            let next = run.kernel(|kernel| kernel.link(after).next);
            if next == Element::head(domain) {
                return Ok(None);
            }
            // Another list's head, or a circle without any: seen when a walk has more steps than there are elements.
            let walked = &run.walked[run.cpu()];
            walked.set(if after == Element::head(domain) { 1 } else { walked.get() + 1 });
            let is_head = matches!(next.kind(), ElementKind::Head(_));
            if is_head || walked.get() > run.kernel(|kernel| kernel.functions.len() + kernel.nodes.len()) {
                return run.halt(Stop::Crash(Crash::ListNeverEnds));
            }
            Ok(Some(next))
        })
    }

    /// Whom an element of a list stands for.
    pub fn function_of(self, element: Element) -> FunctionId {
        self.look(|run| run.function_of(element))
    }

    /// Puts an element at the front of a domain's list.
    pub fn list_add(self, element: Element, domain: DomainId) -> Progress {
        self.at_once(|run| {
            run.kernel(|kernel| kernel.list_add(element, domain));
            run.emit(Event::ListAdd { function: run.function_of(element), domain });
        })
    }

    /// Takes an element off the list it is on.
    pub fn list_del(self, element: Element) -> Progress {
        self.at_once(|run| {
            run.kernel(|kernel| kernel.list_del(element));
            run.emit(Event::ListDel { function: run.function_of(element) });
        })
    }

    /// Takes an element off the list it is on, for readers that may stand on it: it goes on leading to where it led.
    pub fn list_del_rcu(self, element: Element) -> Progress {
        self.at_once(|run| {
            run.kernel(|kernel| kernel.list_del_rcu(element));
            run.emit(Event::ListDel { function: run.function_of(element) });
        })
    }

    /// This CPU begins to read lists (`rcu_read_lock`).
    #[inline]
    pub fn rcu_read_lock(self) -> Progress {
        self.change(|run| run.kernel(|kernel| kernel.rcu.begin(run.cpu())))
    }

    /// It has finished (`rcu_read_unlock`): gives the domains for which nobody else has to be waited.
    #[inline]
    pub fn rcu_read_unlock(self) -> Progress<Vec<DomainId>> {
        self.change(|run| run.kernel(|kernel| kernel.rcu.end(run.cpu())))
    }

    /// A domain is to be freed after everybody who reads now (`call_rcu`); `false` if that is nobody.
    pub fn call_rcu(self, domain: DomainId) -> Progress<bool> {
        self.at_once(|run| run.kernel(|kernel| kernel.rcu.defer(domain)))
    }

    /// The real kernel crashes here.
    pub fn crash<T>(self, crash: Crash) -> Progress<T> {
        // The value is never seen: a crash is no value.
        self.access(|run| run.halt::<()>(Stop::Crash(crash)))?;
        Err(Halt::new())
    }

    /// A new list node; freeing it is [`Self::free_node`].
    pub fn add_node(self, function: FunctionId) -> Progress<Element> {
        self.change(|run| {
            run.kernel(|kernel| {
                let element = Element::node(kernel.nodes.len() as u32);
                kernel.nodes.push(Node { function, link: Link::alone(element), freed: false });
                element
            })
        })
    }

    /// Gives a list node back.
    pub fn free_node(self, element: Element) -> Progress {
        match element.kind() {
            ElementKind::Node(node) => {
                self.change(|run| run.kernel(|kernel| kernel.nodes[node as usize].freed = true))
            }
            _ => Ok(()),
        }
    }

    // Locks.

    /// Takes a lock, after whoever has it gives it back.
    pub fn lock(self, lock: Lock) -> Progress {
        self.access(|run| {
            let waiting = &run.waiting[run.cpu()];
            let taken = run.kernel(|kernel| {
                let slot = kernel.lock_slot(lock);
                let free = slot.is_none();
                if free {
                    *slot = Some(run.cpu() as u8);
                }
                !free
            });
            waiting.set(taken.then_some(lock));
            if taken {
                return run.wait();
            }
            run.emit(Event::Lock { lock: lock.name(), domain: lock.domain() });
            Ok(())
        })
    }

    /// Gives a lock back.
    pub fn unlock(self, lock: Lock) -> Progress {
        self.at_once(|run| {
            run.kernel(|kernel| *kernel.lock_slot(lock) = None);
            run.emit(Event::Unlock { lock: lock.name(), domain: lock.domain() });
        })
    }

    // Accounting.

    /// The core calls a driver operation.
    pub fn driver_call(self, call: Call, domain: DomainId, iova: Iova, bytes: u64) -> Progress {
        self.access(|run| {
            if !run.spend(1) {
                return run.halt(Stop::TooMuchWork);
            }
            run.count(|tally| tally.calls[call as usize] += 1);
            run.emit(Event::DriverCall { call, domain, iova, bytes });
            Ok(())
        })
    }

    /// The core refuses a request for its alignment.
    pub fn unaligned(self) {
        self.tell(|run| run.count(|tally| tally.unaligned += 1));
    }
}

/// Whose tables hold this root: told by the owner of the block of memory it is in, freed or not.
pub(crate) fn table_use(world: &World, root: Phys) -> Option<TableUse> {
    world.mem.block_at(root).map(|(_, block)| use_of(block.owner))
}

const DMA_API: u32 = 1 << 31;

/// The tables' user as a memory owner.
pub(crate) fn owner_of(table: TableUse) -> Owner {
    match table {
        TableUse::Domain(domain) => Owner(domain.0),
        TableUse::DmaApi(function) => Owner(function.0 | DMA_API),
    }
}

/// The memory owner as the tables' user.
pub(crate) fn use_of(owner: Owner) -> TableUse {
    let id = owner.0 & !DMA_API;
    if owner.0 & DMA_API == 0 { TableUse::Domain(DomainId(id)) } else { TableUse::DmaApi(FunctionId(id)) }
}
