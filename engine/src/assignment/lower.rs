//! Recorded operations as ours.

use std::collections::BTreeMap;

use super::memory::UserMemory;
use super::model::Record;
use crate::addr::Iova;
use crate::ids::FunctionId;
use crate::lab::UserOp;
use crate::linux::driver::Prot;
use crate::linux::{iommufd, vfio};
use crate::state::group::DefaultType;
use crate::state::pci::Driver;

/// What an operation is to us.
pub(super) enum Lowered {
    /// One of the clients'.
    Op(UserOp),
    /// Nothing that a client does: it must not cause instructions.
    Nothing,
    /// The device's own doing.
    Device,
    /// It cannot be understood.
    Unknown(String),
}

/// What earlier operations have said.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Functions by their ids.
    pub(super) functions: BTreeMap<u32, FunctionId>,
    /// Numbers of iommufd objects by the names that scripts give them.
    pub(super) objects: BTreeMap<String, u32>,
}

impl Names {
    fn function(&self, record: &Record) -> Option<FunctionId> {
        let fid = u32::try_from(record.number("fid")?).ok()?;
        self.functions.get(&fid).copied()
    }

    /// An object, written `$name` or as a number. One that never was has no number.
    fn object(&self, record: &Record, name: &str) -> Option<u32> {
        let value = record.args.get(name)?;
        if let Some(number) = value.as_u64() {
            return u32::try_from(number).ok();
        }
        let text = value.as_str()?;
        Some(self.objects.get(text.trim_start_matches('$')).copied().unwrap_or(u32::MAX))
    }
}

/// What an operation is.
pub(super) fn lower(record: &Record, names: &Names, memory: &mut UserMemory) -> Lowered {
    match record.op.as_str() {
        "mem" => memory.allocate(record),
        "munmap" => memory.free(record),
        "nvme" => return Lowered::Device,
        "write" if record.text("file") == Some("disable_hugepages") => {
            return Lowered::Op(UserOp::SinglePages { on: record.text("value") == Some("1") });
        }
        "write" if record.text("file") == Some("dma_entry_limit") => {
            let limit = record.text("value").and_then(|text| text.parse().ok());
            return limit.map_or_else(
                || Lowered::Unknown("no limit".to_owned()),
                |limit| Lowered::Op(UserOp::EntryLimit { limit }),
            );
        }
        "(between)" | "slots" | "apiver" | "peek" | "write" | "read" | "pci" | "waitbg" | "dupclose"
        | "devinfo" => {}
        _ => {
            return op(record, names, memory)
                .map_or_else(|| Lowered::Unknown(format!("{} {}", record.op, record.args)), Lowered::Op);
        }
    }
    Lowered::Nothing
}

fn op(record: &Record, names: &Names, memory: &mut UserMemory) -> Option<UserOp> {
    let text = |name: &str| record.text(name).map(str::to_owned);
    let container = || text("container");
    let context = || text("iommufd");
    let flags = |read: u64, write: u64| {
        let flags = record.number("mflags")?;
        Some(Prot { read: flags & read != 0, write: flags & write != 0 })
    };
    Some(match record.op.as_str() {
        "container" => UserOp::Container { name: container()? },
        "group" => UserOp::Group { name: text("group")?, function: names.function(record)? },
        "gstatus" => UserOp::GroupStatus { group: text("group")? },
        "setc" => UserOp::SetContainer { group: text("group")?, container: container()? },
        "unsetc" => UserOp::UnsetContainer { group: text("group")? },
        "checkext" => UserOp::CheckExtension {
            container: container()?,
            extension: record.number("extension")?.try_into().ok()?,
        },
        "setiommu" => {
            UserOp::SetIommu { container: container()?, kind: record.number("type")?.try_into().ok()? }
        }
        "info" => UserOp::Info { container: container()? },
        "dirty" => UserOp::TrackDirty { container: container()?, on: text("action")? == "start" },
        "map" => {
            let prot = flags(1, 2)?;
            let request = vfio::MapRequest {
                iova: Iova::new(record.number("iova")?),
                vaddr: record.number("vaddr").unwrap_or(0),
                size: record.number("size")?,
                prot,
                memory: memory.of(record, prot.write),
            };
            UserOp::Map { container: container()?, request }
        }
        "unmap" => {
            let request = vfio::UnmapRequest {
                iova: Iova::new(record.number("iova")?),
                size: record.number("size")?,
                all: record.number("uflags")? & 2 != 0,
            };
            UserOp::Unmap { container: container()?, request }
        }
        "getdev" => UserOp::GetDevice {
            name: text("device")?,
            group: text("group")?,
            function: names.function(record)?,
        },
        "reset" => UserOp::Reset { device: text("device")? },
        "hotreset" => UserOp::HotReset { device: text("device")? },
        "close" => UserOp::Close { name: text("handle")? },
        "kill" => UserOp::Kill,
        "iommufd" => UserOp::Context { name: context()? },
        "ioas" => UserOp::Ioas { context: context()? },
        "ranges" => UserOp::Ranges { context: context()?, ioas: names.object(record, "ioas")? },
        "imap" => {
            let prot = flags(4, 2)?;
            let fixed = record.number("mflags")? & 1 != 0;
            let request = iommufd::MapRequest {
                iova: if fixed { Some(Iova::new(record.number("iova")?)) } else { None },
                vaddr: record.number("vaddr").unwrap_or(0),
                size: record.number("size")?,
                prot,
                memory: memory.of(record, prot.write),
            };
            UserOp::IoasMap { context: context()?, ioas: names.object(record, "ioas")?, request }
        }
        "iunmap" => UserOp::IoasUnmap {
            context: context()?,
            ioas: names.object(record, "ioas")?,
            iova: Iova::new(record.number("iova")?),
            size: record.number("size")?,
        },
        "icopy" => {
            let access = record.text("access").unwrap_or("rw");
            let auto = record.text("dst_iova_expr") == Some("auto");
            let to = if auto { None } else { Some(Iova::new(record.number("dst_iova")?)) };
            let request = iommufd::CopyRequest {
                source: names.object(record, "src_ioas")?,
                from: Iova::new(record.number("src_iova")?),
                target: names.object(record, "dst_ioas")?,
                to,
                size: record.number("size")?,
                prot: Prot { read: access.contains('r'), write: access.contains('w') },
            };
            UserOp::IoasCopy { context: context()?, request }
        }
        "cdev" => UserOp::CharDevice { name: text("device")?, function: names.function(record)? },
        "bindfd" => UserOp::BindContext { device: text("device")?, context: context()? },
        "attach" => UserOp::Attach { device: text("device")?, target: names.object(record, "pt")? },
        "detach" => UserOp::Detach { device: text("device")? },
        "hwpt" => UserOp::Hwpt {
            context: context()?,
            device: names.object(record, "devid")?,
            ioas: names.object(record, "ioas")?,
        },
        "destroy" => UserOp::Destroy { context: context()?, id: names.object(record, "object")? },
        "compat" => UserOp::Compat { context: context()?, ioas: names.object(record, "ioas")? },
        "bind" => {
            let driver = if record.text("driver")? == "vfio-pci" { Driver::Vfio } else { Driver::Native };
            UserOp::Bind { function: names.function(record)?, driver }
        }
        "unbind" | "unbindbg" => UserOp::Unbind { function: names.function(record)? },
        "power" | "powerbg" => {
            UserOp::Power { function: names.function(record)?, on: record.text("on")? == "1" }
        }
        "hotunplug" => UserOp::Power { function: names.function(record)?, on: false },
        "sysreset" => UserOp::SysfsReset { function: names.function(record)? },
        "grptype" => {
            let to = match record.text("type")? {
                "identity" => Some(DefaultType::Identity),
                "DMA" => Some(DefaultType::Dma),
                "DMA-FQ" => Some(DefaultType::DmaFq),
                _ => None,
            };
            UserOp::GroupType { function: names.function(record)?, to }
        }
        _ => return None,
    })
}
