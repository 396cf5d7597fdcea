//! What there is to see at one step: its events, the system after it, and its tables.

use crate::client::Client;
use crate::machine::Machine;
use crate::truths::Access;

data! {
    /// The events of a step on one kernel.
    #[derive(Default)]
    pub struct Events {
        /// Their lines.
        pub lines: Vec<String>,
        /// How many more there are.
        pub more: usize,
    }

    /// Consecutive pages that are mapped to consecutive frames.
    pub struct Mapping {
        /// From where to where: `0x1_0000_0000 → 0x8000_0000`.
        pub text: String,
        /// How much and with which rights: `1 MiB rw`.
        pub extent: String,
    }

    /// A domain.
    pub struct Domain {
        /// Its name.
        pub name: String,
        /// Its aperture.
        pub aperture: String,
        /// Functions on its list, newest first.
        pub devices: Vec<String>,
        /// The list never leads back to its head.
        pub broken: bool,
        /// What it maps.
        pub maps: Vec<Mapping>,
        /// How many more there are.
        pub more: usize,
        /// Its tables: `1 region, 1 segment, 2 page`.
        pub tables: String,
        /// What its driver counts and is not 0, with Linux's names: `mapped_pages 256`.
        pub counters: String,
        /// Its tables were given back.
        pub freed: bool,
        /// It changed in the selected step.
        pub changed: bool,
    }

    /// A function.
    pub struct Function {
        /// Its name.
        pub name: String,
        /// Its range.
        pub range: String,
        /// The domain the driver believes it is in.
        pub domain: String,
        /// Whose table the driver believes is registered.
        pub believed: String,
        /// Whose table is.
        pub registered: String,
        /// Its group, once it is on the bus: `0 in d0, default dma`.
        pub group: Option<String>,
        /// What is wrong, in words.
        pub trouble: Vec<String>,
        /// Its state, unless that is the normal one.
        pub state: Option<String>,
        /// It changed in the selected step.
        pub changed: bool,
    }

    /// What a system looks like.
    #[derive(Default)]
    pub struct Topology {
        /// Domains.
        pub domains: Vec<Domain>,
        /// Functions.
        pub functions: Vec<Function>,
    }

    /// An entry of a table, or consecutive page entries that lead to consecutive frames.
    pub struct TableRow {
        /// Identifies it while it is there: the address of its first entry.
        pub key: u64,
        /// How deep it lies: 0 for entries of the root.
        pub depth: usize,
        /// Its kind, for the decoder.
        pub kind: String,
        /// Its index: `region-third[0x2]`, `page[0x0–0xff]`.
        pub place: String,
        /// The (first) word.
        pub word: u64,
        /// As it is shown.
        pub text: String,
        /// What it says.
        pub meaning: String,
        /// It was not so before the selected step.
        pub changed: bool,
        /// There is a table below.
        pub parent: bool,
    }

    /// The tables of a domain.
    pub struct Tree {
        /// The domain.
        pub domain: String,
        /// Its root: where, and what it is.
        pub root: String,
        /// Its tables were given back.
        pub freed: bool,
        /// Its entries that say something.
        pub rows: Vec<TableRow>,
        /// Rows were left out.
        pub cut: bool,
    }

    /// One kernel's system after a step.
    pub struct Column {
        /// The kernel.
        pub name: String,
        /// The events of the step.
        pub events: Events,
        /// What a device's access came to, if the step is one.
        pub access: Option<Access>,
        /// Domains and functions.
        pub topology: Topology,
        /// What user space has open.
        pub clients: Vec<Client>,
        /// The machine's side of every function.
        pub machines: Vec<Machine>,
        /// The tables of every domain.
        pub trees: Vec<Tree>,
    }

    /// A step, per kernel.
    pub struct Scene {
        /// The step; 0 is the start.
        pub step: u32,
        /// The kernels.
        pub columns: Vec<Column>,
    }
}

impl Scene {
    /// Names of the kernels.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }
}
