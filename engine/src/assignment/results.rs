//! What operations give: recorded, and here.

use serde_json::{Value, json};

use super::model::Record;
use super::replay::Assignment;
use crate::addr::IovaRange;
use crate::ids::FunctionId;
use crate::lab::{OpResult, UserOp, Value as Given};
use crate::linux::Errno;

/// Flag of a device's information: it can be reset.
const DEVICE_RESETS: u64 = 1;
/// It is a PCI device.
const DEVICE_IS_PCI: u64 = 2;

impl Assignment {
    /// What an operation gave besides its return code.
    pub(super) fn results(&mut self, record: &Record, op: &UserOp, result: &OpResult) {
        let numbers = result.value.number();
        if let (Some(number), true) = (numbers, result.rc == 0) {
            let saved = match op {
                UserOp::Ioas { .. } => record.text("ioas"),
                UserOp::BindContext { .. } => record.text("devid"),
                UserOp::Hwpt { .. } => record.text("hwpt"),
                _ => None,
            };
            if let Some(name) = saved {
                self.names.objects.insert(name.to_owned(), number as u32);
            }
        }
        for (field, here) in self.shown(record, op, result) {
            let recorded = match field {
                "extension" => json!(record.rc),
                "iova" => record.args.get("iova").cloned().unwrap_or(Value::Null),
                _ => record.result.get(field).cloned().unwrap_or(Value::Null),
            };
            self.judge.check(&format!("{} {field}", record.op), &recorded, &here);
        }
    }

    fn shown(&mut self, record: &Record, op: &UserOp, result: &OpResult) -> Vec<(&'static str, Value)> {
        let function = record.number("fid").and_then(|fid| self.names.functions.get(&(fid as u32)).copied());
        match (op, function) {
            (UserOp::Bind { .. }, Some(function)) => {
                return vec![
                    ("grouptype", json!(self.group_type(function))),
                    ("reset_method", json!(self.reset_methods(function))),
                ];
            }
            (UserOp::GroupType { .. }, Some(function)) => {
                return vec![("grouptype", json!(self.group_type(function)))];
            }
            _ if result.rc != 0 => return Vec::new(),
            _ => {}
        }
        let ranges = |ranges: &[IovaRange]| {
            let pairs = ranges.iter().map(|range| json!([range.start.get(), range.last.get()]));
            Value::Array(pairs.collect())
        };
        match (&result.value, op) {
            (Given::Info(info), _) => vec![
                ("pgsizes", json!(info.page_sizes)),
                ("dma_avail", json!(info.available)),
                ("iova_ranges", ranges(&info.ranges)),
            ],
            (Given::Ranges(found), _) => {
                vec![("align", json!(found.alignment)), ("iova_ranges", ranges(&found.ranges))]
            }
            (Given::Number(number), UserOp::Unmap { .. } | UserOp::IoasUnmap { .. }) => {
                vec![("unmapped", json!(number))]
            }
            (Given::Number(number), UserOp::GroupStatus { .. }) => vec![("flags", json!(number))],
            (Given::Number(number), UserOp::CheckExtension { .. }) => vec![("extension", json!(number))],
            (Given::Number(number), UserOp::Ioas { .. } | UserOp::Hwpt { .. }) => vec![("id", json!(number))],
            (Given::Number(number), UserOp::BindContext { .. }) => vec![("devid", json!(number))],
            (Given::Number(number), UserOp::Attach { .. }) => vec![("pt_out", json!(number))],
            (Given::Number(number), UserOp::IoasMap { .. }) => vec![("iova", json!(number))],
            _ => Vec::new(),
        }
    }

    fn group_type(&mut self, function: FunctionId) -> &'static str {
        let name = self.lab.kernel(|cx| Ok(crate::linux::core::group::type_name(cx, function)));
        name.unwrap_or("unknown")
    }

    fn reset_methods(&mut self, function: FunctionId) -> String {
        let methods = self.lab.kernel(|cx| Ok(crate::linux::pci::reset_methods(cx, function)));
        methods.unwrap_or_default().join(" ")
    }

    /// What is no client's operation, but shows something that we know.
    pub(super) fn nothing(&mut self, record: &Record) {
        match record.op.as_str() {
            "dupclose" => {
                let open = record
                    .text("handle")
                    .is_some_and(|name| self.lab.world().kernel.users.handles.contains_key(name));
                // A copy of a handle is closed: nothing happens.
                let rc = if open { 0 } else { Errno::EBADF.rc() };
                self.judge.check("dupclose rc", &record.expected(), &Some(rc));
            }
            "devinfo" => {
                if let (Some(flags), Some(function)) = (record.result.get("flags"), self.opened(record)) {
                    let resets = self.lab.world().kernel.users.vfio.devices[function.index()].resets;
                    let here = DEVICE_IS_PCI | if resets { DEVICE_RESETS } else { 0 };
                    let flags = flags.as_u64().map(|flags| flags & (DEVICE_IS_PCI | DEVICE_RESETS));
                    self.judge.check("devinfo flags", &flags, &Some(here));
                }
                let capabilities = record.result.get("caps").and_then(Value::as_array);
                let range =
                    capabilities.and_then(|all| all.iter().find(|one| one.get("start_dma").is_some()));
                let (Some(recorded), Some(function)) = (range, self.opened(record)) else { return };
                let here = self.lab.world().kernel.functions[function.index()].range;
                let recorded = (recorded["start_dma"].as_u64(), recorded["end_dma"].as_u64());
                let here = (Some(here.start.get()), Some(here.last.get()));
                self.judge.check("devinfo range", &recorded, &here);
            }
            "pci" => {
                let recorded = record.result.get("pci").and_then(Value::as_array);
                let names: Vec<&str> = recorded.into_iter().flatten().filter_map(Value::as_str).collect();
                for (index, uid) in self.uids.iter().enumerate() {
                    let name = format!("{uid:04x}:00:00.0");
                    let groups = &self.lab.world().kernel.groups;
                    let here = groups.member(FunctionId(index as u32)).on_bus;
                    self.judge.check(&name, &names.contains(&name.as_str()), &here);
                }
            }
            _ => self.run.skipped += 1,
        }
    }

    /// The function behind a device's handle.
    fn opened(&mut self, record: &Record) -> Option<FunctionId> {
        use crate::state::users::Handle;
        let users = &self.lab.world().kernel.users;
        match users.handles.get(record.text("device")?)? {
            Handle::Device(function) => Some(*function),
            Handle::CharDevice(id) => Some(users.iommufd.devices[*id].function),
            _ => None,
        }
    }
}
