//! Events that the machine puts to the kernel, by their code (Linux prints it as "pec").
//!
//! Those that the translation itself makes are faults, see [`FaultKind`](crate::hw::fault::FaultKind).

use super::entry::Entry;

const QEMU: &str = "QEMU's ERR_EVENT names; what Linux does, __zpci_event_error";
const AVAILABILITY: &str = "Linux, __zpci_event_availability";

const fn entry(
    code: &'static str,
    title: &'static str,
    text: &'static str,
    source: &'static str,
    aliases: &'static [&'static str],
) -> Entry {
    Entry { code, title, text, source, aliases }
}

pub(super) const EVENTS: [Entry; 21] = [
    entry(
        "pec 0x5",
        "Error event 0x5, protection of the address space",
        "The access is not allowed in its DMA address space. Neither QEMU nor this model raises it.",
        QEMU,
        &["event 0x5", "0x5", "APROTE"],
    ),
    entry(
        "pec 0x6",
        "Error event 0x6, storage key",
        "The storage key of the memory does not match that of the access. Linux uses the default key throughout, and neither \
         QEMU nor this model raises the event.",
        QEMU,
        &["event 0x6", "0x6", "KEYE"],
    ),
    entry(
        "pec 0xa",
        "Error event 0xa, invalid MSI",
        "The function signalled an interrupt that does not exist. It has nothing to do with translation.",
        QEMU,
        &["event 0xa", "0xa", "INVALMS"],
    ),
    entry(
        "pec 0xb",
        "Error event 0xb, system error",
        "The machine failed on behalf of the function.",
        QEMU,
        &["event 0xb", "0xb", "SERR"],
    ),
    entry(
        "pec 0x10",
        "Error event 0x10, MSI not enabled",
        "The function signalled an interrupt while interrupts were not enabled. Look whether MPCIFC 2 registered interrupts.",
        QEMU,
        &["event 0x10", "0x10", "NOMSI"],
    ),
    entry(
        "pec 0x11",
        "Error event 0x11, invalid bit vector",
        "The interrupt vector that was registered cannot be used.",
        QEMU,
        &["event 0x11", "0x11", "INVALBV"],
    ),
    entry(
        "pec 0x12",
        "Error event 0x12, interrupt bit vector",
        "The machine cannot reach the interrupt bit vector in memory.",
        QEMU,
        &["event 0x12", "0x12", "AIBV"],
    ),
    entry(
        "pec 0x13",
        "Error event 0x13, interrupt indicator",
        "The machine cannot reach an adapter interrupt indicator in memory.",
        QEMU,
        &["event 0x13", "0x13", "AIRERR"],
    ),
    entry(
        "pec 0x2a",
        "Error event 0x2a, measurement block address",
        "The address of the measurement block cannot be used. Linux takes no notice of the event.",
        QEMU,
        &["event 0x2a", "0x2a", "FMBA"],
    ),
    entry(
        "pec 0x2b",
        "Error event 0x2b, measurement block update",
        "The measurement block could not be updated. Linux takes no notice of the event.",
        QEMU,
        &["event 0x2b", "0x2b", "FMBUP"],
    ),
    entry(
        "pec 0x2c",
        "Error event 0x2c, measurement block protection",
        "The measurement block is not aligned, or may not be written. Linux takes no notice of the event.",
        QEMU,
        &["event 0x2c", "0x2c", "FMBPRO"],
    ),
    entry(
        "pec 0x30",
        "Error event 0x30, configuration changed",
        "The configuration of the function changed while it was in use.",
        QEMU,
        &["event 0x30", "0x30", "CCONF"],
    ),
    entry(
        "pec 0x3a",
        "Error event 0x3a, service action",
        "The machine asks for a service action; the function is in error state. Linux recovers it as it does after other \
         errors. Look for MPCIFC 9 and 7 after the event, or for a disable and enable through CLP.",
        QEMU,
        &["event 0x3a", "0x3a", "SERVAC"],
    ),
    entry(
        "pec 0x3b",
        "Error event 0x3b, permanent error",
        "The function is broken for good. Linux tells the driver so and does not try to recover it.",
        QEMU,
        &["event 0x3b", "0x3b", "PERMERR"],
    ),
    entry(
        "pec 0x40",
        "Error event 0x40, recovery failed",
        "Recovery of the function by the machine failed. Linux treats it as a permanent error.",
        "Linux, __zpci_event_error",
        &["event 0x40", "0x40"],
    ),
    entry(
        "pec 0x301",
        "Availability event 0x301, configured",
        "A function that was reserved or on standby is configured now: it can be enabled and used.",
        AVAILABILITY,
        &["event 0x301", "0x301"],
    ),
    entry(
        "pec 0x302",
        "Availability event 0x302, on standby",
        "A function that was reserved is on standby now: it is there, and has to be configured before use.",
        AVAILABILITY,
        &["event 0x302", "0x302"],
    ),
    entry(
        "pec 0x303",
        "Availability event 0x303, deconfiguration requested",
        "The kernel is asked to give the function back. Its driver is unbound, its domain left, and it is disabled.",
        AVAILABILITY,
        &["event 0x303", "0x303"],
    ),
    entry(
        "pec 0x304",
        "Availability event 0x304, gone",
        "The function was taken away without asking. Every instruction with its old handle answers with condition code 3.",
        AVAILABILITY,
        &["event 0x304", "0x304"],
    ),
    entry(
        "pec 0x306",
        "Availability event 0x306, many changes",
        "Several functions changed; the kernel reads the list of functions anew.",
        AVAILABILITY,
        &["event 0x306", "0x306"],
    ),
    entry(
        "pec 0x308",
        "Availability event 0x308, reserved",
        "A function that was on standby is reserved now: it does not belong to this system any more.",
        AVAILABILITY,
        &["event 0x308", "0x308"],
    ),
];
