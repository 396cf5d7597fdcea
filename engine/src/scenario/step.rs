//! One step of a scenario: an action, who takes it, and what it should bring.

use super::expect::StepExpect;
use super::words::{Access, Capability, Direction, DomainKind, DriverKind, InjectPoint, Prot, TableLevel};

/// One step. Two steps are equal if they mean the same; `line` does not count.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// Processor that does it, 0 or 1; steps without one are taken in the order of the file.
    pub cpu: Option<u8>,
    /// A remark for the reader.
    pub note: Option<String>,
    /// What it should bring; those whose condition holds are compared.
    pub expect: Vec<StepExpect>,
    /// Line in the source, from 1; 0 for a step that was never in a file.
    pub line: u32,
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        let Self { action, cpu, note, expect, line: _ } = self;
        (action, cpu, note, expect) == (&other.action, &other.cpu, &other.note, &other.expect)
    }
}

impl Eq for Step {}

impl From<Action> for Step {
    /// The action alone: no processor, note or expectation.
    fn from(action: Action) -> Self {
        Self { action, cpu: None, note: None, expect: Vec::new(), line: 0 }
    }
}

/// What a step does. In a file, the verb is the key that holds the first field.
///
/// `function` and `domain` are names; addresses and sizes are bytes. Every 64-bit number is allowed, since wrong
/// arguments make scenarios too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named alike everywhere and explained above")]
pub enum Action {
    /// `{ probe = "f0" }`: the driver's probe of a function.
    Probe { function: String },
    /// `{ release = "f0" }`: the driver's release of a function.
    Release { function: String },
    /// `{ alloc = "d1", for = "f0", type = "unmanaged" }`: allocate a domain.
    Alloc { domain: String, function: String, kind: DomainKind },
    /// `{ free = "d0" }`: free a domain.
    Free { domain: String },
    /// `{ attach = "f0", to = "d0" }`; the domain may also be the static `identity` or `blocking`.
    Attach { function: String, domain: String },
    /// `{ detach = "f0", from = "d0" }`.
    Detach { function: String, domain: String },
    /// `{ map = IOVA, phys = P, size = S, prot = "rw", in = "d0" }`: through the IOMMU core.
    Map { iova: u64, phys: u64, size: u64, prot: Prot, domain: String },
    /// `{ unmap = IOVA, size = S, in = "d0" }`: through the IOMMU core, with its sync.
    Unmap { iova: u64, size: u64, domain: String },
    /// `{ unmap_fast = IOVA, size = S, in = "d0" }`: unmap that leaves the sync for later.
    UnmapFast { iova: u64, size: u64, domain: String },
    /// `{ iotlb_sync = "d0" }`: sync what was gathered.
    IotlbSync { domain: String },
    /// `{ flush_iotlb_all = "d0" }`: refresh all of a domain.
    FlushIotlbAll { domain: String },
    /// `{ map_pages = IOVA, phys = P, pgsize = S, pgcount = N, prot = "rw", in = "d0" }`: straight to the driver.
    MapPages { iova: u64, phys: u64, pgsize: u64, pgcount: u64, prot: Prot, domain: String },
    /// `{ unmap_pages = IOVA, pgsize = S, pgcount = N, in = "d0" }`: straight to the driver.
    UnmapPages { iova: u64, pgsize: u64, pgcount: u64, domain: String },
    /// `{ iova_to_phys = IOVA, in = "d0" }`: where the driver says an address is mapped to.
    IovaToPhys { iova: u64, domain: String },
    /// `{ resv_regions = "f0" }`: a function's reserved regions.
    ResvRegions { function: String },
    /// `{ init_iommu = "f0" }`: what the kernel does with a new function's range before the probe.
    InitIommu { function: String },
    /// `{ capable = "deferred_flush", for = "f0" }`: what the driver says it can do; value 1 or 0.
    Capable { capability: Capability, function: String },
    /// `{ shadow_on_flush = "f0" }`: whether one flush queue is to serve all CPUs; value 1 or 0.
    ShadowOnFlush { function: String },
    /// `{ re_register = "f0" }`: registers again what is current, as after a reset; the value is the status left.
    ReRegister { function: String },
    /// `{ dma_map = PHYS, size = S, dir = "bidi", for = "f0", as = "b0" }`: the DMA API hands memory to the device; the
    /// value is the device's address. The buffer's name is free again when it was unmapped.
    DmaMap { phys: u64, size: u64, direction: Direction, function: String, buffer: String },
    /// `{ dma_unmap = "b0" }`: the DMA API takes it back.
    DmaUnmap { buffer: String },
    /// `{ dma_alloc = PHYS, size = S, for = "f0", as = "b0" }`: the DMA API gives the device memory of its own.
    DmaAlloc { phys: u64, size: u64, function: String, buffer: String },
    /// `{ dma_free = "b0" }`: the DMA API takes it back.
    DmaFree { buffer: String },
    /// `{ advance = 10 }`: so many milliseconds pass.
    Advance { ms: u64 },
    /// `{ walk = IOVA, for = "f0", access = "read" }`: the machine's walk from what is registered.
    Walk { iova: u64, function: String, access: Access },
    /// `{ read = IOVA, size = 8, by = "f0" }`: the device reads memory, at most 64 KiB. With `of = "b0"` the address counts
    /// from where that buffer of the DMA API is, or was.
    Read { iova: u64, size: u64, function: String, buffer: Option<String> },
    /// `{ write = IOVA, bytes = "0011223344556677", by = "f0" }`: the device writes memory; `of` as for `read`.
    Write { iova: u64, bytes: Vec<u8>, function: String, buffer: Option<String> },
    /// `{ fill = IOVA, by = "f0" }`: the machine caches a translation before anybody asks for it; value 1 if it did.
    Fill { iova: u64, function: String },
    /// `{ evict = IOVA, by = "f0" }`: the machine drops what it has cached of a page; value 1 if there was something.
    Evict { iova: u64, function: String },
    /// `{ reset_error = "f0" }`: an MPCIFC 7 by hand: DMA goes on; the value is the status.
    ResetError { function: String },
    /// `{ reset_block = "f0" }`: an MPCIFC 9 by hand: loads and stores go on; the value is the status.
    ResetBlock { function: String },
    /// `{ disable = "f0" }`: a CLP by hand, behind the kernel's back; the value is the response code, 0x10 for done.
    Disable { function: String },
    /// `{ enable = "f0" }`: likewise.
    Enable { function: String },
    /// `{ refresh = "f0", iova = IOVA, size = S }`: an RPCIT by hand.
    Refresh { function: String, iova: u64, size: u64 },
    /// `{ register = "f0", table = "d0" }`: an MPCIFC by hand.
    Register { function: String, domain: String },
    /// `{ deregister = "f0" }`: an MPCIFC by hand.
    Deregister { function: String },
    /// `{ error = "f0" }`: the function goes into error state.
    Error { function: String },
    /// `{ recover = "f0" }`: the kernel's recovery of a function in error state.
    Recover { function: String },
    /// `{ unplug = "f0" }`: the function is gone.
    Unplug { function: String },
    /// `{ poke = PHYS, value = WORD }`: change one doubleword of memory.
    Poke { phys: u64, value: u64 },
    /// `{ poke_entry = IOVA, level = "segment", clear = 0, set = 0x200, in = "d0" }`: change bits of the entry that a walk of
    /// the address reads at a level.
    PokeEntry { iova: u64, level: TableLevel, clear: u64, set: u64, domain: String },
    /// `{ busy = 2 }`: the machine answers the next instructions, at most 1000, with condition code 2.
    Busy { times: u32 },
    /// `{ inject = "refresh_trans", after = 0, count = 1, cc = 1, status = 4, rc = "EIO" }`: after `after` good calls
    /// the next `count` calls fail with condition code `cc` (0 to 3) and `status`, or return `rc` (0 or negative).
    Inject { what: InjectPoint, after: u32, count: u32, cc: Option<u8>, status: Option<u8>, rc: Option<i32> },
    /// `{ clear_inject = true }`: disarm every injected failure.
    ClearInject,
    /// `{ add = "f0" }`: the function appears on the bus; the IOMMU core gives it a group.
    Add { function: String },
    /// `{ remove = "f0" }`: it leaves the bus.
    Remove { function: String },
    /// `{ hold_group = "f0" }`: a user takes a reference to its group, and deals with that group from now on.
    HoldGroup { function: String },
    /// `{ drop_group = "f0" }`: and gives it back.
    DropGroup { function: String },
    /// `{ use_default = "f0" }`: a kernel driver binds, which uses the DMA API.
    UseDefault { function: String },
    /// `{ unuse_default = "f0" }`: it unbinds.
    UnuseDefault { function: String },
    /// `{ claim = "f0", owner = 1 }`: somebody claims the group; owner 0 is nobody.
    Claim { function: String, owner: u64 },
    /// `{ release_owner = "f0" }`: the owner gives it back.
    ReleaseOwner { function: String },
    /// `{ attach_group = "f0", to = "d0" }`: the group goes into a user's domain.
    AttachGroup { function: String, domain: String },
    /// `{ detach_group = "f0" }`: the group goes back to the core's own domain.
    DetachGroup { function: String },
    /// `{ attach_device = "f0", to = "d0" }`: as the group, by a driver of the function.
    AttachDevice { function: String, domain: String },
    /// `{ detach_device = "f0", from = "d0" }`.
    DetachDevice { function: String, domain: String },
    /// `{ bind = "f0" }`: vfio-pci binds a function that is on the bus: it is for user space now. Another `driver` uses the
    /// DMA API.
    Bind { function: String, driver: DriverKind },
    /// `{ unbind = "f0" }`: it lets go, once nobody has the function open; value 0 if it has to wait.
    Unbind { function: String },
    /// `{ container = "c0" }`: a process opens a container; names of open files are up to the scenario.
    Container { name: String },
    /// `{ open_group = "g0", for = "f0" }`: it opens a function's group.
    OpenGroup { name: String, function: String },
    /// `{ set_container = "g0", to = "c0" }`: the group joins a container, or an iommufd.
    SetContainer { group: String, container: String },
    /// `{ unset_container = "g0" }`: it leaves.
    UnsetContainer { group: String },
    /// `{ set_iommu = "c0", version = 2 }`: type 1 maps for the container.
    SetIommu { container: String, version: u32 },
    /// `{ iommu_info = "c0" }`: the regions that may be mapped; the value is how many mappings are left.
    IommuInfo { container: String },
    /// `{ user_map = IOVA, phys = P, size = S, prot = "rw", in = "c0" }`: maps user memory, which lies at `phys`.
    UserMap { iova: u64, phys: u64, size: u64, prot: Prot, container: String },
    /// `{ user_unmap = IOVA, size = S, all = false, in = "c0" }`: unmaps it; the value is the bytes of the mappings.
    UserUnmap { iova: u64, size: u64, all: bool, container: String },
    /// `{ open_device = "v0", via = "g0", for = "f0" }`: opens the function itself.
    OpenDevice { name: String, group: String, function: String },
    /// `{ reset_device = "v0" }`: resets it, by itself or by its slot.
    ResetDevice { device: String },
    /// `{ hot_reset = "v0" }`: resets it by its slot.
    HotReset { device: String },
    /// `{ close = "v0" }`: closes what was opened under this name.
    Close { name: String },
    /// `{ kill = true }`: the process ends with all that it has open.
    Kill { now: bool },
    /// `{ iommufd = "i0" }`: opens an iommufd; objects in it have numbers from 1 on.
    Iommufd { name: String },
    /// `{ ioas = "i0" }`: an address space; the value is its number.
    Ioas { context: String },
    /// `{ ioas_ranges = "i0", id = 1 }`: the regions that may be mapped; the value is what addresses are a multiple of.
    IoasRanges { context: String, id: u32 },
    /// `{ ioas_map = IOVA, phys = P, size = S, prot = "rw", in = "i0", id = 1 }`: maps user memory there.
    IoasMap { iova: u64, phys: u64, size: u64, prot: Prot, context: String, id: u32 },
    /// `{ ioas_unmap = IOVA, size = S, in = "i0", id = 1 }`: unmaps it; the value is the bytes.
    IoasUnmap { iova: u64, size: u64, context: String, id: u32 },
    /// `{ open_cdev = "v0", for = "f0" }`: opens a function's own file.
    OpenCdev { name: String, function: String },
    /// `{ bind_iommufd = "v0", to = "i0" }`: the iommufd owns its DMA; the value is the object's number.
    BindIommufd { device: String, context: String },
    /// `{ attach_pt = "v0", to = 1 }`: attaches it to an address space or a page table; the value is the page table's number.
    AttachPt { device: String, id: u32 },
    /// `{ detach_pt = "v0" }`: detaches it.
    DetachPt { device: String },
    /// `{ hwpt = "i0", for = 2, of = 1 }`: a page table for device object 2 in address space 1; the value is its number.
    Hwpt { context: String, device: u32, id: u32 },
    /// `{ power_off = "f0" }`: its slot is powered off, once nobody has it open; value 0 if it has to wait.
    PowerOff { function: String },
    /// `{ power_on = "f0" }`: its slot is powered on.
    PowerOn { function: String },
    /// `{ device_error = "f0", code = 4 }`: the device fails; the machine puts it in error and reports that.
    DeviceError { function: String, code: u32 },
    /// `{ machine_event = "f0", code = 0x304 }`: the machine reports an event; of those about availability it first does
    /// what they are about.
    MachineEvent { function: String, code: u32 },
    /// `{ recover_function = "f0" }`: the administrator has it disabled, enabled and found anew.
    RecoverFunction { function: String },
    /// `{ give_to_guest = "g0" }`: a guest of KVM is to get the function behind a group's or device's handle.
    GiveToGuest { handle: String },
    /// `{ handle_errors = true }`: the kernel handles the events that were reported; the value is how many.
    HandleErrors { now: bool },
    /// `{ reset_function = "f0" }`: the administrator resets it.
    ResetFunction { function: String },
    /// `{ group_type = "f0", to = "dma" }`: another type for the default domain of its group.
    GroupType { function: String, kind: DomainKind },
    /// `{ replace = "f0", to = "d1" }`: from one user's domain to another.
    Replace { function: String, domain: String },
}
