//! Histories with planted violations.

use super::*;

const PROMISE: Promise = Promise {
    bound: Duration::from_secs(2),
    lease: Duration::from_secs(10),
    recovery: Duration::from_secs(5),
};

fn second(number: u64) -> Moment {
    Duration::from_secs(number)
}

/// The origin is added from second 9 to 10, and withdrawn from second 99 to 100.
fn history() -> History {
    let mut history = History::default();
    for (is_added, acknowledged) in [(true, 10), (false, 100)] {
        history.changes.push(change(is_added, acknowledged));
    }
    history
}

fn change(is_added: bool, acknowledged: u64) -> Change {
    Change {
        origin: "tenant".to_owned(),
        is_added,
        begun: second(acknowledged - 1),
        acknowledged: second(acknowledged),
    }
}

fn answer(is_allowed: bool, begun: u64, ended: u64) -> Answer {
    Answer {
        node: 0,
        origin: "tenant".to_owned(),
        is_allowed,
        begun: second(begun),
        ended: second(ended),
    }
}

fn cut(begun: u64, mended: Option<u64>, followed: Option<u64>) -> Cut {
    Cut {
        node: 0,
        begun: second(begun),
        in_force: second(begun + 1),
        mending: mended.map(second),
        mended: mended.map(second),
        followed: followed.map(second),
    }
}

/// Checks one answer.
fn judge(history: &History, answer: Answer) -> Option<Violation> {
    let mut history = history.clone();
    history.answers = vec![answer];
    let violations = check(&history, PROMISE).err()?;
    assert_eq!(violations.len(), 1);
    violations.into_iter().next()
}

fn allows(late: u64) -> Violation {
    Violation::Allows {
        node: 0,
        origin: "tenant".to_owned(),
        late: second(late),
    }
}

fn denies(late: u64) -> Violation {
    Violation::Denies {
        node: 0,
        origin: "tenant".to_owned(),
        late: second(late),
    }
}

#[test]
fn with_contact_a_withdrawn_origin_is_denied_after_the_bound() {
    let history = history();
    assert_eq!(judge(&history, answer(true, 102, 150)), None);
    assert_eq!(judge(&history, answer(true, 103, 150)), Some(allows(1)));
    assert_eq!(judge(&history, answer(false, 103, 150)), None);
}

#[test]
fn with_contact_an_added_origin_is_allowed_after_the_bound() {
    let history = history();
    assert_eq!(judge(&history, answer(false, 12, 13)), None);
    assert_eq!(judge(&history, answer(false, 13, 14)), Some(denies(1)));
    assert_eq!(judge(&history, answer(true, 13, 14)), None);
    // The withdrawal may have taken effect before the answer.
    assert_eq!(judge(&history, answer(false, 50, 100)), None);
    assert_eq!(judge(&history, answer(false, 50, 99)), Some(denies(38)));
}

#[test]
fn an_origin_is_not_allowed_before_it_is_added() {
    let history = history();
    let never = Some(Violation::NeverAdded {
        node: 0,
        origin: "tenant".to_owned(),
    });
    assert_eq!(judge(&history, answer(true, 1, 9)), never);
    assert_eq!(judge(&history, answer(false, 1, 9)), None);
    assert_eq!(judge(&history, answer(true, 1, 10)), None);
    assert_eq!(judge(&History::default(), answer(true, 1, 2)), never);
}

#[test]
fn an_origin_may_be_allowed_again_from_the_begin_of_its_next_addition() {
    let mut history = history();
    history.changes.push(change(true, 120));
    assert_eq!(judge(&history, answer(true, 110, 119)), Some(allows(8)));
    assert_eq!(judge(&history, answer(true, 110, 120)), None);
    assert_eq!(judge(&history, answer(false, 122, 123)), None);
    assert_eq!(judge(&history, answer(false, 123, 124)), Some(denies(1)));
}

#[test]
fn without_contact_a_withdrawn_origin_is_denied_after_the_lease() {
    for begun in [100, 101] {
        let mut history = history();
        history.cuts = vec![cut(begun, None, None)];
        assert_eq!(judge(&history, answer(true, 110, 111)), None);
        assert_eq!(judge(&history, answer(true, 111, 112)), Some(allows(1)));
    }
}

#[test]
fn a_node_that_was_cut_off_later_knew_the_withdrawal() {
    let mut history = history();
    history.cuts = vec![cut(102, None, None)];
    assert_eq!(judge(&history, answer(true, 103, 104)), Some(allows(1)));
}

#[test]
fn the_contact_of_another_node_is_of_no_importance() {
    let mut history = history();
    history.cuts = vec![Cut {
        node: 1,
        ..cut(90, None, None)
    }];
    assert_eq!(judge(&history, answer(true, 103, 104)), Some(allows(1)));
}

#[test]
fn after_a_cut_the_bound_counts_from_when_the_node_follows() {
    let mut history = history();
    history.cuts = vec![cut(90, Some(101), Some(103))];
    assert_eq!(judge(&history, answer(true, 105, 106)), None);
    assert_eq!(judge(&history, answer(true, 106, 107)), Some(allows(1)));
    // A second cut before the end of the bound.
    history.cuts.push(cut(104, Some(105), Some(107)));
    assert_eq!(judge(&history, answer(true, 109, 110)), None);
    assert_eq!(judge(&history, answer(true, 110, 111)), Some(allows(1)));
}

#[test]
fn a_node_may_deny_without_contact_and_must_allow_after_it() {
    let mut history = history();
    history.cuts = vec![cut(30, Some(40), Some(42))];
    assert_eq!(judge(&history, answer(false, 20, 30)), Some(denies(8)));
    assert_eq!(judge(&history, answer(false, 20, 31)), None);
    assert_eq!(judge(&history, answer(false, 41, 43)), None);
    assert_eq!(judge(&history, answer(false, 42, 43)), Some(denies(30)));
}

#[test]
fn without_contact_nothing_is_allowed_after_the_lease() {
    let late = Some(Violation::AllowsWithoutContact {
        node: 0,
        origin: "tenant".to_owned(),
        late: second(1),
    });
    let mut history = history();
    history.cuts = vec![cut(30, Some(50), Some(52))];
    assert_eq!(judge(&history, answer(true, 41, 42)), None);
    assert_eq!(judge(&history, answer(true, 42, 43)), late);
    assert_eq!(judge(&history, answer(false, 42, 43)), None);
    // The contact may have been there before the answer.
    assert_eq!(judge(&history, answer(true, 42, 50)), None);
}

#[test]
fn a_node_must_follow_again_in_time() {
    let mut history = history();
    history.cuts = vec![cut(30, Some(40), Some(45))];
    assert!(check(&history, PROMISE).is_ok());
    history.cuts = vec![cut(30, Some(40), Some(46))];
    let slow = vec![Violation::DoesNotFollow { node: 0 }];
    assert_eq!(check(&history, PROMISE).unwrap_err(), slow);
}

#[test]
fn what_the_answers_show_is_counted() {
    let mut history = history();
    history.answers = vec![
        answer(true, 20, 21),
        answer(true, 101, 102),
        answer(false, 103, 104),
        answer(false, 104, 105),
    ];
    let checked = check(&history, PROMISE).unwrap();
    let node = checked.node(0);
    assert_eq!((node.must_allow, node.must_deny), (1, 2));
    assert_eq!(node.allowed_for, second(1));
    assert_eq!(checked.node(1).must_deny, 0);
}
