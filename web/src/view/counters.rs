//! Sums over all steps, side by side.

use s390_iommu::session::{Counters, Outcome};

/// A counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Its value per kernel.
    pub values: Vec<u64>,
    /// Those differ.
    pub differs: bool,
}

/// Name and value.
type Counter = (&'static str, fn(&Counters) -> u64);

const COUNTERS: [Counter; 7] = [
    ("driver calls", |c| c.driver_calls),
    ("registrations", |c| c.registers),
    ("deregistrations", |c| c.unregisters),
    ("refreshes", |c| c.rpcits),
    ("warnings", |c| c.warnings),
    ("tables allocated", |c| c.tables_allocated),
    ("tables freed", |c| c.tables_freed),
];

/// All counters.
pub fn rows(outcomes: &[&Outcome]) -> Vec<Row> {
    let row = |&(name, get): &Counter| {
        let values: Vec<u64> = outcomes.iter().map(|outcome| get(&outcome.counters)).collect();
        Row { name, differs: values.windows(2).any(|pair| pair[0] != pair[1]), values }
    };
    COUNTERS.iter().map(row).collect()
}
