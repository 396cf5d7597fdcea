//! A logical clock with timers: milliseconds that pass only when somebody lets them.

/// Timers of kind `T` on a clock that starts at 0. No timer is armed twice: whoever arms it keeps a flag, as kernel
/// code does.
///
/// ```
/// use s390_iommu::state::clock::Clock;
/// let mut clock = Clock::default();
/// clock.arm("queue", 10);
/// clock.arm("depot", 5);
/// let until = clock.after(7);
/// assert_eq!((clock.next(until), clock.now()), (Some("depot"), 5));
/// assert_eq!((clock.next(until), clock.now()), (None, 7));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Clock<T> {
    now: u64,
    /// When and what, in the order in which they expire: those for the same time as they were armed.
    armed: Vec<(u64, T)>,
}

impl<T> Default for Clock<T> {
    fn default() -> Self {
        Self { now: 0, armed: Vec::new() }
    }
}

impl<T> Clock<T> {
    /// Milliseconds since the start.
    pub const fn now(&self) -> u64 {
        self.now
    }

    /// The time `ms` from now.
    pub const fn after(&self, ms: u64) -> u64 {
        self.now.saturating_add(ms)
    }

    /// Lets a timer expire in `ms`.
    pub fn arm(&mut self, timer: T, ms: u64) {
        let due = self.after(ms);
        let place = self.armed.partition_point(|(other, _)| *other <= due);
        self.armed.insert(place, (due, timer));
    }

    /// Forgets the timers for which `keep` is false.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.armed.retain(|(_, timer)| keep(timer));
    }

    /// Goes to the next timer that expires until then and takes it; without one, goes to the end.
    ///
    /// What a timer does may arm timers, so the caller handles it before asking again.
    pub fn next(&mut self, until: u64) -> Option<T> {
        let due = self.armed.first().filter(|(due, _)| *due <= until).map(|(due, _)| *due);
        self.now = self.now.max(due.unwrap_or(until));
        due.map(|_| self.armed.remove(0).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_expire_by_time_then_in_the_order_they_were_armed() {
        let mut clock = Clock::default();
        for (timer, ms) in [('a', 20), ('b', 10), ('c', 20), ('d', 10)] {
            clock.arm(timer, ms);
        }
        let until = clock.after(20);
        let order: String = std::iter::from_fn(|| clock.next(until)).collect();
        assert_eq!((order.as_str(), clock.now()), ("bdac", 20));
    }

    #[test]
    fn a_timer_armed_on_the_way_counts_from_there() {
        let mut clock = Clock::default();
        clock.arm(1, 100);
        let until = clock.after(250);
        assert_eq!(clock.next(until), Some(1));
        clock.arm(2, 100);
        assert_eq!((clock.next(until), clock.now()), (Some(2), 200));
        assert_eq!((clock.next(until), clock.now()), (None, 250));
    }
}
