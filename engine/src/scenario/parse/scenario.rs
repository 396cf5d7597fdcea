//! The keys of a whole scenario and of its functions.

use super::names::itself;
use super::reader::Reader;
use super::value::{Kind, Value};
use super::{MAX_DOMAINS, MAX_FUNCTIONS, MAX_STEPS};
use crate::scenario::model::{Function, Profile, SCHEMA, Scenario, default_kernel};
use crate::scenario::step::Step;

const PROFILES: [(&str, Profile); 3] =
    [("lpar", Profile::Lpar), ("zvm", Profile::Zvm), ("qemu", Profile::Qemu)];

impl Reader<'_> {
    pub(super) fn scenario(&mut self, value: &Value) -> Option<Scenario> {
        let mut f = self.fields(value)?;
        // The version first: what another one means is not ours to judge.
        let schema = match value.get("schema") {
            Some(_) => self.req(&mut f, "schema", Self::version)?,
            None => self.req(&mut f, "schema", Self::version).unwrap_or(SCHEMA),
        };
        if !self.within_limits(value) {
            return None;
        }
        let title = self.req(&mut f, "title", Self::text);
        let about = self.opt(&mut f, "about", Self::text);
        let topics = self.or(&mut f, "topics", Self::texts, Vec::new());
        let kernel = self.opt(&mut f, "kernel", Self::kernel);
        let patches = self.opt(&mut f, "patches", Self::patches);
        let profile = self.or(&mut f, "profile", |r, v| r.word(v, &PROFILES), Profile::default());
        let functions = self.req(&mut f, "functions", Self::functions);
        let domains = self.or(&mut f, "domains", |r, v| r.list(v, Self::new_name), Vec::new());
        self.declared_once(value);
        let schedule = self.opt(&mut f, "schedule", Self::text);
        let steps = self.or(&mut f, "steps", Self::steps, Vec::new());
        let expect = self.or(&mut f, "expect", |r, v| r.one_or_many(v, Self::final_expect), Vec::new());
        self.close(&f);
        Some(Scenario {
            schema,
            title: title?,
            about: about?,
            topics: topics?,
            kernel: kernel?.unwrap_or_else(default_kernel),
            patches: patches?,
            profile: profile?,
            functions: functions?,
            domains: domains?,
            schedule: schedule?,
            steps: steps?,
            expect: expect?,
        })
    }

    /// The version. Older ones would be migrated here, value by value; there is only one so far.
    fn version(&mut self, value: &Value) -> Option<u32> {
        let version = self.number(value)?;
        if version == u64::from(SCHEMA) {
            return Some(SCHEMA);
        }
        let message = if version > u64::from(SCHEMA) {
            format!("this is version {version} of the format, this program reads up to {SCHEMA}")
        } else {
            format!("there is no version {version} of the format")
        };
        self.report.error("S005", value.span.as_ref(), message);
        self.report.help(format!("schema = {SCHEMA}"));
        None
    }

    fn within_limits(&mut self, value: &Value) -> bool {
        let count = |key| value.get(key).map_or(0, |array| array.elements().len());
        let domains = self.names.domain_count().max(count("domains"));
        let limits = [
            ("steps", count("steps"), MAX_STEPS, "S040"),
            ("functions", count("functions"), MAX_FUNCTIONS, "S041"),
            ("domains", domains, MAX_DOMAINS, "S042"),
        ];
        let mut good = true;
        for (key, count, most, code) in limits {
            if count > most {
                let at = value.get(key).unwrap_or(value).span.clone();
                self.report.error(
                    code,
                    at.as_ref(),
                    format!("{count} {key} are too many, at most {most} are read"),
                );
                good = false;
            }
        }
        good
    }

    /// No name is declared twice among functions and domains.
    fn declared_once(&mut self, scenario: &Value) {
        let mut seen = Vec::new();
        for (key, name) in [("functions", name_of as fn(&Value) -> Option<&Value>), ("domains", itself)] {
            let values = scenario.get(key).map_or(&[][..], Value::elements);
            self.unique(key, values, name, &mut seen);
        }
    }

    fn functions(&mut self, value: &Value) -> Option<Vec<Function>> {
        let functions = self.list(value, Self::function_set_up)?;
        if functions.is_empty() {
            self.report.error("S043", value.span.as_ref(), "there is no function".to_owned());
            return None;
        }
        Some(functions)
    }

    pub(super) fn function_set_up(&mut self, value: &Value) -> Option<Function> {
        let mut f = self.fields(value)?;
        let name = self.req(&mut f, "name", Self::new_name);
        let dma = self.req(&mut f, "dma", Self::range);
        let fid = self.opt(&mut f, "fid", Self::number32);
        let fh = self.opt(&mut f, "fh", Self::number32);
        let refresh = self.or(&mut f, "refresh", Self::boolean, false);
        let ism = self.or(&mut f, "ism", Self::boolean, false);
        let rtr = self.or(&mut f, "rtr", Self::boolean, false);
        let dtsm = self.opt(&mut f, "dtsm", Self::number8);
        let dma_api = self.or(&mut f, "dma_api", Self::boolean, true);
        self.close(&f);
        Some(Function {
            name: name?,
            dma: dma?,
            fid: fid?,
            fh: fh?,
            refresh: refresh?,
            ism: ism?,
            rtr: rtr?,
            dtsm: dtsm?,
            dma_api: dma_api?,
        })
    }

    fn steps(&mut self, value: &Value) -> Option<Vec<Step>> {
        let Kind::Array(elements) = &value.kind else { return self.wrong_type(value, "an array") };
        let mut steps = Vec::new();
        for (i, element) in elements.iter().enumerate() {
            self.report.enter_index(i, element);
            steps.extend(self.step(i, element));
            self.report.leave();
        }
        (steps.len() == elements.len()).then_some(steps)
    }
}

fn name_of(function: &Value) -> Option<&Value> {
    function.get("name")
}
