//! The DMA API of kernels to v6.6 (`arch/s390/pci/pci_dma.c`), as far as attach and detach touch it: a function
//! outside every domain is registered to tables of its own.

use crate::addr::Phys;
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::ids::TableUse;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::{driver, rc, zpci};
use crate::state::kernel::{DmaApi, FaultSite};
use crate::table::{Iota, Level};
use crate::trace::Warning;

/// Condition code 3: the function is gone, which is as good as unregistered.
const CC_GONE: u8 = 3;

/// `zpci_dma_init_device`: a table of its own, and a registration.
///
/// # Errors
/// -ENOMEM without memory for the table; -EIO when the registration fails. `dma_table` is empty then.
pub fn init_device(cx: &mut Cx, function: FunctionId) -> Outcome {
    let injected = cx.strike(FaultSite::DmaInit)?;
    warn_in_domain(cx, function)?;
    let outcome = match (injected, cx.dma_api()) {
        (Some(failure), _) => {
            cx.set_dma_table(function, None)?;
            Err(Errno::from_rc(failure.rc).unwrap_or(Errno::EIO))
        }
        (None, DmaApi::StandIn) => stand_in_root(cx, function),
        (None, DmaApi::Real) => start(cx, function),
    };
    cx.log_dma_init(function, rc(&outcome));
    outcome
}

/// `zpci_dma_exit_device`: drops registration and table.
///
/// # Errors
/// -EIO when the machine refuses to unregister; the table then stays, and stays registered.
pub fn exit_device(cx: &mut Cx, function: FunctionId) -> Outcome {
    let injected = cx.strike(FaultSite::DmaExit)?;
    warn_in_domain(cx, function)?;
    let outcome = match (injected, cx.dma_api()) {
        (Some(failure), _) => Err(Errno::from_rc(failure.rc).unwrap_or(Errno::EIO)),
        (None, DmaApi::StandIn) => {
            cx.set_dma_table(function, None)?;
            Ok(())
        }
        (None, DmaApi::Real) => stop(cx, function),
    };
    cx.log_dma_exit(function, rc(&outcome));
    outcome
}

fn warn_in_domain(cx: &mut Cx, function: FunctionId) -> Progress {
    if cx.domain_of(function)?.is_some() {
        cx.warn(Warning::DmaApiCallWhileInDomain);
    }
    Ok(())
}

fn stand_in_root(cx: &mut Cx, function: FunctionId) -> Outcome {
    let root = cx.stand_in_table(TableUse::DmaApi(function))?;
    cx.set_dma_table(function, Some(root))?;
    Ok(())
}

fn start(cx: &mut Cx, function: FunctionId) -> Outcome {
    let root = cx.alloc_table(Level::RegionThird, TableUse::DmaApi(function))?;
    cx.set_dma_table(function, root)?;
    let root = root.ok_or(Errno::ENOMEM)?;
    let range = driver::usable(cx.range(function), cx.aperture_limit());
    cx.set_range(function, range)?;
    // The kernel hands over the variable, which another CPU may have changed since.
    let registered = cx.dma_table(function)?.unwrap_or(Phys::new(0));
    let iota = Iota::from_bits(registered.get());
    if zpci::register_ioat(cx, function, iota)?.cc == 0 {
        return Ok(());
    }
    cx.free_table(Level::RegionThird, root)?;
    cx.set_dma_table(function, None)?;
    Err(Errno::EIO)
}

fn stop(cx: &mut Cx, function: FunctionId) -> Outcome {
    let answer = zpci::unregister_ioat(cx, function)?;
    if answer.cc != 0 && answer.cc != CC_GONE {
        return Err(Errno::EIO);
    }
    if let Some(root) = cx.dma_table(function)? {
        driver::free_tables(cx, Level::RegionThird, root)?;
    }
    cx.set_dma_table(function, None)?;
    Ok(())
}
