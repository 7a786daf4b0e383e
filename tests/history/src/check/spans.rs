//! When each version of a payment can have come to be, and when the payment can have ended.

use super::{
    chain::Chain,
    facts::Facts,
    violation::{Rule, Violation},
};
use crate::model::{Call, Moment, Number, Operation, Outcome};

/// A limit of a moment, and the operation that sets it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    pub(super) at: Moment,
    pub(super) by: Option<Number>,
}

/// A moment lies in a span.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from: Bound,
    pub(super) until: Bound,
}

impl Span {
    pub(super) const ANY: Self = Self { from: Bound { at: 0, by: None }, until: Bound { at: Moment::MAX, by: None } };

    /// The moment is not before `at`, says the operation `by`.
    pub(super) fn not_before(&mut self, at: Moment, by: Option<Number>) {
        if at > self.from.at {
            self.from = Bound { at, by };
        }
    }

    /// The moment is not after `at`, says the operation `by`.
    pub(super) fn not_after(&mut self, at: Moment, by: Option<Number>) {
        if at < self.until.at {
            self.until = Bound { at, by };
        }
    }
}

/// The spans of a payment: bounds that hold in every order that explains its history.
#[derive(Debug, Default)]
pub(super) struct Life {
    /// When each version came to be.
    pub(super) versions: Vec<Span>,
    /// When the payment was deleted; none if nobody can have deleted it.
    pub(super) end: Option<Span>,
}

impl Life {
    /// The span of a version.
    pub(super) fn version(&self, number: u64) -> Option<&Span> {
        self.versions.get(usize::try_from(number).ok()?)
    }

    /// The last moment at which the payment can have ended.
    pub(super) fn ended_until(&self) -> Moment {
        self.end.map_or(Moment::MAX, |end| end.until.at)
    }

    /// The last moment at which a version can have been replaced, or deleted.
    pub(super) fn replaced_until(&self, number: u64) -> Moment {
        let next = number.checked_add(1).and_then(|next| self.version(next));
        next.map_or_else(|| self.ended_until(), |next| next.until.at)
    }

    /// Computes the spans, and checks that there is a moment in each.
    pub(super) fn compute(chain: &mut Chain<'_>, facts: &Facts<'_>) -> Result<Self, Box<Violation>> {
        let mut life = Self { versions: vec![Span::ANY; chain.versions.len()], end: None };
        let asked = life.find_end(chain, facts)?;
        life.end_as_shown(chain, facts)?;
        life.set_latest(chain, facts);
        life.carry_back();
        chain.fill_gaps(&life)?;
        life.set_earliest(chain, facts);
        life.explain_absences(chain, facts, asked)?;
        life.carry_back();
        life.carry_on();
        life.has_moments(chain, facts)?;
        Ok(life)
    }

    /// Finds the deletion: the one that succeeded, or those that may have. Returns when
    /// it was asked for, at the earliest.
    fn find_end(&mut self, chain: &Chain<'_>, facts: &Facts<'_>) -> Result<Option<Moment>, Box<Violation>> {
        let done = |number: &&Number| chain.operation(**number).is_some_and(|it| it.outcome == Outcome::Deleted);
        let mut acknowledged = facts.deletions.iter().filter(done).copied();
        let first = acknowledged.next();
        if let (Some(first), Some(second)) = (first, acknowledged.next()) {
            let text = format!("#{first} and #{second} were both told that they deleted the payment");
            return Err(chain.violation(Rule::TwoWinners, text, &[Some(second), Some(first)]));
        }
        if let Some((number, operation)) = first.and_then(|number| Some((number, chain.operation(number)?))) {
            fits_last(chain, number, operation)?;
            let mut span = Span::ANY;
            span.not_before(operation.invoked, Some(number));
            span.not_after(operation.ended, Some(number));
            self.end = Some(span);
            return Ok(Some(operation.invoked));
        }
        let candidates = facts.deletions.iter().filter_map(|number| Some((*number, chain.operation(*number)?)));
        let earliest =
            candidates.filter_map(|(number, operation)| Some((earliest_end(chain, operation)?, number))).min();
        self.end = earliest.map(|(moment, number)| {
            let mut span = Span::ANY;
            span.not_before(moment, Some(number));
            span
        });
        Ok(self.end.map(|end| end.from.at))
    }

    /// A deletion that histories and events show was made by then, of the last version.
    fn end_as_shown(&mut self, chain: &Chain<'_>, facts: &Facts<'_>) -> Result<(), Box<Violation>> {
        for (number, version) in facts.ends() {
            let Some(operation) = chain.operation(number) else { continue };
            let Some(end) = self.end.as_mut() else {
                let text = format!("#{number} shows a deletion, and nobody had asked for one");
                return Err(chain.violation(Rule::EventUnsent, text, &[Some(number)]));
            };
            if usize::try_from(version) != Ok(chain.versions.len()) {
                let text = format!(
                    "#{number} shows version {version} as the deletion, but versions up to {} are known",
                    chain.versions.len().saturating_sub(1)
                );
                let later = usize::try_from(version).ok().and_then(|version| chain.versions.get(version));
                let operations = [Some(number), later.and_then(|later| later.writer)];
                return Err(chain.violation(Rule::EventVersions, text, &operations));
            }
            end.not_after(operation.ended, Some(number));
        }
        Ok(())
    }

    /// A version was there when an answer showed it, and the payment when a request was refused for its version.
    fn set_latest(&mut self, chain: &Chain<'_>, facts: &Facts<'_>) {
        for seen in &facts.observations {
            let Some(operation) = chain.operation(seen.number) else { continue };
            let span = usize::try_from(seen.version).ok().and_then(|version| self.versions.get_mut(version));
            if let Some(span) = span {
                span.not_after(operation.ended, Some(seen.number));
            }
        }
        for seen in facts.past() {
            let Some(operation) = chain.operation(seen.number) else { continue };
            let span = usize::try_from(seen.version).ok().and_then(|version| self.versions.get_mut(version));
            if let Some(span) = span {
                span.not_after(operation.ended, Some(seen.number));
            }
        }
        for number in &facts.refusals {
            if let (Some(operation), Some(first)) = (chain.operation(*number), self.versions.first_mut()) {
                first.not_after(operation.ended, Some(*number));
            }
        }
    }

    /// A version is not before its writer was sent, nor before a read that shows the version before it.
    fn set_earliest(&mut self, chain: &Chain<'_>, facts: &Facts<'_>) {
        for (span, version) in self.versions.iter_mut().zip(&chain.versions) {
            let writers = version.writer.iter().chain(version.candidates.iter().filter(|_| version.writer.is_none()));
            let invoked = writers.filter_map(|number| Some((chain.operation(*number)?.invoked, *number)));
            if let Some((at, number)) = invoked.min() {
                span.not_before(at, Some(number));
            }
        }
        for seen in &facts.observations {
            let Some(operation) = chain.operation(seen.number) else { continue };
            let next = usize::try_from(seen.version).ok().and_then(|version| version.checked_add(1));
            let next = next.and_then(|next| self.versions.get_mut(next)).or(self.end.as_mut());
            if let Some(next) = next {
                next.not_before(operation.invoked, Some(seen.number));
            }
        }
        for (number, version) in &facts.lacks {
            let Some(operation) = chain.operation(*number) else { continue };
            let is_end = usize::try_from(*version) == Ok(self.versions.len());
            let span = usize::try_from(*version).ok().and_then(|version| self.versions.get_mut(version));
            if let Some(span) = span.or(self.end.as_mut().filter(|_| is_end)) {
                span.not_before(operation.invoked, Some(*number));
            }
        }
        for number in &facts.refusals {
            let Some(operation) = chain.operation(*number) else { continue };
            if let (Outcome::Conflict | Outcome::PreconditionFailed, Some(end)) =
                (&operation.outcome, self.end.as_mut())
            {
                end.not_before(operation.invoked, Some(*number));
            }
        }
    }

    /// A 404 is from before the creation if it can be, and otherwise from after the deletion.
    fn explain_absences(
        &mut self,
        chain: &Chain<'_>,
        facts: &Facts<'_>,
        asked: Option<Moment>,
    ) -> Result<(), Box<Violation>> {
        let Some(first) = self.versions.first().copied() else { return Ok(()) };
        for number in &facts.absences {
            let Some(operation) = chain.operation(*number).filter(|it| it.invoked > first.until.at) else { continue };
            let asked = asked.is_some_and(|asked| asked <= operation.ended);
            let Some(end) = self.end.as_mut().filter(|_| asked) else {
                let shown = first.until.by;
                let by = shown.map_or_else(String::new, |by| format!(" (#{by})"));
                let text = format!(
                    "#{number} found no payment, although it was there before{by}, and nobody had asked for its deletion"
                );
                return Err(chain.violation(Rule::AcknowledgedLost, text, &[Some(*number), shown]));
            };
            end.not_after(operation.ended, Some(*number));
        }
        Ok(())
    }

    /// No version is later than the next one, or than the deletion.
    fn carry_back(&mut self) {
        let mut next = self.end.map_or(Span::ANY.until, |end| end.until);
        for span in self.versions.iter_mut().rev() {
            span.not_after(next.at, next.by);
            next = span.until;
        }
    }

    /// No version is earlier than the one before it, and neither is the deletion.
    fn carry_on(&mut self) {
        let mut before = Span::ANY.from;
        for span in self.versions.iter_mut().chain(self.end.as_mut()) {
            span.not_before(before.at, before.by);
            before = span.from;
        }
    }

    fn has_moments(&self, chain: &Chain<'_>, facts: &Facts<'_>) -> Result<(), Box<Violation>> {
        for (number, span) in (0_u64..).zip(&self.versions) {
            if span.from.at > span.until.at {
                return Err(contradiction(chain, facts, *span, Some(number)));
            }
        }
        match self.end {
            Some(end) if end.from.at > end.until.at => Err(contradiction(chain, facts, end, None)),
            Some(_) | None => Ok(()),
        }
    }
}

/// Checks that a deletion that succeeded was of the last version.
fn fits_last(chain: &Chain<'_>, number: Number, operation: &Operation) -> Result<(), Box<Violation>> {
    let next = operation.call.expected().and_then(|expected| usize::try_from(expected).ok()?.checked_add(1));
    let Some(next) = next.and_then(|next| chain.versions.get(next)) else { return Ok(()) };
    let writer = next.writer.or_else(|| next.content.as_ref().map(|(shown, _)| *shown));
    let later =
        writer.and_then(|writer| chain.operation(writer)).is_some_and(|writer| writer.invoked > operation.ended);
    let rule = if later { Rule::Resurrected } else { Rule::TwoWinners };
    let by = writer.map_or_else(String::new, |writer| format!(" by #{writer}"));
    let text = format!(
        "#{number} deleted version {}, but that version was replaced{by}",
        operation.call.expected().unwrap_or_default()
    );
    Err(chain.violation(rule, text, &[writer, Some(number)]))
}

/// The first moment at which a deletion without an answer can have been done; none if it cannot have been of the last version.
///
/// It may name a version that nobody saw. Each version up to that one then takes a writer of its own among those without an
/// answer: one that names the version before, or, if there is none, one that names none.
fn earliest_end(chain: &Chain<'_>, operation: &Operation) -> Option<Moment> {
    let last = chain.versions.len().checked_sub(1).and_then(|last| u64::try_from(last).ok());
    let (Some(last), Some(expected)) = (last, operation.call.expected()) else { return Some(operation.invoked) };
    if expected < last {
        return None;
    }
    let open = chain.open.iter().filter_map(|number| chain.operation(*number));
    let mut open: Vec<_> = open.filter(|open| !matches!(open.call, Call::Create { .. })).collect();
    open.sort_by_key(|open| (open.call.expected().is_none(), open.invoked));
    let mut moment = operation.invoked;
    for before in last..expected {
        let fits = |open: &&Operation| open.call.expected().is_none_or(|expected| expected == before);
        let place = open.iter().position(fits)?;
        moment = moment.max(open.remove(place).invoked);
    }
    Some(moment)
}

/// The first operation that came too late: it was sent after `until`, and shows that this version, or the deletion, was still to
/// come. The bound of the span comes from the last one, which is further away from what it contradicts.
fn first_too_late(chain: &Chain<'_>, facts: &Facts<'_>, until: Moment, version: Option<u64>) -> Option<Number> {
    let before = facts.observations.iter().filter(|seen| version.is_none_or(|version| seen.version < version));
    let sent = before.filter_map(|seen| Some((chain.operation(seen.number)?.invoked, seen.number)));
    sent.filter(|(invoked, _)| *invoked > until).min().map(|(_, number)| number)
}

/// Whether an operation looked for the past, and did not find it.
fn is_lack(operation: &Operation) -> bool {
    operation.outcome == Outcome::NotFound
        && matches!(operation.call, Call::PastVersion { .. } | Call::PastVersions { .. })
}

/// Says why there is no moment in the span of a version, or of the deletion.
fn contradiction(chain: &Chain<'_>, facts: &Facts<'_>, span: Span, version: Option<u64>) -> Box<Violation> {
    let early = span.until.by;
    let late = first_too_late(chain, facts, span.until.at, version).or(span.from.by);
    let name = |number: Option<Number>| number.map_or_else(|| "nobody".to_owned(), |number| format!("#{number}"));
    let call = |number: Option<Number>| number.and_then(|number| chain.operation(number));
    let showed = |number: Option<Number>| {
        facts.observations.iter().find(|seen| Some(seen.number) == number).map(|seen| seen.version)
    };
    let what = version.map_or_else(|| "the deletion".to_owned(), |version| format!("version {version}"));
    let (late_version, early_version) = (showed(late), showed(early));
    let (rule, text) = match (call(late), call(early)) {
        (Some(late_call), _) if is_lack(late_call) => (
            Rule::HistorySkips,
            format!("{} did not find {what} in the past, although {} had shown it before", name(late), name(early)),
        ),
        (_, Some(early_call)) if matches!(early_call.call, Call::Delete { .. }) => {
            (Rule::Resurrected, format!("{} found the payment after {} had deleted it", name(late), name(early)))
        }
        (_, Some(early_call)) if early_call.outcome == Outcome::NotFound => {
            let deletes = call(late).is_some_and(|late| matches!(late.call, Call::Delete { .. }));
            let rule = if deletes { Rule::AcknowledgedLost } else { Rule::Resurrected };
            (rule, format!("{} was told 404 before {} began, which found the payment", name(early), name(late)))
        }
        (Some(late_call), Some(early_call)) if late_call.call.writes_version() && early_call.call.writes_version() => (
            Rule::Order,
            format!("{what}: {} had its answer before {} was sent, which came first", name(early), name(late)),
        ),
        (Some(late_call), _) if late_call.call.writes_version() => (
            Rule::ReadFromFuture,
            format!("{} shows {what} or a later one before {} was sent", name(early), name(late)),
        ),
        _ => {
            let shown =
                |version: Option<u64>| version.map_or_else(String::new, |version| format!(" version {version}"));
            let text = format!(
                "{} returned{}, although {} had shown{} before",
                name(late),
                shown(late_version),
                name(early),
                shown(early_version)
            );
            (Rule::StaleRead, text)
        }
    };
    chain.violation(rule, text, &[late, early])
}
