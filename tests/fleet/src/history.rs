use std::time::Duration;

/// A moment: the time since a history began.
pub type Moment = Duration;

/// What a test did and saw, in any order.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The changes of the store. Those of the same origin are one after the other.
    pub changes: Vec<Change>,
    /// The answers of nodes.
    pub answers: Vec<Answer>,
    /// The times without contact.
    pub cuts: Vec<Cut>,
}

/// A change of an origin. It takes effect at some moment between the two.
#[derive(Clone, Debug)]
pub struct Change {
    /// The origin.
    pub origin: String,
    /// The origin is added, and otherwise withdrawn.
    pub is_added: bool,
    /// Before the change was sent to the store.
    pub begun: Moment,
    /// After the store has confirmed it.
    pub acknowledged: Moment,
}

/// The answer of a node to a request of an origin.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The number of the node.
    pub node: usize,
    /// The origin.
    pub origin: String,
    /// A page of the origin may read the response.
    pub is_allowed: bool,
    /// Before the request was sent.
    pub begun: Moment,
    /// After the response was received.
    pub ended: Moment,
}

/// A time for which a node had no contact to the store, or was stopped.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The number of the node.
    pub node: usize,
    /// Before the fault.
    pub begun: Moment,
    /// When the fault was in force, so that nothing arrived any more.
    pub in_force: Moment,
    /// Before the end of the fault.
    pub mending: Option<Moment>,
    /// After the end of the fault.
    pub mended: Option<Moment>,
    /// When the node was first seen to follow the store again.
    pub followed: Option<Moment>,
}
