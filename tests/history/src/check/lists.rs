//! What lists promise beyond what each of their entries says of its payment.

use super::{
    spans::Life,
    violation::{Rule, Violation},
};
use crate::model::{Call, Entry, History, Id, Moment, Number, Operation, Outcome};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the lists need to know of a payment.
#[derive(Debug)]
pub(super) struct Listed<'a> {
    id: &'a Id,
    life: Life,
    /// When its creation was sent, at the earliest, and acknowledged, if it was.
    created: Option<(Moment, Option<Moment>)>,
    /// The first moment at which somebody can have deleted it.
    may_end: Moment,
    /// When a list had shown it for the first time.
    shown: Moment,
}

impl<'a> Listed<'a> {
    pub(super) fn new(
        history: &History,
        id: &'a Id,
        life: Life,
        creator: Option<Number>,
        deletions: &[Number],
    ) -> Self {
        let created = creator.and_then(|number| history.get(number)).map(|operation| {
            let acknowledged = matches!(operation.outcome, Outcome::Created(..)).then_some(operation.ended);
            (operation.invoked, acknowledged)
        });
        let ends = deletions.iter().filter_map(|number| history.get(*number)).map(|operation| operation.invoked);
        Self { id, life, created, may_end: ends.min().unwrap_or(Moment::MAX), shown: Moment::MAX }
    }

    /// The moment from which on the payment was there for certain.
    fn there_from(&self) -> Moment {
        self.life.version(0).map_or(Moment::MAX, |first| first.until.at)
    }
}

/// A page that was read.
#[derive(Debug, Clone, Copy)]
struct Page<'a> {
    number: Number,
    operation: &'a Operation,
    entries: &'a [Entry],
}

/// Checks all lists of a history.
pub(super) fn check(history: &History, mut payments: Vec<Listed<'_>>) -> Result<(), Box<Violation>> {
    let walks = walks(history);
    note_first_shown(&walks, &mut payments);
    let by_id: HashMap<_, _> = payments.iter().map(|payment| (payment.id, payment)).collect();
    let mut order = HashMap::new();
    let creations = creations(history);
    for pages in walks.values() {
        for page in pages {
            is_of_one_moment(*page, &by_id)?;
        }
        repeats_nothing(pages)?;
        keeps_order(pages, &mut order)?;
        is_in_order_of_creation(pages, &by_id)?;
        skips_nothing(pages, &payments, history.hold_back, &creations)?;
    }
    Ok(())
}

/// The pages of each walk, in their order; each page once, although it may have been asked for again after a failure.
fn walks(history: &History) -> BTreeMap<u32, Vec<Page<'_>>> {
    let mut walks = BTreeMap::<u32, BTreeMap<u32, Page<'_>>>::new();
    for (number, operation) in history.numbered() {
        if let (Call::List { walk, page }, Outcome::Page(entries)) = (&operation.call, &operation.outcome) {
            walks.entry(*walk).or_default().insert(*page, Page { number, operation, entries });
        }
    }
    walks.into_iter().map(|(walk, pages)| (walk, pages.into_values().collect())).collect()
}

fn note_first_shown(walks: &BTreeMap<u32, Vec<Page<'_>>>, payments: &mut [Listed<'_>]) {
    let mut shown = HashMap::new();
    for page in walks.values().flatten() {
        for entry in page.entries {
            let first = shown.entry(&entry.id).or_insert(Moment::MAX);
            *first = page.operation.ended.min(*first);
        }
    }
    for payment in payments {
        payment.shown = shown.get(payment.id).copied().unwrap_or(Moment::MAX);
    }
}

/// There is a moment at which each payment of the page was at the version that the page shows.
fn is_of_one_moment(page: Page<'_>, payments: &HashMap<&Id, &Listed<'_>>) -> Result<(), Box<Violation>> {
    let (mut from, mut until) = ((page.operation.invoked, None), (page.operation.ended, None));
    for entry in page.entries {
        let Some(payment) = payments.get(&entry.id) else { continue };
        let written = payment.life.version(entry.seen.version).map_or(0, |span| span.from.at);
        if written > from.0 {
            from = (written, Some(entry));
        }
        let replaced = payment.life.replaced_until(entry.seen.version);
        if replaced < until.0 {
            until = (replaced, Some(entry));
        }
    }
    if from.0 <= until.0 {
        return Ok(());
    }
    let name = |entry: Option<&Entry>| {
        entry.map_or_else(String::new, |entry| format!("version {} of {}", entry.seen.version, entry.id))
    };
    let text =
        format!("#{} shows {} together with {}, which was gone by then", page.number, name(from.1), name(until.1));
    Err(Violation::new(Rule::ListMoment, until.1.map(|entry| &entry.id), text, &[Some(page.number)]))
}

/// No payment is there twice.
fn repeats_nothing(pages: &[Page<'_>]) -> Result<(), Box<Violation>> {
    let mut seen = HashMap::new();
    for page in pages {
        for entry in page.entries {
            if let Some(first) = seen.insert(&entry.id, page.number) {
                let text = format!("the walk shows it in #{first}, and again in #{}", page.number);
                return Err(Violation::new(
                    Rule::ListRepeats,
                    Some(&entry.id),
                    text,
                    &[Some(page.number), Some(first)],
                ));
            }
        }
    }
    Ok(())
}

/// Of two payments, the same one comes first in every walk. `order` has each pair that a walk has shown.
fn keeps_order<'a>(pages: &[Page<'a>], order: &mut HashMap<(&'a Id, &'a Id), Number>) -> Result<(), Box<Violation>> {
    let mut before: Vec<&Id> = Vec::new();
    for page in pages {
        for entry in page.entries {
            for earlier in &before {
                if let Some(other) = order.get(&(&entry.id, *earlier)) {
                    let text = format!("#{} shows it behind {earlier}, and #{other} before that", page.number);
                    let operations = [Some(page.number), Some(*other)];
                    return Err(Violation::new(Rule::ListOrder, Some(&entry.id), text, &operations));
                }
                order.entry((*earlier, &entry.id)).or_insert(page.number);
            }
            before.push(&entry.id);
        }
    }
    Ok(())
}

/// A payment whose creation was acknowledged before that of another was sent comes before it.
fn is_in_order_of_creation(pages: &[Page<'_>], payments: &HashMap<&Id, &Listed<'_>>) -> Result<(), Box<Violation>> {
    let mut latest: Option<(Moment, &Id)> = None;
    for page in pages {
        for entry in page.entries {
            let Some((invoked, acknowledged)) = payments.get(&entry.id).and_then(|payment| payment.created) else {
                continue;
            };
            if let (Some((sent, other)), Some(acknowledged)) = (latest, acknowledged)
                && acknowledged < sent
            {
                let text = format!("#{} shows it behind {other}, which was created later", page.number);
                return Err(Violation::new(Rule::ListOrder, Some(&entry.id), text, &[Some(page.number)]));
            }
            if latest.is_none_or(|(sent, _)| invoked > sent) {
                latest = Some((invoked, &entry.id));
            }
        }
    }
    Ok(())
}

/// A creation, for lists that may be held back by it: from when on, and until when at the latest.
#[derive(Debug, Clone, Copy)]
struct Creation {
    invoked: Moment,
    ended: Option<Moment>,
}

fn creations(history: &History) -> Vec<Creation> {
    let creates = history.operations.iter().filter(|operation| matches!(operation.call, Call::Create { .. }));
    let open = |operation: &Operation| (!operation.outcome.is_unknown()).then_some(operation.ended);
    creates.map(|operation| Creation { invoked: operation.invoked, ended: open(operation) }).collect()
}

/// A walk that came to its end shows every payment that was there from before its beginning until after its end.
fn skips_nothing(
    pages: &[Page<'_>],
    payments: &[Listed<'_>],
    hold_back: Option<Moment>,
    creations: &[Creation],
) -> Result<(), Box<Violation>> {
    let (Some(first), Some(last)) = (pages.first(), pages.last().filter(|last| last.entries.is_empty())) else {
        return Ok(());
    };
    let shown: BTreeSet<_> = pages.iter().flat_map(|page| page.entries).map(|entry| &entry.id).collect();
    let (began, ended) = (first.operation.invoked, last.operation.ended);
    for payment in payments {
        let throughout = payment.there_from() < began && payment.may_end > ended;
        if !throughout || shown.contains(payment.id) {
            continue;
        }
        let may_be_held_back = payment.shown > began
            && hold_back.is_some_and(|limit| is_held_back(payment, last.operation.invoked, limit, creations));
        if !may_be_held_back {
            let creator = payment.life.version(0).and_then(|first| first.until.by);
            let text =
                format!("the walk from #{} to #{} skips it, which was there throughout", first.number, last.number);
            let mut operations = vec![Some(last.number), creator];
            operations.extend(pages.iter().map(|page| Some(page.number)));
            return Err(Violation::new(Rule::ListSkips, Some(payment.id), text, &operations));
        }
    }
    Ok(())
}

/// Whether another creation, which may have drawn an earlier number, was under way when the last page was asked for.
fn is_held_back(payment: &Listed<'_>, asked: Moment, limit: Moment, creations: &[Creation]) -> bool {
    creations.iter().any(|other| {
        let until = other.ended.unwrap_or_else(|| other.invoked.saturating_add(limit));
        other.invoked < payment.there_from() && until >= asked
    })
}
