//! The checker: a history goes in, and the first rule that it breaks comes out. It knows no clock, no network and no service.
//!
//! **The problem.** Whether a history is linearizable is in general a search through all orders of its operations (Wing and
//! Gong), whose cost grows exponentially with how many overlap; the tools that do it (Porcupine, Knossos, the tester of
//! `stateright`) prune that search.
//!
//! **The mechanism.** There is no order to search for. A payment is a register with versions, and every write leaves its own
//! number in the content, so each answer says which write it is about, and the versions say in which order the writes took
//! effect. Linearizability is local (Herlihy and Wing), so each payment is checked by itself:
//!
//! 1. `chain`: every version has one writer and one content, and each content is what its writer makes of the content
//!    before it. A version that nobody saw must have a writer among those without an answer (`gaps`).
//! 2. `spans`: version v took effect at some moment t(v). Its writer was sent before t(v), and if it was answered,
//!    was answered after. A read of version v has a moment between its request and its answer that is not before t(v), and
//!    before t(v+1). So every operation bounds single moments, from below or from above, and t(0) ≤ t(1) ≤ … ≤ deletion. Such
//!    moments exist exactly if the largest lower bound up to v is not beyond the smallest upper bound from v on, for
//!    every v: then t(v) can be that lower bound. One pass forward and one backward find out: the cost is linear in the number
//!    of operations, beside the sorting by payment.
//!    A 404 is from before t(0) or after the deletion. It is taken to be from before whenever its request is not later than
//!    the upper bound of t(0). That never does harm: raising t(0) as far as its own upper bound stays below all later ones.
//!    Beside that, `times`: the versions of a payment keep its `created_on`, and their `modified_on` never goes back. These are
//!    the texts of the answers, written by clocks that jump; nothing else here looks at them.
//! 3. `refusals`: a 409 or 412 must be true at some moment of its own, within the bounds of (2). Each is checked alone, so a
//!    contradiction between two refusals that are both possible alone goes unnoticed; none that is possible is reported.
//! 4. `lists`: each entry is a read in (2). Beyond that, walks repeat and skip nothing, are in the order of creation, and
//!    each page has one moment for all of its entries.
//! 5. `past`: histories and events prove that a version was there by then, and show what it was and when it was written, for (1) and
//!    (2). Beyond that a history leaves out nothing.
//! 6. `feed`: all walks through the events show one order, each of them a run of it.
//!
//! An operation whose outcome is unknown bounds from below only: it may have taken effect at any moment after its request, or
//! never.

mod chain;
mod facts;
mod feed;
mod gaps;
mod lists;
mod past;
mod refusals;
mod spans;
#[cfg(test)]
mod tests;
mod times;
mod violation;

use crate::model::History;
use chain::Chain;
use lists::Listed;
use spans::Life;
pub use violation::{Rule, Violation};

/// Checks a history.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(history: &History) -> Result<(), Box<Violation>> {
    let payments = facts::gather(history)?;
    past::check_histories(history)?;
    let (mut listed, mut made) = (Vec::new(), Vec::new());
    for (id, facts) in &payments.by_id {
        let mut chain = Chain::build(history, id, facts, &payments.nameless)?;
        let life = Life::compute(&mut chain, facts)?;
        refusals::check(&chain, facts, &life)?;
        times::check(&chain, facts)?;
        past::check(&chain, facts)?;
        made.extend(feed::made(id, &chain, &life, facts));
        let creator = chain.versions.first().and_then(|first| first.writer);
        listed.push(Listed::new(history, id, life, creator, &facts.deletions));
    }
    lists::check(history, listed)?;
    feed::check(history, &made)
}
