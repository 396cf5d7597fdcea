//! Text to scenario, with every mistake at its place.
//!
//! TOML and JSON become the same values (`value`), which one reader takes apart. Nothing here panics or
//! hangs, whatever the bytes are: sizes are limited before anything is done in proportion to them.

mod de;
mod expect;
mod json;
mod names;
mod number;
mod reader;
mod report;
mod scenario;
mod step;
#[cfg(test)]
mod tests;
mod toml;
mod value;

pub use names::Known;

use names::Names;
use reader::Reader;
use report::Report;
use value::{Kind, Value};

use super::diagnostic::{Diagnostic, Lines};
use super::model::Scenario;

/// Most bytes of a scenario file.
pub const MAX_BYTES: usize = 1 << 20;
/// Most steps of a scenario.
pub const MAX_STEPS: usize = 10_000;
/// Most functions of a scenario.
pub const MAX_FUNCTIONS: usize = 256;
/// Most domains of a scenario, those that steps allocate included.
pub const MAX_DOMAINS: usize = 256;

/// Reads a scenario from TOML, or from JSON of the same shape if the first character is `{`.
///
/// There is a scenario exactly if no diagnostic is an error. All mistakes are reported, in the order of the
/// text; beyond 100 only their number. Names of kernels and patches are not checked, see [`parse_with`].
///
/// ```
/// let text = r#"
/// schema = 1
/// title = "One page"
/// functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
/// domains = ["d0"]
/// steps = [
///   { attach = "f0", to = "d0" },
///   { map = 0x1_0000_0000, phys = 0x8000_0000, size = "4 KiB", expect = { rc = 0 } },
/// ]
/// "#;
/// let (scenario, diagnostics) = s390_iommu::scenario::parse(text);
/// assert!(diagnostics.is_empty());
/// assert_eq!(scenario.unwrap().steps.len(), 2);
/// ```
pub fn parse(text: &str) -> (Option<Scenario>, Vec<Diagnostic>) {
    parse_with(text, Known::default())
}

/// As [`parse`], and checks the names of kernels and patches against those that are known.
///
/// ```
/// use s390_iommu::scenario::{Known, parse_with};
/// let known = Known { kernels: &["v6.2"], patches: &[] };
/// let (_, diagnostics) = parse_with("schema = 1\ntitle = \"\"\nkernel = \"v6.3\"\n", known);
/// assert_eq!(diagnostics[0].code, "S037");
/// ```
pub fn parse_with(text: &str, known: Known<'_>) -> (Option<Scenario>, Vec<Diagnostic>) {
    let mut report = Report::default();
    if text.len() > MAX_BYTES {
        report.error(
            "S004",
            None,
            format!("the file has {} bytes, at most {MAX_BYTES} are read", text.len()),
        );
        return (None, report.finish(None));
    }
    let lines = Lines::new(text);
    // A byte order mark is blank; one blank keeps all places as they are.
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let offset = text.len() - bare.len();
    let value = if bare.trim().is_empty() {
        report.error("S003", Some(&(0..0)), "the file is empty".to_owned());
        None
    } else if bare.trim_start().starts_with('{') {
        json::read(bare, &mut report)
    } else {
        toml::read(bare, &mut report)
    };
    report.shift(offset);
    let Some(mut value) = value else { return (None, report.finish(Some(&lines))) };
    value.shift(offset);
    let (mut scenario, report) = read(&value, known, report);
    for step in scenario.iter_mut().flat_map(|s| &mut s.steps) {
        step.place.line = lines.line(step.place.start);
    }
    (scenario, report.finish(Some(&lines)))
}

/// As [`parse_with`] for bytes, which must be UTF-8.
///
/// ```
/// let (_, diagnostics) = s390_iommu::scenario::parse_bytes(b"title = \"\xff\"", Default::default());
/// assert_eq!((diagnostics[0].code, diagnostics[0].column), ("S002", 10));
/// ```
pub fn parse_bytes(bytes: &[u8], known: Known<'_>) -> (Option<Scenario>, Vec<Diagnostic>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => parse_with(text, known),
        Err(error) if bytes.len() <= MAX_BYTES => {
            let good = error.valid_up_to();
            let mut report = Report::default();
            report.error("S002", Some(&(good..good + 1)), "this byte is not UTF-8 text".to_owned());
            let text = String::from_utf8_lossy(&bytes[..good]);
            (None, report.finish(Some(&Lines::new(&text))))
        }
        Err(_) => parse_with(&" ".repeat(bytes.len()), known),
    }
}

/// Reads a scenario from a value.
fn read(value: &Value, known: Known<'_>, report: Report) -> (Option<Scenario>, Report) {
    let mut reader = Reader { report, names: Names::collect(known, value) };
    let scenario = reader.scenario(value);
    let scenario = scenario.filter(|_| reader.report.is_empty());
    (scenario, reader.report)
}

impl Value {
    /// Moves all places, for what stood before the text that was read.
    fn shift(&mut self, by: usize) {
        if by == 0 {
            return;
        }
        let shift = |span: &mut Option<value::Span>| *span = span.take().map(|s| s.start + by..s.end + by);
        shift(&mut self.span);
        match &mut self.kind {
            Kind::Array(elements) => elements.iter_mut().for_each(|v| v.shift(by)),
            Kind::Table(entries) => {
                for (key, value) in entries {
                    shift(&mut key.span);
                    value.shift(by);
                }
            }
            _ => {}
        }
    }
}
