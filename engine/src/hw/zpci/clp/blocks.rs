//! Request and response blocks of CLP.
//!
//! Sources: `asm/clp.h` and `asm/pci_clp.h` of Linux, and blocks seen in captures.

use crate::addr::{Iova, IovaRange};
use crate::hw::zpci::block::block;

block! {
    /// A request that is about one function or one group, 0x20 bytes.
    ClpRequest: 0x20 {
        /// Bytes of the request: 0x20.
        length, with_length: u16 = 0x00;
        /// The command.
        command, with_command: u16 = 0x02;
        /// Where to go on with a list; 0 at first.
        resume, with_resume: u64 = 0x10;
        /// Handle of the function. The group's number is in its last byte.
        subject, with_subject: u32 = 0x10;
        /// Set function: 0 enable, 1 disable.
        operation, with_operation: u8 = 0x16;
        /// Set function: DMA address spaces wanted.
        spaces, with_spaces: u8 = 0x17;
    }
}

block! {
    /// What every response begins with, 0x10 bytes.
    ClpHeader: 0x10 {
        /// Bytes of the response.
        length, with_length: u16 = 0x00;
        /// How it went.
        response, with_response: u16 = 0x02;
    }
}

block! {
    /// The attributes of a function: the response to a query, 0x180 bytes with its header.
    ///
    /// ```
    /// use s390_iommu::addr::{Iova, IovaRange};
    /// use s390_iommu::hw::zpci::clp::FunctionAttributes;
    /// let dma = IovaRange::new(Iova::new(0x1_0000_0000), Iova::new(0x1ff_ffff_ffff_ffff));
    /// let function = FunctionAttributes::new(17, dma);
    /// assert_eq!(function.bytes()[0x48..0x50], [1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    /// ```
    FunctionAttributes: 0x180 {
        /// Number of the virtual function.
        virtual_function, with_virtual_function: u16 = 0x10;
        /// Flags.
        flags, with_flags: u8 = 0x12;
        /// Number of its group.
        group, with_group: u8 = 0x13;
        /// Its id.
        fid, with_fid: u32 = 0x14;
        /// Channel.
        pchid, with_pchid: u16 = 0x1e;
        /// Bytes of its measurement block.
        measurement_len, with_measurement_len: u8 = 0x3e;
        /// Its kind; 5 is ISM.
        kind, with_kind: u8 = 0x3f;
        /// First DMA address it may use.
        sdma, with_sdma: u64 = 0x40;
        /// Last DMA address it may use.
        edma, with_edma: u64 = 0x48;
        /// Its user-defined id.
        uid, with_uid: u32 = 0x7c;
    }
}

impl FunctionAttributes {
    /// Kind: internal shared memory.
    pub const ISM: u8 = 5;

    /// A function of group 255 that may use these addresses.
    pub fn new(fid: u32, dma: IovaRange) -> Self {
        Self::default().with_fid(fid).with_group(0xff).with_sdma(dma.start.get()).with_edma(dma.last.get())
    }

    /// The addresses it may use.
    pub fn dma(&self) -> IovaRange {
        IovaRange::new(Iova::new(self.sdma()), Iova::new(self.edma()))
    }
}

block! {
    /// The attributes of a group: the response to a query, 0x40 bytes with its header.
    GroupAttributes: 0x40 {
        /// Interrupts.
        interrupts, with_interrupts: u16 = 0x10;
        /// Version.
        version, with_version: u8 = 0x12;
        /// Flags: [`Self::REFRESH`], [`Self::FRAMES`], [`Self::RELAXED`].
        flags, with_flags: u8 = 0x13;
        /// Longest block store.
        longest_store, with_longest_store: u16 = 0x14;
        /// Interval of measurements in milliseconds.
        measurement_interval, with_measurement_interval: u16 = 0x16;
        /// Designation types it supports; kernels and machines read this mask in different ways, so it stays a byte.
        designations, with_designations: u8 = 0x18;
        /// DMA address spaces.
        spaces, with_spaces: u64 = 0x20;
        /// Address that a message of an interrupt goes to.
        message_address, with_message_address: u64 = 0x28;
    }
}

impl GroupAttributes {
    /// Flag: a refresh is needed after every change, also for what was invalid.
    pub const REFRESH: u8 = 0x01;
    /// Flag: 1 MiB frames are supported.
    pub const FRAMES: u8 = 0x02;
    /// Flag: relaxed translation, a registration without tables is allowed.
    pub const RELAXED: u8 = 0x20;

    /// A group as QEMU describes its own (*observed*), but without flags.
    pub fn new() -> Self {
        Self::default()
            .with_interrupts(128)
            .with_longest_store(128)
            .with_measurement_interval(4000)
            .with_designations(0x40)
            .with_message_address(0xfe00_0000_0000_0000)
    }

    /// Whether every change needs a refresh.
    pub fn needs_refresh(&self) -> bool {
        self.flags() & Self::REFRESH != 0
    }

    /// Whether a registration without tables is allowed.
    pub fn is_relaxed(&self) -> bool {
        self.flags() & Self::RELAXED != 0
    }

    /// The same group, in need of refreshes or not.
    #[must_use]
    pub fn with_refresh(self, refresh: bool) -> Self {
        self.with_flag(Self::REFRESH, refresh)
    }

    /// The same group with or without relaxed translation.
    #[must_use]
    pub fn with_relaxed(self, relaxed: bool) -> Self {
        self.with_flag(Self::RELAXED, relaxed)
    }

    fn with_flag(self, flag: u8, set: bool) -> Self {
        let others = self.flags() & !flag;
        self.with_flags(others | if set { flag } else { 0 })
    }
}

block! {
    /// The response to a list, up to its entries: 0x20 bytes.
    ClpList: 0x20 {
        /// Where to go on; 0 when all functions were listed.
        resume, with_resume: u64 = 0x10;
        /// Functions that there can be.
        most, with_most: u16 = 0x1c;
        /// Bytes of an entry: 0x10.
        entry_len, with_entry_len: u8 = 0x1f;
    }
}

block! {
    /// A function in a list, 0x10 bytes.
    ListEntry: 0x10 {
        /// Device.
        device, with_device: u16 = 0x00;
        /// Vendor.
        vendor, with_vendor: u16 = 0x02;
        /// Bit 0x80000000: configured.
        configured, with_configured: u32 = 0x04;
        /// Its id.
        fid, with_fid: u32 = 0x08;
        /// Its handle.
        handle, with_handle: u32 = 0x0c;
    }
}
