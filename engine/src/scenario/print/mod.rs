//! Scenario to text: TOML in its canonical layout, and JSON.

mod toml;
mod tree;

use super::model::Scenario;
use super::step::Step;

/// A scenario as TOML in the canonical layout: one function, step or translation per line, addresses in
/// hexadecimal, sizes in words. Reading it gives an equal scenario.
///
/// ```
/// use s390_iommu::scenario::{parse, to_toml};
/// let text = "schema = 1\ntitle = 'x'\nfunctions = [{name='f0',dma=[4294967296,8589934591]}]\ndomains = ['d0']\n\
///             steps = [{ unmap = 4294967296, size = 4096 }]\n";
/// let printed = to_toml(&parse(text).0.unwrap());
/// assert!(printed.contains("  { unmap = 0x1_0000_0000, size = \"4 KiB\", in = \"d0\" },\n"));
/// ```
pub fn to_toml(scenario: &Scenario) -> String {
    toml::document(&tree::tree(scenario))
}

/// One step as it stands in a file, on one line, without a comma.
///
/// ```
/// use s390_iommu::scenario::{Action, step_to_toml};
/// let step = Action::Probe { function: "f0".into() }.into();
/// assert_eq!(step_to_toml(&step), r#"{ probe = "f0" }"#);
/// ```
pub fn step_to_toml(step: &Step) -> String {
    toml::inline(&tree::tree(step))
}

/// A scenario as JSON, indented by two blanks; addresses are text in hexadecimal, sizes in words.
///
/// ```
/// use s390_iommu::scenario::{parse, to_json};
/// let text = r#"{ "schema": 1, "title": "x", "functions": [{ "name": "f0", "dma": ["0x1000", 8191] }] }"#;
/// assert!(to_json(&parse(text).0.unwrap()).contains("\"0x1fff\""));
/// ```
pub fn to_json(scenario: &Scenario) -> String {
    serde_json::to_string_pretty(scenario).expect("scenarios consist of what JSON has")
}
