// Adds rules to the linter that look into a value, which its configuration cannot.

import { faults, misplaced } from './deprecations.mjs';
import { fault } from './patterns.mjs';

function patterns() {
  return {
    Schema(schema, ctx) {
      const found = typeof schema.pattern === 'string' ? fault(schema.pattern) : undefined;
      if (found === undefined) return;
      ctx.report({ message: `A pattern that not every engine reads alike: ${found}.`, location: ctx.location.child(['pattern']) });
    },
  };
}

function deprecations() {
  const check = (judge) => (node, ctx) => {
    for (const [key, message] of judge(node)) ctx.report({ message, location: ctx.location.child([key]) });
  };
  // A property is a schema below `properties`, and not a $ref: what that names would be deprecated wherever it is used.
  const isProperty = ({ location }) => /\/properties\/[^/]+$/.test(location.pointer);
  const ofSchema = (node, ctx) => check(isProperty(ctx) ? faults : misplaced)(node, ctx);
  return {
    Operation: check(faults),
    Parameter: check(faults),
    Schema: ofSchema,
    ...Object.fromEntries(['Root', 'Tag', 'PathItem', 'Response', 'Header', 'RequestBody', 'MediaType'].map((type) => [type, check(misplaced)])),
  };
}

export default function plugin() {
  return { id: 'contract', rules: { oas3: { deprecations, patterns } } };
}
