use crate::table::{OriginTable, literal};

/// The names of the triggers in `migration.sql`.
const TRIGGERS: &str = "'omnicors_change', 'omnicors_truncate'";

/// More changes than this are not read one by one: reading the whole table is about as fast, and it needs no memory for them.
pub(crate) const MOST_CHANGES: usize = 100_000;

/// The SQL of a store, with the names of its table. What clients send is always a parameter.
#[derive(Debug)]
pub(crate) struct Statements {
    /// The state of the store, as one row.
    pub(crate) state: String,
    /// The same row, and one row for each origin that was touched by a transaction that is not in a snapshot.
    pub(crate) changes: String,
    /// All origins.
    pub(crate) all: String,
    /// Whether the server is a standby, and whether an origin is in the store.
    pub(crate) contains: String,
}

impl Statements {
    pub(crate) fn new(table: &OriginTable) -> Self {
        let truth = table.query();
        let state = state(table, &truth);
        Self {
            changes: changes(&truth, &state),
            // The second comparison is for collations in which different texts are equal. The first one finds the row by an index.
            contains: format!(
                "WITH truth AS ({truth})
                SELECT pg_catalog.pg_is_in_recovery(), EXISTS (
                    SELECT FROM truth WHERE truth.origin = $1 AND truth.origin = $1 COLLATE \"C\"
                )"
            ),
            state,
            all: truth,
        }
    }
}

fn state(table: &OriginTable, truth: &str) -> String {
    let arguments = table.sufficient_trigger_arguments();
    let arguments = arguments.map(|arguments| stored(&arguments)).join(", ");
    let table = table.regclass();
    let truth = literal(truth);
    // Tables that were created again have another identifier, so a restored backup of the tables has another history. So has another
    // condition. So have triggers that were disabled meanwhile: `xmin` is the transaction that has last changed the row of a trigger.
    //
    // A change is visible only if its transaction has ended, and `omnicors.prune` deletes only changes before `xmin`, which never
    // decreases. If that is not so, the numbers are those of another cluster.
    format!(
        "SELECT
            pg_catalog.pg_is_in_recovery() AS is_standby,
            (
                SELECT pg_catalog.count(*) = 2 FROM pg_catalog.pg_trigger
                WHERE tgrelid = {table} AND tgname IN ({TRIGGERS}) AND tgenabled = 'A'
                    AND tgargs IN ({arguments})
            ) AS has_triggers,
            pg_catalog.concat_ws(
                '/', settings.history, 'omnicors.change'::pg_catalog.regclass::pg_catalog.oid, {table}::pg_catalog.oid,
                pg_catalog.hashtext({truth}),
                (
                    SELECT pg_catalog.string_agg(xmin::pg_catalog.text, ',' ORDER BY tgname) FROM pg_catalog.pg_trigger
                    WHERE tgrelid = {table} AND tgname IN ({TRIGGERS})
                )
            ) AS history,
            settings.pruned::text AS pruned,
            pg_catalog.pg_current_snapshot()::text AS snapshot,
            settings.pruned >= pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())
                OR newest.xid >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
                OR EXISTS (
                    SELECT FROM pg_catalog.pg_snapshot_xip(pg_catalog.pg_current_snapshot()) AS open (xid)
                    WHERE open.xid = (
                        SELECT xid FROM omnicors.change WHERE change.xid >= open.xid ORDER BY xid LIMIT 1
                    )
                ) AS is_of_other_cluster,
            newest.xid::text AS newest_xid,
            newest.revision AS newest_revision,
            {} AS newest_at,
            (SELECT pg_catalog.max(revision) FROM omnicors.change) AS last_revision
        FROM omnicors.settings LEFT JOIN LATERAL (
            SELECT xid, revision, at FROM omnicors.change ORDER BY xid DESC, revision DESC LIMIT 1
        ) AS newest ON true",
        microseconds("newest.at")
    )
}

/// `$1` is a snapshot; `$2`, `$3` and `$4` are the transaction, the revision and the time of the newest change in it, or null.
fn changes(truth: &str, state: &str) -> String {
    // `later` are the changes for which `pg_visible_in_snapshot` is false. That function returns true below `xmin`, false from `xmax` on,
    // and between them whether the transaction is not in the list. Numbers in the list are between them: the type `pg_snapshot` admits no
    // others. So the function is false from `xmax` on and for those in the list, and no number is in both parts. Unlike all changes
    // from `xmin` on, these are few while a transaction is open for hours.
    //
    // The subquery for an origin has a LIMIT, so that the planner cannot replace it with a scan of the whole table. Those of changes also
    // have the order of an index, because the planner may expect many changes in each transaction.
    let limit = MOST_CHANGES.saturating_add(1);
    format!(
        "WITH truth AS ({truth}),
        state AS ({state}),
        later AS (
            (
                SELECT origin, revision FROM omnicors.change
                WHERE xid >= pg_catalog.pg_snapshot_xmax($1::text::pg_snapshot)
                ORDER BY xid, revision LIMIT {limit}
            ) UNION ALL (
                SELECT of_one.origin, of_one.revision
                FROM pg_catalog.pg_snapshot_xip($1::text::pg_snapshot) AS open (xid), LATERAL (
                    SELECT origin, revision FROM omnicors.change WHERE change.xid = open.xid
                    ORDER BY change.xid, revision LIMIT {limit}
                ) AS of_one
            )
            LIMIT {limit}
        ),
        touched AS (
            SELECT origin, pg_catalog.max(revision) AS revision FROM later GROUP BY origin
        )
        SELECT
            0 AS place, state.*, (SELECT pg_catalog.count(*) FROM later) AS later,
            $2::text IS NULL OR EXISTS (
                SELECT FROM omnicors.change
                WHERE xid = $2::text::xid8 AND revision = $3::bigint AND {} = $4::bigint
            ) AS is_known,
            NULL::text AS origin, NULL::boolean AS is_in_store
        FROM state
        UNION ALL
        SELECT
            touched.revision, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            touched.origin, found.origin IS NOT NULL
        FROM touched LEFT JOIN LATERAL (
            SELECT truth.origin FROM truth
            WHERE truth.origin = touched.origin AND truth.origin = touched.origin COLLATE \"C\"
            LIMIT 1
        ) AS found ON true
        ORDER BY place",
        microseconds("at"),
    )
}

/// Returns the arguments of a trigger as PostgreSQL stores them, as an expression of type `bytea`.
fn stored(arguments: &[String]) -> String {
    let stored = arguments.iter().map(|argument| {
        format!(
            "pg_catalog.convert_to({argument}, pg_catalog.getdatabaseencoding()) || pg_catalog.decode('00', 'hex')"
        )
    });
    let stored: Vec<_> = stored.collect();
    stored.join(" || ")
}

fn microseconds(at: &str) -> String {
    format!("(pg_catalog.date_part('epoch', {at}) * 1000000)::bigint")
}
