//! What user space has open: containers of VFIO, address spaces of iommufd.

use s390_iommu::lab::Lab;
use s390_iommu::state::iommufd::{Context, Object};
use s390_iommu::state::users::Handle;
use s390_iommu::state::vfio::{Container, Vfio};
use s390_iommu_view::client::Client;
use s390_iommu_view::hex::{hex, size};
use s390_iommu_view::scene::Mapping;

/// Mappings that are listed of one client.
const SHOWN: usize = 6;

/// What is open in a system; changes are those since `before`.
pub fn clients(lab: &Lab, before: Option<&Lab>) -> Vec<Client> {
    let (mut now, old) = (all(lab), before.map(all));
    for client in &mut now {
        client.changed = old.as_ref().is_some_and(|old| !old.contains(client));
    }
    now
}

fn all(lab: &Lab) -> Vec<Client> {
    let users = &lab.world().kernel.users;
    let mut found = Vec::new();
    for handle in users.handles.values() {
        match handle {
            Handle::Container(number) => {
                found.push(container(lab, &users.vfio, &users.vfio.containers[*number]));
            }
            Handle::Context(number) => spaces(lab, &users.iommufd.contexts[*number], &mut found),
            Handle::Group(_) | Handle::Device(_) | Handle::CharDevice(_) => {}
        }
    }
    if users.vfio.pinned > 0 {
        let facts = vec![("pinned pages".to_owned(), users.vfio.pinned.to_string())];
        found.push(client("user memory", "all", facts, Vec::new()));
    }
    found
}

fn container(lab: &Lab, vfio: &Vfio, container: &Container) -> Client {
    let names = lab.names();
    let functions = container.groups.iter().map(|group| names.function(vfio.groups[*group].function));
    let mut facts = vec![("groups of".to_owned(), listed(functions))];
    let mut maps = Vec::new();
    if let Some(iommu) = &container.iommu {
        let version = if iommu.v2 { "type 1, version 2" } else { "type 1" };
        facts.push(("maps with".to_owned(), version.to_owned()));
        let domains = iommu.domains.iter().map(|domain| names.domain(domain.domain));
        facts.push(("domains".to_owned(), listed(domains)));
        let ranges =
            iommu.ranges.iter().map(|range| format!("{}–{}", hex(range.start.get()), hex(range.last.get())));
        facts.push(("may map".to_owned(), listed(ranges)));
        facts.push(("mappings left".to_owned(), iommu.available.to_string()));
        maps = iommu
            .mappings
            .iter()
            .map(|(iova, mapping)| map(*iova, None, mapping.size, mapping.read, mapping.write))
            .collect();
    }
    client("container", &container.name, facts, maps)
}

fn spaces(lab: &Lab, context: &Context, found: &mut Vec<Client>) {
    let names = lab.names();
    let mut empty = true;
    for (id, object) in &context.objects {
        let Object::Ioas(ioas) = object else { continue };
        empty = false;
        let devices = context.objects.values().filter_map(|object| match object {
            Object::Device(device) if device.hwpt.is_some_and(|hwpt| ioas.domains.contains(&hwpt)) => {
                Some(names.function(device.function))
            }
            _ => None,
        });
        let tables = ioas.domains.iter().filter_map(|hwpt| match context.objects.get(hwpt) {
            Some(Object::Hwpt(table)) => Some(format!("{hwpt} ({})", names.domain(table.domain))),
            _ => None,
        });
        let facts = vec![
            ("devices".to_owned(), listed(devices)),
            ("page tables".to_owned(), listed(tables)),
            (
                "pinned mappings".to_owned(),
                format!("{} of {}", ioas.areas.values().filter(|area| area.pinned).count(), ioas.areas.len()),
            ),
        ];
        let maps = ioas.areas.iter().map(|(iova, area)| {
            let first = area.memory.first().map(|(phys, _)| *phys);
            map(*iova, first, area.size, area.read, area.write)
        });
        let maps = maps.collect();
        found.push(client("address space", &format!("{} #{id}", context.name), facts, maps));
    }
    if empty {
        found.push(client("iommufd", &context.name, Vec::new(), Vec::new()));
    }
}

fn client(kind: &str, name: &str, facts: Vec<(String, String)>, mut maps: Vec<Mapping>) -> Client {
    let more = maps.len().saturating_sub(SHOWN);
    maps.truncate(SHOWN);
    Client { kind: kind.to_owned(), name: name.to_owned(), facts, maps, more, changed: false }
}

fn map(iova: u64, phys: Option<u64>, bytes: u64, read: bool, write: bool) -> Mapping {
    let rights = match (read, write) {
        (true, true) => "rw",
        (true, false) => "r",
        (false, true) => "w",
        (false, false) => "none",
    };
    let to = phys.map_or_else(String::new, |phys| format!(" → {}", hex(phys)));
    Mapping { text: format!("{}{to}", hex(iova)), extent: format!("{} {rights}", size(bytes)) }
}

fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
