// Holds deprecations to their days. Each is written once, in the contract: `deprecated: true`, `x-deprecated-on` with the day since when, and, once it is
// known, `x-sunset` with the day from which it may be gone. What is told to clients comes from these lines, so they have to be right.

const DAY = 24 * 60 * 60 * 1000;
/// The days that clients have at least, from the announcement to the end.
const NOTICE = 180;
const KEYS = ['deprecated', 'x-deprecated-on', 'x-sunset'];

/// Returns the faults of an operation, a parameter or a property, each with the key that it is about.
export function faults({ deprecated, 'x-deprecated-on': since, 'x-sunset': sunset }) {
  if (deprecated !== true) {
    return [['x-deprecated-on', since], ['x-sunset', sunset]].flatMap(([key, value]) =>
      value === undefined ? [] : [[key, `${key} of what is not deprecated; say deprecated: true beside it`]],
    );
  }
  if (since === undefined) return [['deprecated', 'no x-deprecated-on: say since when, so that clients can be told']];
  const found = [['x-deprecated-on', since], ['x-sunset', sunset]].filter(([, value]) => value !== undefined && !isDay(value));
  if (found.length > 0) return found.map(([key, value]) => [key, `${JSON.stringify(value)} is no day; write '2027-01-15', in quotes`]);
  const days = sunset === undefined ? NOTICE : (Date.parse(sunset) - Date.parse(since)) / DAY;
  if (days >= NOTICE) return [];
  const earliest = new Date(Date.parse(since) + NOTICE * DAY).toISOString().slice(0, 10);
  return [['x-sunset', `the end comes ${days} days after the announcement; clients get ${NOTICE}: not before ${earliest}`]];
}

/// Returns the faults of anything else, of whose deprecation nothing would tell clients.
export function misplaced(node) {
  return KEYS.filter((key) => node?.[key] !== undefined && node[key] !== false).map((key) => [
    key,
    `${key} is told to clients of operations, parameters and properties only; say it there`,
  ]);
}

export function isDay(text) {
  const isForm = typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  return isForm && new Date(text).toISOString().startsWith(text);
}
