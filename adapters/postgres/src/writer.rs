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
        let [added] = write(self, [ADD], origins).await?;
        Ok(added)
    }

    /// The removal reaches all servers also if the table does not have the origin, for example after its row was deleted while the triggers
    /// were disabled. Needs the rights to insert and to delete rows.
    async fn remove(&self, origins: &[Origin<'_>]) -> Result<usize, StoreError> {
        // The triggers record only rows. So a row that is missing is inserted and deleted, which nobody else sees.
        let [missing, deleted] = write(self, [ADD, REMOVE], origins).await?;
        Ok(deleted.saturating_sub(missing))
    }
}

/// Runs statements with all origins as one parameter, in a transaction. Returns the number of rows that each has changed.
async fn write<const N: usize>(
    store: &PostgresStore,
    statements: [&str; N],
    origins: &[Origin<'_>],
) -> Result<[usize; N], PostgresError> {
    if !store.is_own_table() {
        return Err(Kind::NotOwnTable(store.settings().table.to_string()).into());
    }
    let mut link = store.settings().link().await?;
    let origins = origins.iter().map(Origin::as_str);
    let origins: Vec<&str> = origins.collect();
    let transaction = link.client.transaction().await?;
    let mut changed = [0; N];
    for (changed, statement) in changed.iter_mut().zip(statements) {
        let rows = transaction.execute(statement, &[&origins]).await?;
        *changed = usize::try_from(rows).unwrap_or(usize::MAX);
    }
    transaction.commit().await?;
    Ok(changed)
}
