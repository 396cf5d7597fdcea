//! Registration of what is current, after a reset dropped it: `zpci_iommu_register_ioat` and what came before it.

use super::attach::anchor;
use crate::exec::{Answer, Cx, Progress};
use crate::ids::{DomainId, FunctionId};
use crate::linux::dma::legacy;
use crate::linux::zpci;
use crate::revision::{DmaApi, DomainTypes};
use crate::table::Iota;

/// Registers again whatever the function is in; gives the machine's answer, which is OK where there is nothing to do.
pub fn re_register(cx: &mut Cx, function: FunctionId) -> Progress<Answer> {
    if cx.ask::<DomainTypes>() >= DomainTypes::PagingAndBlocking {
        let iota = match cx.domain_of(function)? {
            None | Some(DomainId::BLOCKING) => return Ok(Answer::OK),
            Some(DomainId::IDENTITY) => Iota::IDENTITY,
            Some(domain) => {
                let tables = cx.tables(domain);
                anchor(cx, tables)
            }
        };
        return zpci::register_ioat(cx, function, iota);
    }
    match (cx.dma_table(function)?, cx.ask::<DmaApi>()) {
        (Some(root), _) => {
            let iota = Iota::from_bits(root.get());
            zpci::register_ioat(cx, function, iota)
        }
        (None, DmaApi::OwnAllocator) => {
            let _ = legacy::init_device(cx, function);
            Ok(Answer::OK)
        }
        (None, DmaApi::DmaIommu | DmaApi::DmaIommuOnDemand) => Ok(Answer::OK),
    }
}
