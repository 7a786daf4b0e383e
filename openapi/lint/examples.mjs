// Judges the examples of an operation together. Programs that play a contract (mocks, importers, fuzzers) send all examples of an
// operation in one request, and each generated client sends the defaults. So what is right by itself has to be right beside the others.

/// Returns the keys of an optional parameter that would be sent beside one that excludes it. The description says which it excludes.
export function excluded({ required, description, schema, ...parameter }) {
  if (required === true || !/\bnot together with\b/i.test(description ?? '')) return [];
  const own = ['example', 'examples'].filter((key) => parameter[key] !== undefined);
  return [...own.map((key) => [key]), ...['example', 'default'].filter((key) => schema?.[key] !== undefined).map((key) => ['schema', key])];
}

/// Returns what the example of a body says of the path that it is sent to, or comes from, and does not agree with `path`, which has
/// the example of each path parameter by name. What stands in a path is text, numbers too.
export function strayed(body, path) {
  return Object.entries(path)
    .filter(([name, value]) => value !== undefined && body?.data?.[name] !== undefined && String(body.data[name]) !== value)
    .map(([name, value]) => `data.${name} is ${JSON.stringify(body.data[name])}, and the path has ${JSON.stringify(value)}`);
}
