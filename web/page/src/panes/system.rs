//! The system after the selected step: domains and functions, an address, tables, log, sums, words.

use std::rc::Rc;

use s390_iommu_view::scene::Scene;
use s390_iommu_view::walk::Walks;
use yew::prelude::*;

use crate::answers::Shown;
use crate::components::panel::{columns, panel};
use crate::components::tree::Trees;
use crate::components::walk::{WalkPanelProps, walk_panel};
use crate::components::{clients, counters, iotlb, log, machine, topology};
use crate::effects::Send;

/// What the [`system`] shows.
#[derive(Clone, PartialEq)]
pub struct SystemProps {
    /// The run.
    pub shown: Rc<Shown>,
    /// The step.
    pub scene: Rc<Scene>,
    /// An address on it; none before the first answer.
    pub walks: Option<Rc<Walks>>,
    /// The address as typed.
    pub iova: Option<String>,
    /// The access is a write.
    pub write: bool,
    /// What happened.
    pub send: Send,
}

/// All that can be seen of the system.
pub fn system(props: &SystemProps) -> Html {
    let SystemProps { shown, scene, walks, iova, write, send } = props;
    let (step, names) = (scene.step, scene.names());
    let place = if step == 0 { "at the start".to_owned() } else { format!("after step {step}") };
    let topologies = scene.columns.iter().map(|column| topology::topology(&column.topology));
    let clients = scene.columns.iter().map(|column| clients::clients(&column.clients));
    let any_client = scene.columns.iter().any(|column| !column.clients.is_empty());
    let registers = scene.columns.iter().map(|column| machine::registers(&column.machines, send));
    let cached = scene.columns.iter().map(|column| iotlb::iotlb(&column.machines, send));
    let trees = scene.columns.iter().map(|column| {
        html! { <Trees trees={column.trees.clone()} send={send.clone()} /> }
    });
    let logs = shown.run.columns.iter().map(|column| log::log(&column.log, step, send));
    let walk = walks.as_ref().map(|walks| {
        walk_panel(&WalkPanelProps {
            typed: iova.clone(),
            write: *write,
            walks: walks.clone(),
            send: send.clone(),
        })
    });
    html! {
        <>
            { panel("topology", "Functions and domains", &place, columns(&names, topologies)) }
            if any_client {
                { panel("clients", "User space", &format!("what it has open {place}"), columns(&names, clients)) }
            }
            { panel("walk", "Address and walk", &format!("what the machine does {place}"), walk.unwrap_or_default()) }
            { panel("registers", "Function registers", &place, columns(&names, registers)) }
            { panel("iotlb", "IOTLB", &format!("what is cached {place}"), columns(&names, cached)) }
            { panel("tables", "Translation tables", &place, columns(&names, trees)) }
            { panel("log", "Kernel log", "up to the step", columns(&shown.run.names(), logs)) }
            { panel("counters", "Counters", "of the whole run",
                counters::counters(&shown.run.counters, &shown.run.names())) }
        </>
    }
}
