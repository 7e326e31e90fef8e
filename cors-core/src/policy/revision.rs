use core::fmt;
use core::ptr;

use super::shared_function::{SharedFunction, share};

/// A function of the user that returns the revision of the origins outside the policy.
#[derive(Clone)]
pub(crate) struct Revision(SharedFunction<Function>);

type Function = dyn Fn() -> Option<u64> + Send + Sync;

impl Revision {
    pub(super) fn new(revision: impl Fn() -> Option<u64> + Send + Sync + 'static) -> Self {
        Self(share(revision))
    }

    pub(super) fn get(&self) -> Option<u64> {
        (self.0)()
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<function>")
    }
}

/// Two revisions are equal if they are the same function.
impl PartialEq for Revision {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(&raw const *self.0, &raw const *other.0)
    }
}
