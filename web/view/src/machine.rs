//! The machine's side of a function: its registers, and what is cached for it.

use crate::truths::Mark;

data! {
    /// A register, or a part of one.
    pub struct Register {
        /// Its name: `IOTA`.
        pub name: String,
        /// What is in it.
        pub value: String,
        /// What that says.
        pub meaning: String,
        /// Kind and word, where the decoder knows more.
        pub word: Option<(String, u64)>,
        /// A name that can be explained.
        pub term: Option<String>,
        /// It changed in the selected step.
        pub changed: bool,
    }

    /// Why an entry is stale.
    pub struct Stale {
        /// The verdict about an access to it.
        pub mark: Mark,
        /// Why, in a few words.
        pub why: String,
        /// The step behind it.
        pub cause: Option<u32>,
        /// What would put it right.
        pub cure: String,
        /// The addresses that have to be refreshed: first, and how many bytes.
        pub refresh: (u64, u64),
    }

    /// Consecutive cached pages that lead to consecutive frames.
    pub struct Cached {
        /// First address.
        pub iova: u64,
        /// The addresses: `0x1_0000_0000–0x1_0000_3fff`.
        pub place: String,
        /// Where they lead.
        pub frame: String,
        /// How much: `4 pages, 16 KiB`.
        pub extent: String,
        /// With which rights: `rw`.
        pub rights: String,
        /// It was not cached so before the selected step.
        pub new: bool,
        /// The tables say otherwise.
        pub stale: Option<Stale>,
    }

    /// The machine's side of a function.
    pub struct Machine {
        /// The function.
        pub function: String,
        /// Its state: `enabled`.
        pub state: String,
        /// Its registers.
        pub registers: Vec<Register>,
        /// What is cached.
        pub cached: Vec<Cached>,
        /// Pages cached in all.
        pub pages: u64,
        /// Entries were left out.
        pub cut: bool,
    }
}
