// Holds the contract to its versions. `info.version` is the day of the version that the contract is, or becomes; a client names it in
// `Accept-Version`, whose values are the versions that are served.

import { isDay } from './deprecations.mjs';

const HEADER = 'Accept-Version';

/// Returns the faults of a whole contract, each with the keys of its place.
export function versionFaults({ info, components }) {
  if (!isDay(info.version)) {
    return [[['info', 'version'], `${JSON.stringify(info.version)} is no day; a version is named by its day: write '2027-01-15', in quotes`]];
  }
  const [name, parameter] = Object.entries(components?.parameters ?? {}).find(([, { name: found }]) => found === HEADER) ?? [];
  if (name === undefined) return [[['components'], `no parameter ${HEADER}, by which a client chooses a version`]];
  const [values, at] = [parameter.schema?.enum ?? [], ['components', 'parameters', name, 'schema', 'enum']];
  if (values.at(-1) !== info.version) return [[at, `the last value is ${values.at(-1)}, and info.version is ${info.version}: add it`]];
  const isSorted = values.every((value, index) => index === 0 || values[index - 1] < value);
  return isSorted ? [] : [[at, 'the versions are not in their order, the oldest first']];
}

/// Returns what is wrong if a path has no parameter that chooses the version.
export function lacksVersion(path, parameters) {
  const isThere = parameters.some(({ name, in: where }) => name === HEADER && where === 'header');
  return isThere || !String(path).startsWith('/v1/') ? undefined : `a path under /v1 without the parameter ${HEADER}: a client could not choose its version there`;
}
