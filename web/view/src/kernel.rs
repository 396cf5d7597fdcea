//! Which kernel runs, and which others there are.

data! {
    /// A kernel to choose.
    pub struct Choice {
        /// As it is typed.
        pub name: String,
        /// As it is read.
        pub label: String,
    }

    /// A patch to switch.
    pub struct Switch {
        /// The patch: `p1`.
        pub name: String,
        /// Its title.
        pub title: String,
        /// It is on.
        pub on: bool,
        /// What it is and does.
        pub tip: String,
        /// The kernel that the switch leads to.
        pub toggled: String,
    }

    /// The kernel of one column.
    pub struct Kernel {
        /// Its name.
        pub name: String,
        /// The patches that can be switched on it: none on kernels that contain them.
        pub switches: Vec<Switch>,
        /// Requirements between patches that are not met.
        pub unmet: Vec<String>,
    }
}
