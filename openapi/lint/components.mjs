// Finds components of different kinds with one name. Generators make a type of each, in one namespace: oapi-codegen refuses such a
// contract, and others number the types.

/// The kinds that generators make types of. Examples are none.
const KINDS = ['schemas', 'parameters', 'headers', 'requestBodies', 'responses', 'securitySchemes'];

/// Returns the components whose name another kind has too, as [kind, name, kind of the other].
export function clashes(components) {
  const taken = new Map();
  const found = [];
  for (const kind of KINDS) {
    for (const name of Object.keys(components[kind] ?? {})) {
      const key = name.toLowerCase();
      if (taken.has(key) && taken.get(key) !== kind) found.push([kind, name, taken.get(key)]);
      else taken.set(key, kind);
    }
  }
  return found;
}
