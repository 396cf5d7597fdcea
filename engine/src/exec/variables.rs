//! The door to the kernel's variables of functions and of the whole system.

use super::cx::Cx;
use super::turn::Progress;
use crate::addr::{IovaRange, Phys};
use crate::ids::{DomainId, FunctionId, TableUse};
use crate::state::tables::table_use;
use crate::trace::{Class, Event, Variable};

impl Cx {
    /// Whose tables hold this root.
    pub(super) fn table_use(&self, root: Option<Phys>) -> Option<TableUse> {
        root.and_then(|root| table_use(&self.world, root))
    }

    /// `zdev->s390_domain`.
    pub fn domain_of(&mut self, function: FunctionId) -> Progress<Option<DomainId>> {
        self.at_once(|cx| {
            let domain = cx.world.kernel.functions[function.index()].domain;
            cx.emit(Class::Detail, || Event::Read { function, variable: Variable::Domain(domain) });
            domain
        })
    }

    /// Sets `zdev->s390_domain`.
    pub fn set_domain_of(&mut self, function: FunctionId, domain: Option<DomainId>) -> Progress {
        self.at_once(|cx| {
            cx.world.kernel.functions[function.index()].domain = domain;
            cx.emit(Class::Detail, || Event::Write { function, variable: Variable::Domain(domain) });
        })
    }

    /// `zdev->dma_table`.
    pub fn dma_table(&mut self, function: FunctionId) -> Progress<Option<Phys>> {
        self.at_once(|cx| {
            let table = cx.world.kernel.functions[function.index()].dma_table;
            let variable = Variable::DmaTable(table, cx.table_use(table));
            cx.emit(Class::Detail, || Event::Read { function, variable });
            table
        })
    }

    /// Sets `zdev->dma_table`.
    pub fn set_dma_table(&mut self, function: FunctionId, table: Option<Phys>) -> Progress {
        self.at_once(|cx| {
            cx.world.kernel.functions[function.index()].dma_table = table;
            let variable = Variable::DmaTable(table, cx.table_use(table));
            cx.emit(Class::Detail, || Event::Write { function, variable });
        })
    }

    /// A function's name.
    pub fn function_name(&mut self, function: FunctionId) -> String {
        self.look(|cx| cx.world.kernel.functions[function.index()].name.clone())
    }

    /// `start_dma` to `end_dma`.
    pub fn range(&mut self, function: FunctionId) -> IovaRange {
        self.look(|cx| cx.world.kernel.functions[function.index()].range)
    }

    /// Sets `start_dma` and `end_dma`.
    pub fn set_range(&mut self, function: FunctionId, range: IovaRange) -> Progress {
        self.change(|cx| cx.world.kernel.functions[function.index()].range = range)
    }

    /// The handle the kernel uses for a function.
    pub fn handle(&mut self, function: FunctionId) -> u32 {
        self.look(|cx| cx.world.kernel.functions[function.index()].handle)
    }

    /// The IOMMU core's idea of a function's domain (`iommu_get_domain_for_dev`): its group's, if it is in one.
    pub fn core_domain(&mut self, function: FunctionId) -> Option<DomainId> {
        self.look(|cx| {
            let kernel = &cx.world.kernel;
            match kernel.groups.member(function).group {
                Some(group) => kernel.groups.group(group).domain,
                None => kernel.functions[function.index()].core_domain,
            }
        })
    }

    /// Sets the IOMMU core's idea of a function's domain.
    pub fn set_core_domain(&mut self, function: FunctionId, domain: Option<DomainId>) -> Progress {
        self.change(|cx| cx.world.kernel.functions[function.index()].core_domain = domain)
    }

    /// Upper bound of a function's range, from the memory size; bytes.
    pub fn aperture_limit(&mut self) -> u64 {
        self.look(|cx| cx.world.kernel.aperture_limit)
    }

    /// The top levels of tables that a function takes, as its CLP group says (`dtsm`).
    pub fn supported_tables(&mut self, function: FunctionId) -> u8 {
        self.look(|cx| cx.world.kernel.functions[function.index()].supported_tables)
    }

    /// Whether its group wants to be told of new entries too (`tlb_refresh`).
    #[inline]
    pub fn wants_refresh(&mut self, function: FunctionId) -> bool {
        self.look(move |cx| cx.world.kernel.functions[function.index()].tlb_refresh)
    }

    /// Whether it is an internal shared memory function.
    pub fn is_ism(&mut self, function: FunctionId) -> bool {
        self.look(|cx| cx.world.kernel.functions[function.index()].ism)
    }

    /// The highest address its driver says the device can put on the bus.
    pub fn dma_mask(&mut self, function: FunctionId) -> u64 {
        self.look(|cx| cx.world.kernel.functions[function.index()].dma_mask)
    }

    /// `shadow_on_flush`: one flush queue is to serve all CPUs.
    pub fn shadow_on_flush(&mut self, function: FunctionId) -> bool {
        self.look(|cx| cx.world.kernel.functions[function.index()].shadow_on_flush)
    }

    /// Asks for one flush queue for all CPUs.
    pub fn set_shadow_on_flush(&mut self, function: FunctionId) -> Progress {
        self.change(|cx| cx.world.kernel.functions[function.index()].shadow_on_flush = true)
    }

    /// What stands behind the DMA API.
    pub fn dma_api(&mut self) -> crate::state::kernel::DmaApi {
        self.look(|cx| cx.world.kernel.dma_api)
    }
}
