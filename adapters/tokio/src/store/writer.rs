use omnicors_core::Origin;

use super::store_error::StoreError;

/// A store to which origins can be written by a program, such as `omnicors store add`.
///
/// A store whose origins belong to another application, such as a view of its tables, does not implement it.
///
/// ```
/// use omnicors_tokio::omnicors_core::Origin;
/// use omnicors_tokio::{OriginStoreWriter, StoreError};
///
/// /// Replaces an origin of a tenant.
/// async fn rename(store: &impl OriginStoreWriter, old: Origin<'_>, new: Origin<'_>) -> Result<(), StoreError> {
///     store.add(&[new]).await?;
///     store.remove(&[old]).await?;
///     Ok(())
/// }
/// ```
pub trait OriginStoreWriter {
    /// Adds origins in one transaction. Returns how many of them the store did not contain. [`OriginStoreWriter`] has an
    /// example.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, is not the primary, or does not permit it. Then none is added, or it is not known whether
    /// they were.
    fn add(&self, origins: &[Origin<'_>])
    -> impl Future<Output = Result<usize, StoreError>> + Send;

    /// Removes origins in one transaction. Returns how many of them the store contained. [`OriginStoreWriter`] has an
    /// example.
    ///
    /// When it returns, the change is committed, and each later read from the store sees it.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    fn remove(
        &self,
        origins: &[Origin<'_>],
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;
}
