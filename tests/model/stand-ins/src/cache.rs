use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use shuttle::sync::{Mutex, MutexGuard};

/// When entries are removed, as in moka. Here they never are, which the cache of results must not rely on.
pub trait Expiry<K, V> {
    /// Returns the time after which a new entry is removed.
    fn expire_after_create(&self, _: &K, _: &V, _: Instant) -> Option<Duration> {
        None
    }

    /// Returns the time after which an entry is removed whose value was replaced.
    fn expire_after_update(
        &self,
        _: &K,
        _: &V,
        _: Instant,
        left: Option<Duration>,
    ) -> Option<Duration> {
        left
    }
}

/// A cache without a limit, in place of moka's.
pub struct Cache<K, V>(Mutex<HashMap<K, V>>);

/// Creates a [`Cache`].
#[derive(Debug)]
pub struct Builder<K, V>(Cache<K, V>);

impl<K: Eq + Hash, V> Builder<K, V> {
    /// Has no effect.
    #[must_use]
    pub fn max_capacity(self, _: u64) -> Self {
        self
    }

    /// Has no effect.
    #[must_use]
    pub fn expire_after(self, _: impl Expiry<K, V>) -> Self {
        self
    }

    /// Creates the cache.
    #[must_use]
    pub fn build(self) -> Cache<K, V> {
        self.0
    }
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// Returns a builder.
    pub fn builder() -> Builder<K, V> {
        Builder(Cache(Mutex::new(HashMap::new())))
    }

    /// Returns a copy of the value.
    pub fn get<Q: ?Sized + Eq + Hash>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.lock().get(key).cloned()
    }

    /// Adds or replaces a value.
    pub fn insert(&self, key: K, value: V) {
        self.lock().insert(key, value);
    }

    /// Removes a value.
    pub fn invalidate<Q: ?Sized + Eq + Hash>(&self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.lock().remove(key);
    }

    /// Removes all values.
    pub fn invalidate_all(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}
