//! Two CPUs: steps taken side by side, and every way in which they can interleave.

use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use s390_iommu::exec::Pinned;
use s390_iommu::explore::{self, Explorer};
use s390_iommu::lab::{Op, OpResult};
use s390_iommu::session::{Act, acts};

use crate::machine::{Machine, State, System};
use crate::results::Seen;
use crate::{errors, plain};

/// The operations of each CPU, each with the number of its step.
type Columns = Vec<Vec<(u32, Op)>>;

/// Steps of a scenario file, as dictionaries, read for a system as it is.
pub(crate) fn read(py: Python<'_>, system: &System, steps: &Bound<'_, PyAny>) -> PyResult<Vec<Act>> {
    let text = plain::json(steps)?;
    let acts = system.with(py, |state| acts(&state.lab, &state.buffers, &text))?;
    acts.map_err(|mistakes| errors::scenario(py, "", &mistakes))
}

/// Takes the steps of two CPUs side by side: a `Race`.
pub(crate) fn together<'py>(
    py: Python<'py>,
    system: &System,
    cpus: [&Bound<'_, PyAny>; 2],
    schedule: Option<&str>,
) -> PyResult<Bound<'py, PyAny>> {
    let schedule = schedule.unwrap_or_default().parse().map_err(errors::unknown)?;
    let acts = read_columns(py, system, cpus)?;
    let columns = columns(py, system, &acts)?;
    let mut scheduler = Pinned::new(schedule);
    let results = system.with(py, |state| {
        let results = state.lab.perform_together(&columns, &mut scheduler);
        for (act, result) in acts.iter().flatten().zip(results.iter().flatten()) {
            state.buffers.note(&state.lab, &act.action, result);
        }
        note(state, &columns, &results)
    })?;
    race(py, &scheduler.done.to_string(), &results, Machine { system: system.clone() })
}

/// Every way in which the steps of two CPUs can interleave.
pub(crate) fn explore(
    py: Python<'_>,
    system: &System,
    cpus: [&Bound<'_, PyAny>; 2],
    preemptions: u32,
) -> PyResult<Exploration> {
    let acts = read_columns(py, system, cpus)?;
    let columns = columns(py, system, &acts)?;
    let start = system.with(py, |state| state.clone())?;
    let explorer = Explorer::new(start.lab.clone(), &columns, preemptions);
    Ok(Exploration(Mutex::new(Search { explorer, columns, start })))
}

/// The interleavings of two CPUs' steps, one after another: an iterator over `Race`. `Machine.explore` makes one.
#[pyclass(frozen, module = "s390_iommu")]
pub(crate) struct Exploration(Mutex<Search>);

struct Search {
    explorer: Explorer,
    columns: Columns,
    start: State,
}

#[pymethods]
impl Exploration {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let next = errors::engine(py, || {
            let mut search = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let explore::Run { schedule, results, lab } = search.explorer.next()?;
            let mut state = State { lab, ..search.start.clone() };
            let seen = note(&mut state, &search.columns, &results);
            Some((schedule.to_string(), seen, state))
        })?;
        py.check_signals()?;
        let Some((schedule, seen, state)) = next else { return Ok(None) };
        race(py, &schedule, &seen, Machine::from_state(state)).map(Some)
    }
}

/// The steps of each CPU.
fn read_columns(py: Python<'_>, system: &System, cpus: [&Bound<'_, PyAny>; 2]) -> PyResult<[Vec<Act>; 2]> {
    let acts = [read(py, system, cpus[0])?, read(py, system, cpus[1])?];
    if acts.iter().flatten().any(|act| act.cpu.is_some()) {
        return Err(PyValueError::new_err("the place of a step says its CPU: leave `cpu` out"));
    }
    Ok(acts)
}

/// The operations of each CPU, numbered from the next step on.
fn columns(py: Python<'_>, system: &System, acts: &[Vec<Act>; 2]) -> PyResult<Columns> {
    let mut numbers = system.with(py, |state| state.lab.step())? + 1..;
    let mut column = |acts: &Vec<Act>| numbers.by_ref().zip(acts.iter().map(|act| act.op.clone())).collect();
    Ok(acts.iter().map(&mut column).collect())
}

/// Notes what the steps gave, by CPU.
fn note(state: &mut State, columns: &Columns, results: &[Vec<OpResult>]) -> Vec<Vec<Seen>> {
    let mut seen = Vec::new();
    for (column, results) in columns.iter().zip(results) {
        let numbered = column.iter().map(|(step, _)| *step).zip(results);
        seen.push(numbered.clone().map(|(step, result)| Seen::of(&state.lab, step, result)).collect());
        numbered.for_each(|(step, result)| state.violations.add(step, result));
    }
    seen
}

fn race<'py>(
    py: Python<'py>,
    schedule: &str,
    seen: &[Vec<Seen>],
    machine: Machine,
) -> PyResult<Bound<'py, PyAny>> {
    let column = |seen: &Vec<Seen>| seen.iter().map(|seen| seen.plain(py)).collect::<PyResult<Vec<_>>>();
    let results = seen.iter().map(column).collect::<PyResult<Vec<_>>>()?;
    py.import("s390_iommu.values")?.getattr("Race")?.call_method1("of", (schedule, results, machine))
}
