//! What processes in user space and the administrator use: VFIO, iommufd, resets, slots.

/// What every class of open files has beside its own methods.
macro_rules! open_file {
    ($class:ident, $article_and_class:literal) => {
        #[pymethods]
        impl $class {
            /// The name it was opened with.
            #[getter]
            fn name(&self) -> &str {
                &self.0.name
            }

            fn __reduce__(&self) -> PyResult<()> {
                Err($crate::errors::not_picklable($article_and_class))
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                self.0.text(py, stringify!($class))
            }
        }
    };
}
use open_file;

mod container;
mod device;
mod group;
mod iommufd;
mod memory;
mod objects;

pub(crate) use container::Container;
pub(crate) use device::Device;
pub(crate) use group::VfioGroup;
pub(crate) use iommufd::Iommufd;
pub(crate) use objects::{Hwpt, Ioas};

use pyo3::prelude::*;
use s390_iommu::lab::{Op, OpResult, UserOp, Value};
use s390_iommu::state::users;

use crate::machine::System;
use crate::{errors, options};

/// Something that a process has open, by the name that it was given.
#[derive(Clone)]
pub(crate) struct Handle {
    system: System,
    name: String,
}

impl Handle {
    /// Opens something under a new name; `op` is told that name.
    pub(crate) fn open(
        py: Python<'_>,
        system: &System,
        name: &str,
        verb: &str,
        op: impl FnOnce(String) -> UserOp,
    ) -> PyResult<Self> {
        let open = system.with(py, |state| {
            let users = &state.lab.world().kernel.users;
            users.handles.keys().cloned().collect::<Vec<_>>()
        })?;
        options::new_name(name, &open)?;
        let handle = Self { system: system.clone(), name: name.to_owned() };
        handle.perform(py, op(handle.name()), verb)?;
        Ok(handle)
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn perform(&self, py: Python<'_>, op: UserOp, verb: &str) -> PyResult<OpResult> {
        self.system.perform(py, &Op::User(op), &format!("{verb} {}", self.name))
    }

    fn number(&self, py: Python<'_>, op: UserOp, verb: &str) -> PyResult<u64> {
        Ok(self.perform(py, op, verb)?.value.number().unwrap_or_default())
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, UserOp::Close { name: self.name() }, "close").map(drop)
    }

    fn give_to_guest(&self, py: Python<'_>) -> PyResult<()> {
        self.perform(py, UserOp::GiveToGuest { handle: self.name() }, "give_to_guest").map(drop)
    }

    /// What is behind it, while it is open.
    fn look<T: Send>(
        &self,
        py: Python<'_>,
        look: impl FnOnce(&users::Users, users::Handle) -> T + Send,
    ) -> PyResult<Option<T>> {
        self.system.with(py, |state| {
            let users = &state.lab.world().kernel.users;
            users.handles.get(&self.name).map(|handle| look(users, *handle))
        })
    }

    /// Its name, for an operation of this very machine.
    fn of(&self, system: &System) -> PyResult<String> {
        let same = self.system.is(system);
        same.then(|| self.name()).ok_or_else(|| errors::unknown("it is open on another Machine"))
    }

    fn text(&self, py: Python<'_>, kind: &str) -> PyResult<String> {
        let closed = if self.look(py, |_, _| ())?.is_some() { "" } else { ", closed" };
        Ok(format!("<{kind} {}{closed}>", self.name))
    }
}

/// Whether something was done at once.
pub(crate) fn done(result: &OpResult) -> bool {
    result.value == Value::Flag(true)
}
