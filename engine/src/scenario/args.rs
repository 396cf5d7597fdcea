//! Arguments of steps that are chosen from a few words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::form;
use super::schema::ReturnCode;

/// Failures to come: after `after` good calls the next `count` calls fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Injection {
    /// Which calls.
    #[serde(rename = "inject")]
    pub what: InjectPoint,
    /// Good calls before the first failure.
    #[serde(default, skip_serializing_if = "form::is_default")]
    pub after: u32,
    /// Failures before calls are good again.
    #[serde(default = "form::one", skip_serializing_if = "form::is_one")]
    pub count: u32,
    /// Condition code, 0 to 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 3))]
    pub cc: Option<u8>,
    /// Status byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
    /// What the call returns: 0 or a negative error number.
    #[serde(serialize_with = "form::opt_rc", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<ReturnCode>")]
    pub rc: Option<i32>,
}

/// Calls that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InjectPoint {
    /// Allocation of any translation table.
    AllocTable,
    /// Allocation of a domain, a node of a device list or a reserved region.
    AllocStruct,
    /// Registration of a table.
    RegisterIoat,
    /// Its removal.
    UnregisterIoat,
    /// RPCIT.
    RefreshTrans,
    /// Start of the DMA API on a function.
    DmaInit,
    /// Its end.
    DmaExit,
}

/// What a domain is allocated as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DomainKind {
    /// For a user that maps by itself, such as VFIO.
    #[default]
    Unmanaged,
    /// For the DMA API, strict.
    Dma,
    /// For the DMA API with a flush queue.
    DmaFq,
    /// No translation.
    Identity,
    /// No access.
    Blocked,
}

/// What a mapping allows, as the caller asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Prot {
    /// Read and write.
    #[default]
    Rw,
    /// Read only.
    R,
    /// Write only.
    W,
    /// Neither.
    None,
}

impl Prot {
    /// Whether reading is asked for.
    pub const fn read(self) -> bool {
        matches!(self, Self::Rw | Self::R)
    }

    /// Whether writing is asked for.
    pub const fn write(self) -> bool {
        matches!(self, Self::Rw | Self::W)
    }
}

/// Direction of a device access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// The device reads memory.
    #[default]
    Read,
    /// The device writes memory.
    Write,
}
