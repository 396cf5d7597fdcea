//! Response codes of CLP, the call to the logical processor.

use super::entry::Entry;

const fn entry(
    code: &'static str,
    title: &'static str,
    text: &'static str,
    aliases: &'static [&'static str],
) -> Entry {
    Entry {
        code,
        title,
        text,
        source: "Linux, CLP_RC_ names; what is said of QEMU, its clp_service_call",
        aliases,
    }
}

pub(super) const RESPONSES: [Entry; 19] = [
    entry(
        "clp 0x0010",
        "CLP response 0x0010, done",
        "The command was carried out.",
        &["0x0010", "CLP_RC_OK"],
    ),
    entry(
        "clp 0x0020",
        "CLP response 0x0020, unknown command",
        "There is no such command.",
        &["0x0020", "CLP_RC_CMD"],
    ),
    entry(
        "clp 0x0030",
        "CLP response 0x0030, not authorised",
        "This system may not give the command.",
        &["0x0030", "CLP_RC_PERM"],
    ),
    entry(
        "clp 0x0040",
        "CLP response 0x0040, format",
        "The request's format is not known.",
        &["0x0040", "CLP_RC_FMT"],
    ),
    entry(
        "clp 0x0050",
        "CLP response 0x0050, length",
        "The request or the response has not the length that the command wants. QEMU: requests of PCI commands have 32 bytes.",
        &["0x0050", "CLP_RC_LEN"],
    ),
    entry(
        "clp 0x0060",
        "CLP response 0x0060, block size",
        "The command needs a block of 8 KiB.",
        &["0x0060", "CLP_RC_8K"],
    ),
    entry(
        "clp 0x0070",
        "CLP response 0x0070, reserved field",
        "A reserved field of the request is not zero.",
        &["0x0070", "CLP_RC_RESNOT0"],
    ),
    entry(
        "clp 0x0080",
        "CLP response 0x0080, no data",
        "There is nothing to tell.",
        &["0x0080", "CLP_RC_NODATA"],
    ),
    entry(
        "clp 0x0100",
        "CLP response 0x0100, unknown function code",
        "There is no such function code.",
        &["0x0100", "CLP_RC_FC_UNKNOWN"],
    ),
    entry(
        "clp 0x0101",
        "CLP response 0x0101, invalid handle",
        "Set PCI function: the handle is none, or an old one. Look for a removal or another enable.",
        &["0x0101", "CLP_RC_SETPCIFN_FH"],
    ),
    entry(
        "clp 0x0102",
        "CLP response 0x0102, wrong state for the operation",
        "Set PCI function: the function is not in a state in which the operation makes sense. QEMU answers so to the enabling of \
         an enabled function and to the disabling of a disabled one.",
        &["0x0102", "CLP_RC_SETPCIFN_FHOP"],
    ),
    entry(
        "clp 0x0103",
        "CLP response 0x0103, number of address spaces",
        "Set PCI function: the number of DMA address spaces is not valid. Linux asks for 1.",
        &["0x0103", "CLP_RC_SETPCIFN_DMAAS"],
    ),
    entry(
        "clp 0x0104",
        "CLP response 0x0104, insufficient resources",
        "Set PCI function: there are not enough resources. QEMU: more than one DMA address space was asked for.",
        &["0x0104", "CLP_RC_SETPCIFN_RES"],
    ),
    entry(
        "clp 0x0105",
        "CLP response 0x0105, already in that state",
        "Set PCI function: the function is in the wanted state already. Linux reads its handle anew and returns -EINVAL.",
        &["0x0105", "CLP_RC_SETPCIFN_ALRDY"],
    ),
    entry(
        "clp 0x0106",
        "CLP response 0x0106, permanent error",
        "Set PCI function: the function is broken for good.",
        &["0x0106", "CLP_RC_SETPCIFN_ERR"],
    ),
    entry(
        "clp 0x0107",
        "CLP response 0x0107, recovery pending",
        "Set PCI function: the function is being recovered.",
        &["0x0107", "CLP_RC_SETPCIFN_RECPND"],
    ),
    entry(
        "clp 0x0108",
        "CLP response 0x0108, busy",
        "Set PCI function: the machine is busy. Linux tries again every 20 ms, at most 100 times, and then fails.",
        &["0x0108", "CLP_RC_SETPCIFN_BUSY"],
    ),
    entry(
        "clp 0x010a",
        "CLP response 0x010a, bad resume token",
        "List PCI: the list cannot be gone on with from there.",
        &["0x010a", "CLP_RC_LISTPCI_BADRT"],
    ),
    entry(
        "clp 0x010b",
        "CLP response 0x010b, unknown group",
        "Query PCI function group: there is no such group.",
        &["0x010b", "CLP_RC_QUERYPCIFG_PFGID"],
    ),
];
