//! Which machine answers: every point where machines differ is a decision, and a profile is one row of them.
//!
//! The code of this module asks for decisions and never for a profile. What a row says is *observed* in captures of
//! real guests, *from QEMU*, *from Linux*, or *assumed*; each decision names its source.

use serde::{Deserialize, Serialize};

/// Which machine answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// A logical partition: the machine walks the tables itself.
    #[default]
    Lpar,
    /// A guest of z/VM.
    Zvm,
    /// QEMU, by its literal rules.
    Qemu,
    /// What stood in for hardware while the driver was recorded: it accepts every instruction, in any order.
    Recorder,
}

impl Profile {
    /// The profiles a scenario can name.
    pub const NAMED: [(&'static str, Self); 3] =
        [("lpar", Self::Lpar), ("zvm", Self::Zvm), ("qemu", Self::Qemu)];

    /// What it decides.
    ///
    /// ```
    /// use s390_iommu::hw::profile::{Caching, Profile};
    /// assert_eq!(Profile::Lpar.rules().caching, Caching::OnUse);
    /// assert_eq!(Profile::Qemu.rules().caching, Caching::OnRefresh);
    /// ```
    pub const fn rules(self) -> Rules {
        match self {
            Self::Lpar => Rules::LPAR,
            Self::Zvm => Rules::ZVM,
            Self::Qemu => Rules::QEMU,
            Self::Recorder => Rules::RECORDER,
        }
    }
}

/// All decisions of a machine. Change one for a machine between profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each type says what it decides")]
pub struct Rules {
    pub sequence: Sequence,
    pub designations: Designations,
    pub in_error: InError,
    pub disabling_again: DisablingAgain,
    pub caching: Caching,
    pub walker: Walker,
    pub refresh_fault: RefreshFault,
    pub shortage: Shortage,
    pub unregistered: Unregistered,
    pub above_range: AboveRange,
    pub blocked: BlockedDma,
    pub event_detail: EventDetail,
}

impl Rules {
    /// [`Profile::Lpar`].
    pub const LPAR: Self = Self {
        sequence: Sequence::Checked,
        designations: Designations::Regions,
        in_error: InError::Refuses,
        disabling_again: DisablingAgain::AlreadyThere,
        caching: Caching::OnUse,
        walker: Walker::Architecture,
        refresh_fault: RefreshFault::AnswerOnly,
        shortage: Shortage::None,
        unregistered: Unregistered::Event,
        above_range: AboveRange::Event,
        blocked: BlockedDma::Dropped,
        event_detail: EventDetail::Told,
    };

    /// [`Profile::Zvm`].
    pub const ZVM: Self = Self {
        caching: Caching::OnRefresh,
        refresh_fault: RefreshFault::ErrorState,
        shortage: Shortage::Capacity,
        ..Self::LPAR
    };

    /// [`Profile::Qemu`].
    pub const QEMU: Self = Self {
        sequence: Sequence::Checked,
        designations: Designations::RegionThird,
        in_error: InError::Accepts,
        disabling_again: DisablingAgain::NotValid,
        caching: Caching::OnRefresh,
        walker: Walker::Qemu,
        refresh_fault: RefreshFault::ErrorState,
        shortage: Shortage::Credits,
        unregistered: Unregistered::Dropped,
        above_range: AboveRange::Dropped,
        blocked: BlockedDma::Translated,
        event_detail: EventDetail::Zero,
    };

    /// [`Profile::Recorder`].
    pub const RECORDER: Self = Self { sequence: Sequence::AnyOrder, caching: Caching::Nothing, ..Self::LPAR };
}

macro_rules! decisions {
    ($($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $text:literal,)+ })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub enum $name { $($(#[$value_doc])* $value,)+ }

            impl $name {
                /// Stable name.
                pub const fn name(self) -> &'static str {
                    match self { $(Self::$value => $text,)+ }
                }
            }
        )+
    };
}

decisions! {
    /// Whether instructions are checked against what went before.
    Sequence {
        /// Registering twice, deregistering nothing, resetting what is not in error: status 24 (*from QEMU*, *observed*
        /// for what Linux does right).
        Checked = "checked",
        /// Every instruction succeeds (*observed*: the stand-in of the driver's recordings).
        AnyOrder = "any-order",
    }

    /// Which roots can be registered.
    Designations {
        /// Region-third, -second and -first tables (*from Linux*, which builds all three where CLP offers them).
        Regions = "regions",
        /// Region-third tables only (*from QEMU*, reg_ioat).
        RegionThird = "region-third",
    }

    /// What a registration answers while the function is in error.
    InError {
        /// Status 40 (*from Linux*, reg_ioat_propagate_error).
        Refuses = "refuses",
        /// It is accepted (*from QEMU*, mpcifc_service_call).
        Accepts = "accepts",
    }

    /// What disabling a disabled function answers.
    DisablingAgain {
        /// 0x105, already in the requested state (*from Linux*, zpci_disable_device handles it).
        AlreadyThere = "already-there",
        /// 0x102, handle not valid for the operation (*from QEMU*).
        NotValid = "not-valid",
    }

    /// What the machine caches, and when.
    Caching {
        /// Nothing: tables are walked at every access.
        Nothing = "nothing",
        /// A translation, when an access uses it; a refresh takes it out (*assumed*: capacity and replacement are not
        /// published, so nothing leaves by itself).
        OnUse = "on-use",
        /// What a refresh finds in the tables; accesses see nothing else (*observed* for QEMU; for z/VM *from Linux*,
        /// which refreshes after every change there).
        OnRefresh = "on-refresh",
    }

    /// Who reads the tables for a refresh.
    Walker {
        /// The walk of [`walk`](crate::hw::walk); after each result the refresh goes on at the next frame.
        Architecture = "architecture",
        /// QEMU's own: the origin is the anchor without 0x804, an address of any length is masked, a frame at address 0
        /// is an error, and a refresh goes on one frame length after where it was, even from the middle of a frame
        /// (*from QEMU*, *observed*).
        Qemu = "qemu",
    }

    /// What follows a refresh that meets no registration, a range outside of it, or a malformed entry.
    RefreshFault {
        /// Status 8 where nothing is registered; tables are not read, so nothing else can be wrong (*assumed*).
        AnswerOnly = "answer-only",
        /// Status 8, an event, and the function is in error (*observed* for QEMU, *assumed* for z/VM).
        ErrorState = "error-state",
    }

    /// What there can be too little of.
    Shortage {
        /// Nothing.
        None = "none",
        /// Entries of the shadow: status 4 (*from Linux*, zpci_refresh_trans treats it as no memory).
        Capacity = "capacity",
        /// The host's DMA mappings, shared by functions of a container: status 16, also when the last one was used
        /// (*from QEMU*, dma_avail).
        Credits = "credits",
    }

    /// What an access of a function does for which nothing is registered.
    Unregistered {
        /// Event 1 (*assumed* from the event's name).
        Event = "event",
        /// It is dropped, without an event (*from QEMU*).
        Dropped = "dropped",
    }

    /// What an access above PAL does.
    AboveRange {
        /// Event 2, as below PBA (*assumed*).
        Event = "event",
        /// It is dropped: QEMU's memory region ends there (*observed*).
        Dropped = "dropped",
    }

    /// What DMA does between operation 9 and operation 7.
    BlockedDma {
        /// It is dropped (*from QEMU's own description of the state*).
        Dropped = "dropped",
        /// It is translated (*from QEMU's code*).
        Translated = "translated",
    }

    /// What an error event says besides code and address.
    EventDetail {
        /// The level at which the walk failed, and whether it was a write (*assumed*: the layout is known from Linux,
        /// the values are not).
        Told = "told",
        /// Nothing (*from QEMU*).
        Zero = "zero",
    }
}
