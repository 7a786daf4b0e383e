// Holds operations to saying who may call them, in the forms that the templates and the service know.

/// Returns the scope that an operation asks for; nothing, if it is open to everybody or says nothing.
export function scopeOf({ security = [] }) {
  return security.flatMap((requirement) => Object.values(requirement).flat())[0];
}

/// Returns what is wrong with the security of an operation. `schemes` are those of the contract.
export function securityFault({ security }, schemes = {}) {
  if (security === undefined) return 'no decision who may call it: write `security: []` for everybody, or `[{}, {issuer: [SCOPE]}]`';
  if (security.length === 0) return undefined;
  const [nobody, requirement, ...others] = security;
  const [scheme, ...more] = Object.keys(requirement ?? {});
  const scopes = requirement?.[scheme] ?? [];
  const isKnown = Object.keys(nobody).length === 0 && others.length === 0 && more.length === 0 && scopes.length === 1;
  if (!isKnown || schemes[scheme]?.type !== 'openIdConnect') {
    return 'not `[{}, {SCHEME: [SCOPE]}]`: nothing for a server that asks for no token, and one scope of an openIdConnect scheme';
  }
  const isDescribed = schemes[scheme].description?.includes(`| \`${scopes[0]}\` |`);
  return isDescribed ? undefined : `the scope ${scopes[0]}, which the description of ${scheme} does not list: say there what it allows`;
}

/// Returns the statuses that an operation has to declare, because a token is asked for, or none is.
export function lacksStatuses(operation) {
  const declared = Object.keys(operation.responses ?? {});
  const asked = ['401', '403', '503'];
  return scopeOf(operation) === undefined ? [] : asked.filter((status) => !declared.includes(status));
}
