//! Domains and functions, and whether driver and hardware agree.

use s390_iommu::lab::{DomainView, FunctionView, GroupView, Lab};
use s390_iommu::state::kernel::Counter;
use s390_iommu_view::hex::{hex, size};
use s390_iommu_view::scene::{Domain, Function, Mapping, Topology};

/// Translations that are listed of one domain.
const SHOWN: usize = 6;

/// The topology of a system; changes are those since `before`.
pub fn topology(lab: &Lab, before: Option<&Lab>) -> Topology {
    let (domains, functions) = (lab.domains(), lab.functions());
    let (old_domains, old_functions) =
        before.map_or_else(|| (domains.clone(), functions.clone()), |lab| (lab.domains(), lab.functions()));
    Topology {
        domains: domains
            .iter()
            .enumerate()
            .map(|(i, view)| domain(view, old_domains.get(i) != Some(view)))
            .collect(),
        functions: functions
            .iter()
            .enumerate()
            .map(|(i, view)| function(view, old_functions.get(i) != Some(view)))
            .collect(),
    }
}

fn domain(view: &DomainView, changed: bool) -> Domain {
    let maps = view.translations.iter().take(SHOWN).map(|found| {
        let rights = if found.writable { "rw" } else { "r" };
        Mapping {
            text: format!("{} → {}", hex(found.iova), hex(found.phys)),
            extent: format!("{} {rights}", size(found.pages << 12)),
        }
    });
    let [region, segment, page] = view.tables;
    let counters: Vec<String> = Counter::ALL
        .iter()
        .zip(view.counters)
        .filter(|(_, value)| *value > 0)
        .map(|((_, name), value)| format!("{name} {value}"))
        .collect();
    Domain {
        name: view.name.clone(),
        aperture: match (view.aperture.start.get(), view.aperture.last.get()) {
            (0, 0) => "not set yet".to_owned(),
            (start, last) => format!("{}–{}", hex(start), hex(last)),
        },
        devices: view.devices.clone(),
        broken: view.devices_broken,
        maps: maps.collect(),
        more: view.translations.len().saturating_sub(SHOWN),
        tables: format!("{region} region, {segment} segment, {page} page"),
        counters: counters.join(", "),
        freed: view.freed,
        changed,
    }
}

fn function(view: &FunctionView, changed: bool) -> Function {
    let or_none = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
    Function {
        name: view.name.clone(),
        range: format!("{}–{}", hex(view.range.start.get()), hex(view.range.last.get())),
        domain: or_none(&view.domain),
        believed: or_none(&view.dma_table),
        registered: or_none(&view.registered),
        group: view.group.as_ref().map(group),
        trouble: trouble(view),
        state: Some(view.state).filter(|state| *state != "enabled").map(str::to_owned),
        changed,
    }
}

/// A group in a few words.
fn group(view: &GroupView) -> String {
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "no domain".to_owned());
    let owner = view.owner.map(|owner| format!(", owner {}", hex(owner))).unwrap_or_default();
    format!("{} in {}, default {}{owner}", view.id, name(&view.domain), name(&view.default_domain))
}

/// Where driver and hardware disagree, in words.
fn trouble(view: &FunctionView) -> Vec<String> {
    let mut found = Vec::new();
    match (&view.dma_table, &view.registered) {
        (Some(table), None) => {
            found.push(format!("driver believes {table} is registered; the machine has nothing"));
        }
        (None, Some(table)) => {
            found.push(format!("the machine has {table} registered; the driver believes nothing is"));
        }
        (Some(left), Some(right)) if left != right => {
            found.push(format!("driver believes {left} is registered; the machine has {right}"));
        }
        _ => {}
    }
    if view.registered_freed {
        found.push("the machine walks tables that were given back".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use s390_iommu::addr::{Iova, IovaRange};

    use super::*;

    fn view(table: Option<&str>, registered: Option<&str>, freed: bool) -> FunctionView {
        FunctionView {
            name: "f0".into(),
            domain: None,
            dma_table: table.map(str::to_owned),
            registered: registered.map(str::to_owned),
            registered_freed: freed,
            range: IovaRange::new(Iova::new(0), Iova::new(0xfff)),
            state: "enabled",
            group: None,
        }
    }

    #[test]
    fn agreement_is_quiet() {
        assert!(trouble(&view(Some("d0"), Some("d0"), false)).is_empty());
        assert!(trouble(&view(None, None, false)).is_empty());
    }

    #[test]
    fn disagreement_is_named() {
        assert_eq!(trouble(&view(Some("d0"), Some("d1"), true)).len(), 2);
        assert!(trouble(&view(Some("d0"), None, false))[0].contains("nothing"));
        assert_eq!(function(&view(None, None, false), false).state, None);
    }
}
