use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::PoisonError;

use shuttle::sync::{Mutex, MutexGuard};

/// How many entries each one counts as. A replica merges its changes when there are more than 4,096: here, when there are two.
const SCALE: usize = 4_096;

/// A map in place of papaya's. Values that are replaced are never freed, so that readers can keep them.
#[derive(Debug)]
pub struct HashMap<K: 'static, V: 'static>(Mutex<BTreeMap<K, (&'static K, &'static V)>>);

/// Access to a [`HashMap`].
#[derive(Debug)]
pub struct HashMapRef<'a, K: 'static, V: 'static>(&'a HashMap<K, V>);

impl<K: Ord + Clone, V> HashMap<K, V> {
    /// Creates an empty map.
    #[must_use]
    pub fn new() -> Self {
        Self(Mutex::default())
    }

    /// Returns more than the number of entries.
    pub fn len(&self) -> usize {
        self.lock().len() * SCALE
    }

    /// Returns true if there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns access to the map.
    pub fn pin(&self) -> HashMapRef<'_, K, V> {
        HashMapRef(self)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<K, (&'static K, &'static V)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Ord + Clone, V> Default for HashMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord + Clone, V> HashMapRef<'_, K, V> {
    /// Returns a value.
    pub fn get<Q: ?Sized + Ord>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.lock().get(key).map(|(_, value)| *value)
    }

    /// Adds or replaces a value.
    pub fn insert(&self, key: K, value: V) {
        let entry = (
            &*Box::leak(Box::new(key.clone())),
            &*Box::leak(Box::new(value)),
        );
        self.0.lock().insert(key, entry);
    }
}

/// Passes the keys of the beginning, with the values that they have when they are passed.
impl<'a, K: Ord + Clone, V> IntoIterator for &'a HashMapRef<'_, K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Box<dyn Iterator<Item = (&'a K, &'a V)> + 'a>;

    fn into_iter(self) -> Self::IntoIter {
        let keys: Vec<_> = self.0.lock().values().map(|(key, _)| *key).collect();
        Box::new(
            keys.into_iter()
                .filter_map(|key| self.get(key).map(|value| (key, value))),
        )
    }
}
