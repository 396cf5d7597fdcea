//! Blocks of bytes with named fields: every bit is kept, fields are views of it.

/// Defines a block of a fixed length whose fields are big-endian numbers at fixed offsets.
macro_rules! block {
    ($(#[$doc:meta])* $name:ident: $len:literal {
        $($(#[$field_doc:meta])* $field:ident, $with:ident: $kind:ident = $at:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Bytes in the block.
            pub const LEN: usize = $len;

            /// The block with these bytes.
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// The block at the start of these bytes; `None` if there are too few.
            pub fn read(bytes: &[u8]) -> Option<Self> {
                bytes.first_chunk().copied().map(Self)
            }

            /// All of its bytes.
            pub const fn bytes(&self) -> &[u8; $len] {
                &self.0
            }

            $(
                $(#[$field_doc])*
                pub fn $field(&self) -> $kind {
                    let mut value = [0; size_of::<$kind>()];
                    value.copy_from_slice(&self.0[$at..$at + size_of::<$kind>()]);
                    $kind::from_be_bytes(value)
                }

                /// The same block with this field changed.
                #[must_use]
                pub fn $with(mut self, value: $kind) -> Self {
                    self.0[$at..$at + size_of::<$kind>()].copy_from_slice(&value.to_be_bytes());
                    self
                }
            )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self([0; $len])
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), &format_args!("{:#x}", self.$field())))*
                    .finish()
            }
        }
    };
}
pub(super) use block;
pub(in crate::hw) use block as byte_block;
