//! A dropped file: what memory it has, the tables below an anchor, a walk through them, and what is wrong with them.

use std::rc::Rc;

use s390_iommu::addr::{Iova, Phys};
use s390_iommu::dump::{DumpError, DumpWalk, Lint, LintOptions, MemoryImage};
use s390_iommu::explain;
use s390_iommu::hw::walk::Access;
use s390_iommu::table::{Iota, Level, WordKind, decode};
use s390_iommu::tree::Tree;
use s390_iommu_view::file::{Dump, Question, Tables};
use s390_iommu_view::hex::hex;
use s390_iommu_view::text::Problem;

use crate::timeline::grouped;
use crate::unpack::Content;
use crate::{address, anchors, findings, tree, walk};

/// Rows of a tree that are shown.
const SHOWN: usize = 400;
/// Tables that a lint looks at between two looks at messages.
const SLICE: usize = 64;

type Image = Rc<MemoryImage<Content>>;

/// The file that was dropped last, and what is known of it.
#[derive(Debug, Default)]
pub struct Files {
    held: Option<(u32, Content)>,
    /// The address of the first byte that was asked for, and what was found.
    opened: Option<(Option<u64>, Result<Image, DumpError>)>,
    linted: Option<(Question, Progress)>,
}

/// A lint in progress.
struct Progress(Lint<Image>);

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Progress{:?}", self.0.position())
    }
}

impl Files {
    /// Takes a file in the place of the one before.
    pub fn hold(&mut self, number: u32, content: Content) {
        *self = Self { held: Some((number, content)), ..Self::default() };
    }

    /// What there is to see; nothing of a file that is not here.
    pub fn dump(&mut self, asked: &Question) -> Option<Result<Dump, Problem>> {
        let image = self.open(asked)?;
        Some(image.map(|image| dump(&image, asked)).map_err(|error| problem(&error)))
    }

    /// Looks at some tables more: the finished lint, or how far it is.
    pub fn lint(
        &mut self,
        asked: &Question,
    ) -> Option<Result<Result<s390_iommu_view::file::Lint, Problem>, (u32, u32)>> {
        let image = match self.open(asked)? {
            Ok(image) => image,
            Err(error) => return Some(Ok(Err(problem(&error)))),
        };
        let mut progress = match self.linted.take() {
            Some((known, progress)) if known == *asked => progress,
            _ => {
                let options = LintOptions { range: None, memory: image.machine_memory() };
                match Lint::new(image, Iota::from_bits(asked.iota.unwrap_or(0)), options) {
                    Ok(lint) => Progress(lint),
                    Err(error) => return Some(Ok(Err(problem(&error)))),
                }
            }
        };
        if progress.0.advance(SLICE) {
            return Some(Ok(Ok(findings::lint(&progress.0.finish()))));
        }
        let (done, known) = progress.0.position();
        self.linted = Some((asked.clone(), progress));
        Some(Err((done as u32, known as u32)))
    }

    fn open(&mut self, asked: &Question) -> Option<Result<Image, DumpError>> {
        let (_, content) = self.held.as_ref().filter(|(number, _)| *number == asked.file)?;
        if self.opened.as_ref().is_none_or(|(base, _)| *base != asked.base) {
            let image = content
                .unpacked()
                .and_then(|content| MemoryImage::open(content, asked.base.map(Phys::new)))
                .map(Rc::new);
            self.opened = Some((asked.base, image));
        }
        self.opened.as_ref().map(|(_, image)| image.clone())
    }
}

fn dump(image: &MemoryImage<Content>, asked: &Question) -> Dump {
    let segments = image.segments();
    let bytes: u128 =
        segments.iter().map(|segment| u128::from(segment.last.get() - segment.start.get()) + 1).sum();
    let span = match (segments.first(), segments.last()) {
        (Some(first), Some(last)) => format!("{}–{}", hex(first.start.get()), hex(last.last.get())),
        _ => "none".to_owned(),
    };
    let pieces =
        if segments.len() == 1 { "1 piece".to_owned() } else { format!("{} pieces", segments.len()) };
    Dump {
        format: image.format().text().to_owned(),
        memory: format!("{pieces}, {} KiB, within {span}", bytes.div_ceil(1024)),
        tables: asked.iota.map(|iota| tables(image, Iota::from_bits(iota), asked)),
        anchors: anchors::anchors(image),
    }
}

fn tables(image: &MemoryImage<Content>, iota: Iota, asked: &Question) -> Result<Box<Tables>, Problem> {
    let access = if asked.write { Access::Write } else { Access::Read };
    let tree = Tree::below(image, iota, SHOWN);
    let first = || tree.as_ref().and_then(|tree| Some(tree.mappings().first()?.iova.get()));
    let iova = asked.iova.or_else(first).unwrap_or(0);
    // An anchor that designates no table is told about here.
    let walked = DumpWalk::of(image, iota, Iova::new(iova), access).map_err(|error| problem(&error))?;
    let anchor = decode(WordKind::Iota, iota.bits()).meaning;
    let (rows, cut) = tree.map(|tree| tree::dumped(&tree)).unwrap_or_default();
    Ok(Box::new(Tables {
        anchor: grouped(anchor.split_once(": ").map_or(&*anchor, |(_, rest)| rest)),
        rows,
        cut,
        iova,
        parts: address::parts(iova, iota.root_level().unwrap_or(Level::RegionThird)),
        walk: walk::dumped(&walked),
    }))
}

/// What is wrong with a file, with the byte it is about.
fn problem(error: &DumpError) -> Problem {
    let place = error.at.map_or_else(String::new, |at| format!("at byte {at:#x}: "));
    let help = explain::find(error.code).into_iter().next();
    Problem {
        code: error.code.to_owned(),
        message: grouped(&format!("{place}{}", error.message)),
        help: help.map(
            |help| if help.look.is_empty() { help.text } else { format!("{} {}", help.text, help.look) },
        ),
        start: 0,
        end: 0,
        line: 0,
        column: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Question {
        Question { file: 7, base: None, iota: None, iova: None, write: false }
    }

    fn capture() -> Files {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../engine/tests/dumps/mut-k72-steprot.ck03-blk.tab.gz");
        let mut files = Files::default();
        files.hold(7, Content::of(std::fs::read(path).unwrap()));
        files
    }

    #[test]
    fn a_capture_is_browsed_walked_and_linted() {
        let mut files = capture();
        let plain = files.dump(&asked()).unwrap().unwrap();
        assert_eq!((&*plain.format, plain.tables), ("records of table memory", None));
        assert_eq!(plain.anchors, [0x2cf_c804]);
        let question = Question { iota: Some(0x2cf_c804), iova: Some(0x1_3ffe_0123), write: true, ..asked() };
        let tables = files.dump(&question).unwrap().unwrap().tables.unwrap().unwrap();
        assert!(tables.rows.iter().any(|row| row.meaning.contains("0x370_5000")), "{:#?}", tables.rows);
        assert_eq!(tables.walk.term.as_deref(), Some("protection"));
        let lint = loop {
            match files.lint(&question).unwrap() {
                Ok(done) => break done.unwrap(),
                Err((done, known)) => assert!(done <= known),
            }
        };
        assert_eq!((lint.clean, lint.findings.len(), &*lint.findings[0].code), (true, 1, "T011"));
        assert_eq!(files.dump(&Question { file: 8, ..asked() }), None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_byte() {
        let mut files = Files::default();
        files.hold(7, Content::of(b"\x7fELF and then nothing".to_vec()));
        let error = files.dump(&asked()).unwrap().unwrap_err();
        assert!(error.code.starts_with('D') && error.message.starts_with("at byte 0x"), "{error:?}");
        files.hold(7, Content::of(vec![1; 5000]));
        assert_eq!(files.dump(&asked()).unwrap().unwrap_err().code, "D011");
        let raw = Question { base: Some(0x1000), iota: Some(0), ..asked() };
        let tables = files.dump(&raw).unwrap().unwrap().tables.unwrap();
        assert_eq!(tables.unwrap_err().code, "D020");
        assert_eq!(files.lint(&raw).unwrap().unwrap().unwrap_err().code, "D020");
    }
}
