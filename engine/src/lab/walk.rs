//! What the machine makes of an address, now.

use serde::Serialize;

use super::Lab;
use crate::addr::{Iova, IovaRange, Phys};
use crate::exec::DeviceAccess;
use crate::hw::fault::FaultKind;
use crate::hw::function::{FunctionState, Ioat};
use crate::hw::walk::{Access, Translation, WalkPath, trace_walk};
use crate::ids::{DomainId, FunctionId};
use crate::table::{Designation, Iota};

/// A walk as the machine would do it for a function, from what is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MachineWalk {
    /// The address.
    pub iova: Iova,
    /// What is wanted.
    pub access: Access,
    /// The anchor it starts from, as a word; `None` when nothing is registered.
    pub iota: Option<u64>,
    /// PBA to PAL.
    pub range: Option<IovaRange>,
    /// The entries, and where they lead.
    pub path: WalkPath,
}

impl MachineWalk {
    /// Where it leads.
    pub fn phys(&self) -> Option<Phys> {
        self.path.translation.map(|found| found.phys)
    }

    /// Name of the fault it ends with.
    pub fn fault(&self) -> Option<&'static str> {
        self.path.fault.map(FaultKind::name)
    }
}

impl Lab {
    /// Walks for a function: its state, the registration, the range, and then the tables, in this order.
    ///
    /// Without translation (an anchor of 0) an address leads to itself minus the start of the function's range
    /// (*from QEMU*, s390_pci_iommu_direct_map_enable).
    pub fn walk(&self, function: FunctionId, iova: Iova, access: Access) -> MachineWalk {
        let machine = &self.world().machine.functions[function.index()];
        self.walk_from(function, (machine.state, machine.ioat), iova, access)
    }

    /// The walk of a device's access, as things were before a fault of it changed them: of the page where it stopped, or
    /// of the last one.
    pub fn walk_of(&self, device: &DeviceAccess) -> Option<MachineWalk> {
        let sight = device.sights.last()?;
        Some(self.walk_from(device.function, (sight.state, sight.ioat), sight.iova, sight.access))
    }

    fn walk_from(
        &self,
        function: FunctionId,
        (state, ioat): (FunctionState, Option<Ioat>),
        iova: Iova,
        access: Access,
    ) -> MachineWalk {
        let world = self.world();
        let failed = |kind| WalkPath { steps: Vec::new(), translation: None, fault: Some(kind) };
        let path = match ioat {
            _ if state != FunctionState::Enabled => failed(FaultKind::Blocked),
            None => failed(FaultKind::InvalidAddressSpace),
            Some(ioat) if !ioat.range.contains(iova) => failed(FaultKind::OutOfRange),
            Some(ioat) if !ioat.iota.is_translated() => {
                let start = world.machine.functions[function.index()].dma().start;
                let phys = Phys::new(iova.get().wrapping_sub(start.get()));
                let found = Translation { phys, writable: true, frame_len: crate::addr::PAGE_SIZE };
                WalkPath { steps: Vec::new(), translation: Some(found), fault: None }
            }
            Some(ioat) => trace_walk(ioat.iota, iova, access, |at| world.mem.read(at)),
        };
        let iota = ioat.map(|ioat| ioat.iota.bits());
        MachineWalk { iova, access, iota, range: ioat.map(|ioat| ioat.range), path }
    }

    /// Walks from a domain's root, whether or not it is registered anywhere.
    pub fn walk_domain(&self, domain: DomainId, iova: Iova, access: Access) -> MachineWalk {
        let world = self.world();
        let tables = world.kernel.domains[domain.index()].tables;
        let iota = Iota::table(tables.root, Designation::of(tables.level));
        let path = trace_walk(iota, iova, access, |at| world.mem.read(at));
        MachineWalk { iova, access, iota: Some(iota.bits()), range: None, path }
    }
}
