//! Codes of messages: mistakes in scenarios, links, dumps and on the command line. Each part keeps its own.

use super::entry::key;
use super::{Explanation, Kind};
use crate::capture::Problem;
use crate::dump::DumpError;
use crate::link::LinkError;
use crate::scenario;
use crate::session::Refusal;

pub(super) const CODES: Kind = Kind {
    title: "codes of messages",
    listed: true,
    names: || all().map(|meaning| meaning.code).collect(),
    find: |name| all().filter(|meaning| key(&meaning.code) == key(name)).collect(),
};

fn all() -> impl Iterator<Item = Explanation> {
    let refusals = Refusal::CODES.into_iter().map(|code| (code, Refusal::explain(code).unwrap_or_default()));
    let links = LinkError::CODES.into_iter().map(|code| (code, LinkError::explain(code).unwrap_or_default()));
    let parts = [
        ("Scenario", scenario::CODES.to_vec()),
        ("Run", refusals.collect()),
        ("Link", links.collect()),
        ("Capture", Problem::CODES.to_vec()),
        ("Dump", DumpError::CODES.to_vec()),
        ("Command", COMMAND.to_vec()),
    ];
    parts.into_iter().flat_map(|(title, codes)| {
        codes.into_iter().map(move |(code, text)| Explanation::new(code, title, text, "this program"))
    })
}

/// What the command says about its arguments and files.
const COMMAND: [(&str, &str); 13] = [
    ("A001", "An option has a value that it cannot have. The message says which ones there are."),
    ("A002", "A number is expected: decimal such as 4096, or hexadecimal such as 0x1_0000_0000."),
    ("A003", "Addresses and words have 64 bits and no sign."),
    ("A004", "A list is empty where at least one name is needed."),
    ("F001", "The file cannot be read. The message ends with the reason that the operating system gives."),
    ("F002", "The file is no UTF-8 text, so it is no scenario."),
    (
        "F003",
        "The file begins like one that gzip has packed and cannot be unpacked. Most often its end is missing.",
    ),
    ("F004", "The file is no recording: it is empty, or no text."),
    (
        "F005",
        "A line of the file is no JSON, so the file is no recording. It may have been cut off or changed.",
    ),
    ("F006", "The lines are JSON, but of no family of recordings that is known here."),
    (
        "F010",
        "Neither the directory nor those below it hold captures: a run with its log, or walks of random tables.",
    ),
    (
        "F011",
        "The log of a capture names a checkpoint by something that is no name of a file in its directory.",
    ),
    ("F012", "A line or a file is larger than is read of it."),
];
