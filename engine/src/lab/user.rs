//! What user space, the administrator and the bus do with functions: VFIO, iommufd, drivers, slots.

use super::op::Value;
use super::perform::Done;
use crate::addr::Iova;
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::pci::When;
use crate::linux::{Outcome, iommufd, pci, vfio};
use crate::state::group::DefaultType;
use crate::state::pci::Driver;

/// An operation of a process or of the administrator. Handles are names; `device` and `group` are handles too, where they
/// are text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields' types say what they are")]
pub enum UserOp {
    /// Opens a container.
    Container { name: String },
    /// Opens a function's group.
    Group { name: String, function: FunctionId },
    /// What a group is.
    GroupStatus { group: String },
    /// A group joins a container, or a context that stands for one.
    SetContainer { group: String, container: String },
    /// It leaves.
    UnsetContainer { group: String },
    /// Whether a container has an extension.
    CheckExtension { container: String, extension: u32 },
    /// Chooses what maps for a container: type 1, or 3 for its version 2.
    SetIommu { container: String, kind: u32 },
    /// What may be mapped.
    Info { container: String },
    /// Maps user memory.
    Map { container: String, request: vfio::MapRequest },
    /// Unmaps it.
    Unmap { container: String, request: vfio::UnmapRequest },
    /// Begins or ends the tracking of pages that devices write.
    TrackDirty { container: String, on: bool },
    /// The same for a page table.
    HwptTrackDirty { context: String, id: u32 },
    /// Opens a function through its group.
    GetDevice { name: String, group: String, function: FunctionId },
    /// Resets it.
    Reset { device: String },
    /// Resets it by its slot.
    HotReset { device: String },
    /// Closes a handle.
    Close { name: String },
    /// The process ends.
    Kill,
    /// Mappings that containers of the future may have.
    EntryLimit { limit: u32 },
    /// Whether user memory is pinned and mapped page by page.
    SinglePages { on: bool },
    /// Opens an iommufd context.
    Context { name: String },
    /// Allocates an address space.
    Ioas { context: String },
    /// What may be mapped there.
    Ranges { context: String, ioas: u32 },
    /// Maps user memory there.
    IoasMap { context: String, ioas: u32, request: iommufd::MapRequest },
    /// Unmaps it.
    IoasUnmap { context: String, ioas: u32, iova: Iova, size: u64 },
    /// Copies a mapping.
    IoasCopy { context: String, request: iommufd::CopyRequest },
    /// Opens a function's own file.
    CharDevice { name: String, function: FunctionId },
    /// Binds it to a context.
    BindContext { device: String, context: String },
    /// Attaches it to an address space or a page table.
    Attach { device: String, target: u32 },
    /// Detaches it.
    Detach { device: String },
    /// Allocates a page table.
    Hwpt { context: String, device: u32, ioas: u32 },
    /// Destroys an object.
    Destroy { context: String, id: u32 },
    /// An address space stands for a container.
    Compat { context: String, ioas: u32 },
    /// Binds a driver.
    Bind { function: FunctionId, driver: Driver },
    /// Unbinds it.
    Unbind { function: FunctionId },
    /// Powers a slot on, or off.
    Power { function: FunctionId, on: bool },
    /// Resets a function by its attribute.
    SysfsReset { function: FunctionId },
    /// Changes the type of a group's default domain.
    GroupType { function: FunctionId, to: Option<DefaultType> },
    /// The device fails, and the machine reports it: what happened is an error code of the machine's.
    DeviceError { function: FunctionId, code: u16 },
    /// The machine reports an event; those about availability come after what they are about (0x301 configured, 0x302
    /// standby, 0x303 wanted back, 0x304 gone, 0x306 several, 0x308 reserved).
    MachineEvent { function: FunctionId, code: u16 },
    /// The kernel handles the events that came in.
    HandleErrors,
    /// The administrator has a function recovered: it is disabled, enabled and found anew.
    Recover { function: FunctionId },
    /// A guest of KVM is to get the function behind a group's or device's handle.
    GiveToGuest { handle: String },
}

/// Performs one operation as kernel code on a CPU.
pub(super) fn perform(cx: &mut Cx, op: &UserOp) -> Progress<Done> {
    Ok(match op {
        UserOp::Container { name } => vfio::open_container(cx, name).into(),
        UserOp::Group { name, function } => vfio::open_group(cx, name, *function).into(),
        UserOp::GroupStatus { group } => {
            let status = vfio::status(cx, group);
            status.map(|status| u64::from(status.viable) | u64::from(status.member) << 1).into()
        }
        UserOp::SetContainer { group, container } => vfio::set_container(cx, group, container).into(),
        UserOp::UnsetContainer { group } => vfio::unset_container(cx, group).into(),
        UserOp::CheckExtension { container, extension } => {
            vfio::check_extension(cx, container, *extension).into()
        }
        UserOp::SetIommu { container, kind } => vfio::set_iommu(cx, container, *kind).into(),
        UserOp::Info { container } => value(vfio::info(cx, container).map(Value::Info)),
        UserOp::Map { container, request } => vfio::map(cx, container, request).into(),
        UserOp::Unmap { container, request } => vfio::unmap(cx, container, *request).into(),
        UserOp::TrackDirty { container, on } => vfio::track_dirty(cx, container, *on).into(),
        UserOp::HwptTrackDirty { context, id } => iommufd::track_dirty(cx, context, *id).into(),
        UserOp::GetDevice { name, group, function } => vfio::get_device(cx, name, group, *function).into(),
        UserOp::Reset { device } => vfio::reset(cx, device).into(),
        UserOp::HotReset { device } => vfio::hot_reset(cx, device).into(),
        UserOp::Close { name } => {
            let closed = vfio::close(cx, name);
            // Whoever waits for the function gets to run.
            pci::proceed(cx)?;
            closed.into()
        }
        UserOp::Kill => {
            vfio::kill(cx)?;
            pci::proceed(cx)?.into()
        }
        UserOp::EntryLimit { limit } => cx.change_users(|users| users.vfio.entry_limit = *limit)?.into(),
        UserOp::SinglePages { on } => cx.change_users(|users| users.vfio.single_pages = *on)?.into(),
        UserOp::Context { name } => iommufd::open(cx, name).into(),
        UserOp::Ioas { context } => iommufd::alloc_ioas(cx, context).map(u64::from).into(),
        UserOp::Ranges { context, ioas } => value(iommufd::ranges(cx, context, *ioas).map(Value::Ranges)),
        UserOp::IoasMap { context, ioas, request } => iommufd::map(cx, context, *ioas, request).into(),
        UserOp::IoasUnmap { context, ioas, iova, size } => {
            iommufd::unmap(cx, context, *ioas, *iova, *size).into()
        }
        UserOp::IoasCopy { context, request } => iommufd::copy(cx, context, *request).into(),
        UserOp::CharDevice { name, function } => iommufd::open_device(cx, name, *function).into(),
        UserOp::BindContext { device, context } => iommufd::bind(cx, device, context).map(u64::from).into(),
        UserOp::Attach { device, target } => iommufd::attach(cx, device, *target).map(u64::from).into(),
        UserOp::Detach { device } => iommufd::detach(cx, device).into(),
        UserOp::Hwpt { context, device, ioas } => {
            iommufd::alloc_hwpt(cx, context, *device, *ioas).map(u64::from).into()
        }
        UserOp::Destroy { context, id } => iommufd::destroy(cx, context, *id).into(),
        UserOp::Compat { context, ioas } => iommufd::use_as_container(cx, context, *ioas).into(),
        UserOp::Bind { function, driver } => pci::bind(cx, *function, *driver).into(),
        UserOp::Unbind { function } => when(pci::unbind(cx, *function)),
        UserOp::Power { function, on: true } => pci::power_on(cx, *function).into(),
        UserOp::Power { function, on: false } => when(pci::power_off(cx, *function)),
        UserOp::SysfsReset { function } => pci::reset(cx, *function).into(),
        UserOp::GroupType { function, to } => crate::linux::core::group::set_type(cx, *function, *to).into(),
        UserOp::DeviceError { function, code } => cx.device_error(*function, *code)?.into(),
        UserOp::MachineEvent { function, code } => cx.machine_event(*function, *code)?.into(),
        UserOp::HandleErrors => pci::handle_events(cx)?.into(),
        UserOp::Recover { function } => pci::recover(cx, *function).into(),
        UserOp::GiveToGuest { handle } => vfio::give_to_guest(cx, handle).into(),
    })
}

fn value(outcome: Outcome<Value>) -> Done {
    match outcome {
        Ok(value) => value.into(),
        Err(errno) => Outcome::<()>::Err(errno).into(),
    }
}

/// Yes for what was done at once.
fn when(outcome: Outcome<When>) -> Done {
    value(outcome.map(|when| Value::Flag(when == When::Now)))
}
