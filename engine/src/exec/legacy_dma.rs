//! The door to what the early DMA API keeps about a function.

use super::cx::Cx;
use super::turn::Progress;
use crate::ids::FunctionId;
use crate::state::legacy_dma::LegacyDma;
use crate::trace::{Class, Event};

impl Cx {
    /// Changes what the DMA API keeps about a function; the caller holds the lock that it takes.
    pub fn legacy_dma<T: Clone + Send + 'static>(
        &mut self,
        function: FunctionId,
        act: impl FnOnce(&mut LegacyDma) -> T,
    ) -> Progress<T> {
        self.change(|cx| act(&mut cx.world.kernel.functions[function.index()].dma))
    }

    /// The DMA API notes a failure in the error log.
    pub fn log_dma_error(&mut self, map: bool, rc: i32, at: u64) {
        self.tell(|cx| cx.emit(Class::Outcome, || Event::DmaError { map, rc, at }));
    }
}
