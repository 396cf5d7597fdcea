//! What device drivers call: the DMA API.

use pyo3::prelude::*;
use s390_iommu::addr::{Iova, Phys};
use s390_iommu::lab::Op;
use s390_iommu::linux::dma::{Buffer, Direction};

use super::Function;
use crate::options;

#[pymethods]
impl Function {
    /// Hands memory to the device through the DMA API: `size` bytes from the absolute address `phys`; gives the device's
    /// address of the first byte.
    ///
    /// `direction` is what the device does with it: ``"bidi"``, ``"to"`` (it reads), ``"from"`` (it writes) or ``"none"``.
    /// Raises `DriverError` where there is no address, no memory, or no domain of the DMA API.
    #[pyo3(signature = (phys, size, direction="bidi"))]
    fn dma_map(&self, py: Python<'_>, phys: u64, size: u64, direction: &str) -> PyResult<u64> {
        let direction = options::word(direction, &Direction::NAMED)?;
        let buffer = Buffer { phys: Phys::new(phys), size, direction };
        self.number(py, &Op::DmaMap { function: self.id, buffer }, "dma_map")
    }

    /// Takes it back: the device's address, with the size and direction it was mapped with.
    #[pyo3(signature = (iova, size, direction="bidi"))]
    fn dma_unmap(&self, py: Python<'_>, iova: u64, size: u64, direction: &str) -> PyResult<()> {
        let direction = options::word(direction, &Direction::NAMED)?;
        let op = Op::DmaUnmap { function: self.id, iova: Iova::new(iova), size, direction };
        self.perform(py, &op, "dma_unmap").map(drop)
    }

    /// Gives the device `size` bytes of its own, which the page allocator has at `phys`; gives the device's address.
    fn dma_alloc(&self, py: Python<'_>, phys: u64, size: u64) -> PyResult<u64> {
        self.number(py, &Op::DmaAlloc { function: self.id, phys: Phys::new(phys), size }, "dma_alloc")
    }

    /// Takes them back.
    fn dma_free(&self, py: Python<'_>, iova: u64, size: u64) -> PyResult<()> {
        let op = Op::DmaFree { function: self.id, size, iova: Iova::new(iova) };
        self.perform(py, &op, "dma_free").map(drop)
    }
}
