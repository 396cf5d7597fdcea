//! An address, its bits, and the machine's walk of the tables with it.

use crate::truths::Truths;

data! {
    /// A part of an address.
    pub struct Part {
        /// Its short name: `RTX`.
        pub name: String,
        /// What it is.
        pub title: String,
        /// Its bits, highest first.
        pub bits: String,
        /// Highest and lowest bit, counted from the least significant as 0.
        pub range: (u32, u32),
        /// Its value.
        pub value: u64,
        /// The tables of this kernel use it.
        pub used: bool,
    }

    /// A word that was read on the way.
    pub struct Hop {
        /// Its kind, for the decoder.
        pub kind: String,
        /// Its place: `segment[0x234]`.
        pub place: String,
        /// Its address; none for the anchor.
        pub at: String,
        /// The word itself.
        pub word: u64,
        /// As it is shown.
        pub text: String,
        /// What it says.
        pub meaning: String,
        /// The walk ends badly here.
        pub bad: bool,
    }

    /// A walk.
    pub struct Walk {
        /// What was read.
        pub hops: Vec<Hop>,
        /// It found something.
        pub found: bool,
        /// Where it ends: an address, or the name of a fault with its code.
        pub end: String,
        /// What that means.
        pub explanation: String,
        /// A name that explains more: that of the fault.
        pub term: Option<String>,
        /// What an access of the function would come to now.
        pub truths: Option<Truths>,
    }

    /// Somebody who can walk.
    pub struct Walker {
        /// The name of a function or domain.
        pub name: String,
        /// It is a function.
        pub function: bool,
    }

    /// One address on every kernel.
    pub struct Walks {
        /// The address.
        pub iova: u64,
        /// Its parts, from the highest bits down.
        pub parts: Vec<Part>,
        /// Who can walk.
        pub walkers: Vec<Walker>,
        /// Who does.
        pub walker: String,
        /// Names of the kernels.
        pub names: Vec<String>,
        /// The walks.
        pub walks: Vec<Option<Walk>>,
    }
}
