//! Steps of user space and of the administrator as operations.

use super::lower::prot_of;
use crate::addr::{Iova, Phys};
use crate::ids::FunctionId;
use crate::lab::UserOp;
use crate::linux::{iommufd, vfio};
use crate::scenario::{Action, DomainKind, DriverKind};
use crate::state::group::DefaultType;
use crate::state::pci::Driver;

/// The operation of a step; `None` for steps that are none of these.
///
/// # Errors
/// There is no such function, or no such type of a default domain.
pub(super) fn lower(
    action: &Action,
    function: impl Fn(&str) -> Result<FunctionId, String>,
) -> Result<Option<UserOp>, String> {
    Ok(Some(match action {
        Action::Bind { function: f, driver } => {
            UserOp::Bind { function: function(f)?, driver: driver_of(*driver) }
        }
        Action::Unbind { function: f } => UserOp::Unbind { function: function(f)? },
        Action::Container { name } => UserOp::Container { name: name.clone() },
        Action::OpenGroup { name, function: f } => {
            UserOp::Group { name: name.clone(), function: function(f)? }
        }
        Action::SetContainer { group, container } => {
            UserOp::SetContainer { group: group.clone(), container: container.clone() }
        }
        Action::UnsetContainer { group } => UserOp::UnsetContainer { group: group.clone() },
        Action::SetIommu { container, version } => {
            // What VFIO calls version 2 of type 1 has the number 3.
            let kind = if *version == 2 { 3 } else { *version };
            UserOp::SetIommu { container: container.clone(), kind }
        }
        Action::IommuInfo { container } => UserOp::Info { container: container.clone() },
        Action::UserMap { iova, phys, size, prot, container } => UserOp::Map {
            container: container.clone(),
            request: vfio::MapRequest {
                iova: Iova::new(*iova),
                vaddr: 0,
                size: *size,
                prot: prot_of(*prot),
                memory: vec![(Phys::new(*phys), *size)],
            },
        },
        Action::UserUnmap { iova, size, all, container } => UserOp::Unmap {
            container: container.clone(),
            request: vfio::UnmapRequest { iova: Iova::new(*iova), size: *size, all: *all },
        },
        Action::OpenDevice { name, group, function: f } => {
            UserOp::GetDevice { name: name.clone(), group: group.clone(), function: function(f)? }
        }
        Action::ResetDevice { device } => UserOp::Reset { device: device.clone() },
        Action::HotReset { device } => UserOp::HotReset { device: device.clone() },
        Action::Close { name } => UserOp::Close { name: name.clone() },
        Action::Iommufd { name } => UserOp::Context { name: name.clone() },
        Action::Ioas { context } => UserOp::Ioas { context: context.clone() },
        Action::IoasRanges { context, id } => UserOp::Ranges { context: context.clone(), ioas: *id },
        Action::IoasMap { iova, phys, size, prot, context, id } => UserOp::IoasMap {
            context: context.clone(),
            ioas: *id,
            request: iommufd::MapRequest {
                iova: Some(Iova::new(*iova)),
                vaddr: 0,
                size: *size,
                prot: prot_of(*prot),
                memory: vec![(Phys::new(*phys), *size)],
            },
        },
        Action::IoasUnmap { iova, size, context, id } => {
            UserOp::IoasUnmap { context: context.clone(), ioas: *id, iova: Iova::new(*iova), size: *size }
        }
        Action::OpenCdev { name, function: f } => {
            UserOp::CharDevice { name: name.clone(), function: function(f)? }
        }
        Action::BindIommufd { device, context } => {
            UserOp::BindContext { device: device.clone(), context: context.clone() }
        }
        Action::AttachPt { device, id } => UserOp::Attach { device: device.clone(), target: *id },
        Action::DetachPt { device } => UserOp::Detach { device: device.clone() },
        Action::Hwpt { context, device, id } => {
            UserOp::Hwpt { context: context.clone(), device: *device, ioas: *id }
        }
        Action::PowerOff { function: f } => UserOp::Power { function: function(f)?, on: false },
        Action::PowerOn { function: f } => UserOp::Power { function: function(f)?, on: true },
        Action::DeviceError { function: f, code } => {
            UserOp::DeviceError { function: function(f)?, code: (*code).try_into().unwrap_or(u16::MAX) }
        }
        Action::MachineEvent { function: f, code } => {
            UserOp::MachineEvent { function: function(f)?, code: (*code).try_into().unwrap_or(u16::MAX) }
        }
        Action::RecoverFunction { function: f } => UserOp::Recover { function: function(f)? },
        Action::GiveToGuest { handle } => UserOp::GiveToGuest { handle: handle.clone() },
        Action::Kill { now: true } => UserOp::Kill,
        Action::Kill { now: false } => return Err("the process goes on".to_owned()),
        Action::HandleErrors { now: true } => UserOp::HandleErrors,
        Action::HandleErrors { now: false } => return Err("the errors are not handled".to_owned()),
        Action::ResetFunction { function: f } => UserOp::SysfsReset { function: function(f)? },
        Action::GroupType { function: f, kind } => {
            let to = match kind {
                DomainKind::Dma => DefaultType::Dma,
                DomainKind::DmaFq => DefaultType::DmaFq,
                DomainKind::Identity => DefaultType::Identity,
                DomainKind::Unmanaged | DomainKind::Blocked => {
                    return Err(format!("no default domain is {}", kind.word()));
                }
            };
            UserOp::GroupType { function: function(f)?, to: Some(to) }
        }
        _ => return Ok(None),
    }))
}

const fn driver_of(kind: DriverKind) -> Driver {
    match kind {
        DriverKind::VfioPci => Driver::Vfio,
        DriverKind::NoHandlers => Driver::Native,
        DriverKind::WantsReset => Driver::WantsReset,
        DriverKind::CanRecover => Driver::CanRecover,
        DriverKind::Examines => Driver::Examines,
        DriverKind::GivesUp => Driver::GivesUp,
    }
}
