//! Domains and functions, and whether driver and hardware agree.

use s390_iommu::lab::{DomainView, FunctionView, Lab};

use super::hex::{hex, size};

/// Translations that are listed of one domain.
const SHOWN: usize = 6;

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// Its aperture.
    pub aperture: String,
    /// Functions on its list, newest first.
    pub devices: Vec<String>,
    /// The list never leads back to its head.
    pub broken: bool,
    /// What it maps: `0x1_0000_0000 → 0x8000_0000`, `1 MiB`, `rw`.
    pub maps: Vec<(String, String, &'static str)>,
    /// How many more there are.
    pub more: usize,
    /// Its tables: `1 region, 1 segment, 2 page`.
    pub tables: String,
    /// Its tables were given back.
    pub freed: bool,
    /// It changed in the selected step.
    pub changed: bool,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its range.
    pub range: String,
    /// The domain the driver believes it is in.
    pub domain: String,
    /// Whose table the driver believes is registered.
    pub believed: String,
    /// Whose table is.
    pub registered: String,
    /// What is wrong, in words.
    pub trouble: Vec<String>,
    /// Its state, unless that is the normal one.
    pub state: Option<&'static str>,
    /// It changed in the selected step.
    pub changed: bool,
}

/// What a system looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    /// Domains.
    pub domains: Vec<Domain>,
    /// Functions.
    pub functions: Vec<Function>,
}

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
        let text = format!("{} → {}", hex(found.iova), hex(found.phys));
        (text, size(found.pages << 12), if found.writable { "rw" } else { "r" })
    });
    let [region, segment, page] = view.tables;
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
        trouble: trouble(view),
        state: Some(view.state).filter(|state| *state != "enabled"),
        changed,
    }
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
