//! The checks of this package, each in many orders.

use omnicors_model_tests::{lookups, stores, suspended};

#[test]
fn after_an_invalidation_no_request_gets_a_result_from_before() {
    lookups::after_an_invalidation_no_request_gets_a_result_from_before();
}

#[test]
fn after_an_invalidation_a_failure_allows_nothing() {
    lookups::after_an_invalidation_a_failure_allows_nothing();
}

#[test]
fn while_invalidations_are_missed_a_result_is_used_for_a_second() {
    lookups::while_invalidations_are_missed_a_result_is_used_for_a_second();
}

#[test]
fn a_cancelled_request_leaves_no_other_one_waiting() {
    lookups::a_cancelled_request_leaves_no_other_one_waiting();
}

#[test]
fn a_panic_leaves_no_request_waiting() {
    lookups::a_panic_leaves_no_request_waiting();
}

#[test]
fn the_end_of_a_runtime_leaves_no_request_waiting() {
    lookups::the_end_of_a_runtime_leaves_no_request_waiting();
}

#[test]
fn a_lease_is_valid_for_its_length_after_the_beginning_of_a_read() {
    stores::a_lease_is_valid_for_its_length_after_the_beginning_of_a_read();
}

#[test]
fn changes_during_a_merge_are_kept_and_a_removed_origin_stays_removed() {
    stores::changes_during_a_merge_are_kept_and_a_removed_origin_stays_removed();
}

#[test]
fn a_merge_does_not_undo_a_read_of_the_whole_store() {
    stores::a_merge_does_not_undo_a_read_of_the_whole_store();
}

#[test]
fn after_each_suspension_of_a_lease_no_earlier_result_is_used() {
    suspended::after_each_suspension_of_a_lease_no_earlier_result_is_used();
}

#[test]
fn a_result_that_took_longer_than_the_lease_is_never_used() {
    suspended::a_result_that_took_longer_than_the_lease_is_never_used();
}

#[test]
fn a_failed_lookup_uses_no_result_that_became_too_old_while_it_waited() {
    suspended::a_failed_lookup_uses_no_result_that_became_too_old_while_it_waited();
}

#[test]
fn a_replica_reads_the_end_of_the_lease_before_the_set() {
    suspended::a_replica_reads_the_end_of_the_lease_before_the_set();
}

#[test]
fn a_replica_reads_the_clock_after_the_set() {
    suspended::a_replica_reads_the_clock_after_the_set();
}
