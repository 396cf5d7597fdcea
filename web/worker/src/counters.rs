//! Sums over all steps, side by side.

use s390_iommu::session::{Counters, Outcome};
use s390_iommu_view::run::Counter;

/// Name and value.
type Sum = (&'static str, fn(&Counters) -> u64);

const COUNTERS: [Sum; 7] = [
    ("driver calls", |c| c.driver_calls),
    ("registrations", |c| c.registers),
    ("deregistrations", |c| c.unregisters),
    ("refreshes", |c| c.rpcits),
    ("warnings", |c| c.warnings),
    ("tables allocated", |c| c.tables_allocated),
    ("tables freed", |c| c.tables_freed),
];

/// All counters.
pub fn counters(outcomes: &[&Outcome]) -> Vec<Counter> {
    let row = |&(name, get): &Sum| {
        let values: Vec<u64> = outcomes.iter().map(|outcome| get(&outcome.counters)).collect();
        Counter { name: name.to_owned(), differs: values.windows(2).any(|pair| pair[0] != pair[1]), values }
    };
    COUNTERS.iter().map(row).collect()
}
