//! Steps: find the verb, then read its arguments.

use super::reader::{Fields, Reader, shown};
use super::report::nearest;
use super::value::{Kind, Value};
use crate::scenario::args::{Access, DomainKind, InjectPoint, Injection, Prot};
use crate::scenario::model::Place;
use crate::scenario::step::{Action, Step};
use crate::scenario::verbs::VERBS;

pub(super) const PROTS: [(&str, Prot); 4] =
    [("rw", Prot::Rw), ("r", Prot::R), ("w", Prot::W), ("none", Prot::None)];

const KINDS: [(&str, DomainKind); 5] = [
    ("unmanaged", DomainKind::Unmanaged),
    ("dma", DomainKind::Dma),
    ("dma_fq", DomainKind::DmaFq),
    ("identity", DomainKind::Identity),
    ("blocked", DomainKind::Blocked),
];

const POINTS: [(&str, InjectPoint); 7] = [
    ("alloc_table", InjectPoint::AllocTable),
    ("alloc_struct", InjectPoint::AllocStruct),
    ("register_ioat", InjectPoint::RegisterIoat),
    ("unregister_ioat", InjectPoint::UnregisterIoat),
    ("refresh_trans", InjectPoint::RefreshTrans),
    ("dma_init", InjectPoint::DmaInit),
    ("dma_exit", InjectPoint::DmaExit),
];

impl Reader<'_> {
    /// Step `i`; its line is filled in later.
    pub(super) fn step(&mut self, i: usize, value: &Value) -> Option<Step> {
        let mut f = self.fields(value)?;
        let verb = self.verb(value, &f)?;
        let action = self.action(verb, i, &mut f);
        let cpu = self.opt(&mut f, "cpu", |r, v| r.word(v, &[("cpu0", 0), ("cpu1", 1)]));
        let note = self.opt(&mut f, "note", Self::text);
        let expect = self.or(&mut f, "expect", |r, v| r.one_or_many(v, Self::step_expect), Vec::new());
        self.close(&f);
        let span = value.span.clone().unwrap_or_default();
        let place = Place { start: span.start, end: span.end, line: 0 };
        Some(Step { action: action?, cpu: cpu?, note: note?, expect: expect?, place })
    }

    /// The one key of a step that is a verb.
    fn verb(&mut self, value: &Value, f: &Fields<'_>) -> Option<&'static str> {
        let mut verbs = VERBS.iter().map(|(verb, _)| *verb).filter(|verb| f.has(verb));
        let Some(first) = verbs.next() else {
            let near = f.keys().find_map(|key| Some((key, nearest(&key.name, VERBS.map(|(verb, _)| verb))?)));
            if let Some((key, near)) = near {
                self.report.error("S020", key.span.as_ref(), format!("`{}` is not a verb", shown(&key.name)));
                self.report.help(format!("did you mean `{near}`?"));
            } else {
                self.report.error("S020", value.span.as_ref(), "the step has no verb".to_owned());
                self.report.help(format!("one of `{}`", VERBS.map(|(verb, _)| verb).join("`, `")));
            }
            return None;
        };
        if let Some(second) = verbs.next() {
            let message = format!("`{first}` and `{second}` are verbs; a step has one");
            self.report.error("S021", value.span.as_ref(), message);
            return None;
        }
        Some(first)
    }

    fn action(&mut self, verb: &'static str, i: usize, f: &mut Fields<'_>) -> Option<Action> {
        Some(match verb {
            "probe" => Action::Probe { function: self.req(f, verb, Self::function)? },
            "release" => Action::Release { function: self.req(f, verb, Self::function)? },
            "alloc" => {
                let domain = self.req(f, verb, Self::allocate);
                let first = self.names.first_function();
                let function = self.reference(f, "for", first, Self::function);
                let kind = self.or(f, "type", |r, v| r.word(v, &KINDS), DomainKind::default());
                Action::Alloc { domain: domain?, function: function?, kind: kind? }
            }
            "free" => {
                let domain = self.req(f, verb, Self::domain)?;
                self.freed(&domain, i);
                Action::Free { domain }
            }
            "attach" => {
                let function = self.req(f, verb, Self::function);
                let domain = self.reference(f, "to", self.names.only_domain(), Self::domain_or_static);
                Action::Attach { function: function?, domain: domain? }
            }
            "detach" => {
                let function = self.req(f, verb, Self::function);
                let domain = self.reference(f, "from", self.names.only_domain(), Self::domain_or_static);
                Action::Detach { function: function?, domain: domain? }
            }
            "map" | "map_pages" => return self.map(verb, f),
            "unmap" | "unmap_fast" | "unmap_pages" => return self.unmap(verb, f),
            "iotlb_sync" => Action::IotlbSync { domain: self.req(f, verb, Self::domain)? },
            "flush_iotlb_all" => Action::FlushIotlbAll { domain: self.req(f, verb, Self::domain)? },
            "iova_to_phys" => {
                let (iova, domain) = (self.req(f, verb, Self::iova), self.inside(f));
                Action::IovaToPhys { iova: iova?, domain: domain? }
            }
            "resv_regions" => Action::ResvRegions { function: self.req(f, verb, Self::function)? },
            "walk" => {
                let iova = self.req(f, verb, Self::iova);
                let function = self.reference(f, "for", self.names.only_function(), Self::function);
                let words =
                    |r: &mut Self, v: &_| r.word(v, &[("read", Access::Read), ("write", Access::Write)]);
                let access = self.or(f, "access", words, Access::default());
                Action::Walk { iova: iova?, function: function?, access: access? }
            }
            _ => return self.machine_action(verb, f),
        })
    }

    /// What is done to the machine, behind the driver's back.
    fn machine_action(&mut self, verb: &'static str, f: &mut Fields<'_>) -> Option<Action> {
        Some(match verb {
            "refresh" => {
                let function = self.req(f, verb, Self::function);
                let (iova, size) = (self.req(f, "iova", Self::iova), self.req(f, "size", Self::size));
                Action::Refresh { function: function?, iova: iova?, size: size? }
            }
            "register" => {
                let function = self.req(f, verb, Self::function);
                let domain = self.reference(f, "table", self.names.only_domain(), Self::domain);
                Action::Register { function: function?, domain: domain? }
            }
            "deregister" => Action::Deregister { function: self.req(f, verb, Self::function)? },
            "error" => Action::Error { function: self.req(f, verb, Self::function)? },
            "recover" => Action::Recover { function: self.req(f, verb, Self::function)? },
            "unplug" => Action::Unplug { function: self.req(f, verb, Self::function)? },
            "poke" => {
                let (phys, value) = (self.req(f, verb, Self::phys), self.req(f, "value", Self::number));
                Action::Poke { phys: phys?, value: value? }
            }
            "inject" => {
                let what = self.req(f, verb, |r, v| r.word(v, &POINTS));
                let after = self.or(f, "after", Self::number32, 0);
                let count = self.or(f, "count", Self::number32, 1);
                let (cc, status) = (self.opt(f, "cc", Self::cc), self.opt(f, "status", Self::number8));
                let rc = self.opt(f, "rc", Self::rc);
                let (what, after, count) = (what?, after?, count?);
                Action::Inject(Injection { what, after, count, cc: cc?, status: status?, rc: rc? })
            }
            "clear_inject" => self.req(f, verb, Self::only_true).map(|()| Action::ClearInject)?,
            _ => unreachable!("the verb `{verb}` is in VERBS but has no arguments"),
        })
    }

    fn map(&mut self, verb: &'static str, f: &mut Fields<'_>) -> Option<Action> {
        let (iova, phys) = (self.req(f, verb, Self::iova), self.req(f, "phys", Self::phys));
        if verb == "map" {
            let size = self.req(f, "size", Self::size);
            let prot = self.or(f, "prot", |r, v| r.word(v, &PROTS), Prot::default());
            let domain = self.inside(f);
            return Some(Action::Map { iova: iova?, phys: phys?, size: size?, prot: prot?, domain: domain? });
        }
        let (pgsize, pgcount) = (self.req(f, "pgsize", Self::size), self.req(f, "pgcount", Self::number));
        let prot = self.or(f, "prot", |r, v| r.word(v, &PROTS), Prot::default());
        let domain = self.inside(f);
        let (iova, phys, pgsize, pgcount) = (iova?, phys?, pgsize?, pgcount?);
        Some(Action::MapPages { iova, phys, pgsize, pgcount, prot: prot?, domain: domain? })
    }

    fn unmap(&mut self, verb: &'static str, f: &mut Fields<'_>) -> Option<Action> {
        let iova = self.req(f, verb, Self::iova);
        if verb == "unmap_pages" {
            let (pgsize, pgcount) = (self.req(f, "pgsize", Self::size), self.req(f, "pgcount", Self::number));
            let domain = self.inside(f);
            return Some(Action::UnmapPages {
                iova: iova?,
                pgsize: pgsize?,
                pgcount: pgcount?,
                domain: domain?,
            });
        }
        let size = self.req(f, "size", Self::size);
        let domain = self.inside(f);
        let (iova, size, domain) = (iova?, size?, domain?);
        Some(match verb {
            "unmap" => Action::Unmap { iova, size, domain },
            _ => Action::UnmapFast { iova, size, domain },
        })
    }

    /// The domain of `in`.
    fn inside(&mut self, f: &mut Fields<'_>) -> Option<String> {
        self.reference(f, "in", self.names.only_domain(), Self::domain)
    }

    /// A name that may be left out if only one can be meant. The default is checked like one that is written.
    fn reference(
        &mut self,
        f: &mut Fields<'_>,
        key: &'static str,
        default: Option<String>,
        read: fn(&mut Self, &Value) -> Option<String>,
    ) -> Option<String> {
        if let Some(found) = self.opt(f, key, read)? {
            return Some(found);
        }
        if let Some(name) = default {
            return read(self, &Value { kind: Kind::Str(name), span: None });
        }
        self.missing(f, key);
        None
    }

    fn only_true(&mut self, value: &Value) -> Option<()> {
        if !self.boolean(value)? {
            self.report.error("S044", value.span.as_ref(), "only `true` makes sense here".to_owned());
            return None;
        }
        Some(())
    }
}
