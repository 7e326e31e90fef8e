use omnicors_core::Origin;
use omnicors_tokio::{OriginStoreWriter, StoreError};

use crate::error::{Kind, PostgresError};
use crate::store::PostgresStore;

/// In the order of the index, so that two writers do not wait for each other.
const ADD: &str = "
    INSERT INTO omnicors.origin (origin)
    SELECT DISTINCT added FROM pg_catalog.unnest($1::text[]) AS added ORDER BY added
    ON CONFLICT DO NOTHING";

const REMOVE: &str = "
    WITH removed AS MATERIALIZED (
        SELECT origin FROM omnicors.origin WHERE origin = ANY ($1::text[]) ORDER BY origin FOR UPDATE
    )
    DELETE FROM omnicors.origin USING removed WHERE omnicors.origin.origin = removed.origin";

/// For the table `omnicors.origin` only. With a table of your application, both functions fail.
impl OriginStoreWriter for PostgresStore {
    async fn add(&self, origins: &[Origin<'_>]) -> Result<usize, StoreError> {
        Ok(write(self, ADD, origins).await?)
    }

    async fn remove(&self, origins: &[Origin<'_>]) -> Result<usize, StoreError> {
        Ok(write(self, REMOVE, origins).await?)
    }
}

/// Runs a statement with all origins as one parameter.
async fn write(
    store: &PostgresStore,
    statement: &str,
    origins: &[Origin<'_>],
) -> Result<usize, PostgresError> {
    if !store.is_own_table() {
        return Err(Kind::NotOwnTable(store.settings().table.to_string()).into());
    }
    let link = store.settings().link().await?;
    let origins = origins.iter().map(Origin::as_str);
    let origins: Vec<&str> = origins.collect();
    let changed = link.client.execute(statement, &[&origins]).await?;
    Ok(usize::try_from(changed).unwrap_or(usize::MAX))
}
