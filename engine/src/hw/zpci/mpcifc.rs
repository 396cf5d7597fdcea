//! MPCIFC, modify PCI function controls: registers and deregisters, and resets errors.

use serde::{Deserialize, Serialize};

use super::clp::FunctionAttributes;
use super::{Answer, Exception, Fib, Outcome, Request};
use crate::addr::{Iova, PAGE_SIZE, Phys};
use crate::hw::event::{ErrorEvent, MEASUREMENT_PROTECTION};
use crate::hw::function::{Function, FunctionState, Interrupts, Ioat, Machine, page_granular};
use crate::hw::profile::{Designations, InError, Rules};
use crate::table::{Designation, Iota};

/// What is to be modified: the operation controls that are not about directed interrupts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Operation {
    /// Registers adapter interrupts.
    RegisterInterrupts = 2,
    /// Deregisters them.
    DeregisterInterrupts = 3,
    /// Registers I/O address translation.
    RegisterIoat = 4,
    /// Deregisters it.
    DeregisterIoat = 5,
    /// Replaces it in one step; Linux never does.
    ReregisterIoat = 6,
    /// Ends the error state, or what is left of it.
    ResetError = 7,
    /// Lets loads and stores through while DMA stays blocked.
    ResetBlock = 9,
    /// Sets or clears the address of the measurement block.
    SetMeasurement = 10,
}

impl Operation {
    const ALL: [Self; 8] = [
        Self::RegisterInterrupts,
        Self::DeregisterInterrupts,
        Self::RegisterIoat,
        Self::DeregisterIoat,
        Self::ReregisterIoat,
        Self::ResetError,
        Self::ResetBlock,
        Self::SetMeasurement,
    ];

    /// Its operation control.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The operation with this control.
    ///
    /// # Errors
    /// There is none: an operand exception.
    pub fn from_code(code: u8) -> Result<Self, Exception> {
        Self::ALL.into_iter().find(|operation| operation.code() == code).ok_or(Exception::Operand)
    }
}

/// Executes MPCIFC.
///
/// # Errors
/// An operand exception: there is no such operation, or the block has a format other than 0.
///
/// ```
/// use s390_iommu::addr::{Iova, IovaRange};
/// use s390_iommu::hw::function::{Function, Machine};
/// use s390_iommu::hw::profile::Profile;
/// use s390_iommu::hw::zpci::{Answer, Fib, Operation, Request, mpcifc};
/// use s390_iommu::table::Iota;
///
/// let range = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
/// let mut machine = Machine::new(Profile::Lpar);
/// machine.functions.push(Function::new(0x8001_0001, 1, range));
/// let request = Request::new(0x8001_0001, 0, Operation::RegisterIoat.code());
/// let fib = Fib::register(range, Iota::from_bits(0x8a00_4804));
/// assert_eq!(mpcifc(&mut machine, request, &fib).unwrap().answer, Answer::OK);
/// assert_eq!(mpcifc(&mut machine, request, &fib).unwrap().answer, Answer::SEQUENCE);
/// ```
pub fn mpcifc(machine: &mut Machine, request: Request, fib: &Fib) -> Result<Outcome, Exception> {
    let rules = machine.rules;
    let accept = machine.accepts_everything();
    let Some(function) = machine.by_handle(request.handle()) else {
        return Ok(Answer::INVALID_HANDLE.into());
    };
    let operation = Operation::from_code(request.operation())?;
    if fib.format() != 0 {
        return Err(Exception::Operand);
    }
    if accept {
        force(function, operation, fib);
        return Ok(Answer::OK.into());
    }
    let answer = match operation {
        Operation::SetMeasurement => return Ok(set_measurement(function, fib)),
        Operation::RegisterInterrupts => {
            let free = function.interrupts.is_none();
            in_sequence(free, || function.interrupts = Some(interrupts(fib)))
        }
        Operation::DeregisterInterrupts => {
            let registered = function.interrupts.is_some();
            in_sequence(registered, || function.interrupts = None)
        }
        Operation::RegisterIoat | Operation::DeregisterIoat | Operation::ReregisterIoat
            if request.space() != 0 =>
        {
            Answer::INVALID_SPACE
        }
        Operation::RegisterIoat => register(rules, function, fib),
        Operation::DeregisterIoat => {
            let registered = function.ioat.is_some();
            in_sequence(registered, || function.deregister())
        }
        // A replacement that fails leaves nothing registered (*from QEMU*).
        Operation::ReregisterIoat if function.ioat.is_some() => {
            function.deregister();
            register(rules, function, fib)
        }
        Operation::ReregisterIoat => Answer::SEQUENCE,
        Operation::ResetError => {
            let stopped = matches!(function.state, FunctionState::Blocked | FunctionState::Error);
            in_sequence(stopped, || function.state = FunctionState::Enabled)
        }
        Operation::ResetBlock => {
            let stopped = function.state == FunctionState::Error;
            in_sequence(stopped, || function.state = FunctionState::Blocked)
        }
    };
    Ok(answer.into())
}

fn in_sequence(allowed: bool, act: impl FnOnce()) -> Answer {
    if !allowed {
        return Answer::SEQUENCE;
    }
    act();
    Answer::OK
}

fn register(rules: Rules, function: &mut Function, fib: &Fib) -> Answer {
    if function.state != FunctionState::Enabled && rules.in_error == InError::Refuses {
        return Answer::IN_ERROR;
    }
    if function.ioat.is_some() {
        return Answer::SEQUENCE;
    }
    let (iota, range) = (Iota::from_bits(fib.iota()), page_granular(fib.range()));
    let mut usable = page_granular(function.dma());
    if function.attributes.kind() == FunctionAttributes::ISM {
        // Their firmware takes PAL for the page after the last one (*from Linux*, zpci_register_ioat).
        usable.last = usable.last.wrapping_add(PAGE_SIZE);
    }
    let in_range = range.start <= range.last && usable.start <= range.start && range.last <= usable.last;
    let designation = match iota.designation() {
        _ if !iota.is_translated() => function.group.is_relaxed(),
        Designation::RegionThird => true,
        Designation::RegionSecond | Designation::RegionFirst => rules.designations == Designations::Regions,
        _ => false,
    };
    // QEMU adds an operand exception, which Linux never meets.
    if !in_range || !designation {
        return Answer::INSUFFICIENT_RESOURCES;
    }
    function.iotlb.purge();
    function.ioat = Some(Ioat { iota, range });
    Answer::OK
}

fn interrupts(fib: &Fib) -> Interrupts {
    Interrupts { control: fib.interrupts(), bit_vector: fib.bit_vector(), summary: fib.summary() }
}

/// The low four bits of the address must be 0 (*from QEMU*, fmb_update).
fn set_measurement(function: &mut Function, fib: &Fib) -> Outcome {
    let at = Phys::new(fib.measurement());
    let aligned = at.is_aligned(16);
    function.measurement = (aligned && at.get() != 0).then_some(at);
    if aligned {
        return Answer::OK.into();
    }
    let event = ErrorEvent {
        code: MEASUREMENT_PROTECTION,
        handle: function.handle,
        fid: function.attributes.fid(),
        address: Iova::new(at.get()),
        level: None,
        write: false,
    };
    Outcome { answer: Answer::new(1, 0), event: Some(event) }
}

/// Does what is asked for, whatever went before.
fn force(function: &mut Function, operation: Operation, fib: &Fib) {
    match operation {
        Operation::RegisterIoat | Operation::ReregisterIoat => {
            function.ioat = Some(Ioat { iota: Iota::from_bits(fib.iota()), range: fib.range() });
        }
        Operation::DeregisterIoat => function.ioat = None,
        Operation::RegisterInterrupts => function.interrupts = Some(interrupts(fib)),
        Operation::DeregisterInterrupts => function.interrupts = None,
        Operation::ResetError | Operation::ResetBlock => function.state = FunctionState::Enabled,
        Operation::SetMeasurement => function.measurement = Some(Phys::new(fib.measurement())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::IovaRange;
    use crate::hw::profile::Profile;
    use crate::hw::zpci::stpcifc;

    const HANDLE: u32 = 0x8001_0001;

    fn machine(profile: Profile) -> Machine {
        let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1_ffff_ffff));
        let mut machine = Machine::new(profile);
        machine.functions.push(Function::new(HANDLE, 1, dma));
        machine
    }

    fn fib(start: u64, last: u64, iota: u64) -> Fib {
        Fib::register(IovaRange::new(Iova::new(start), Iova::new(last)), Iota::from_bits(iota))
    }

    fn good() -> Fib {
        fib(0x1_0000_0000, 0x1_ffff_ffff, 0x8a00_4804)
    }

    fn modify(machine: &mut Machine, operation: Operation, fib: &Fib) -> Answer {
        mpcifc(machine, Request::new(HANDLE, 0, operation.code()), fib).unwrap().answer
    }

    #[test]
    fn a_second_registration_is_out_of_sequence_and_the_range_is_page_granular() {
        let mut machine = machine(Profile::Lpar);
        let fib = fib(0x1_0000_0123, 0x1_ffff_f000, 0x8a00_4804);
        assert_eq!(modify(&mut machine, Operation::ReregisterIoat, &fib), Answer::SEQUENCE);
        assert_eq!(modify(&mut machine, Operation::RegisterIoat, &fib), Answer::OK);
        assert_eq!(machine.functions[0].ioat.unwrap().range.to_string(), "0x100000000..=0x1ffffffff");
        assert_eq!(modify(&mut machine, Operation::RegisterIoat, &fib), Answer::SEQUENCE);
        assert_eq!(modify(&mut machine, Operation::DeregisterIoat, &fib), Answer::OK);
        assert_eq!(modify(&mut machine, Operation::DeregisterIoat, &fib), Answer::SEQUENCE);
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
            assert_eq!(
                modify(&mut machine, Operation::RegisterIoat, &bad),
                Answer::INSUFFICIENT_RESOURCES,
                "{bad:?}"
            );
        }
        modify(&mut machine, Operation::RegisterIoat, &good());
        let replaced = modify(&mut machine, Operation::ReregisterIoat, &fib(0, 0, 0x8a00_4804));
        assert_eq!((replaced, machine.functions[0].ioat), (Answer::INSUFFICIENT_RESOURCES, None));
        let elsewhere = Request::new(HANDLE, 1, 4);
        assert_eq!(mpcifc(&mut machine, elsewhere, &good()).unwrap().answer, Answer::INVALID_SPACE);
        assert_eq!(mpcifc(&mut machine, Request::new(HANDLE, 0, 16), &good()), Err(Exception::Operand));
        let directed = good().with_format(1);
        assert_eq!(mpcifc(&mut machine, Request::new(HANDLE, 0, 4), &directed), Err(Exception::Operand));
    }

    #[test]
    fn a_function_in_error_or_gone_answers_so() {
        let mut machine = machine(Profile::Lpar);
        machine.functions[0].state = FunctionState::Error;
        assert_eq!(modify(&mut machine, Operation::RegisterIoat, &good()), Answer::IN_ERROR);
        machine.rules = Profile::Qemu.rules();
        assert_eq!(modify(&mut machine, Operation::RegisterIoat, &good()), Answer::OK);
        machine.functions[0].remove();
        assert_eq!(modify(&mut machine, Operation::RegisterIoat, &good()), Answer::INVALID_HANDLE);
    }

    #[test]
    fn the_controls_of_a_recovery() {
        let mut machine = machine(Profile::Lpar);
        modify(&mut machine, Operation::RegisterIoat, &good());
        let controls = |machine: &Machine| stpcifc(machine, Request::new(HANDLE, 0, 0)).1.unwrap().controls();
        assert_eq!(controls(&machine), 0x90);
        assert_eq!(modify(&mut machine, Operation::ResetError, &good()), Answer::SEQUENCE);
        machine.functions[0].state = FunctionState::Error;
        assert_eq!(controls(&machine), 0xf0);
        assert_eq!(modify(&mut machine, Operation::ResetBlock, &good()), Answer::OK);
        assert_eq!(controls(&machine), 0xd0);
        assert_eq!(modify(&mut machine, Operation::ResetBlock, &good()), Answer::SEQUENCE);
        assert_eq!(modify(&mut machine, Operation::ResetError, &good()), Answer::OK);
        assert_eq!(controls(&machine), 0x90);
        machine.functions[0].disable();
        assert_eq!(stpcifc(&machine, Request::new(HANDLE, 0, 0)).0, Answer::INVALID_HANDLE);
        assert_eq!(stpcifc(&machine, Request::new(HANDLE & 0xffff_ffff >> 1, 0, 0)).1, Some(Fib::default()));
    }

    #[test]
    fn a_measurement_block_is_aligned() {
        let mut machine = machine(Profile::Qemu);
        let at = |at| Fib::default().with_measurement(at);
        assert_eq!(modify(&mut machine, Operation::SetMeasurement, &at(0x7e_fb00)), Answer::OK);
        assert_eq!(machine.functions[0].measurement, Some(Phys::new(0x7e_fb00)));
        let request = Request::new(HANDLE, 0, 10);
        let refused = mpcifc(&mut machine, request, &at(0x7e_fb08)).unwrap();
        assert_eq!((refused.answer.cc, refused.event.unwrap().code), (1, 0x2c));
        assert_eq!(
            (machine.functions[0].measurement, machine.functions[0].state),
            (None, FunctionState::Enabled)
        );
    }
}
