//! The three truths in the words of the page.

use s390_iommu::check::{Judgement, Verdict};
use s390_iommu::explain;
use s390_iommu::session::DeviceOutcome;
use s390_iommu_view::hex::hex;
use s390_iommu_view::truths::{Access, Gravity, Mark, Truths};

use crate::timeline::grouped;

/// Bytes that are shown of what was read.
const SHOWN: usize = 64;

/// A verdict as a mark.
pub fn mark(verdict: Verdict) -> Mark {
    let gravity = match (verdict, verdict.check()) {
        (Verdict::Agree, _) => Gravity::Agrees,
        (_, None) => Gravity::Allowed,
        (_, Some(_)) => Gravity::Wrong,
    };
    Mark { name: verdict.name().to_owned(), gravity }
}

/// A judgement in full.
pub fn truths(judgement: &Judgement) -> Truths {
    let name = judgement.verdict.name();
    let meaning = explain::find(name).into_iter().next();
    let (meaning, look) = meaning.map(|meaning| (meaning.text, meaning.look)).unwrap_or_default();
    Truths {
        mark: mark(judgement.verdict),
        why: why(judgement),
        intent: grouped(&judgement.intent),
        tables: grouped(&judgement.tables),
        cache: grouped(&judgement.cache),
        cause: judgement.cause.filter(|step| *step > 0),
        meaning,
        look,
    }
}

/// What follows the name of the verdict.
pub fn why(judgement: &Judgement) -> String {
    let rest = judgement.text.strip_prefix(judgement.verdict.name()).unwrap_or(&judgement.text);
    grouped(rest.trim_start_matches(": "))
}

/// A device's access in full; `text` is the step's.
pub fn access(device: &DeviceOutcome, text: &str) -> Access {
    let kind = if device.write { "written" } else { "read" };
    let place = device.phys.map_or_else(String::new, |phys| {
        let way = if device.cached { "from the cache" } else { "after a walk" };
        format!(" at {}, found {way}", hex(phys))
    });
    let event = device.event.map(|event| {
        let level = event.level.map_or_else(String::new, |level| format!(", {} table", level.name()));
        let wanted = if event.write { "write" } else { "read" };
        format!("error event {:#x} for {}, {wanted}{level}", event.code, hex(event.address.get()))
    });
    let bytes: Vec<&str> = device
        .bytes
        .as_bytes()
        .chunks(16)
        .take(SHOWN / 8)
        .filter_map(|chunk| std::str::from_utf8(chunk).ok())
        .collect();
    let more = if device.bytes.len() > 2 * SHOWN { " …" } else { "" };
    Access {
        what: grouped(text),
        came: match device.moved {
            0 => "no byte moved".to_owned(),
            1 => format!("1 byte {kind}{place}"),
            moved => format!("{moved} bytes {kind}{place}"),
        },
        bytes: bytes.join(" ") + more,
        fault: device.fault.map(str::to_owned),
        event,
        truths: device.judgement.as_ref().map(truths),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::ran;

    const TEXT: &str = r#"
schema = 1
title = "Read after unmap"
kernel = "v6.6"
functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
domains = ["d0"]
steps = [
  { attach = "f0", to = "d0" },
  { map = 0x1_0000_0000, phys = 0x8000_0000, size = "4 KiB" },
  { read = 0x1_0000_0000, size = 8, by = "f0" },
  { unmap_fast = 0x1_0000_0000, size = "4 KiB" },
  { write = 0x1_0000_0000, bytes = "aa", by = "f0" },
  { read = 0x1_5000_0000, size = 8, by = "f0" },
]
"#;

    #[test]
    fn an_access_is_told_with_its_verdict() {
        let outcome = &ran(TEXT, "v6.6").outcome;
        let told = |step: usize| {
            let step = &outcome.steps[step - 1];
            access(step.device.as_ref().unwrap(), &step.text)
        };
        let good = told(3);
        assert_eq!(good.came, "8 bytes read at 0x8000_0000, found after a walk");
        assert_eq!(good.bytes.len(), 16);
        let truths = good.truths.unwrap();
        assert_eq!((&*truths.mark.name, truths.mark.gravity, &*truths.why), ("agree", Gravity::Agrees, ""));
        let late = told(5).truths.unwrap();
        assert_eq!(
            (&*late.mark.name, late.mark.gravity, late.cause),
            ("deferred", Gravity::Allowed, Some(4))
        );
        assert_eq!(late.cache, "0x8000_0000 rw");
        assert!(late.why.starts_with("unmapped at step 4") && late.look.starts_with("Look"), "{late:?}");
        let bad = told(6);
        assert_eq!((&*bad.came, bad.fault.as_deref()), ("no byte moved", Some("invalid-entry")));
        assert!(bad.event.unwrap().starts_with("error event 0x7 for 0x1_5000_0000, read"));
    }
}
