//! A file's bytes, unpacked where gzip has packed them.

use std::io::{self, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use s390_iommu::dump::{DumpError, Source};

/// The bytes of a file, wherever they are.
#[derive(Clone)]
pub struct Content(Rc<dyn Source>);

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({} bytes)", self.size())
    }
}

impl Source for Content {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn copy(&self, at: u64, into: &mut [u8]) -> bool {
        self.0.copy(at, into)
    }
}

/// Bytes that are unpacked at most.
const LIMIT: u64 = 256 << 20;

/// A damaged gzip file, by the code that the command has for it.
const DAMAGED: &str = "F003";

impl Content {
    /// The content of a file as it is.
    pub fn of(source: impl Source + 'static) -> Self {
        Self(Rc::new(source))
    }

    /// The same, unpacked if gzip has packed it.
    pub fn unpacked(&self) -> Result<Self, DumpError> {
        self.within(LIMIT)
    }

    fn within(&self, limit: u64) -> Result<Self, DumpError> {
        let mut magic = [0; 2];
        if self.size() < 2 || !self.copy(0, &mut magic) || magic != [0x1f, 0x8b] {
            return Ok(self.clone());
        }
        let mut packed = Packed { content: self, at: 0 };
        let mut bytes = Vec::new();
        let read = MultiGzDecoder::new(&mut packed).take(limit + 1).read_to_end(&mut bytes);
        let error = |code, message| DumpError { code, at: Some(packed.at), message };
        match read {
            Ok(read) if read as u64 > limit => {
                let message = format!("it holds more than {} MiB; unpack it first", limit >> 20);
                Err(error(DumpError::UNPACKS_TOO_LARGE, message))
            }
            Ok(_) => Ok(Self::of(bytes)),
            Err(found) => Err(error(DAMAGED, format!("damaged gzip file: {found}"))),
        }
    }
}

/// Reads content from its beginning to its end.
struct Packed<'c> {
    content: &'c Content,
    at: u64,
}

impl Read for &mut Packed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = (self.content.size() - self.at).min(into.len() as u64);
        let into = &mut into[..len as usize];
        if !self.content.copy(self.at, into) {
            return Err(io::Error::other("the file cannot be read"));
        }
        self.at += len;
        Ok(into.len())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn bytes(content: &Content) -> Vec<u8> {
        let mut bytes = vec![0; content.size() as usize];
        assert!(content.copy(0, &mut bytes));
        bytes
    }

    #[test]
    fn packed_or_not() {
        let (one, two) = (packed(b"one "), packed(b"two"));
        assert_eq!(bytes(&Content::of(b"plain".to_vec()).unpacked().unwrap()), b"plain");
        assert_eq!(bytes(&Content::of([one, two].concat()).unpacked().unwrap()), b"one two");
        assert_eq!(Content::of(vec![]).unpacked().unwrap().size(), 0);
    }

    #[test]
    fn damage_and_size_are_told() {
        let whole = packed(&[7; 5000]);
        let error = Content::of(whole[..whole.len() - 4].to_vec()).unpacked().unwrap_err();
        assert_eq!((error.code, error.at), ("F003", Some(whole.len() as u64 - 4)));
        let mut bad = whole.clone();
        *bad.last_mut().unwrap() ^= 1;
        assert_eq!(Content::of(bad).unpacked().unwrap_err().code, "F003");
        let bomb = Content::of(packed(&[0; 5001]));
        assert_eq!(bomb.within(5000).unwrap_err().code, "D012");
        assert_eq!(bomb.within(5001).unwrap().size(), 5001);
    }
}
