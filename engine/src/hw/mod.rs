//! What the machine does: walks tables, executes instructions. It does not know which kernel is running.

pub mod fault;
pub mod function;
pub mod walk;
pub mod zpci;
