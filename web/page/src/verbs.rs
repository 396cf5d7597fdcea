//! The kinds of step that buttons add, and the fields that each of them has.

use s390_iommu_view::hex::{hex, parse, parse_size};
use s390_iommu_view::insert::NewStep;

/// A kind of step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A function goes into a domain.
    Attach,
    /// Memory is mapped.
    Map,
    /// And unmapped.
    Unmap,
    /// A function leaves its domain.
    Detach,
    /// A device reads.
    Read,
    /// A device writes.
    Write,
    /// Entries are refreshed by hand.
    Refresh,
    /// A function is brought back.
    Recover,
}

/// All, in the order in which they are mostly needed.
pub const VERBS: [Verb; 8] = [
    Verb::Attach,
    Verb::Map,
    Verb::Unmap,
    Verb::Detach,
    Verb::Read,
    Verb::Write,
    Verb::Refresh,
    Verb::Recover,
];

/// A field of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// A function's name.
    Function,
    /// A domain's name.
    Domain,
    /// An address of the device.
    Iova,
    /// A physical address.
    Phys,
    /// Bytes of a mapping or a range.
    Size,
    /// Bytes that are moved.
    Length,
    /// Rights.
    Prot,
}

impl Verb {
    /// As in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attach => "attach",
            Self::Map => "map",
            Self::Unmap => "unmap",
            Self::Detach => "detach",
            Self::Read => "read",
            Self::Write => "write",
            Self::Refresh => "refresh",
            Self::Recover => "recover",
        }
    }

    /// Its fields, in the order of a scenario.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Attach | Self::Detach => &[Field::Function, Field::Domain],
            Self::Map => &[Field::Iova, Field::Phys, Field::Size, Field::Prot, Field::Domain],
            Self::Unmap => &[Field::Iova, Field::Size, Field::Domain],
            Self::Read | Self::Write => &[Field::Iova, Field::Length, Field::Function],
            Self::Refresh => &[Field::Function, Field::Iova, Field::Size],
            Self::Recover => &[Field::Function],
        }
    }
}

impl Field {
    /// Its label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Domain => "domain",
            Self::Iova => "IOVA",
            Self::Phys => "phys",
            Self::Size => "size",
            Self::Length => "length",
            Self::Prot => "prot",
        }
    }

    /// Characters that it shows.
    pub const fn width(self) -> &'static str {
        match self {
            Self::Iova | Self::Phys => "16",
            _ => "8",
        }
    }
}

/// What there is to choose among, and what is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// Names of functions.
    pub functions: Vec<String>,
    /// Names of domains.
    pub domains: Vec<String>,
    /// The address that is walked.
    pub iova: u64,
}

impl Setting {
    /// What a field holds before anything was typed.
    pub fn initial(&self, field: Field) -> String {
        let first = |names: &[String]| names.first().cloned().unwrap_or_default();
        match field {
            Field::Function => first(&self.functions),
            Field::Domain => first(&self.domains),
            Field::Iova => hex(self.iova),
            Field::Phys => hex(0x8000_0000),
            Field::Size => "4 KiB".to_owned(),
            Field::Length => "8".to_owned(),
            Field::Prot => "rw".to_owned(),
        }
    }

    /// What may be chosen; nothing for what is typed.
    pub fn choices(&self, field: Field) -> Vec<String> {
        match field {
            Field::Function => self.functions.clone(),
            Field::Domain => self.domains.clone(),
            Field::Prot => ["rw", "r", "w", "none"].map(str::to_owned).to_vec(),
            _ => Vec::new(),
        }
    }
}

/// The step, or the first field that is wrong.
pub fn step(verb: Verb, value: impl Fn(Field) -> String) -> Result<NewStep, Field> {
    let name = |field| Some(value(field)).filter(|name| !name.is_empty()).ok_or(field);
    let number = |field| parse(&value(field)).ok_or(field);
    let bytes = |field| parse_size(&value(field)).filter(|size| *size > 0).ok_or(field);
    let function = || name(Field::Function);
    let domain = || name(Field::Domain);
    let iova = || number(Field::Iova);
    let length = |most: u64| bytes(Field::Length).ok().filter(|size| *size <= most).ok_or(Field::Length);
    Ok(match verb {
        Verb::Attach => NewStep::Attach { function: function()?, domain: domain()? },
        Verb::Detach => NewStep::Detach { function: function()?, domain: domain()? },
        Verb::Map => NewStep::Map {
            iova: iova()?,
            phys: number(Field::Phys)?,
            size: bytes(Field::Size)?,
            prot: name(Field::Prot)?,
            domain: domain()?,
        },
        Verb::Unmap => NewStep::Unmap { iova: iova()?, size: bytes(Field::Size)?, domain: domain()? },
        Verb::Read => NewStep::Read { iova: iova()?, size: length(MOST_READ)?, function: function()? },
        Verb::Write => NewStep::Write { iova: iova()?, size: length(MOST_WRITTEN)?, function: function()? },
        Verb::Refresh => NewStep::Refresh { iova: iova()?, size: bytes(Field::Size)?, function: function()? },
        Verb::Recover => NewStep::Recover { function: function()? },
    })
}

/// Bytes that a device reads in one step at most.
pub const MOST_READ: u64 = 64 << 10;
/// Bytes that one writes, for they stand in the text.
pub const MOST_WRITTEN: u64 = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_make_a_step_of_every_kind() {
        let setting = Setting { functions: vec!["f0".into()], domains: vec!["d0".into()], iova: 0x1000 };
        for verb in VERBS {
            assert!(step(verb, |field| setting.initial(field)).is_ok(), "{}", verb.name());
        }
    }

    #[test]
    fn the_first_wrong_field_is_told() {
        let none = Setting::default();
        assert_eq!(step(Verb::Attach, |field| none.initial(field)), Err(Field::Function));
        let typed = |field| if field == Field::Length { "1 MiB".to_owned() } else { "0x1000".to_owned() };
        assert_eq!(step(Verb::Read, typed), Err(Field::Length));
        assert_eq!(step(Verb::Map, |_| "x y".to_owned()), Err(Field::Iova));
    }
}
