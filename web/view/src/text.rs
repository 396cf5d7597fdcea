//! Texts of scenarios: what is wrong with one, and which are shipped.

data! {
    /// Something wrong with a text, or worth a remark.
    pub struct Problem {
        /// A stable code.
        pub code: String,
        /// What is wrong.
        pub message: String,
        /// How to put it right.
        pub help: Option<String>,
        /// First byte in the text.
        pub start: usize,
        /// Byte after the last.
        pub end: usize,
        /// Line, from 1.
        pub line: u32,
        /// Column, from 1.
        pub column: u32,
    }

    /// A text that was read.
    #[derive(Default)]
    pub struct Reading {
        /// The scenario's title; none where errors are in the way.
        pub title: Option<String>,
        /// What it shows.
        pub about: Option<String>,
        /// The shipped file that it is, letter by letter.
        pub file: Option<String>,
        /// What is wrong.
        pub problems: Vec<Problem>,
    }

    /// A shipped scenario.
    pub struct Entry {
        /// Name of its file, without ending.
        pub file: String,
        /// Its title.
        pub title: String,
        /// What it shows.
        pub about: String,
        /// Its topics.
        pub topics: Vec<String>,
    }

    /// Shipped scenarios of one topic.
    pub struct Group {
        /// The topic.
        pub topic: String,
        /// In words.
        pub heading: String,
        /// Its scenarios.
        pub entries: Vec<Entry>,
    }
}
