use std::fmt;
use std::str::FromStr;

/// The transactions whose changes a position includes.
///
/// It is a snapshot of PostgreSQL, cut off after the newest transaction whose change was visible, and that change itself.
///
/// ```text
/// transactions        880  881  882  883  884  885  886
/// state                ok  open  ok   ok  open   ok   -      `-` has not begun
/// changes of origins   *         *                           `*` is recorded in `omnicors.change`
/// snapshot            xmin = 881, open = 881, 884, xmax = 886
/// cursor              xmin = 881, open = 881, xmax = 883, because 882 is the newest transaction with a change
/// ```
///
/// Transactions from `xmax` on have changed no origin that was visible, so it makes no difference to leave them out, except after a
/// crash. PostgreSQL writes to disk that a transaction was committed, but not at once that one was begun or rolled back. After a crash
/// it can give the number of such a transaction, 885 in the drawing, to another transaction. A snapshot that is not cut off would
/// include the changes of that one.
///
/// The newest change itself shows whether the database was set back, for example to an older snapshot of its disk, and has then given
/// the same numbers to other changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    xmin: u64,
    xmax: u64,
    /// Those that were open, in `xmin..xmax`.
    open: Vec<u64>,
    newest: Option<Newest>,
}

/// The newest visible change: the last one of the transaction with the greatest number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Newest {
    pub(crate) xid: u64,
    pub(crate) revision: i64,
    /// In microseconds.
    pub(crate) at: i64,
}

impl Cursor {
    /// Creates a cursor from a text of the type `pg_snapshot`, the newest change that is visible in it, and the newest transaction of
    /// which changes were deleted, or 0. That one is the newest transaction with a change if somebody has deleted the others.
    pub(crate) fn new(snapshot: &str, newest: Option<Newest>, pruned: u64) -> Option<Self> {
        let Snapshot { xmin, xmax, open } = snapshot.parse().ok()?;
        // The first number that is not special is 3, and 1 is the least valid one.
        let newest_xid = newest.map_or(0, |newest| newest.xid);
        let end = newest_xid.max(pruned).saturating_add(1);
        let open = open.into_iter().filter(|xid| *xid < end);
        Some(Self {
            xmin: xmin.min(end),
            xmax: xmax.min(end),
            open: open.collect(),
            newest,
        })
    }

    /// Returns the least number of a transaction whose changes the position may not include.
    pub(crate) fn xmin(&self) -> u64 {
        self.xmin
    }

    pub(crate) fn newest(&self) -> Option<Newest> {
        self.newest
    }

    /// Returns the transactions as a text of the type `pg_snapshot`.
    pub(crate) fn snapshot(&self) -> String {
        let open = self.open.iter().map(u64::to_string);
        let open: Vec<_> = open.collect();
        format!("{}:{}:{}", self.xmin, self.xmax, open.join(","))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.snapshot())?;
        match self.newest {
            Some(Newest { xid, revision, at }) => write!(f, "@{xid}:{revision}:{at}"),
            None => Ok(()),
        }
    }
}

/// The text is not a cursor.
#[derive(Debug)]
pub(crate) struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (snapshot, newest) = match text.split_once('@') {
            Some((snapshot, newest)) => (snapshot, Some(newest.parse()?)),
            None => (text, None),
        };
        let Snapshot { xmin, xmax, open } = snapshot.parse()?;
        Ok(Self {
            xmin,
            xmax,
            open,
            newest,
        })
    }
}

impl FromStr for Newest {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let mut parts = text.split(':');
        let mut next = || parts.next().ok_or(NotACursor);
        let newest = Self {
            xid: number(next()?)?,
            revision: number(next()?)?,
            at: number(next()?)?,
        };
        match parts.next() {
            None => Ok(newest),
            Some(_) => Err(NotACursor),
        }
    }
}

/// The parts of a text of the type `pg_snapshot`.
struct Snapshot {
    xmin: u64,
    xmax: u64,
    open: Vec<u64>,
}

impl FromStr for Snapshot {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().ok_or(NotACursor);
        let (xmin, xmax, open) = (number(next()?)?, number(next()?)?, next()?);
        let open = open.split(',').filter(|xid| !xid.is_empty()).map(number);
        Ok(Self {
            xmin,
            xmax,
            open: open.collect::<Result<_, _>>()?,
        })
    }
}

fn number<N: FromStr>(text: &str) -> Result<N, NotACursor> {
    text.parse().map_err(|_| NotACursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWEST: Newest = Newest {
        xid: 882,
        revision: 7,
        at: 1_700_000_000_000_001,
    };

    #[test]
    fn a_cursor_ends_after_the_newest_transaction_with_a_change() {
        let cursor = Cursor::new("881:886:881,884", Some(NEWEST), 0).unwrap();
        assert_eq!(cursor.snapshot(), "881:883:881");
        assert_eq!(cursor.xmin(), 881);

        let cursor = Cursor::new("884:886:884", Some(NEWEST), 0).unwrap();
        assert_eq!(cursor.snapshot(), "883:883:");

        let cursor = Cursor::new("884:886:884", None, 0).unwrap();
        assert_eq!(cursor.snapshot(), "1:1:");

        let cursor = Cursor::new("884:886:884", None, 880).unwrap();
        assert_eq!(cursor.snapshot(), "881:881:");

        let cursor = Cursor::new("884:886:884", Some(NEWEST), 880).unwrap();
        assert_eq!(cursor.snapshot(), "883:883:");
    }

    #[test]
    fn a_cursor_is_read_from_its_text() {
        for newest in [None, Some(NEWEST)] {
            let cursor = Cursor::new("880:886:880,881", newest, 0).unwrap();
            assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        }
        for text in ["", "1:2", "1:2:x", "1:2:3@", "1:2:3@4:5", "1:2:3@4:5:6:7"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
