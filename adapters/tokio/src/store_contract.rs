//! The tests that each [`OriginStore`](crate::OriginStore) must pass, for authors of stores (feature `store-contract`).
//!
//! Implement [`TestedServer`] for a real server that your test has started, and call [`check`] in a test:
//!
//! ```
//! use omnicors_tokio::store_contract::{TestedServer, check};
//!
//! async fn my_store_keeps_the_contract(server: &impl TestedServer) {
//!     check(server).await;
//! }
//! ```

mod client;
mod feed;
mod modes;
mod server;

pub use server::TestedServer;

/// Runs all tests, one after the other. They add and remove origins. The module
/// [`store_contract`](self) has an example.
///
/// # Panics
///
/// Panics if the store breaks the contract.
pub async fn check<T: TestedServer>(server: &T) {
    client::contains_sees_each_committed_change(server).await;
    client::adding_and_removing_count_what_changed(server).await;
    feed::nothing_happens_after_the_present(server).await;
    feed::changes_are_read_once_and_the_last_one_counts(server).await;
    feed::another_session_resumes(server).await;
    feed::reading_all_and_the_changes_after_it_give_the_whole_store(server).await;
    feed::no_change_of_many_writers_is_missed(server).await;
    feed::a_hint_arrives_and_is_not_lost_by_dropping_its_future(server).await;
    feed::an_ended_connection_is_an_error(server).await;
    feed::changes_that_were_forgotten_are_lost(server).await;
    feed::a_position_of_another_history_is_lost(server).await;
    feed::a_position_in_the_future_is_lost(server).await;
    modes::a_replica_follows(server).await;
    modes::a_lookup_follows(server).await;
}
