//! Dumps of table memory: trees, walks and lint.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyTuple;
use s390_iommu::addr::{Iova, IovaRange, Phys};
use s390_iommu::dump::{DumpError, DumpWalk, Lint, LintOptions, MemoryImage, Source};
use s390_iommu::hw::walk::Access;
use s390_iommu::table::Iota;
use s390_iommu::tree::{TableMemory, Tree};

use crate::{errors, plain};

mod classes {
    pyo3::import_exception!(s390_iommu.dumps, DumpError);
}

/// Rows of a tree at most: each becomes a Python object.
const MOST_ROWS: usize = 1 << 16;
/// Rows that are read for what they translate.
const MOST_MAPPED: usize = 1 << 18;
/// Tables of a lint between two looks at signals; a hundredth of a second.
const SLICE: usize = 1 << 10;

/// Where the bytes are: in memory, or in a file that is read piece by piece.
enum Input {
    Bytes(PyBackedBytes),
    File { file: Mutex<File>, size: u64, failure: Mutex<Option<String>> },
}

impl Source for Input {
    fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { size, .. } => *size,
        }
    }

    fn copy(&self, at: u64, into: &mut [u8]) -> bool {
        match self {
            Self::Bytes(bytes) => bytes[..].copy(at, into),
            Self::File { size, .. } if at.checked_add(into.len() as u64).is_none_or(|end| end > *size) => {
                false
            }
            Self::File { file, failure, .. } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let done = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(into));
                if let Err(error) = &done {
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
                }
                done.is_ok()
            }
        }
    }
}

impl Input {
    /// A file that could not be read is an error, and not memory that is missing.
    fn check(&self) -> PyResult<()> {
        if let Self::File { failure, .. } = self
            && let Some(text) = failure.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            return Err(PyOSError::new_err(format!("the file could not be read: {text}")));
        }
        Ok(())
    }
}

/// Memory in a file, as `s390_iommu.load_dump` gives it.
#[pyclass(frozen, module = "s390_iommu._engine")]
pub(crate) struct Dump(MemoryImage<Input>);

fn refused(error: &DumpError) -> PyErr {
    classes::DumpError::new_err((error.code, error.at, error.message.clone()))
}

impl Dump {
    fn new(py: Python<'_>, input: Input, base: Option<u64>) -> PyResult<Self> {
        let image = errors::engine(py, || MemoryImage::open(input, base.map(Phys::new)))?;
        image.map(Self).map_err(|error| refused(&error))
    }

    /// The tree, and an error where the anchor designates none.
    fn below(&self, py: Python<'_>, iota: u64, rows: usize) -> PyResult<Tree> {
        let iota = Iota::from_bits(iota);
        // A lint that does not begin knows why there is no tree.
        Lint::new(&self.0, iota, LintOptions::default()).map_err(|error| refused(&error))?;
        let tree = errors::engine(py, || Tree::below(&self.0, iota, rows))?;
        self.0.source().check()?;
        tree.ok_or_else(|| errors::internal("a tree without a root"))
    }
}

#[pymethods]
impl Dump {
    /// The memory in these bytes, which are not copied. With `base` they are raw memory that begins at this address.
    #[staticmethod]
    #[pyo3(signature = (data, base=None))]
    fn of(py: Python<'_>, data: PyBackedBytes, base: Option<u64>) -> PyResult<Self> {
        Self::new(py, Input::Bytes(data), base)
    }

    /// The memory in a file that is not packed. It is read piece by piece, when something is asked for.
    #[staticmethod]
    #[pyo3(signature = (path, base=None))]
    fn open(py: Python<'_>, path: PathBuf, base: Option<u64>) -> PyResult<Self> {
        let mut file = File::open(path)?;
        // Seeking tells the size of a device, too.
        let size = file.seek(SeekFrom::End(0))?;
        let input = Input::File { file: Mutex::new(file), size, failure: Mutex::default() };
        Self::new(py, input, base)
    }

    /// How the file holds its memory: ``records``, ``raw`` or ``elf``.
    #[getter]
    fn format<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain::plain(py, &self.0.format())
    }

    /// The pieces of memory it holds, in order, as first and last address.
    #[getter]
    fn segments(&self) -> Vec<(u64, u64)> {
        self.0.segments().iter().map(|segment| (segment.start.get(), segment.last.get())).collect()
    }

    /// The doubleword at an address; none where the dump has no memory.
    fn word(&self, phys: u64) -> PyResult<Option<u64>> {
        let word = self.0.word(Phys::new(phys));
        self.0.source().check()?;
        Ok(word)
    }

    /// The tables below an anchor as a `Tree` of at most `rows` rows (65,536 or fewer), those of upper levels first.
    ///
    /// Raises `DumpError` for an anchor that designates no table.
    #[pyo3(signature = (iota, rows=200))]
    fn tree<'py>(&self, py: Python<'py>, iota: u64, rows: usize) -> PyResult<Bound<'py, PyAny>> {
        if rows > MOST_ROWS {
            return Err(PyValueError::new_err(format!("at most {MOST_ROWS} rows")));
        }
        let tree = self.below(py, iota, rows)?;
        plain::value_with_text(py, "Tree", &tree)
    }

    /// All that the tables below an anchor translate: `MappedRange` values, in order of address.
    ///
    /// Raises `DumpError` for an anchor that designates no table, and `ValueError` for tables of more than 262,144 rows.
    fn mappings<'py>(&self, py: Python<'py>, iota: u64) -> PyResult<Bound<'py, PyTuple>> {
        let tree = self.below(py, iota, MOST_MAPPED)?;
        if tree.left_out() > 0 {
            return Err(PyValueError::new_err(format!("the tables have more than {MOST_MAPPED} rows")));
        }
        let ranges = tree.mappings();
        let ranges = ranges.iter().map(|range| {
            py.check_signals()?;
            plain::value(py, "MappedRange", range)
        });
        PyTuple::new(py, ranges.collect::<PyResult<Vec<_>>>()?)
    }

    /// The walk of an address from an anchor, a `DumpWalk`.
    ///
    /// Raises `DumpError` for an anchor that designates no table.
    #[pyo3(signature = (iota, iova, write=false))]
    fn walk<'py>(&self, py: Python<'py>, iota: u64, iova: u64, write: bool) -> PyResult<Bound<'py, PyAny>> {
        let access = if write { Access::Write } else { Access::Read };
        let walk = DumpWalk::of(&self.0, Iota::from_bits(iota), Iova::new(iova), access);
        let walk = walk.map_err(|error| refused(&error))?;
        self.0.source().check()?;
        let value = plain::plain(py, &walk)?;
        value.set_item("text", walk.to_string())?;
        let texts: Vec<_> = walk.explained.iter().map(ToString::to_string).collect();
        value.set_item("texts", texts)?;
        py.import("s390_iommu.values")?.getattr("DumpWalk")?.call_method1("of", (value,))
    }

    /// What no driver would have left in the tables below an anchor, a `LintReport`.
    ///
    /// `range` is the first and the last address that the function may use, `memory` those that the machine has; both are
    /// optional, and an ELF core knows the second itself. `progress` is told tables looked at and tables known so far.
    /// Raises `DumpError` for an anchor that designates no table.
    #[pyo3(signature = (iota, range=None, memory=None, *, progress=None))]
    fn lint<'py>(
        &self,
        py: Python<'py>,
        iota: u64,
        range: Option<(u64, u64)>,
        memory: Option<(u64, u64)>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let range = range.map(|(first, last)| IovaRange::new(Iova::new(first), Iova::new(last)));
        let memory = memory.map(|(first, last)| (Phys::new(first), Phys::new(last)));
        let options = LintOptions { range, memory: memory.or_else(|| self.0.machine_memory()) };
        let lint = Lint::new(&self.0, Iota::from_bits(iota), options);
        let mut lint = lint.map_err(|error| refused(&error))?;
        while !errors::engine(py, || lint.advance(SLICE))? {
            py.check_signals()?;
            self.0.source().check()?;
            if let Some(progress) = progress {
                progress.call1(lint.position())?;
            }
        }
        let report = errors::engine(py, || lint.finish())?;
        self.0.source().check()?;
        let value = plain::plain(py, &report)?;
        value.set_item("text", report.to_string())?;
        value.set_item("clean", report.is_clean())?;
        let texts: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
        value.set_item("texts", texts)?;
        py.import("s390_iommu.values")?.getattr("LintReport")?.call_method1("of", (value,))
    }

    fn __repr__(&self) -> String {
        let segments = self.0.segments();
        format!("<Dump: {}, {} pieces of memory>", self.0.format().text(), segments.len())
    }

    #[expect(clippy::unused_self, reason = "Python calls it on an instance")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(pyo3::exceptions::PyTypeError::new_err("a Dump cannot be pickled: load the file again"))
    }
}
