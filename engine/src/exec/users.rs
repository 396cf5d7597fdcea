//! The door to what user space has open, and to what serves it.

use super::cx::Cx;
use super::turn::Progress;
use crate::state::users::Users;

impl Cx {
    /// Looks at it.
    pub fn users<T: Clone + Send + 'static>(&mut self, read: impl Fn(&Users) -> T) -> T {
        self.look(|cx| read(&cx.world.kernel.users))
    }

    /// Changes it. Who does so holds the lock that belongs to it, so that no other CPU comes in between.
    pub fn change_users<T: Clone + Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut Users) -> T,
    ) -> Progress<T> {
        self.change(|cx| act(&mut cx.world.kernel.users))
    }
}
