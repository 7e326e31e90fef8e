//! How much of the table of changes is read, and that polls are not compiled.

use std::time::Duration;

use omnicors_postgres::tokio_postgres::Client;
use tokio::time::timeout;

use crate::database::{Database, changes, run, session};

const POLLS: i64 = 10;

/// Returns how many scans of the table of changes there were, and how many rows they have read.
async fn reads(client: &Client) -> (i64, i64) {
    let sql = "SELECT
            seq_scan + idx_scan,
            seq_tup_read + (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'change')
        FROM pg_stat_user_tables WHERE schemaname = 'omnicors' AND relname = 'change'";
    let row = client.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn a_poll_reads_few_changes_while_an_old_transaction_is_open() {
    let database = Database::own_instance().await;
    let store = database.prepared().await;
    let (long, short) = (database.client().await, database.client().await);
    run(
        &long,
        "BEGIN; INSERT INTO omnicors.origin VALUES ('https://long.example')",
    )
    .await;
    for part in 1..=20 {
        let sql = format!(
            "INSERT INTO omnicors.origin SELECT format('https://%s.{part}.example', number) FROM generate_series(1, 1000) AS number"
        );
        run(&short, &sql).await;
    }
    run(&short, "ANALYZE omnicors.change").await;
    let (scans, rows) = reads(&short).await;

    let (mut session, mut position) = session(&store).await;
    for _ in 0..POLLS {
        assert_eq!(changes(&mut session, &mut position).await, [""; 0]);
    }
    run(&long, "COMMIT").await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://long.example"]
    );
    // The server counts the reads of a connection at its end.
    drop(session);
    let counted = async {
        loop {
            let counted = reads(&short).await;
            if counted.0 >= scans + POLLS {
                return counted;
            }
            tokio::task::yield_now().await;
        }
    };
    let counted = timeout(Duration::from_secs(30), counted).await;
    let (_, after) = counted.expect("the reads are counted");
    assert!(after - rows < 1_000, "{} rows", after - rows);
}

/// Returns true if the server process has loaded the compiler of statements, which it does when it compiles the first one.
#[cfg(target_os = "linux")]
fn has_compiled(pid: i32) -> bool {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"));
    maps.unwrap().contains("llvmjit")
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
async fn polls_are_not_compiled() {
    let database = Database::own_instance_with("jit_above_cost", "100").await;
    let store = database.prepared().await;
    let client = database.client().await;
    let sql = "SELECT pg_backend_pid(), count(*) FROM generate_series(1, 100000)";
    let row = client.query_one(sql, &[]).await;
    assert!(
        has_compiled(row.unwrap().get(0)),
        "this server compiles statements"
    );

    let (mut session, mut position) = session(&store).await;
    run(
        &client,
        "INSERT INTO omnicors.origin VALUES ('https://a.example')",
    )
    .await;
    assert_eq!(
        changes(&mut session, &mut position).await,
        ["+https://a.example"]
    );
    let others = "SELECT pid FROM pg_stat_activity WHERE application_name = 'omnicors'";
    let others = client.query(others, &[]).await.unwrap();
    assert!(!others.is_empty(), "the session");
    for other in others {
        assert!(!has_compiled(other.get(0)));
    }
}
