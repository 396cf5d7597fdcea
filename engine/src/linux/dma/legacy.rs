//! The DMA API of kernels to v6.6 (`arch/s390/pci/pci_dma.c`): a function outside every domain is registered to tables of
//! its own, and a bitmap tells which of its addresses are in use.

mod address;
mod map;
mod scatter;

pub use map::{alloc_coherent, free_coherent, map, unmap};
pub use scatter::{Segment, map_list, unmap_list};

use crate::addr::{PAGE_SIZE, Phys};
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::ids::TableUse;
use crate::linux::errno::{Errno, Outcome};
use crate::linux::{driver, rc, zpci};
use crate::state::bitmap::Bitmap;
use crate::state::kernel::{DmaApi, FaultSite};
use crate::table::{Iota, Level};
use crate::trace::Warning;

/// Condition code 3: the function is gone, which is as good as unregistered.
const CC_GONE: u8 = 3;
/// The bit of a handle that says that the function is enabled.
const HANDLE_ENABLED: u32 = 0x8000_0000;

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
    let size = range.wrapping_len();
    cx.legacy_dma(function, |dma| (dma.size, dma.pages) = (size, size / PAGE_SIZE))?;
    let outcome = make_bitmaps(cx, function).and_then(|()| register(cx, function));
    if outcome.is_err() {
        cx.free_table(Level::RegionThird, root)?;
        cx.set_dma_table(function, None)?;
    }
    outcome
}

/// A bitmap of pages in use and, unless every unmap is told to the machine, one of those given back.
fn make_bitmaps(cx: &mut Cx, function: FunctionId) -> Outcome {
    if cx.strike(FaultSite::AllocBitmap)?.is_some() {
        cx.legacy_dma(function, |dma| dma.used = None)?;
        return Err(Errno::ENOMEM);
    }
    cx.legacy_dma(function, |dma| dma.used = Some(Bitmap::default()))?;
    if cx.strict_dma() {
        return Ok(());
    }
    if cx.strike(FaultSite::AllocBitmap)?.is_some() {
        drop_bitmaps(cx, function)?;
        return Err(Errno::ENOMEM);
    }
    Ok(cx.legacy_dma(function, |dma| dma.lazy = Some(Bitmap::default()))?)
}

fn drop_bitmaps(cx: &mut Cx, function: FunctionId) -> Progress {
    cx.legacy_dma(function, |dma| (dma.used, dma.lazy) = (None, None))
}

fn register(cx: &mut Cx, function: FunctionId) -> Outcome {
    // The kernel hands over the variable, which another CPU may have changed since.
    let table = cx.dma_table(function)?.unwrap_or(Phys::new(0));
    let answer = zpci::register_ioat(cx, function, Iota::from_bits(table.get()))?;
    if answer.cc == 0 {
        return Ok(());
    }
    drop_bitmaps(cx, function)?;
    Err(Errno::EIO)
}

fn stop(cx: &mut Cx, function: FunctionId) -> Outcome {
    // A function that is not enabled has nothing registered.
    if cx.handle(function) & HANDLE_ENABLED != 0 {
        let answer = zpci::unregister_ioat(cx, function)?;
        if answer.cc != 0 && answer.cc != CC_GONE {
            return Err(Errno::EIO);
        }
    }
    if let Some(root) = cx.dma_table(function)? {
        driver::free_tables(cx, Level::RegionThird, root)?;
    }
    cx.set_dma_table(function, None)?;
    drop_bitmaps(cx, function)?;
    Ok(cx.legacy_dma(function, |dma| dma.next_bit = 0)?)
}
