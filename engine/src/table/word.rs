//! What the four kinds of word have in common: a newtype over `u64` that keeps every bit.

/// The "read-only" bit, at the same place in the IOTA and in every kind of entry.
pub(super) const PROTECT: u64 = 0x200;

/// Defines a word type with the conversions from and to its bits, and hexadecimal text.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// The word with these bits, all of them kept; every `u64` is one.
            #[inline]
            pub const fn from_bits(bits: u64) -> Self {
                Self(bits)
            }

            /// Its 64 bits, as memory holds them in big-endian order.
            #[inline]
            pub const fn bits(self) -> u64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:#x}", self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({:#x})"), self.0)
            }
        }
    };
}
pub(super) use word;
