//! The words of steps: each enumeration has one spelling for each value.

/// An enumeration of words: each value has one spelling in files.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$value_doc])* $value,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$value,)+];
            /// The word of each, in the same order.
            pub const WORDS: &[&str] = &[$($word,)+];

            /// Its word in files.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)+ }
            }

            /// The value with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }
    };
}
pub(super) use words;

words! {
    /// Type of an allocated domain.
    DomainKind {
        /// For VFIO and friends: mapped by hand.
        #[default]
        Unmanaged = "unmanaged",
        /// The DMA API's.
        Dma = "dma",
        /// The DMA API's with deferred flushes.
        DmaFq = "dma_fq",
        /// Addresses untranslated.
        Identity = "identity",
        /// No address reaches memory.
        Blocked = "blocked",
    }
}

words! {
    /// A driver, by what it does about errors of its function.
    DriverKind {
        /// vfio-pci: it is told of errors, and has no other handlers.
        #[default]
        VfioPci = "vfio-pci",
        /// It has no error handlers.
        NoHandlers = "no-handlers",
        /// It wants a reset, as nvme does.
        WantsReset = "wants-reset",
        /// It can do without a reset.
        CanRecover = "can-recover",
        /// It can do without a reset, and looks at the registers before it goes on.
        Examines = "examines",
        /// It gives up.
        GivesUp = "gives-up",
    }
}

words! {
    /// What a mapping allows.
    Prot {
        /// Reads and writes.
        #[default]
        ReadWrite = "rw",
        /// Reads.
        Read = "r",
        /// Writes.
        Write = "w",
        /// Neither.
        None = "none",
    }
}

words! {
    /// What a device does with memory it is handed.
    Direction {
        /// Reads and writes.
        #[default]
        Bidirectional = "bidi",
        /// Reads.
        ToDevice = "to",
        /// Writes.
        FromDevice = "from",
        /// Neither.
        None = "none",
    }
}

words! {
    /// What a driver may be asked for.
    Capability {
        /// DMA coherent with the caches.
        #[default]
        CacheCoherency = "cache_coherency",
        /// Interrupts that are remapped.
        IntrRemap = "intr_remap",
        /// Flushes that may be deferred.
        DeferredFlush = "deferred_flush",
        /// Pages protected from execution.
        Noexec = "noexec",
        /// Tracking of written pages.
        DirtyTracking = "dirty_tracking",
    }
}

words! {
    /// What a device does with an address.
    Access {
        /// Reads from it.
        #[default]
        Read = "read",
        /// Writes to it.
        Write = "write",
    }
}

words! {
    /// A level of translation tables.
    TableLevel {
        /// Region-first table.
        RegionFirst = "region-first",
        /// Region-second table.
        RegionSecond = "region-second",
        /// Region-third table.
        RegionThird = "region-third",
        /// Segment table.
        Segment = "segment",
        /// Page table.
        #[default]
        Page = "page",
    }
}

words! {
    /// Calls that can be made to fail.
    InjectPoint {
        /// Allocation of a translation table.
        #[default]
        AllocTable = "alloc_table",
        /// Allocation of a struct.
        AllocStruct = "alloc_struct",
        /// Registration of a table.
        RegisterIoat = "register_ioat",
        /// Its removal.
        UnregisterIoat = "unregister_ioat",
        /// Refresh of translations.
        RefreshTrans = "refresh_trans",
        /// The DMA API's initialization of a function.
        DmaInit = "dma_init",
        /// Its end.
        DmaExit = "dma_exit",
        /// Allocation of what the IOMMU core keeps about a function.
        DevParam = "dev_param",
        /// Allocation of a group.
        Group = "group",
        /// Allocation of a function's place in a group.
        GroupDevice = "group_device",
        /// Preparation of a domain by dma-iommu.
        DmaCookie = "dma_cookie",
        /// Allocation of a range of addresses.
        AllocNode = "alloc_node",
        /// Allocation of a magazine of cached addresses.
        AllocMagazine = "alloc_magazine",
        /// Allocation of a domain's flush queues.
        AllocQueueMemory = "alloc_queue_memory",
        /// Allocation of the caches of a domain's addresses.
        AllocCaches = "alloc_caches",
        /// Allocation of a CPU's part of one cache.
        AllocPercpu = "alloc_percpu",
        /// Allocation of a bitmap of the early DMA API.
        AllocBitmap = "alloc_bitmap",
        /// Allocation of memory for a coherent buffer.
        AllocPages = "alloc_pages",
    }
}
