//! Steps: each verb with its keys.

use serde_json::{Value as Json, json};

use super::codec::{
    Addr, Bool, Byte, Bytes, Codec, ConditionCode, Count, Cpu, HexBytes, ReturnCode, Small, Text,
};
use super::names::{
    AccessWord, AllocatedDomain, CapabilityWord, DirectionWord, Dom, DriverWord, Fun, InjectWord, KindWord,
    LevelWord, ProtWord, Target,
};
use super::out::Out;
use super::record::{Key, Rec, Some1, key_of, object, optional, read_field, write_field};
use crate::scenario::parse::code;
use crate::scenario::parse::context::{Context, Table, suggest};
use crate::scenario::parse::tree::Node;
use crate::scenario::{
    Access, Action, Direction, DomainKind, DriverKind, Prot, Step, StepExpect, TableLevel,
};

/// What a buffer is called that needs no name.
const DEFAULT_BUFFER: &str = "buffer";

/// Bytes that a device moves unless told otherwise.
const WORD_SIZE: u64 = 8;

/// A verb: its name and its keys, its own first.
struct Verb {
    name: &'static str,
    keys: fn() -> Vec<Key>,
}

/// `"verb" Variant { "key" field: presence Codec; … }`; presences as for `record!`.
macro_rules! verbs {
    ($($verb:literal $variant:ident { $($key:literal $field:ident: $presence:ident $({$default:expr})? $codec:ty;)+ })+) => {
        const VERBS: &[Verb] = &[
            $(Verb { name: $verb, keys: || vec![$(key_of!($key, $presence $({$default})? $codec),)+] },)+
            Verb { name: "clear_inject", keys: || vec![Key { name: "clear_inject", required: true, schema: json!({ "const": true }) }] },
        ];

        /// Reads the action that a verb names.
        fn read_action(verb: &str, table: &mut Table<'_>, cx: &mut Context<'_>) -> Option<Action> {
            match verb {
                $($verb => {
                    $(let $field = read_field!($key, $presence $({$default})? $codec, table, cx);)+
                    Some(Action::$variant { $($field: $field?,)+ })
                })+
                _ => clear_inject(table, cx),
            }
        }

        /// Writes an action.
        fn write_action(action: &Action, out: &mut Vec<(String, Out)>) {
            match action {
                $(Action::$variant { $($field),+ } => {
                    $(write_field!($key, $presence $({$default})? $codec, $field, out);)+
                })+
                Action::ClearInject => out.push(("clear_inject".to_owned(), Out::Bool(true))),
            }
        }

        impl Action {
            /// The verb: the key that names the action in a file.
            pub const fn verb(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $verb,)+
                    Self::ClearInject => "clear_inject",
                }
            }
        }
    };
}

verbs! {
    "probe" Probe { "probe" function: req Fun; }
    "release" Release { "release" function: req Fun; }
    "alloc" Alloc {
        "alloc" domain: req AllocatedDomain;
        "for" function: implied Fun;
        "type" kind: or{DomainKind::default()} KindWord;
    }
    "free" Free { "free" domain: req Dom; }
    "attach" Attach { "attach" function: req Fun; "to" domain: implied Target; }
    "detach" Detach { "detach" function: req Fun; "from" domain: implied Target; }
    "map" Map {
        "map" iova: req Addr;
        "phys" phys: req Addr;
        "size" size: req Bytes;
        "prot" prot: or{Prot::default()} ProtWord;
        "in" domain: implied Target;
    }
    "unmap" Unmap { "unmap" iova: req Addr; "size" size: req Bytes; "in" domain: implied Target; }
    "unmap_fast" UnmapFast { "unmap_fast" iova: req Addr; "size" size: req Bytes; "in" domain: implied Target; }
    "iotlb_sync" IotlbSync { "iotlb_sync" domain: req Dom; }
    "flush_iotlb_all" FlushIotlbAll { "flush_iotlb_all" domain: req Dom; }
    "map_pages" MapPages {
        "map_pages" iova: req Addr;
        "phys" phys: req Addr;
        "pgsize" pgsize: req Bytes;
        "pgcount" pgcount: req Count;
        "prot" prot: or{Prot::default()} ProtWord;
        "in" domain: implied Dom;
    }
    "unmap_pages" UnmapPages {
        "unmap_pages" iova: req Addr;
        "pgsize" pgsize: req Bytes;
        "pgcount" pgcount: req Count;
        "in" domain: implied Dom;
    }
    "iova_to_phys" IovaToPhys { "iova_to_phys" iova: req Addr; "in" domain: implied Target; }
    "resv_regions" ResvRegions { "resv_regions" function: req Fun; }
    "init_iommu" InitIommu { "init_iommu" function: req Fun; }
    "capable" Capable { "capable" capability: req CapabilityWord; "for" function: implied Fun; }
    "shadow_on_flush" ShadowOnFlush { "shadow_on_flush" function: req Fun; }
    "re_register" ReRegister { "re_register" function: req Fun; }
    "dma_map" DmaMap {
        "dma_map" phys: req Addr;
        "size" size: req Bytes;
        "dir" direction: or{Direction::default()} DirectionWord;
        "for" function: implied Fun;
        "as" buffer: or{DEFAULT_BUFFER.to_owned()} Text;
    }
    "dma_unmap" DmaUnmap { "dma_unmap" buffer: req Text; }
    "dma_alloc" DmaAlloc {
        "dma_alloc" phys: req Addr;
        "size" size: req Bytes;
        "for" function: implied Fun;
        "as" buffer: or{DEFAULT_BUFFER.to_owned()} Text;
    }
    "dma_free" DmaFree { "dma_free" buffer: req Text; }
    "advance" Advance { "advance" ms: req Count; }
    "walk" Walk {
        "walk" iova: req Addr;
        "for" function: implied Fun;
        "access" access: or{Access::default()} AccessWord;
    }
    "read" Read { "read" iova: req Addr; "size" size: or{WORD_SIZE} Bytes; "by" function: implied Fun; "of" buffer: opt Text; }
    "write" Write { "write" iova: req Addr; "bytes" bytes: or{vec![0; WORD_SIZE as usize]} HexBytes; "by" function: implied Fun; "of" buffer: opt Text; }
    "fill" Fill { "fill" iova: req Addr; "by" function: implied Fun; }
    "evict" Evict { "evict" iova: req Addr; "by" function: implied Fun; }
    "reset_error" ResetError { "reset_error" function: req Fun; }
    "reset_block" ResetBlock { "reset_block" function: req Fun; }
    "disable" Disable { "disable" function: req Fun; }
    "enable" Enable { "enable" function: req Fun; }
    "refresh" Refresh { "refresh" function: req Fun; "iova" iova: req Addr; "size" size: req Bytes; }
    "register" Register { "register" function: req Fun; "table" domain: implied Dom; }
    "deregister" Deregister { "deregister" function: req Fun; }
    "error" Error { "error" function: req Fun; }
    "recover" Recover { "recover" function: req Fun; }
    "unplug" Unplug { "unplug" function: req Fun; }
    "poke" Poke { "poke" phys: req Addr; "value" value: req Addr; }
    "poke_entry" PokeEntry {
        "poke_entry" iova: req Addr;
        "level" level: or{TableLevel::default()} LevelWord;
        "clear" clear: or{0} Addr;
        "set" set: or{0} Addr;
        "in" domain: implied Dom;
    }
    "busy" Busy { "busy" times: req Small; }
    "inject" Inject {
        "inject" what: req InjectWord;
        "after" after: or{0} Small;
        "count" count: or{1} Small;
        "cc" cc: opt ConditionCode;
        "status" status: opt Byte;
        "rc" rc: opt ReturnCode;
    }
    "add" Add { "add" function: req Fun; }
    "remove" Remove { "remove" function: req Fun; }
    "hold_group" HoldGroup { "hold_group" function: req Fun; }
    "drop_group" DropGroup { "drop_group" function: req Fun; }
    "use_default" UseDefault { "use_default" function: req Fun; }
    "unuse_default" UnuseDefault { "unuse_default" function: req Fun; }
    "claim" Claim { "claim" function: req Fun; "owner" owner: or{1} Count; }
    "release_owner" ReleaseOwner { "release_owner" function: req Fun; }
    "attach_group" AttachGroup { "attach_group" function: req Fun; "to" domain: implied Dom; }
    "detach_group" DetachGroup { "detach_group" function: req Fun; }
    "attach_device" AttachDevice { "attach_device" function: req Fun; "to" domain: implied Dom; }
    "detach_device" DetachDevice { "detach_device" function: req Fun; "from" domain: implied Dom; }
    "bind" Bind { "bind" function: req Fun; "driver" driver: or{DriverKind::default()} DriverWord; }
    "unbind" Unbind { "unbind" function: req Fun; }
    "container" Container { "container" name: req Text; }
    "open_group" OpenGroup { "open_group" name: req Text; "for" function: implied Fun; }
    "set_container" SetContainer { "set_container" group: req Text; "to" container: req Text; }
    "unset_container" UnsetContainer { "unset_container" group: req Text; }
    "set_iommu" SetIommu { "set_iommu" container: req Text; "version" version: or{2} Small; }
    "iommu_info" IommuInfo { "iommu_info" container: req Text; }
    "user_map" UserMap { "user_map" iova: req Addr; "phys" phys: req Addr; "size" size: req Bytes; "prot" prot: or{Prot::default()} ProtWord; "in" container: req Text; }
    "user_unmap" UserUnmap { "user_unmap" iova: req Addr; "size" size: req Bytes; "all" all: or{false} Bool; "in" container: req Text; }
    "open_device" OpenDevice { "open_device" name: req Text; "via" group: req Text; "for" function: implied Fun; }
    "reset_device" ResetDevice { "reset_device" device: req Text; }
    "hot_reset" HotReset { "hot_reset" device: req Text; }
    "close" Close { "close" name: req Text; }
    "kill" Kill { "kill" now: req Bool; }
    "iommufd" Iommufd { "iommufd" name: req Text; }
    "ioas" Ioas { "ioas" context: req Text; }
    "ioas_ranges" IoasRanges { "ioas_ranges" context: req Text; "id" id: or{1} Small; }
    "ioas_map" IoasMap { "ioas_map" iova: req Addr; "phys" phys: req Addr; "size" size: req Bytes; "prot" prot: or{Prot::default()} ProtWord; "in" context: req Text; "id" id: or{1} Small; }
    "ioas_unmap" IoasUnmap { "ioas_unmap" iova: req Addr; "size" size: req Bytes; "in" context: req Text; "id" id: or{1} Small; }
    "open_cdev" OpenCdev { "open_cdev" name: req Text; "for" function: implied Fun; }
    "bind_iommufd" BindIommufd { "bind_iommufd" device: req Text; "to" context: req Text; }
    "attach_pt" AttachPt { "attach_pt" device: req Text; "to" id: or{1} Small; }
    "detach_pt" DetachPt { "detach_pt" device: req Text; }
    "hwpt" Hwpt { "hwpt" context: req Text; "for" device: req Small; "of" id: or{1} Small; }
    "power_off" PowerOff { "power_off" function: req Fun; }
    "power_on" PowerOn { "power_on" function: req Fun; }
    "device_error" DeviceError { "device_error" function: req Fun; "code" code: or{4} Small; }
    "machine_event" MachineEvent { "machine_event" function: req Fun; "code" code: req Small; }
    "recover_function" RecoverFunction { "recover_function" function: req Fun; }
    "give_to_guest" GiveToGuest { "give_to_guest" handle: req Text; }
    "handle_errors" HandleErrors { "handle_errors" now: req Bool; }
    "reset_function" ResetFunction { "reset_function" function: req Fun; }
    "group_type" GroupType { "group_type" function: req Fun; "to" kind: req KindWord; }
    "replace" Replace { "replace" function: req Fun; "to" domain: implied Dom; }
}

fn clear_inject(table: &mut Table<'_>, cx: &mut Context<'_>) -> Option<Action> {
    let node = table.take("clear_inject")?;
    cx.at_key("clear_inject", |cx| {
        if Bool::read(node, cx)? {
            return Some(Action::ClearInject);
        }
        cx.error(code::WORD, &node.span, "`clear_inject` is true or absent".to_owned(), None)
    })
}

/// Keys that every step may have.
fn common() -> Vec<Key> {
    vec![
        Key { name: "cpu", required: false, schema: Cpu::schema() },
        Key { name: "note", required: false, schema: Text::schema() },
        Key { name: "expect", required: false, schema: json!({ "$ref": "#/$defs/step_expect" }) },
    ]
}

/// A step.
pub(in crate::scenario) struct StepCodec;

impl Codec for StepCodec {
    type Value = Step;
    const MOST: Option<(usize, &'static str)> = Some((10_000, code::STEPS));

    fn read(node: &Node, cx: &mut Context<'_>) -> Option<Step> {
        let mut table = Table::of(node, "a step", cx)?;
        let is_verb = |key: &str| VERBS.iter().find(|verb| verb.name == key);
        let mut named =
            table.entries.iter().filter_map(|entry| is_verb(&entry.key).map(|verb| (verb, entry)));
        let Some((verb, first)) = named.next() else {
            return no_verb(&table, cx);
        };
        if let Some((other, entry)) = named.find(|(other, _)| other.name != verb.name) {
            let message = format!("`{}` and `{}` in one step", first.key, entry.key);
            let help = Some(format!("make `{}` a step of its own", other.name));
            return cx.error(code::VERBS, &entry.key_span, message, help);
        }
        let action = read_action(verb.name, &mut table, cx);
        if action.is_none() && verb.name == "alloc" {
            cx.domains.incomplete = true;
        }
        let cpu = optional::<Cpu>(&mut table, "cpu", cx);
        let remark = optional::<Text>(&mut table, "note", cx);
        let expect = optional::<Some1<Rec<StepExpect>>>(&mut table, "expect", cx);
        let known: Vec<_> = (verb.keys)().into_iter().chain(common()).map(|key| key.name).collect();
        table.finish(&known, cx)?;
        let line = cx.line(&node.span);
        Some(Step { action: action?, cpu: cpu?, note: remark?, expect: expect?.unwrap_or_default(), line })
    }

    fn write(step: &Step) -> Out {
        let mut out = Vec::new();
        write_action(&step.action, &mut out);
        write_field!("cpu", opt Cpu, &step.cpu, out);
        write_field!("note", opt Text, &step.note, out);
        write_field!("expect", or{Vec::new()} Some1<Rec<StepExpect>>, &step.expect, out);
        Out::Table(out)
    }

    fn schema() -> Json {
        json!({ "$ref": "#/$defs/step" })
    }
}

/// The schema of a step: one kind of table for each verb.
pub(in crate::scenario) fn step_schema() -> Json {
    let each = VERBS.iter().map(|verb| {
        let keys = (verb.keys)().into_iter().chain(common()).collect();
        object(keys, &format!("a step that does `{}`", verb.name))
    });
    json!({ "description": "One step; its verb is the key that says what is done.", "oneOf": each.collect::<Vec<_>>() })
}

/// The schema of what a step expects.
pub(in crate::scenario) fn step_expect_schema() -> Json {
    Some1::<Rec<StepExpect>>::schema()
}

fn no_verb(table: &Table<'_>, cx: &mut Context<'_>) -> Option<Step> {
    cx.domains.incomplete = true; // it might have been `alloc`
    let names: Vec<_> = VERBS.iter().map(|verb| verb.name).collect();
    let close = table.entries.iter().take(16).find_map(|entry| Some((entry, suggest(&entry.key, &names)?)));
    if let Some((entry, help)) = close {
        let message = format!("`{}` names no action", entry.key);
        return cx.error(code::NO_VERB, &entry.key_span, message, Some(help));
    }
    let help = Some(format!("one of {}", names.join(", ")));
    cx.error(code::NO_VERB, table.span, "the step does not say what is done".to_owned(), help)
}

impl serde::Serialize for Step {
    /// In the shape of a file.
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        StepCodec::write(self).serialize(s)
    }
}

impl serde::Serialize for Action {
    /// In the shape of a file.
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = Vec::new();
        write_action(self, &mut out);
        Out::Table(out).serialize(s)
    }
}
