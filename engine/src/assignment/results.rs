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
            // The program asks the version, or closes a copy of a handle: there has to be one.
            "apiver" => self.needs_open(record, "container"),
            "dupclose" => self.needs_open(record, "handle"),
            "devinfo" => self.device_info(record),
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

    /// An operation that works on any handle that is open.
    fn needs_open(&mut self, record: &Record, argument: &str) {
        let handles = &self.lab.world().kernel.users.handles;
        let open = record.text(argument).is_some_and(|name| handles.contains_key(name));
        let rc = if open { 0 } else { Errno::EBADF.rc() };
        self.judge.check(&format!("{} rc", record.op), &record.expected(), &Some(rc));
    }

    /// What VFIO says of a device: whether it can be reset, and its range of addresses where that is told.
    fn device_info(&mut self, record: &Record) {
        let Some(function) = self.opened(record) else { return };
        let kernel = &self.lab.world().kernel;
        let resets = if kernel.users.vfio.devices[function.index()].resets { DEVICE_RESETS } else { 0 };
        let range = kernel.functions[function.index()].range;
        if let Some(flags) = record.result.get("flags").and_then(Value::as_u64) {
            let known = flags & (DEVICE_IS_PCI | DEVICE_RESETS);
            self.judge.check("devinfo flags", &known, &(DEVICE_IS_PCI | resets));
        }
        let capabilities = record.result.get("caps").and_then(Value::as_array).into_iter().flatten();
        for told in capabilities.filter(|capability| capability.get("start_dma").is_some()) {
            let recorded = (told["start_dma"].as_u64(), told["end_dma"].as_u64());
            self.judge.check("devinfo range", &recorded, &(Some(range.start.get()), Some(range.last.get())));
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
