//! The three truths of an access: what its caller wanted, what the tables say, what is cached; and their verdict.

data! {
    /// How much a verdict matters.
    #[derive(Copy)]
    pub enum Gravity {
        /// All agree.
        Agrees,
        /// They do not, and that may be.
        Allowed,
        /// They do not, and must.
        Wrong,
    }

    /// A verdict by its name.
    pub struct Mark {
        /// Its stable name.
        pub name: String,
        /// How much it matters.
        pub gravity: Gravity,
    }

    /// Three answers about an address, and their verdict.
    pub struct Truths {
        /// The verdict.
        pub mark: Mark,
        /// Why, in a few words: `unmapped at step 5, no refresh covers it`; empty where all agree.
        pub why: String,
        /// What the caller was told.
        pub intent: String,
        /// What the tables say.
        pub tables: String,
        /// What is cached.
        pub cache: String,
        /// The step behind it.
        pub cause: Option<u32>,
        /// What the verdict means.
        pub meaning: String,
        /// Where to look.
        pub look: String,
    }

    /// What became of a device's read or write.
    pub struct Access {
        /// What was tried: `read of 8 bytes at 0x1_0000_0000 by f0`.
        pub what: String,
        /// What came of it: `8 of 8 bytes, at 0x8000_0000, from the cache`.
        pub came: String,
        /// What was read, in groups of bytes.
        pub bytes: String,
        /// The fault that ended it, by its name.
        pub fault: Option<String>,
        /// The error event about that.
        pub event: Option<String>,
        /// The three answers; none in a system that is not watched.
        pub truths: Option<Truths>,
    }
}
