//! What instructions answer: condition codes, and the statuses that go with condition code 1.

use super::{Explanation, Kind};

/// All answers.
pub(super) const ANSWERS: Kind = Kind {
    title: "answers of instructions",
    listed: true,
    names: || all().map(|each| each.code).collect(),
    find,
};

fn all() -> impl Iterator<Item = Explanation> {
    let conditions = CONDITIONS.iter().zip(0_u64..).map(|((title, text), cc)| {
        let title = format!("Condition code {cc}, {title}");
        Explanation::new(
            &format!("cc{cc}"),
            title,
            text,
            "Linux, ZPCI_CC_ names and the wrappers in pci_insn.c",
        )
    });
    let statuses = STATUSES.iter().map(|(instruction, status, name, text, source)| {
        let title = format!("{instruction}, condition code 1, status {status}, {name}");
        let code = format!("{} cc1/{status}", instruction.to_lowercase());
        Explanation::new(&code, title, text, source)
    });
    conditions.chain(statuses)
}

/// `cc1`, `cc 1/40`, `RPCIT 1/0x28`, `mpcifc cc 1 status 40`, `status 40`.
fn find(name: &str) -> Vec<Explanation> {
    let name = name.to_lowercase();
    let (instruction, numbers) =
        match STATUSES.iter().find_map(|row| name.strip_prefix(&row.0.to_lowercase())) {
            Some(rest) => (name[..name.len() - rest.len()].to_owned(), rest),
            None => (String::new(), &*name),
        };
    let mut words = numbers.replace("cc", " cc ").replace(['/', ','], " ");
    words = words.replace("condition code", "cc");
    let words: Vec<&str> = words.split_whitespace().collect();
    let meant = match words[..] {
        ["cc", cc] if instruction.is_empty() => number(cc).map(|cc| (cc, None)),
        ["cc", cc, "status" | "st", status] | ["cc", cc, status] | [cc, status] if number(cc) == Some(1) => {
            number(status).map(|status| (1, Some(status)))
        }
        ["status" | "st", status] => number(status).map(|status| (1, Some(status))),
        [status] if !instruction.is_empty() => number(status).map(|status| (1, Some(status))),
        _ => None,
    };
    let Some((cc, status)) = meant else { return Vec::new() };
    let code = status.map_or(format!("cc{cc}"), |status| format!("{instruction} cc1/{status}"));
    all().filter(|each| each.code == code || instruction.is_empty() && each.code.ends_with(&code)).collect()
}

/// A number, decimal or hexadecimal.
pub(super) fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// By number.
const CONDITIONS: [(&str, &str); 4] = [
    ("done", "The instruction did what it was asked for."),
    (
        "not done",
        "The instruction was not carried out, and the status byte says why: bits 32 to 39 of the first operand, counted from \
         the left. What a status means depends on the instruction.",
    ),
    (
        "busy",
        "The machine is busy. Linux tries again, after 1 ms for MPCIFC and 1 µs for RPCIT, without any limit; so no caller ever \
         sees this.",
    ),
    (
        "invalid handle",
        "The handle is unknown, or not enabled, or its function is gone. Attaching such a function fails up to v6.16 and \
         succeeds from v6.18 on. Look for a disable or a removal, after which the old handle means nothing.",
    ),
];

const QEMU: &str = "QEMU, its names and checks";
const LINUX: &str = "Linux, ZPCI_PCI_ST_ names";
const NEVER: &str = "Known by name only: this model never answers so.";

/// Instruction, status, name, text, source.
const STATUSES: [(&str, u64, &str, &str, &str); 23] = [
    ("MPCIFC", 4, "resources not available", NEVER, "QEMU, by name"),
    (
        "MPCIFC",
        16,
        "operands refused",
        "The registration asks for what the machine does not do: a range outside of the function's, or a kind of table that it \
         does not walk. QEMU adds an operand exception. Look at PBA, PAL and the anchor.",
        QEMU,
    ),
    (
        "MPCIFC",
        24,
        "wrong sequence",
        "The operation is not allowed in this state: a translation is registered already, or there is none to deregister, or no \
         error to reset. Look at the last registration of the function.",
        QEMU,
    ),
    (
        "MPCIFC",
        28,
        "no such address space",
        "The number of the DMA address space is not 0, the only one there is.",
        QEMU,
    ),
    ("MPCIFC", 32, "invalid frame", NEVER, "QEMU, by name"),
    (
        "MPCIFC",
        40,
        "in error",
        "The function is in error state and has to be recovered first. From v6.2 on an attach takes this for success, since the \
         domain is registered when the function is recovered; before, the attach fails with -EIO.",
        "Linux, reg_ioat_propagate_error",
    ),
    (
        "RPCIT",
        4,
        "resources not available",
        "The hypervisor has no room for what the range translates. Linux returns -ENOMEM; from v6.7 on it first refreshes \
         everything to make room.",
        "Linux, zpci_refresh_trans",
    ),
    (
        "RPCIT",
        8,
        "fault",
        "Nothing is registered, the range lies outside of PBA to PAL, or an entry in it is malformed. The function is in error \
         state now. Look at the error event that follows, its code and its address.",
        "QEMU, rpcit_service_call; seen in captures",
    ),
    (
        "RPCIT",
        16,
        "insufficient resources",
        "The credits for host mappings are used up, or the last one was just taken. Linux returns -ENOMEM; from v6.7 on it first \
         refreshes everything to free what is stale.",
        "QEMU, rpcit_service_call; Linux, zpci_refresh_trans",
    ),
    (
        "RPCIT",
        40,
        "in error",
        "The function is in error state, so nothing is refreshed. Linux returns -EIO. Look for the error event before.",
        "QEMU, rpcit_service_call; seen in captures",
    ),
    ("STPCIFC", 8, "permanent error", "The function is broken for good.", QEMU),
    (
        "STPCIFC",
        28,
        "no such address space",
        "The number of the DMA address space is not 0, the only one there is.",
        QEMU,
    ),
    ("STPCIFC", 40, "in error", NEVER, "QEMU, by name"),
    ("load/store", 4, "not enabled", "The function is not enabled.", LINUX),
    ("load/store", 8, "in error", "The function is in error state.", LINUX),
    (
        "load/store",
        12,
        "blocked",
        "Loads and stores are blocked until the error is reset: by MPCIFC 9 for them alone, or by MPCIFC 7.",
        "Linux, ZPCI_PCI_ST_ names; QEMU",
    ),
    ("load/store", 16, "insufficient resources", NEVER, LINUX),
    (
        "load/store",
        20,
        "invalid address space",
        "There is no such address space: none of the BARs, and not 15 for the configuration.",
        LINUX,
    ),
    ("load/store", 24, "already enabled", NEVER, LINUX),
    ("load/store", 28, "no DMA address space", NEVER, LINUX),
    ("load/store", 36, "second operand", NEVER, LINUX),
    ("load/store", 40, "not available", NEVER, LINUX),
    ("load/store", 44, "already in that state", NEVER, LINUX),
];
