use omnicors_tokio::Position;
use tokio_postgres::Row;

use crate::cursor::{Cursor, Newest};
use crate::error::{Kind, PostgresError};
use crate::table::OriginTable;

/// The state of the store in one snapshot.
#[derive(Debug)]
pub(crate) struct State {
    history: String,
    /// The newest transaction of which changes were deleted.
    pruned: u64,
    cursor: Cursor,
    revision: u64,
}

impl State {
    /// Reads the columns of `Statements::state`. Fails if the server is a standby, changes of the table are not recorded, or those
    /// that are recorded are of another cluster.
    pub(crate) fn read(
        row: &Row,
        identity: &str,
        table: &OriginTable,
    ) -> Result<Self, PostgresError> {
        if row.try_get("is_standby")? {
            return Err(Kind::Standby.into());
        }
        if !row.try_get("has_triggers")? {
            return Err(Kind::NoTriggers(table.quoted()).into());
        }
        // Null if no change is recorded, unless `pruned` shows it.
        let is_of_other_cluster: Option<bool> = row.try_get("is_of_other_cluster")?;
        if is_of_other_cluster == Some(true) {
            return Err(Kind::OtherCluster.into());
        }
        let newest_xid: Option<&str> = row.try_get("newest_xid")?;
        let newest = match newest_xid {
            Some(xid) => Some(Newest {
                xid: number(xid)?,
                revision: row.try_get("newest_revision")?,
                at: row.try_get("newest_at")?,
            }),
            None => None,
        };
        let last_revision: Option<i64> = row.try_get("last_revision")?;
        let history: &str = row.try_get("history")?;
        let pruned = number(row.try_get("pruned")?)?;
        let cursor = Cursor::new(row.try_get("snapshot")?, newest, pruned);
        Ok(Self {
            history: format!("{identity}/{history}"),
            pruned,
            cursor: cursor.ok_or(Kind::Unreadable)?,
            revision: last_revision.unwrap_or(0).unsigned_abs(),
        })
    }

    /// Returns the position after all changes that are visible in the snapshot.
    pub(crate) fn position(&self) -> Position {
        Position::new(self.history.as_str(), self.revision).with_cursor(self.cursor.to_string())
    }

    /// Returns true if no change after a position was deleted, and it is a position of this history.
    pub(crate) fn has_all_after(&self, position: &Position, cursor: &Cursor) -> bool {
        // Changes of transactions below `xmin` are in the position. Of which other transactions changes were deleted is not known.
        // The newest change is never deleted by pruning, so a greater revision is not of this store.
        self.history == position.history()
            && self.pruned < cursor.xmin()
            && position.revision() <= self.revision
    }
}

fn number(text: &str) -> Result<u64, PostgresError> {
    text.parse().map_err(|_| Kind::Unreadable.into())
}
