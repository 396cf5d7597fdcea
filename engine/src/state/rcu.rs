//! Read-copy-update, as far as lists of devices need it: who reads, and which frees wait for whom.

use crate::ids::DomainId;

/// Readers, and domains that are freed as soon as everybody who reads now has finished. CPUs are bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Rcu {
    readers: u8,
    waiting: Vec<(DomainId, u8)>,
}

impl Rcu {
    /// A CPU begins to read (`rcu_read_lock`).
    pub fn begin(&mut self, cpu: usize) {
        self.readers |= 1 << cpu;
    }

    /// A CPU has finished (`rcu_read_unlock`): gives the domains whose grace period ends with it.
    #[inline]
    pub fn end(&mut self, cpu: usize) -> Vec<DomainId> {
        let bit = 1 << cpu;
        self.readers &= !bit;
        if self.waiting.is_empty() { Vec::new() } else { self.no_longer_waits_for(bit) }
    }

    #[cold]
    fn no_longer_waits_for(&mut self, bit: u8) -> Vec<DomainId> {
        self.waiting.iter_mut().for_each(|(_, readers)| *readers &= !bit);
        let over = self.waiting.extract_if(.., |(_, readers)| *readers == 0);
        over.map(|(domain, _)| domain).collect()
    }

    /// A domain is to be freed (`call_rcu`): `false` if nobody reads, so that it can be done at once.
    pub fn defer(&mut self, domain: DomainId) -> bool {
        if self.readers != 0 {
            self.waiting.push((domain, self.readers));
        }
        self.readers != 0
    }

    /// Domains whose free waits for readers.
    pub fn deferred(&self) -> impl Iterator<Item = DomainId> {
        self.waiting.iter().map(|(domain, _)| *domain)
    }
}
