//! The tables of a scenario with their keys.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::codec::{
    Addr, Bool, Byte, Bytes, Codec, Count, HexBytes, Id, Pair, ReturnCode, Small, Text, codec, wrong,
};
use super::names::{
    Believed, CheckWord, Current, Fun, KernelName, KernelRange, NewDomain, NewFunction, Patch, PatchOrKernel,
    ProfileWord, ScheduleText, Seen, VerdictWord, Walked,
};
use super::out::Out;
use super::record::{ByName, List, Rec, Some1, record};
use super::verbs::StepCodec;
use crate::scenario::parse::code;
use crate::scenario::parse::context::{Context, NAMES, Table};
use crate::scenario::parse::tree::{Node, Value};
use crate::scenario::{
    Condition, CountersExpect, DomainExpect, FinalExpect, Function, FunctionExpect, GroupExpect, Profile,
    SCHEMA, Scenario, StepExpect, TableCounts, Translation,
};

record! {
    Scenario "a scenario" {
        "schema" schema: req Version;
        "title" title: req Text;
        "about" about: opt Text;
        "topics" topics: or{Vec::<String>::new()} List<Text>;
        "kernel" kernel: or{Scenario::DEFAULT_KERNEL.to_owned()} KernelName;
        "patches" patches: opt List<Patch>;
        "profile" profile: or{Profile::default()} ProfileWord;
        "memory" memory: opt Bytes;
        "aperture_factor" aperture_factor: or{1} Small;
        "strict" strict: or{false} Bool;
        "dma_avail" dma_avail: opt Count;
        "checks" checks: opt CheckList;
        "functions" functions: req Functions;
        "domains" domains: or{Vec::<String>::new()} List<NewDomain>;
        "schedule" schedule: opt ScheduleText;
        "steps" steps: or{Vec::new()} List<StepCodec>;
        "expect" expect: or{Vec::new()} Some1<Rec<FinalExpect>>;
    }
}

record! {
    Function "a function" most((NAMES, code::FUNCTIONS)) {
        "name" name: req NewFunction;
        "dma" dma: req Pair;
        "fid" fid: opt Id;
        "fh" fh: opt Id;
        "refresh" refresh: or{false} Bool;
        "rtr" rtr: or{false} Bool;
        "dtsm" dtsm: or{Function::DEFAULT_DTSM} Byte;
        "ism" ism: or{false} Bool;
        "flr" flr: or{false} Bool;
        "iotlb" iotlb: opt Count;
        "dma_mask" dma_mask: or{u64::MAX} Addr;
        "dma_api" dma_api: or{true} Bool;
    }
}

record! {
    Condition "a condition" {
        "with" with: or{Vec::<String>::new()} List<PatchOrKernel>;
        "without" without: or{Vec::<String>::new()} List<PatchOrKernel>;
        "on" on: opt KernelRange;
        "profiles" profiles: or{Vec::new()} List<ProfileWord>;
    }
}

record! {
    StepExpect "an expectation" {
        "rc" rc: opt ReturnCode;
        "value" value: opt Addr;
        "phys" phys: opt Addr;
        "warns" warns: opt List<Text>;
        "refreshes" refreshes: opt Count;
        "allocates" allocates: opt Count;
        "frees" frees: opt Count;
        "waits" waits: opt Count;
        "calls" calls: opt Count;
        "hw" hw: opt List<Text>;
        "regions" regions: opt List<Pair>;
        "range" range: opt Pair;
        "skipped" skipped: opt Bool;
        "fault" fault: opt Text;
        "event" event: opt Small;
        "cached" cached: opt Bool;
        "bytes" bytes: opt HexBytes;
        "verdict" verdict: opt VerdictWord;
        "violates" violates: opt List<Text>;
        "stop" stop: opt Text;
        + when: Condition;
    }
}

record! {
    FinalExpect "an expectation of the end" {
        "domains" domains: or{BTreeMap::new()} ByName<Seen, Rec<DomainExpect>>;
        "functions" functions: or{BTreeMap::new()} ByName<Fun, Rec<FunctionExpect>>;
        "groups" groups: or{BTreeMap::new()} ByName<Fun, Rec<GroupExpect>>;
        "warns" warns: opt List<Text>;
        "violates" violates: opt List<Text>;
        + when: Condition;
    }
}

record! {
    DomainExpect "what a domain looks like" {
        "devices" devices: opt List<Fun>;
        "aperture" aperture: opt Pair;
        "translations" translations: opt List<TranslationCodec>;
        "tables" tables: opt Rec<TableCounts>;
        "levels" levels: opt Count;
        "counters" counters: opt Rec<CountersExpect>;
        "freed" freed: opt Bool;
    }
}

record! {
    TableCounts "numbers of tables" {
        "region" region: opt Count;
        "segment" segment: opt Count;
        "page" page: opt Count;
    }
}

record! {
    CountersExpect "what a domain counted" {
        "mapped_pages" mapped_pages: opt Count;
        "unmapped_pages" unmapped_pages: opt Count;
        "global_rpcits" global_rpcits: opt Count;
        "sync_map_rpcits" sync_map_rpcits: opt Count;
        "sync_rpcits" sync_rpcits: opt Count;
    }
}

record! {
    FunctionExpect "what a function looks like" {
        "domain" domain: opt Current;
        "dma_table" dma_table: opt Believed;
        "registered" registered: opt Walked;
        "start_dma" start_dma: opt Addr;
        "end_dma" end_dma: opt Addr;
        "state" state: opt Text;
        "pal" pal: opt Addr;
        "cached" cached: opt Count;
        "credits" credits: opt Count;
        "exposed" exposed: opt Count;
    }
}

record! {
    GroupExpect "what a group looks like" {
        "id" id: opt Count;
        "domain" domain: opt Text;
        "default_domain" default_domain: opt Text;
        "blocking_domain" blocking_domain: opt Text;
        "owner" owner: opt Count;
        "owner_cnt" owner_cnt: opt Count;
        "devices" devices: opt Count;
        "refs" refs: opt Count;
    }
}

codec!(
    /// The version of the format; checked before anything else.
    Version: u32,
    |_node, _cx| Some(SCHEMA),
    |value| Out::Int((*value).into()),
    json!({ "const": SCHEMA })
);

codec!(
    /// Names of checks, or `off`.
    CheckList: Vec<String>,
    |node, cx| match &node.value {
        Value::Text(word) if word == "off" => Some(Vec::new()),
        Value::Array(_) => List::<CheckWord>::read(node, cx),
        _ => wrong(node, "\"off\" or a list of checks", cx),
    },
    |value| if value.is_empty() { Out::Text("off".to_owned()) } else { List::<CheckWord>::write(value) },
    json!({ "anyOf": [{ "const": "off" }, List::<CheckWord>::schema()] })
);

codec!(
    /// At least one function.
    Functions: Vec<Function>,
    |node, cx| {
        let functions = List::<Rec<Function>>::read(node, cx);
        if functions.as_ref().is_some_and(Vec::is_empty) {
            return cx.error(code::NO_FUNCTION, &node.span, "there is no function".to_owned(), None);
        }
        // A function may be wrong without its name being wrong, but its place among them counts too.
        cx.functions.incomplete |= functions.is_none() && cx.functions.known.is_empty();
        functions
    },
    |value| List::<Rec<Function>>::write(value),
    {
        let mut schema = List::<Rec<Function>>::schema();
        schema["minItems"] = 1.into();
        schema
    }
);

codec!(
    /// `[iova, phys, "rw", pages]`.
    TranslationCodec: Translation,
    |node, cx| match &node.value {
        Value::Array(items) if items.len() == 4 => {
            let iova = cx.at_index(0, |cx| Addr::read(&items[0], cx));
            let phys = cx.at_index(1, |cx| Addr::read(&items[1], cx));
            let prot = cx.at_index(2, |cx| Text::read(&items[2], cx));
            let pages = cx.at_index(3, |cx| Count::read(&items[3], cx));
            Some(Translation { iova: iova?, phys: phys?, prot: prot?, pages: pages? })
        }
        Value::Array(_) => {
            let message = "a translation is [iova, phys, \"rw\", pages]".to_owned();
            cx.error(code::TYPE, &node.span, message, None)
        }
        _ => wrong(node, "[iova, phys, \"rw\", pages]", cx),
    },
    |value| Out::Array(vec![
        Addr::write(&value.iova),
        Addr::write(&value.phys),
        Text::write(&value.prot),
        Count::write(&value.pages),
    ]),
    json!({
        "type": "array",
        "prefixItems": [Addr::schema(), Addr::schema(), { "type": "string" }, Addr::schema()],
        "minItems": 4,
        "maxItems": 4,
    })
);
