use std::time::Duration;

use metrics::set_default_local_recorder;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::leases::{pass, replica};
use super::memory::{MemoryStore, State};
use crate::lookup::{LookupOptions, OriginLookup};

const TENANT: &str = "https://tenant.example";

/// Without comments, and without the time.
fn lines(page: &str) -> Vec<&str> {
    let mut lines: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with("omnicors") && !line.contains("timestamp"))
        .collect();
    lines.sort_unstable();
    lines
}

/// The runtime has one thread, which the recorder is set for.
#[tokio::test(start_paused = true)]
async fn the_state_of_a_replica_is_recorded() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let page = recorder.handle();
    let _recorder = set_default_local_recorder(&recorder);
    let store = MemoryStore::new(&[TENANT, "https://other.example"]);
    let _replica = replica(&store).await;
    store.take(TENANT);
    pass(&store, Duration::from_secs(1)).await;
    let rendered = page.render();
    assert_eq!(
        lines(&rendered),
        [
            r#"omnicors_store_changes_total{mode="replica"} 1"#,
            r#"omnicors_store_connected{mode="replica"} 1"#,
            r#"omnicors_store_disconnections_total{mode="replica"} 0"#,
            r#"omnicors_store_lease_seconds{mode="replica"} 300"#,
            r#"omnicors_store_origins{mode="replica"} 3"#,
            r#"omnicors_store_restarts_total{mode="replica"} 1"#,
            r#"omnicors_store_revision{mode="replica"} 1"#,
        ]
    );
    assert!(rendered.contains("omnicors_store_contact_timestamp_seconds"));

    store.set_network(State::Refuses);
    pass(&store, Duration::from_secs(2)).await;
    let rendered = page.render();
    assert!(
        rendered.contains(r#"omnicors_store_connected{mode="replica"} 0"#),
        "{rendered}"
    );
    assert!(
        !rendered.contains(r#"disconnections_total{mode="replica"} 0"#),
        "{rendered}"
    );
}

#[tokio::test(start_paused = true)]
async fn lookups_are_counted_by_their_result_and_never_by_origin() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let page = recorder.handle();
    let _recorder = set_default_local_recorder(&recorder);
    let store = MemoryStore::new(&[TENANT]);
    let lookup = OriginLookup::with_store(LookupOptions::new(), store.clone());
    pass(&store, Duration::from_secs(1)).await;
    for origin in [TENANT, TENANT, TENANT, "https://other.example"] {
        lookup.clone().lookup(origin.to_owned()).await;
    }
    let rendered = page.render();
    let lookups: Vec<_> = lines(&rendered)
        .into_iter()
        .filter(|line| line.starts_with("omnicors_lookups_total"))
        .collect();
    assert_eq!(
        lookups,
        [
            r#"omnicors_lookups_total{source="cache",result="allowed"} 2"#,
            r#"omnicors_lookups_total{source="function",result="allowed"} 1"#,
            r#"omnicors_lookups_total{source="function",result="not_allowed"} 1"#,
        ]
    );
    assert!(!rendered.contains(".example"), "{rendered}");
}
