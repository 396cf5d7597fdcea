//! Expectations, of a step and of the end.

use std::collections::BTreeMap;

use super::reader::{Fields, Read, Reader};
use super::step::PROTS;
use super::value::{Kind, Value};
use crate::addr::{Iova, Phys};
use crate::scenario::expect::{
    Condition, DomainExpect, FinalExpect, FunctionExpect, StepExpect, TableCounts, Translation,
};

impl<'n> Reader<'n> {
    fn condition(&mut self, f: &mut Fields<'_>) -> Option<Condition> {
        let with = self.or(f, "with", Self::patches, Vec::new());
        let without = self.or(f, "without", Self::patches, Vec::new());
        let on = self.opt(f, "on", Self::kernel_range);
        Some(Condition { with: with?, without: without?, on: on? })
    }

    pub(super) fn step_expect(&mut self, value: &Value) -> Option<StepExpect> {
        let mut f = self.fields(value)?;
        let when = self.condition(&mut f);
        let rc = self.opt(&mut f, "rc", Self::rc);
        let number = self.opt(&mut f, "value", Self::number);
        let phys = self.opt(&mut f, "phys", Self::phys);
        let warns = self.opt(&mut f, "warns", Self::texts);
        let refreshes = self.opt(&mut f, "refreshes", Self::number);
        let calls = self.opt(&mut f, "calls", Self::number);
        let hw = self.opt(&mut f, "hw", Self::texts);
        let regions = self.opt(&mut f, "regions", |r, v| r.list(v, Self::pair));
        let fault = self.opt(&mut f, "fault", Self::text);
        let stop = self.opt(&mut f, "stop", Self::text);
        self.close(&f);
        Some(StepExpect {
            when: when?,
            rc: rc?,
            value: number?,
            phys: phys?,
            warns: warns?,
            refreshes: refreshes?,
            calls: calls?,
            hw: hw?,
            regions: regions?,
            fault: fault?,
            stop: stop?,
        })
    }

    pub(super) fn final_expect(&mut self, value: &Value) -> Option<FinalExpect> {
        let mut f = self.fields(value)?;
        let when = self.condition(&mut f);
        let domains = self.or(
            &mut f,
            "domains",
            |r, v| r.keyed(v, Some(Self::domain_key), Self::domain_expect),
            BTreeMap::new(),
        );
        let functions = self.or(
            &mut f,
            "functions",
            |r, v| r.keyed(v, Some(Self::function), Self::function_expect),
            BTreeMap::new(),
        );
        let warns = self.opt(&mut f, "warns", |r, v| r.keyed(v, None, Self::number));
        self.close(&f);
        Some(FinalExpect { when: when?, domains: domains?, functions: functions?, warns: warns? })
    }

    pub(super) fn domain_expect(&mut self, value: &Value) -> Option<DomainExpect> {
        let mut f = self.fields(value)?;
        let devices = self.opt(&mut f, "devices", |r, v| r.list(v, Self::function));
        let aperture = self.opt(&mut f, "aperture", Self::range);
        let translations = self.opt(&mut f, "translations", |r, v| r.list(v, Self::translation));
        let tables = self.opt(&mut f, "tables", Self::table_counts);
        let freed = self.opt(&mut f, "freed", Self::boolean);
        self.close(&f);
        Some(DomainExpect {
            devices: devices?,
            aperture: aperture?,
            translations: translations?,
            tables: tables?,
            freed: freed?,
        })
    }

    pub(super) fn function_expect(&mut self, value: &Value) -> Option<FunctionExpect> {
        let mut f = self.fields(value)?;
        let domain = self.opt(&mut f, "domain", Self::domain_or_word);
        let dma_table = self.opt(&mut f, "dma_table", Self::domain_or_word);
        let registered = self.opt(&mut f, "registered", Self::domain_or_word);
        let start_dma = self.opt(&mut f, "start_dma", Self::iova);
        let end_dma = self.opt(&mut f, "end_dma", Self::iova);
        let state = self.opt(&mut f, "state", Self::text);
        self.close(&f);
        Some(FunctionExpect {
            domain: domain?,
            dma_table: dma_table?,
            registered: registered?,
            start_dma: start_dma?,
            end_dma: end_dma?,
            state: state?,
        })
    }

    pub(super) fn table_counts(&mut self, value: &Value) -> Option<TableCounts> {
        let mut f = self.fields(value)?;
        let region = self.opt(&mut f, "region", Self::number);
        let segment = self.opt(&mut f, "segment", Self::number);
        let page = self.opt(&mut f, "page", Self::number);
        self.close(&f);
        Some(TableCounts { region: region?, segment: segment?, page: page? })
    }

    /// `[iova, phys, "rw", pages]`.
    pub(super) fn translation(&mut self, value: &Value) -> Option<Translation> {
        let elements = self.exactly(value, 4, "a translation")?;
        let iova = self.element(0, &elements[0], Self::number);
        let phys = self.element(1, &elements[1], Self::number);
        let prot = self.element(2, &elements[2], |r, v| r.word(v, &PROTS));
        let pages = self.element(3, &elements[3], Self::number);
        Some(Translation { iova: Iova::new(iova?), phys: Phys::new(phys?), prot: prot?, pages: pages? })
    }

    /// A domain declared anywhere, as a key.
    fn domain_key(&mut self, value: &Value) -> Option<String> {
        let name = self.text(value)?;
        self.declared_domain(&name, value).map(|()| name)
    }

    /// A table whose keys are names.
    fn keyed<T>(
        &mut self,
        value: &Value,
        check: Option<Read<'n, String>>,
        read: Read<'n, T>,
    ) -> Option<BTreeMap<String, T>> {
        let Kind::Table(entries) = &value.kind else { return self.wrong_type(value, "a table") };
        let (mut map, mut good) = (BTreeMap::new(), true);
        for (key, value) in entries {
            self.report.enter_key(&key.name, value);
            if let Some(check) = check {
                let name = Value { kind: Kind::Str(key.name.clone()), span: key.span.clone() };
                good &= check(self, &name).is_some();
            }
            let found = read(self, value);
            self.report.leave();
            good &= found.is_some();
            map.extend(found.map(|found| (key.name.clone(), found)));
        }
        good.then_some(map)
    }
}
