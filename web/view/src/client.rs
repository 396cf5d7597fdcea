//! What a process in user space has open: VFIO containers, iommufd contexts.

use crate::scene::Mapping;

data! {
    /// A container, or an address space of an iommufd.
    pub struct Client {
        /// What it is: `container`, `address space`.
        pub kind: String,
        /// Its name: `c0`, `i0 #1`.
        pub name: String,
        /// What there is to say: name and value.
        pub facts: Vec<(String, String)>,
        /// What its user mapped.
        pub maps: Vec<Mapping>,
        /// How many more there are.
        pub more: usize,
        /// It changed in the selected step.
        pub changed: bool,
    }
}
