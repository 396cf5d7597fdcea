//! A laboratory for the IBM Z (s390) PCI IOMMU: what Linux's driver does, before and after each of six patches, on a
//! model of the machine that walks its translation tables.
//!
//! The hardware model and the driver model meet only in memory and at instructions. That is what makes a disagreement
//! between the two visible, and disagreements are what people come here to see.
//!
//! ```
//! use s390_iommu::session::{Options, compare, run_text};
//!
//! let text = r#"
//! schema = 1
//! title = "The last page"
//! functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
//! domains = ["d0"]
//! steps = [{ attach = "f0", to = "d0" }, { map = 0x1_ffff_f000, phys = 0x8000_0000, size = "4 KiB" }]
//! "#;
//! let on = |kernel: &str| {
//!     run_text(text, Options { revision: kernel.parse().ok(), ..Options::default() }).expect("no mistakes")
//! };
//! let first = compare(&on("base"), &on("base+p4")).divergence.expect("patch 4 repairs this");
//! assert_eq!((first.step, &*first.left, &*first.right), (2, "-EINVAL", "0"));
//! ```
//!
//! From the outside in: [`session`] runs a [`scenario`] and shows an outcome; [`lab`] is a system driven call by call;
//! [`recording`] replays what the real driver did, [`capture`] what real guests did, [`assignment`] what users of devices
//! did; [`explore`] tries interleavings; [`link`] makes links; [`dump`] reads tables from dumps of memory; [`explain`] says
//! what names and codes mean.
//! [`linux`] is the kernel code, [`revision`] what kernels decide differently, [`exec`] how code runs; [`hw`] is the
//! machine, [`check`] what must hold, [`table`] the format of entries, [`tree`] tables as a whole, [`mem`] memory;
//! [`state`] holds it all as plain data, [`trace`] tells what happened, [`ids`] and [`addr`] name and number things.
#![forbid(unsafe_code)]

pub mod addr;
pub mod assignment;
pub mod capture;
pub mod check;
pub mod dump;
pub mod exec;
pub mod explain;
pub mod explore;
pub mod hw;
pub mod ids;
pub mod lab;
pub mod link;
pub mod linux;
pub mod mem;
pub mod recording;
pub mod revision;
pub mod scenario;
pub mod session;
pub mod state;
pub mod table;
pub mod trace;
pub mod tree;
