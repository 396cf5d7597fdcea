//! Turns: how straight-line kernel code is stopped at a scheduling point and goes on later.
//!
//! There are no coroutines. A task that has to wait returns [`Halt`] through the `?` of every caller; when its turn
//! comes it runs again from the beginning of its operation, is handed what it saw before instead of acting again, and
//! so arrives at the point where it stopped. Running alone it never stops, and none of this costs anything.

use std::any::Any;

use super::cx::Cx;

/// The task goes no further in this turn: it is another CPU's turn, it waits for a lock, or the kernel crashed.
///
/// Kernel code only hands it on, with `?`. Code that drops it does no harm: the run knows that the turn is over,
/// nothing the task does until it returns has any effect, and its result does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halt(());

impl Halt {
    pub(super) const fn new() -> Self {
        Self(())
    }
}

/// What a step of kernel code gives, unless its turn is over.
pub type Progress<T = ()> = Result<T, Halt>;

/// Where one CPU is in its operation.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// What the operation saw so far, in order.
    seen: Vec<Box<dyn Any + Send>>,
    /// How much of it was handed out again in this turn.
    again: usize,
    /// An access is allowed in this turn.
    may_act: bool,
    /// The turn is over.
    over: bool,
}

/// Runs are copied between steps, when no operation is under way.
impl Clone for Turn {
    fn clone(&self) -> Self {
        debug_assert!(self.seen.is_empty(), "copied in the middle of an operation");
        Self::default()
    }
}

impl Turn {
    /// What the task saw at this place in an earlier turn.
    fn recall<T: Clone + Send + 'static>(&mut self) -> Option<T> {
        let seen = self.seen.get(self.again)?;
        self.again += 1;
        let Some(value) = seen.downcast_ref::<T>() else {
            unreachable!("kernel code took another way than in its last turn")
        };
        Some(value.clone())
    }

    fn remember<T: Clone + Send + 'static>(&mut self, value: &T) {
        self.seen.push(Box::new(value.clone()));
        self.again += 1;
    }
}

impl Cx {
    /// A turn of the running CPU begins; the first one of an operation only leads to its first access.
    pub(super) fn begin_turn(&mut self, may_act: bool) {
        let turn = &mut self.turns[self.cpu];
        turn.again = 0;
        turn.over = false;
        turn.may_act = may_act;
        self.waiting[self.cpu] = None;
    }

    /// The running CPU's operation is through, unless its turn is over; the next one may begin in the same turn.
    pub(crate) fn end_operation(&mut self) -> bool {
        let turn = &mut self.turns[self.cpu];
        if turn.over || self.stop.is_some() {
            return false;
        }
        turn.seen.clear();
        turn.again = 0;
        true
    }

    /// A task that is not alone comes to an access: gives what it saw there in an earlier turn, or `None` if it is to
    /// act now. One act is allowed in each turn.
    #[cold]
    pub(super) fn arrive_in_turn<T: Clone + Send + 'static>(&mut self) -> Progress<Option<T>> {
        let seen = self.arrive()?;
        let turn = &mut self.turns[self.cpu];
        if seen.is_none() && !std::mem::take(&mut turn.may_act) {
            turn.over = true;
            return Err(Halt::new());
        }
        Ok(seen)
    }

    /// The same where there is no scheduling point.
    #[cold]
    pub(super) fn arrive<T: Clone + Send + 'static>(&mut self) -> Progress<Option<T>> {
        let turn = &mut self.turns[self.cpu];
        if turn.over || self.stop.is_some() {
            return Err(Halt::new());
        }
        Ok(turn.recall())
    }

    /// It has acted: for its next turns this is what it saw.
    #[cold]
    pub(super) fn depart<T: Clone + Send + 'static>(&mut self, done: Progress<T>) -> Progress<T> {
        let turn = &mut self.turns[self.cpu];
        match &done {
            Ok(value) => turn.remember(value),
            Err(_) => turn.over = true,
        }
        done
    }

    /// What a task that is not alone reads between accesses. When its turn is over the value does not count.
    #[cold]
    pub(super) fn look_between_turns<T: Clone + Send + 'static>(&mut self, read: impl Fn(&Self) -> T) -> T {
        match self.arrive() {
            Ok(Some(seen)) => seen,
            Ok(None) => {
                let value = read(self);
                self.turns[self.cpu].remember(&value);
                value
            }
            Err(_) => read(self),
        }
    }
}
