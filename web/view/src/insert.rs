//! Steps that are put into a scenario's text.

use std::rc::Rc;

data! {
    /// A step, as it is asked for with buttons.
    pub enum NewStep {
        /// A function goes into a domain.
        Attach {
            /// Who.
            function: String,
            /// Where.
            domain: String,
        },
        /// It leaves.
        Detach {
            /// Who.
            function: String,
            /// From where.
            domain: String,
        },
        /// Memory is mapped.
        Map {
            /// To this address.
            iova: u64,
            /// What.
            phys: u64,
            /// Bytes.
            size: u64,
            /// Rights: `rw`.
            prot: String,
            /// In which domain.
            domain: String,
        },
        /// And unmapped.
        Unmap {
            /// From this address on.
            iova: u64,
            /// Bytes.
            size: u64,
            /// In which domain.
            domain: String,
        },
        /// A device reads.
        Read {
            /// From this address on.
            iova: u64,
            /// Bytes.
            size: u64,
            /// Who.
            function: String,
        },
        /// A device writes.
        Write {
            /// From this address on.
            iova: u64,
            /// Bytes; which ones is up to the worker.
            size: u64,
            /// Who.
            function: String,
        },
        /// The machine is told that entries have changed.
        Refresh {
            /// From this address on.
            iova: u64,
            /// Bytes.
            size: u64,
            /// For which function.
            function: String,
        },
        /// The kernel brings a function back out of error state.
        Recover {
            /// Which.
            function: String,
        },
    }

    /// Where a step is to be put.
    pub struct Insertion {
        /// The text.
        pub text: Rc<str>,
        /// After so many steps.
        pub after: u32,
        /// The step.
        pub step: NewStep,
    }

    /// The text with the step in it.
    pub struct Inserted {
        /// The text.
        pub text: Rc<str>,
        /// The step's number.
        pub number: u32,
    }
}
