//! The dependency table of the architecture page, checked against the sources.
//!
//! Only code counts, not comments; a file's `mod tests` may use anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and what it may name of the crate. A module that is not here fails the test: think where it belongs.
const MAY_USE: &[(&str, &[&str])] = &[
    ("addr", &[]),
    ("ids", &[]),
    ("revision", &[]),
    ("table", &["addr"]),
    ("mem", &["addr"]),
    ("tree", &["addr", "table", "mem"]),
    ("trace", &["addr", "ids", "table"]),
    ("hw", &["addr", "table", "mem"]),
    ("dump", &["addr", "table", "hw", "tree"]),
    ("state", &["addr", "ids", "table", "mem", "hw"]),
    ("capture", &["addr", "table", "mem", "hw"]),
    ("check", &["addr", "ids", "table", "mem", "hw", "state", "trace"]),
    ("exec", &["addr", "ids", "table", "mem", "hw", "state", "trace", "revision"]),
    ("linux", &["addr", "ids", "table", "exec", "state", "trace", "revision"]),
    (
        "lab",
        &[
            "addr", "ids", "table", "mem", "hw", "state", "check", "exec", "linux", "trace", "revision",
            "tree",
        ],
    ),
    ("assignment", &["addr", "capture", "hw", "ids", "lab", "linux", "exec", "revision", "state", "trace"]),
    ("explore", &["exec", "lab"]),
    ("recording", &["addr", "ids", "exec", "table", "hw", "state", "linux", "lab", "trace", "revision"]),
    ("scenario", &["addr", "check", "revision"]),
    (
        "session",
        &[
            "addr", "ids", "table", "hw", "state", "check", "exec", "linux", "lab", "trace", "revision",
            "scenario",
        ],
    ),
    ("link", &["addr", "revision", "scenario", "session"]),
    (
        "explain",
        &["capture", "check", "dump", "exec", "hw", "link", "revision", "scenario", "session", "trace"],
    ),
];

/// What kernel code may see of `state`: its own variables and list elements, never the whole world.
const LINUX_SEES_OF_STATE: [&str; 10] =
    ["Element", "bitmap", "group", "iommufd", "iova", "kernel", "legacy_dma", "pci", "users", "vfio"];

/// Where a patch may be named: where patches are defined, and where scenarios name them.
const MAY_NAME_PATCHES: [&str; 5] = ["revision", "scenario", "session", "link", "explain"];

struct Source {
    /// Path below `src`.
    path: String,
    /// Top-level module.
    module: String,
    text: String,
    /// Without comments and without `mod tests`.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut pending: Vec<PathBuf> = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            let module = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
            let (code, _tests) = text.split_once("#[cfg(test)]\nmod tests").unwrap_or((&text, ""));
            let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let code = code.join("\n");
            found.push(Source { path, module, text, code });
        }
    }
    assert!(found.len() > 50, "the sources were not found");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Every path below `crate::` as its first two names, `crate::{a, b}` taken apart.
fn crate_paths(code: &str) -> Vec<(String, String)> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let name = |text: &str| text.chars().take_while(|letter| is_name(*letter)).collect::<String>();
    let mut paths = Vec::new();
    for (at, prefix) in code.match_indices("crate::") {
        if code[..at].ends_with(is_name) {
            continue;
        }
        for first in names(&code[at + prefix.len()..], name) {
            let (module, rest) = first;
            match rest.strip_prefix("::") {
                Some(below) => {
                    paths.extend(names(below, name).into_iter().map(|(second, _)| (module.clone(), second)));
                }
                None => paths.push((module, String::new())),
            }
        }
    }
    paths
}

/// The name at the start of a path, or those inside `{…}`, each with the text after it.
fn names(text: &str, name: impl Fn(&str) -> String) -> Vec<(String, &str)> {
    let Some(inside) = text.strip_prefix('{') else {
        let first = name(text);
        let rest = &text[first.len()..];
        return vec![(first, rest)];
    };
    let mut depth = 0;
    let mut start = 0;
    let mut list = Vec::new();
    for (at, letter) in inside.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                let item = inside[start..at].trim();
                if !item.is_empty() {
                    let first = name(item);
                    list.push((first.clone(), &item[first.len()..]));
                }
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    list
}

#[test]
fn paths_are_found_in_every_form() {
    let code = "use crate::addr::{Iova, Phys};\nuse crate::{ids, state::kernel::Lock};\nlet x = crate::hw::walk::f();";
    let found: Vec<_> = crate_paths(code).into_iter().map(|(a, b)| format!("{a}/{b}")).collect();
    assert_eq!(found, ["addr/Iova", "addr/Phys", "ids/", "state/kernel", "hw/walk"]);
}

#[test]
fn modules_use_only_what_is_below_them() {
    let table: BTreeMap<&str, BTreeSet<&str>> =
        MAY_USE.iter().map(|(module, below)| (*module, below.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    for Source { path, module, code, .. } in sources() {
        if module == "lib" {
            continue;
        }
        let Some(below) = table.get(module.as_str()) else {
            wrong.push(format!("{path}: the module {module} is not in the table"));
            continue;
        };
        for (used, item) in crate_paths(&code) {
            if used != module && !below.contains(used.as_str()) {
                wrong.push(format!("{path}: {module} must not use {used}"));
            }
            if module == "linux" && used == "state" && !LINUX_SEES_OF_STATE.contains(&item.as_str()) {
                wrong.push(format!("{path}: linux must not see state::{item}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_itself_points_downwards() {
    let mut seen = BTreeSet::new();
    // In an order where every module comes after those it uses; a cycle leaves some over.
    let mut left: Vec<_> = MAY_USE.to_vec();
    while !left.is_empty() {
        let before = left.len();
        left.retain(|(module, below)| {
            let ready = below.iter().all(|used| seen.contains(used));
            if ready {
                seen.insert(*module);
            }
            !ready
        });
        assert!(left.len() < before, "these use each other in a circle: {left:?}");
    }
}

#[test]
fn machine_and_kernel_code_do_not_know_each_other() {
    for (module, never) in
        [("hw", &["linux", "exec", "state", "revision"][..]), ("linux", &["hw", "mem"][..])]
    {
        let (_, below) = MAY_USE.iter().find(|(name, _)| *name == module).unwrap();
        assert!(never.iter().all(|other| !below.contains(other)), "{module} may not see {never:?}");
    }
}

/// Intent is kept from what callers were told, and nothing that judges can ask the driver.
#[test]
fn checks_never_ask_the_driver() {
    let (_, below) = MAY_USE.iter().find(|(name, _)| *name == "check").unwrap();
    assert!(["linux", "exec", "lab", "revision"].iter().all(|other| !below.contains(other)));
    let intent = sources().into_iter().find(|source| source.path == "check/intent.rs").unwrap();
    let used: BTreeSet<_> = crate_paths(&intent.code).into_iter().map(|(module, _)| module).collect();
    assert!(
        used.iter().all(|module| ["addr", "ids"].contains(&module.as_str())),
        "{used:?}: intent reads no table"
    );
}

#[test]
fn driver_code_names_no_patch() {
    let names = ["PatchId", "PatchSet", "\"p1\"", "\"p2\"", "\"p3\"", "\"p4\"", "\"p5\"", "\"p6\""];
    for Source { path, module, code, .. } in sources() {
        if !MAY_NAME_PATCHES.contains(&module.as_str()) {
            for name in names {
                assert!(!code.contains(name), "{path} names {name}: ask for a decision instead");
            }
        }
    }
}

#[test]
fn the_engine_reads_no_clock_file_or_environment() {
    let doors = ["std::time", "std::fs", "std::env", "std::io", "std::net", "std::thread", "std::process"];
    for Source { path, code, .. } in sources() {
        for door in doors {
            assert!(!code.contains(door), "{path} uses {door}");
        }
    }
}

#[test]
fn every_file_says_what_it_is_about() {
    for Source { path, text, .. } in sources() {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 10, "{path} begins with {first:?}");
    }
}

/// 400 lines of code, 600 with tests: a file that is longer holds more than one idea.
#[test]
fn files_stay_short() {
    for Source { path, text, .. } in sources() {
        let lines = text.lines().count();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().lines().count();
        assert!(code <= 400 && lines <= 600, "{path} has {code} lines, {lines} with tests");
    }
}
