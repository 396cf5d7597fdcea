//! What a machine would make of an address: each answer it has, looked at without changing anything.

use super::dma::{Fault, Reached, translate};
use super::function::{FunctionState, Ioat, Machine};
use super::iotlb::Cached;
use super::lookup::{Lookup, lookup};
use super::walk::Access;
use crate::addr::{Iova, Phys};

/// The answers of a machine about one access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The address.
    pub iova: Iova,
    /// What is wanted.
    pub access: Access,
    /// The function's state.
    pub state: FunctionState,
    /// What is registered.
    pub ioat: Option<Ioat>,
    /// What the tables say about the page; `None` where there are none to be asked: nothing is registered, the address is
    /// out of range, or there is no translation.
    pub tables: Option<Lookup>,
    /// What is cached of the page.
    pub cached: Option<Cached>,
    /// What an access would get.
    pub got: Result<Reached, Fault>,
}

/// Looks at an address as a function would use it.
///
/// # Panics
/// There is no function of that number.
pub fn look(
    machine: &Machine,
    function: usize,
    iova: Iova,
    access: Access,
    read: impl Fn(Phys) -> u64,
) -> Sight {
    let known = &machine.functions[function];
    let asked = known.ioat.filter(|ioat| ioat.range.contains(iova) && ioat.iota.is_translated());
    let mut copy = Machine { functions: vec![known.clone()], ..Machine::new(super::profile::Profile::Lpar) };
    copy.rules = machine.rules;
    Sight {
        iova,
        access,
        state: known.state,
        ioat: known.ioat,
        tables: asked.map(|ioat| lookup(machine.rules, ioat.iota, iova, &read)),
        cached: known.iotlb.lookup(iova),
        got: translate(&mut copy, 0, iova, access, read),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::IovaRange;
    use crate::hw::function::Function;
    use crate::hw::lookup::Found;
    use crate::hw::profile::Profile;
    use crate::table::Iota;

    #[test]
    fn looking_changes_nothing() {
        let range = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
        let mut function = Function::new(0x8001_0001, 1, range);
        function.ioat = Some(Ioat { iota: Iota::from_bits(0x8a00_4804), range });
        let mut machine = Machine::new(Profile::Lpar);
        machine.functions.push(function);
        let before = machine.clone();
        let sight = look(&machine, 0, Iova::new(0x1_0000_0000), Access::Read, |_| 0x20);
        assert_eq!(sight.tables.map(|tables| tables.found), Some(Found::Nothing));
        assert!(sight.got.is_err_and(|fault| fault.event.is_some()), "it would be in error");
        assert_eq!(machine, before);
        let outside = look(&machine, 0, Iova::new(0), Access::Read, |_| 0x20);
        assert_eq!((outside.tables, outside.cached), (None, None));
    }
}
