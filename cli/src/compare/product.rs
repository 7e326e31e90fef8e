//! Finds an origin that one entry allows, that some others allow as well, and that none of a third group allows.
//!
//! The automata of all entries and the [`OriginReader`](super::origin_reader::OriginReader) read the same text. A state of the product is the tuple of their states, without
//! those from which no text matches; it is made when a text leads to it:
//!
//! ```text
//! is there an origin in `https://*.example.com` that neither `https://a*.example.com` nor `https://b*.example.com` allows?
//!
//! text read           reader           *.example.com   a*.example.com   b*.example.com
//! https://            a host follows   state           state            state
//! https://a           a host name      state           state            -
//! https://c           a host name      state           -                -                 the others cannot match any more
//! https://c.example.com                matches         -                -                 found
//! ```
//!
//! States are made in the order of the length of the text, so that the first one that matches has the shortest text. A state does not have
//! the length of its text: it is the shortest text that leads to it, and an origin has at most 512 bytes.
//!
//! Counting the bytes of hosts and labels would make many states, and matters only for the limits of host names, which a pattern with a `*`
//! has. So the first search does not count. It is exact for hosts within the limits. If the entry is a pattern, no other hosts matter. If it
//! is not, and no origin was found, two more searches look for an origin beyond one of the limits. Only if an origin that was found is
//! beyond a limit of a pattern, a last search counts everything.
//!
//! Exact origins are not a part of the product: there can be a million of them. If the origin that was found is one, the texts that match
//! are listed in the order of their length, each once, until one is not. For a text of `n` bytes, [`Reach`] says from which states a match
//! is exactly `r` bytes away, so the search never has to go back, and its time is the number of origins it skips.

mod reach;
mod states;

use omnicors_core::limits;

use super::entry::{Entry, Gate, TooLarge};
use super::origin_reader::Lengths;
use reach::Reach;
use states::Product;

/// Returns an origin that `of` allows, that one of `within` allows, if there are any, and that none of `except` allows. Leaves out origins
/// for which `skip` returns true.
pub(super) fn find(
    of: &Entry,
    within: Option<&[&Entry]>,
    except: &[&Entry],
    skip: &dyn Fn(&str) -> bool,
) -> Result<Option<String>, TooLarge> {
    let is_exact = |origin: &str| -> Result<bool, TooLarge> {
        let within = within.map_or(Ok(true), |within| any_allows(within, origin))?;
        Ok(within && of.allows(origin)? && !any_allows(except, origin)?)
    };
    let has_limits = except.iter().any(|entry| entry.gate == Gate::Name);
    let searches: &[Lengths] = if of.gate == Gate::Name || !has_limits {
        &[Lengths::None]
    } else {
        &[Lengths::None, Lengths::Labels, Lengths::Names]
    };
    for lengths in searches {
        if let Some(origin) = search(of, within, except, *lengths, skip)? {
            if is_exact(&origin)? {
                return Ok(Some(origin));
            }
            return search(of, within, except, Lengths::All, skip);
        }
    }
    Ok(None)
}

fn any_allows(entries: &[&Entry], origin: &str) -> Result<bool, TooLarge> {
    for entry in entries {
        if entry.allows(origin)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn search(
    of: &Entry,
    within: Option<&[&Entry]>,
    except: &[&Entry],
    lengths: Lengths,
    skip: &dyn Fn(&str) -> bool,
) -> Result<Option<String>, TooLarge> {
    let mut product = Product::new(of, within, except, lengths)?;
    let mut reach = Reach::default();
    let mut is_first = true;
    for length in 0..=limits::ORIGIN {
        product.expand(length)?;
        let Some(first) = product.first_match else {
            if product.is_complete() {
                return Ok(None);
            }
            continue;
        };
        if is_first {
            let text = product.shortest_text(first);
            if !skip(&text) {
                return Ok(Some(text));
            }
            is_first = false;
        }
        reach.extend(&product, length);
        if let Some(text) = reach.find(&product, length, skip) {
            return Ok(Some(text));
        }
        if product.is_complete() && reach.is_at_end() {
            return Ok(None);
        }
    }
    Ok(None)
}
