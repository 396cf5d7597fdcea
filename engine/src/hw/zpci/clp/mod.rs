//! CLP, call logical processor: lists functions, tells their attributes, enables and disables them.

mod blocks;

pub use blocks::{ClpHeader, ClpList, ClpRequest, FunctionAttributes, GroupAttributes, ListEntry};

use super::Exception;
use crate::hw::function::{FunctionState, Machine};
use crate::hw::profile::DisablingAgain;

/// Command: list functions.
pub const LIST: u16 = 2;
/// Command: query a function.
pub const QUERY_FUNCTION: u16 = 3;
/// Command: query a group.
pub const QUERY_GROUP: u16 = 4;
/// Command: enable or disable a function.
pub const SET_FUNCTION: u16 = 5;

/// How a call went (*from Linux*, `CLP_RC_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Response {
    /// Done.
    Ok = 0x0010,
    /// There is no such command.
    Command = 0x0020,
    /// A length does not fit the command.
    Length = 0x0050,
    /// The handle is not valid.
    Handle = 0x0101,
    /// The handle is not valid for the operation.
    HandleForOperation = 0x0102,
    /// The number of DMA address spaces is not valid.
    Spaces = 0x0103,
    /// Resources are insufficient.
    Resources = 0x0104,
    /// The function is in the requested state already.
    Already = 0x0105,
    /// The function has a permanent error.
    PermanentError = 0x0106,
    /// A list cannot be resumed there.
    Resume = 0x010a,
    /// There is no such group.
    Group = 0x010b,
}

/// Bytes of request and response together (*from QEMU*).
const LONGEST: usize = 8192;

/// Executes CLP: request and response block, one after the other. The response comes back in full.
///
/// Device and vendor of a list's entries are 0: the machine does not look into configuration spaces.
///
/// # Errors
/// An operand exception: lengths that are out of bounds, or blocks that are not there.
pub fn clp(machine: &mut Machine, block: &[u8]) -> Result<Vec<u8>, Exception> {
    let request = ClpRequest::read(block).ok_or(Exception::Operand)?;
    let request_len = usize::from(request.length());
    let header = block.get(request_len..).and_then(ClpHeader::read).ok_or(Exception::Operand)?;
    let response_len = usize::from(header.length());
    let aligned = request_len % 8 == 0 && response_len % 8 == 0;
    if !aligned || request_len < 16 || response_len < ClpHeader::LEN || request_len + response_len > LONGEST {
        return Err(Exception::Operand);
    }
    let mut response = header.bytes().to_vec();
    response.resize(response_len, 0);
    let how = match request.command() {
        LIST | QUERY_FUNCTION | QUERY_GROUP | SET_FUNCTION if request_len != ClpRequest::LEN => {
            Response::Length
        }
        LIST => list(machine, &request, &mut response),
        QUERY_FUNCTION => query_function(machine, &request, &mut response),
        QUERY_GROUP => query_group(machine, &request, &mut response),
        SET_FUNCTION => set_function(machine, &request, &mut response),
        _ => Response::Command,
    };
    response[2..4].copy_from_slice(&(how as u16).to_be_bytes());
    Ok(response)
}

/// What follows the header of `block`, put after that of the response.
fn answer(block: &[u8], response: &mut [u8]) -> Response {
    if response.len() < block.len() {
        return Response::Length;
    }
    response[ClpHeader::LEN..block.len()].copy_from_slice(&block[ClpHeader::LEN..]);
    Response::Ok
}

fn list(machine: &Machine, request: &ClpRequest, response: &mut [u8]) -> Response {
    if response.len() < ClpList::LEN + ListEntry::LEN {
        return Response::Length;
    }
    let there = machine
        .functions
        .iter()
        .filter(|function| !matches!(function.state, FunctionState::Reserved | FunctionState::Removed));
    let first = request.resume() as usize;
    let all = there.clone().count();
    if first > all {
        return Response::Resume;
    }
    let room = (response.len() - ClpList::LEN) / ListEntry::LEN;
    for (function, to) in there.skip(first).zip(response[ClpList::LEN..].chunks_exact_mut(ListEntry::LEN)) {
        let configured = if function.state == FunctionState::Standby { 0 } else { 0x8000_0000 };
        let entry = ListEntry::default()
            .with_configured(configured)
            .with_fid(function.attributes.fid())
            .with_handle(function.handle);
        to.copy_from_slice(entry.bytes());
    }
    let listed = room.min(all - first);
    let resume = if first + listed < all { (first + listed) as u64 } else { 0 };
    let head = ClpList::default().with_resume(resume).with_most(0xffff).with_entry_len(ListEntry::LEN as u8);
    let used = ClpList::LEN + listed * ListEntry::LEN;
    response[..2].copy_from_slice(&(used as u16).to_be_bytes());
    answer(head.bytes(), response)
}

fn query_function(machine: &Machine, request: &ClpRequest, response: &mut [u8]) -> Response {
    let found = machine.functions.iter().find(|function| {
        function.handle == request.subject()
            && !matches!(function.state, FunctionState::Reserved | FunctionState::Removed)
    });
    found.map_or(Response::Handle, |function| answer(function.attributes.bytes(), response))
}

fn query_group(machine: &Machine, request: &ClpRequest, response: &mut [u8]) -> Response {
    let number = request.subject() as u8;
    let found = machine.functions.iter().find(|function| function.attributes.group() == number);
    found.map_or(Response::Group, |function| answer(function.group.bytes(), response))
}

fn set_function(machine: &mut Machine, request: &ClpRequest, response: &mut [u8]) -> Response {
    const ENABLE: u8 = 0;
    const DISABLE: u8 = 1;
    let again = machine.rules.disabling_again;
    let found = machine.functions.iter_mut().find(|function| {
        let gone = matches!(
            function.state,
            FunctionState::Reserved | FunctionState::Standby | FunctionState::Removed
        );
        function.handle == request.subject() && !gone
    });
    let Some(function) = found else { return Response::Handle };
    match (request.operation(), function.state) {
        (_, FunctionState::PermanentError) => return Response::PermanentError,
        (ENABLE, _) if request.spaces() == 0 => return Response::Spaces,
        (ENABLE, _) if request.spaces() > 1 => return Response::Resources,
        (ENABLE, FunctionState::Disabled) => function.enable(),
        (DISABLE, FunctionState::Disabled) if again == DisablingAgain::AlreadyThere => {
            return Response::Already;
        }
        (DISABLE, state) if state.is_operable() => function.disable(),
        _ => return Response::HandleForOperation,
    }
    response[0x10..0x14].copy_from_slice(&function.handle.to_be_bytes());
    Response::Ok
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{Iova, IovaRange};
    use crate::hw::function::Function;
    use crate::hw::profile::Profile;

    fn machine(profile: Profile) -> Machine {
        let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1ff_ffff_ffff_ffff));
        let mut machine = Machine::new(profile);
        for number in 0..3 {
            machine.functions.push(Function::new(0x8002_0000 + number, number, dma));
        }
        machine
    }

    fn call(machine: &mut Machine, request: ClpRequest, len: u16) -> (u16, Vec<u8>) {
        let mut block = request.with_length(0x20).bytes().to_vec();
        block.extend(ClpHeader::default().with_length(len).bytes());
        let response = clp(machine, &block).unwrap();
        (ClpHeader::read(&response).unwrap().response(), response)
    }

    fn set(machine: &mut Machine, handle: u32, operation: u8, spaces: u8) -> u16 {
        let request = ClpRequest::default().with_command(SET_FUNCTION).with_subject(handle);
        call(machine, request.with_operation(operation).with_spaces(spaces), 0xa0).0
    }

    #[test]
    fn a_function_is_disabled_and_enabled() {
        let mut machine = machine(Profile::Lpar);
        assert_eq!(set(&mut machine, 0x8002_0001, 0, 1), 0x102, "it is enabled");
        assert_eq!(set(&mut machine, 0x8002_0001, 1, 0), 0x10);
        assert_eq!(set(&mut machine, 0x8002_0001, 1, 0), 0x101, "the handle changed");
        assert_eq!(set(&mut machine, 0x0002_0001, 1, 0), 0x105);
        machine.rules = Profile::Qemu.rules();
        assert_eq!(set(&mut machine, 0x0002_0001, 1, 0), 0x102);
        assert_eq!(set(&mut machine, 0x0002_0001, 0, 0), 0x103);
        assert_eq!(set(&mut machine, 0x0002_0001, 0, 2), 0x104);
        assert_eq!(set(&mut machine, 0x0002_0001, 0, 1), 0x10);
        assert_eq!(machine.functions[1].handle, 0x8002_0001);
    }

    #[test]
    fn a_list_goes_on_where_it_ended() {
        let mut machine = machine(Profile::Lpar);
        let request = ClpRequest::default().with_command(LIST);
        let (_, response) = call(&mut machine, request, 0x40);
        let head = ClpList::read(&response).unwrap();
        assert_eq!((head.resume(), ClpHeader::read(&response).unwrap().length()), (2, 0x40));
        let (_, response) = call(&mut machine, request.with_resume(head.resume()), 0x40);
        assert_eq!(ClpList::read(&response).unwrap().resume(), 0);
        assert_eq!(ClpHeader::read(&response).unwrap().length(), 0x30);
        let entry = ListEntry::read(&response[ClpList::LEN..]).unwrap();
        assert_eq!((entry.fid(), entry.handle(), entry.configured()), (2, 0x8002_0002, 0x8000_0000));
        assert_eq!(call(&mut machine, request.with_resume(9), 0x40).0, 0x10a);
    }

    #[test]
    fn queries_and_what_is_wrong_with_them() {
        let mut machine = machine(Profile::Lpar);
        let query = ClpRequest::default().with_command(QUERY_FUNCTION);
        let (how, response) = call(&mut machine, query.with_subject(0x8002_0002), 0x180);
        assert_eq!((how, FunctionAttributes::read(&response).unwrap().fid()), (0x10, 2));
        assert_eq!(call(&mut machine, query.with_subject(5), 0x180).0, 0x101);
        assert_eq!(call(&mut machine, query.with_subject(0x8002_0002), 0x40).0, 0x50);
        let group = ClpRequest::default().with_command(QUERY_GROUP);
        let (how, response) = call(&mut machine, group.with_subject(0xff), 0x40);
        assert_eq!((how, GroupAttributes::read(&response).unwrap().designations()), (0x10, 0x40));
        assert_eq!(call(&mut machine, group.with_subject(1), 0x40).0, 0x10b);
        assert_eq!(call(&mut machine, ClpRequest::default().with_command(9), 0x40).0, 0x20);
        for block in [&[][..], &[0; 0x2f], &[0xff; 0x40], &[0; 0x40]] {
            assert_eq!(clp(&mut machine, block), Err(Exception::Operand));
        }
    }
}
