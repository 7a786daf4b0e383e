// Rules of our own for the linter that look into a value, which its configuration cannot.

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

export default function plugin() {
  return { id: 'contract', rules: { oas3: { patterns } } };
}
