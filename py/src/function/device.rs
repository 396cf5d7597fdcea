//! What the device does: reads and writes of memory, each judged.

use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use s390_iommu::addr::Iova;
use s390_iommu::exec::{Data, DeviceAccess};
use s390_iommu::hw::walk::Access;
use s390_iommu::lab::Op;

use super::Function;
use crate::{errors, plain, results};

#[pymethods]
impl Function {
    /// The device reads `size` bytes from `iova`, at most 64 KiB; what it read.
    ///
    /// The access goes through the registration, the cache and the tables, fills the cache, and moves bytes page by page.
    /// Bytes that nobody wrote are zero. Raises `DmaFault` where it leads nowhere: the machine then puts the function in
    /// error, as it does for a real one, and pages before the fault were read. `Machine.last.access` has the verdict about it,
    /// whether it went well or not.
    ///
    /// >>> from s390_iommu import Machine
    /// >>> machine = Machine("v6.8")
    /// >>> f0, d0 = machine.function("f0", dma=(0x1_0000_0000, 0x1_ffff_ffff)), machine.domain("d0")
    /// >>> f0.attach(d0)
    /// >>> d0.map(0x1_0000_0000, phys=0x8000_0000, size=0x1000)
    /// >>> f0.write(0x1_0000_0ff8, b"stale?")
    /// >>> machine.inject("refresh_trans", rc=-5)
    /// >>> d0.unmap(0x1_0000_0000, 0x1000)
    /// 4096
    /// >>> f0.read(0x1_0000_0ff8, 6)
    /// b'stale?'
    /// >>> print(machine.last.access.verdict)
    /// stale: unmapped at step 8, no refresh covers it
    fn read<'py>(&self, py: Python<'py>, iova: u64, size: u64) -> PyResult<Bound<'py, PyBytes>> {
        limit(size)?;
        let done = self.access(py, iova, Data::Read(size as usize))?;
        Ok(PyBytes::new(py, &done.bytes))
    }

    /// The device writes `data` to `iova`: bytes or anything like them, at most 64 KiB.
    ///
    /// Raises `DmaFault` as `read` does; pages before the fault were written.
    #[expect(clippy::needless_pass_by_value, reason = "what Python hands over")]
    fn write(&self, py: Python<'_>, iova: u64, data: PyBuffer<u8>) -> PyResult<()> {
        limit(data.len_bytes() as u64)?;
        let bytes = data.to_vec(py)?;
        self.access(py, iova, Data::Write(bytes)).map(drop)
    }

    /// The verdict about an access as it would be now; nothing is accessed, cached or changed: a `Verdict`, or `None` while the
    /// function is in a domain of a container or of an iommufd, for what their users are told is not followed.
    #[pyo3(signature = (iova, write=false))]
    fn verdict<'py>(&self, py: Python<'py>, iova: u64, write: bool) -> PyResult<Option<Bound<'py, PyAny>>> {
        let access = if write { Access::Write } else { Access::Read };
        let verdict = self.system.with(py, |state| state.lab.verdict(self.id, Iova::new(iova), access))?;
        verdict.map(|verdict| plain::value(py, "Verdict", &verdict)).transpose()
    }
}

impl Function {
    fn access(&self, py: Python<'_>, iova: u64, data: Data) -> PyResult<DeviceAccess> {
        let op = Op::Access { function: self.id, iova: Iova::new(iova), data };
        let result = self.perform(py, &op, "access by")?;
        let device = result.device.ok_or_else(|| errors::internal("an access was expected"))?;
        let Some(fault) = device.fault else { return Ok(*device) };
        let (walk, seen) =
            self.system.with(py, |state| (state.lab.walk_of(&device), state.last.access.clone()))?;
        let walk = plain::value(py, "Walk", &walk)?;
        let at = device.sights.last().map_or(iova, |sight| sight.iova.get());
        let access = results::access(py, seen.as_ref())?;
        Err(errors::fault(fault.kind, at, &walk, Some(&access)))
    }
}

/// A device moves so many bytes at once at most.
fn limit(bytes: u64) -> PyResult<()> {
    if bytes > Data::LIMIT {
        return Err(errors::unknown(format!(
            "a device moves at most {} bytes at once, not {bytes}",
            Data::LIMIT
        )));
    }
    Ok(())
}
