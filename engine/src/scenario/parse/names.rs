//! Names of functions, domains, kernels and patches: which exist, and from where to where.

use std::collections::BTreeMap;

use super::reader::{Reader, shown};
use super::value::{Kind, Value};
use crate::scenario::expect::KernelRange;

/// Domains that exist without being allocated.
const STATIC: [&str; 2] = ["identity", "blocking"];
/// Words that expectations use in place of a domain.
const WORDS: [&str; 3] = ["none", "dma_api", "freed"];
/// Longest name, in characters.
pub(super) const LONGEST: usize = 64;

/// Names of kernels and patches that the caller knows; with empty lists any name will do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'n> {
    /// Names of kernels, aliases included.
    pub kernels: &'n [&'n str],
    /// Names of patches.
    pub patches: &'n [&'n str],
}

/// Where a domain is in its life while the steps are read.
#[derive(Clone, Copy, PartialEq)]
enum Life {
    /// Some later step allocates it.
    Later(usize),
    Alive,
    /// The step that freed it.
    Freed(usize),
}

/// What is declared.
#[derive(Default)]
pub(super) struct Names<'n> {
    known: Known<'n>,
    /// Whether references are checked; not if a step is read alone.
    checked: bool,
    functions: Vec<String>,
    domains: BTreeMap<String, Life>,
}

impl<'n> Names<'n> {
    /// Looks through a whole scenario for the names it declares, wherever they are.
    pub(super) fn collect(known: Known<'n>, scenario: &Value) -> Self {
        let array = |key| scenario.get(key).map_or(&[][..], Value::elements);
        let functions = array("functions").iter().filter_map(|f| f.get("name")?.text());
        let mut domains = BTreeMap::new();
        for name in array("domains").iter().filter_map(Value::text) {
            domains.insert(name.to_owned(), Life::Alive);
        }
        for (i, step) in array("steps").iter().enumerate() {
            if let Some(name) = step.get("alloc").and_then(Value::text) {
                domains.entry(name.to_owned()).or_insert(Life::Later(i));
            }
        }
        Self { known, checked: true, functions: functions.map(ToOwned::to_owned).collect(), domains }
    }

    pub(super) fn first_function(&self) -> Option<String> {
        self.functions.first().cloned()
    }

    pub(super) fn only_function(&self) -> Option<String> {
        if self.functions.len() == 1 { self.first_function() } else { None }
    }

    pub(super) fn only_domain(&self) -> Option<String> {
        if self.domains.len() == 1 { self.domains.keys().next().cloned() } else { None }
    }

    pub(super) fn domain_count(&self) -> usize {
        self.domains.len()
    }
}

impl Reader<'_> {
    /// A new name: letters, digits, `_`, `.`, `-`; at most 64; not a word with a meaning.
    pub(super) fn new_name(&mut self, value: &Value) -> Option<String> {
        let text = self.text(value)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let (code, message) = if text.chars().count() > LONGEST {
            ("S036", format!("a name has at most {LONGEST} characters"))
        } else if text.is_empty() || !text.chars().all(allowed) {
            ("S035", format!("`{}` is not a name", shown(&text)))
        } else if STATIC.contains(&text.as_str()) || WORDS.contains(&text.as_str()) {
            ("S035", format!("`{text}` has a meaning of its own"))
        } else {
            return Some(text);
        };
        self.report.error(code, value.span.as_ref(), message);
        None
    }

    /// A declared function.
    pub(super) fn function(&mut self, value: &Value) -> Option<String> {
        let text = self.text(value)?;
        if self.names.checked && !self.names.functions.contains(&text) {
            let message = format!("there is no function `{}`", shown(&text));
            self.report.error("S030", value.span.as_ref(), message);
            self.report.suggest(&text, self.names.functions.iter().map(String::as_str));
            return None;
        }
        Some(text)
    }

    /// A domain that is alive here.
    pub(super) fn domain(&mut self, value: &Value) -> Option<String> {
        let text = self.text(value)?;
        if !self.names.checked {
            return Some(text);
        }
        let (code, message, help) = match self.names.domains.get(&text) {
            Some(Life::Alive) => return Some(text),
            Some(Life::Later(i)) => (
                "S032",
                format!("domain `{text}` does not exist yet"),
                Some(format!("steps[{i}] allocates it; declare it in `domains`, or allocate it earlier")),
            ),
            Some(Life::Freed(i)) => {
                ("S033", format!("domain `{text}` exists no more"), Some(format!("steps[{i}] freed it")))
            }
            None => ("S031", format!("there is no domain `{}`", shown(&text)), None),
        };
        self.report.error(code, value.span.as_ref(), message);
        match help {
            Some(help) => self.report.help(help),
            None => self.report.suggest(&text, self.names.domains.keys().map(String::as_str)),
        }
        None
    }

    /// A domain that is alive here, or a static one.
    pub(super) fn domain_or_static(&mut self, value: &Value) -> Option<String> {
        if value.text().is_some_and(|text| STATIC.contains(&text)) {
            self.text(value)
        } else {
            self.domain(value)
        }
    }

    /// A domain declared anywhere, or a word that stands for none of them.
    pub(super) fn domain_or_word(&mut self, value: &Value) -> Option<String> {
        let text = self.text(value)?;
        if !STATIC.contains(&text.as_str()) && !WORDS.contains(&text.as_str()) {
            self.declared_domain(&text, value)?;
        }
        Some(text)
    }

    /// Reports a name that is that of no domain, dead or alive.
    pub(super) fn declared_domain(&mut self, name: &str, value: &Value) -> Option<()> {
        if !self.names.checked || self.names.domains.contains_key(name) {
            return Some(());
        }
        self.report.error("S031", value.span.as_ref(), format!("there is no domain `{}`", shown(name)));
        self.report.suggest(name, self.names.domains.keys().map(String::as_str));
        None
    }

    /// The name of a domain that step `i` allocates: alive from here on.
    pub(super) fn allocate(&mut self, value: &Value) -> Option<String> {
        let name = self.new_name(value)?;
        if self.names.domains.get(&name) == Some(&Life::Alive) {
            self.report.error("S034", value.span.as_ref(), format!("domain `{name}` exists already"));
            return None;
        }
        if self.names.functions.contains(&name) {
            self.report.error("S034", value.span.as_ref(), format!("`{name}` is the name of a function"));
            return None;
        }
        self.names.domains.insert(name.clone(), Life::Alive);
        Some(name)
    }

    /// Marks a domain as freed by step `i`.
    pub(super) fn freed(&mut self, name: &str, i: usize) {
        if let Some(life) = self.names.domains.get_mut(name) {
            *life = Life::Freed(i);
        }
    }

    /// A known kernel.
    pub(super) fn kernel(&mut self, value: &Value) -> Option<String> {
        let text = self.text(value)?;
        self.known(value, "S037", "kernel", &text, self.names.known.kernels)?;
        Some(text)
    }

    /// Known patches.
    pub(super) fn patches(&mut self, value: &Value) -> Option<Vec<String>> {
        self.list(value, |r, value| {
            let text = r.text(value)?;
            r.known(value, "S038", "patch", &text, r.names.known.patches)?;
            Some(text)
        })
    }

    /// `v6.2..`, `..p3`, `p1..p5`, `p3`.
    pub(super) fn kernel_range(&mut self, value: &Value) -> Option<KernelRange> {
        let text = self.text(value)?;
        let (first, last) = text.split_once("..").unwrap_or((&text, &text));
        let name = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let range = KernelRange { first: name(first), last: name(last) };
        if range.first.is_none() && range.last.is_none() || last.contains("..") || last.starts_with('.') {
            let message = format!("`{}` is not a range of kernels", shown(&text));
            self.report.error("S039", value.span.as_ref(), message);
            self.report.help("such as \"v6.2..\", \"..p3\", \"p1..p5\" or \"p3\"".to_owned());
            return None;
        }
        for bound in [&range.first, &range.last].into_iter().flatten() {
            self.known(value, "S037", "kernel", bound, self.names.known.kernels)?;
        }
        Some(range)
    }

    fn known(
        &mut self,
        value: &Value,
        code: &'static str,
        what: &str,
        text: &str,
        known: &[&str],
    ) -> Option<()> {
        if known.is_empty() && !text.is_empty() || known.contains(&text) {
            return Some(());
        }
        self.report.error(code, value.span.as_ref(), format!("there is no {what} `{}`", shown(text)));
        if !known.is_empty() {
            self.report.help(format!("known: {}", known.join(", ")));
            self.report.suggest(text, known.iter().copied());
        }
        None
    }

    /// Reports names that are declared twice, in `functions` and `domains`.
    pub(super) fn unique(
        &mut self,
        key: &str,
        values: &[Value],
        name: fn(&Value) -> Option<&Value>,
        seen: &mut Vec<String>,
    ) {
        for (i, value) in values.iter().enumerate() {
            let Some((value, text)) = name(value).and_then(|v| Some((v, v.text()?))) else { continue };
            if seen.iter().any(|s| s == text) {
                self.report.enter_key(key, value);
                self.report.enter_index(i, value);
                self.report.error("S034", None, format!("the name `{}` is used twice", shown(text)));
                self.report.leave();
                self.report.leave();
            }
            seen.push(text.to_owned());
        }
    }
}

/// The value itself, for [`Reader::unique`].
pub(super) fn itself(value: &Value) -> Option<&Value> {
    matches!(value.kind, Kind::Str(_)).then_some(value)
}
