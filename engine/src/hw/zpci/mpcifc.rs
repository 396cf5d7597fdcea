//! MPCIFC, modify PCI function controls: the operations that register and deregister translation.

use serde::{Deserialize, Serialize};

use super::Answer;
use crate::addr::IovaRange;
use crate::hw::function::{Function, FunctionState, Ioat, Machine, Profile, page_granular};
use crate::table::{Designation, Iota};

/// What is to be modified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Operation control 4: register I/O address translation.
    RegisterIoat,
    /// Operation control 5: deregister it.
    DeregisterIoat,
}

/// The part of the function information block that these operations read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fib {
    /// PBA and PAL.
    pub range: IovaRange,
    /// The anchor of the tables.
    pub iota: Iota,
}

/// Executes MPCIFC for the function with this handle.
pub fn mpcifc(machine: &mut Machine, handle: u32, operation: Operation, fib: Fib) -> Answer {
    let profile = machine.profile;
    let Some(function) = machine.by_handle(handle) else { return Answer::INVALID_HANDLE };
    if profile == Profile::Recorder {
        function.ioat = match operation {
            Operation::RegisterIoat => Some(Ioat { iota: fib.iota, range: fib.range }),
            Operation::DeregisterIoat => None,
        };
        return Answer::OK;
    }
    match operation {
        Operation::RegisterIoat => register(profile, function, fib),
        Operation::DeregisterIoat => match function.ioat.take() {
            Some(_) => Answer::OK,
            None => Answer::SEQUENCE,
        },
    }
}

fn register(profile: Profile, function: &mut Function, fib: Fib) -> Answer {
    // Real machines refuse a function in error; QEMU does not look.
    if function.state == FunctionState::Error && profile != Profile::Qemu {
        return Answer::IN_ERROR;
    }
    if function.ioat.is_some() {
        return Answer::SEQUENCE;
    }
    let range = page_granular(fib.range);
    let usable = page_granular(function.dma);
    let in_range = range.start <= range.last && usable.start <= range.start && range.last <= usable.last;
    let designation = match fib.iota.designation() {
        _ if !fib.iota.is_translated() => function.relaxed,
        Designation::RegionThird => true,
        Designation::RegionSecond | Designation::RegionFirst => profile != Profile::Qemu,
        _ => false,
    };
    if !in_range || !designation {
        return Answer::INSUFFICIENT_RESOURCES;
    }
    function.ioat = Some(Ioat { iota: fib.iota, range });
    Answer::OK
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{Iova, Phys};

    fn machine(profile: Profile) -> Machine {
        let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
        let function =
            Function { handle: 0x8001_0001, state: FunctionState::Enabled, ioat: None, dma, relaxed: false };
        Machine { profile, functions: vec![function] }
    }

    fn fib(start: u64, last: u64, iota: u64) -> Fib {
        Fib { range: IovaRange::new(Iova::new(start), Iova::new(last)), iota: Iota::from_bits(iota) }
    }

    fn register(machine: &mut Machine, fib: Fib) -> Answer {
        mpcifc(machine, 0x8001_0001, Operation::RegisterIoat, fib)
    }

    #[test]
    fn a_second_registration_is_out_of_sequence_and_the_range_is_page_granular() {
        let mut machine = machine(Profile::Lpar);
        let fib = fib(0x1_0000_0123, 0x1_ffff_f000, 0x8a00_4804);
        assert_eq!(register(&mut machine, fib), Answer::OK);
        assert_eq!(machine.functions[0].ioat.unwrap().range.to_string(), "0x100000000..=0x1ffffffff");
        assert_eq!(register(&mut machine, fib), Answer::SEQUENCE);
        assert_eq!(mpcifc(&mut machine, 0x8001_0001, Operation::DeregisterIoat, fib), Answer::OK);
        assert_eq!(mpcifc(&mut machine, 0x8001_0001, Operation::DeregisterIoat, fib), Answer::SEQUENCE);
    }

    #[test]
    fn operands_outside_the_attributes_are_refused() {
        let mut machine = machine(Profile::Qemu);
        for bad in [
            fib(0xffff_f000, 0x1_ffff_ffff, 0x8a00_4804),
            fib(0x1_0000_0000, 0x2_0000_0000, 0x8a00_4804),
            fib(0x1_0000_0000, 0x1_ffff_ffff, 0x9000_0808),
            fib(0x1_0000_0000, 0x1_ffff_ffff, 0),
        ] {
            assert_eq!(register(&mut machine, bad), Answer::INSUFFICIENT_RESOURCES, "{bad:?}");
        }
    }

    #[test]
    fn a_function_in_error_or_gone_answers_so() {
        let mut machine = machine(Profile::Lpar);
        let good = Fib {
            iota: Iota::table(Phys::new(0x8a00_4000), Designation::RegionThird),
            ..fib(0x1_0000_0000, 0x1_ffff_ffff, 0)
        };
        machine.functions[0].state = FunctionState::Error;
        assert_eq!(register(&mut machine, good), Answer::IN_ERROR);
        machine.functions[0].state = FunctionState::Removed;
        assert_eq!(register(&mut machine, good), Answer::INVALID_HANDLE);
    }
}
