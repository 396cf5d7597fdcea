//! A file that was dropped on the page, and what the user wants to see of it.

use s390_iommu_view::file::Question;
use s390_iommu_view::hex::parse;

/// The file; numbers are as they were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Its number: the worker knows it by that.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// Address of the first byte, for raw memory.
    pub base: String,
    /// The anchor.
    pub iota: String,
    /// The address to walk.
    pub iova: String,
    /// The access is a write.
    pub write: bool,
    /// The anchor was typed, or found: it is not to be found again.
    pub anchored: bool,
}

/// What the user does with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The base address.
    Base(String),
    /// The anchor.
    Iota(String),
    /// An anchor was found in the file.
    Found(String),
    /// The address to walk.
    Iova(String),
    /// Read or write.
    Write(bool),
}

impl Dropped {
    /// Does it.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Base(text) => self.base = text,
            Change::Found(_) if self.anchored => {}
            Change::Iota(text) | Change::Found(text) => {
                (self.iota, self.iova, self.anchored) = (text, String::new(), true);
            }
            Change::Iova(text) => self.iova = text,
            Change::Write(write) => self.write = write,
        }
    }

    /// What the worker is asked; nothing while a number is none.
    pub fn question(&self) -> Option<Question> {
        Some(Question {
            file: self.number,
            base: number(&self.base)?,
            iota: number(&self.iota)?,
            iova: number(&self.iova)?,
            write: self.write,
        })
    }

    /// What a lint is asked: it does not care about addresses. Nothing without an anchor.
    pub fn lint(&self) -> Option<Question> {
        let asked = self.question()?;
        asked.iota.map(|_| Question { iova: None, write: false, ..asked })
    }
}

/// A number, or nothing where nothing was typed; `None` for what is neither.
pub fn number(text: &str) -> Option<Option<u64>> {
    if text.trim().is_empty() { Some(None) } else { parse(text).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_missing_but_not_wrong() {
        let mut file = Dropped { number: 3, ..Dropped::default() };
        assert_eq!(file.question().map(|asked| (asked.file, asked.iota)), Some((3, None)));
        assert_eq!(file.lint(), None);
        file.apply(Change::Found("0x2cfc804".into()));
        file.apply(Change::Found("0x1".into()));
        file.apply(Change::Iova("0x1_0000".into()));
        assert_eq!(
            file.question().map(|asked| (asked.iota, asked.iova)),
            Some((Some(0x2cf_c804), Some(0x1_0000)))
        );
        assert_eq!(file.lint().map(|asked| asked.iova), Some(None));
        file.apply(Change::Base("x y".into()));
        assert_eq!((file.question(), file.lint()), (None, None));
    }
}
