//! A 64-bit word, explained.

data! {
    /// Neighbouring bits that mean one thing.
    pub struct Field {
        /// The bits, counted from the least significant as 0: `63–12`.
        pub lsb: String,
        /// The bits as IBM counts: the most significant is 0.
        pub msb: String,
        /// Short name.
        pub name: String,
        /// Their value.
        pub value: String,
        /// What it says.
        pub meaning: String,
        /// Linux writes this.
        pub usual: bool,
    }

    /// A word explained.
    pub struct Decoded {
        /// In one line.
        pub meaning: String,
        /// All bits, from the most significant down.
        pub fields: Vec<Field>,
        /// What a walk that meets it does next.
        pub next: String,
    }
}
