//! What names and codes mean.

data! {
    /// One meaning of a name or code.
    pub struct Meaning {
        /// The name or code.
        pub code: String,
        /// What it is, in a few words.
        pub title: String,
        /// What it means.
        pub text: String,
        /// Where to look; may be empty.
        pub look: String,
        /// Where that is known from; may be empty.
        pub source: String,
    }
}
