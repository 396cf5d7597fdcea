//! Guests of KVM: the kernel notes who has a function, and enables it anew so that the machine can interpret the guest's
//! instructions (`arch/s390/kvm/pci.c`). That the machine can is *assumed*.

use super::reset;
use crate::exec::{Cx, Progress};
use crate::ids::FunctionId;
use crate::linux::driver;
use crate::linux::errno::{Errno, Outcome};

/// A guest gets the function (`kvm_s390_pci_register_kvm`). What is registered is registered again: the guest's mappings
/// stay, what the machine had cached is gone.
///
/// # Errors
/// -EINVAL if a guest has it; -EIO if CLP or the registration refuses.
pub fn enter_guest(cx: &mut Cx, function: FunctionId) -> Outcome {
    if cx.change_users(|users| std::mem::replace(&mut users.pci.function_mut(function).guest, true))? {
        return Err(Errno::EINVAL);
    }
    let entered = enable_anew(cx, function);
    if entered.is_err() {
        cx.change_users(|users| users.pci.function_mut(function).guest = false)?;
    }
    entered
}

/// The guest loses it (`kvm_s390_pci_unregister_kvm`). Nobody looks whether enabling it anew works.
pub fn leave_guest(cx: &mut Cx, function: FunctionId) -> Progress {
    if cx.users(|users| users.pci.function(function).guest) {
        let _ = enable_anew(cx, function);
    }
    cx.change_users(|users| users.pci.function_mut(function).guest = false)
}

fn enable_anew(cx: &mut Cx, function: FunctionId) -> Outcome {
    if reset::is_enabled(cx, function) {
        reset::disable(cx, function)?;
    }
    reset::enable(cx, function)?;
    if driver::re_register(cx, function)?.cc == 0 { Ok(()) } else { Err(Errno::EIO) }
}
