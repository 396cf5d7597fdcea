//! Whose tables: how the owners of blocks of memory tell.

use super::World;
use crate::addr::Phys;
use crate::ids::{DomainId, FunctionId, TableUse};
use crate::mem::Owner;

/// Whose tables hold this root: told by the owner of the block of memory it is in, freed or not.
pub(crate) fn table_use(world: &World, root: Phys) -> Option<TableUse> {
    world.mem.block_at(root).map(|(_, block)| use_of(block.owner))
}

const DMA_API: u32 = 1 << 31;

/// The tables' user as a memory owner.
pub(crate) fn owner_of(table: TableUse) -> Owner {
    match table {
        TableUse::Domain(domain) => Owner(domain.0),
        TableUse::DmaApi(function) => Owner(function.0 | DMA_API),
    }
}

/// The memory owner as the tables' user.
pub(crate) fn use_of(owner: Owner) -> TableUse {
    let id = owner.0 & !DMA_API;
    if owner.0 & DMA_API == 0 { TableUse::Domain(DomainId(id)) } else { TableUse::DmaApi(FunctionId(id)) }
}
