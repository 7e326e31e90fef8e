use std::sync::OnceLock;

use crate::vary::VaryNames;

/// The names that choices of policies have read, so that a request does not allocate them again.
///
/// It is for one value of `vary_on`: a source with other names gets another cache. A choice with branches reads a few different lists.
/// Those that find no place are allocated for each request.
#[derive(Debug, Default)]
pub(crate) struct VaryCache([OnceLock<Known>; 8]);

/// A list that was read, and the names of `vary_on` and of the list.
#[derive(Debug)]
struct Known {
    read: Box<[&'static str]>,
    names: VaryNames,
}

impl VaryCache {
    /// Returns the names of `vary_on` and those that were read.
    pub(crate) fn names(&self, vary_on: &VaryNames, read: &[&'static str]) -> VaryNames {
        if read.is_empty() {
            return vary_on.clone();
        }
        for place in &self.0 {
            let known = place.get_or_init(|| Known {
                read: read.into(),
                names: vary_on.and_read(read),
            });
            if *known.read == *read {
                return known.names.clone();
            }
        }
        vary_on.and_read(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_is_allocated_once_while_there_is_a_place() {
        const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

        let cache = VaryCache::default();
        let vary_on = VaryNames::default().with(["x-tenant"]);
        for _ in 0..2 {
            for (index, name) in NAMES.iter().enumerate() {
                let first = cache.names(&vary_on, &[name]);
                assert_eq!(first.names(), ["x-tenant", name]);
                let again = cache.names(&vary_on, &[name]);
                assert_eq!(again.names(), first.names());
                assert_eq!(again.is_shared_with(&first), index < 8, "{name}");
            }
        }
    }

    #[test]
    fn lists_with_another_order_or_length_are_other_lists() {
        let cache = VaryCache::default();
        let none = VaryNames::default();
        for read in [&["a", "b"][..], &["b", "a"], &["a"], &[], &["a", "b", "c"]] {
            for _ in 0..2 {
                assert_eq!(cache.names(&none, read).names(), read);
            }
        }
        assert!(cache.names(&none, &[]).is_empty());
    }

    #[test]
    fn a_list_that_has_no_new_name_is_that_of_vary_on() {
        let vary_on = VaryNames::default().with(["x-tenant"]);
        let cache = VaryCache::default();
        for read in [&[][..], &["X-Tenant"]] {
            let names = cache.names(&vary_on, read);
            assert!(names.is_shared_with(&vary_on), "{read:?}");
        }
    }
}
