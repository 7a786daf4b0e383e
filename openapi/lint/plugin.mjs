// Adds rules to the linter that look into a value, which its configuration cannot.

import { clashes } from './components.mjs';
import { faults, misplaced } from './deprecations.mjs';
import { excluded, strayed } from './examples.mjs';
import { fault } from './patterns.mjs';
import { lacksStatuses, securityFault } from './security.mjs';
import { lacksVersion, versionFaults } from './versions.mjs';

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

function security() {
  let schemes;
  return {
    Root(root) {
      schemes = root.components?.securitySchemes;
    },
    Operation(operation, ctx) {
      const message = securityFault(operation, schemes);
      if (message !== undefined) ctx.report({ message, location: ctx.location.child(['security']).key() });
      for (const status of lacksStatuses(operation)) {
        const message = `It asks for a token, so that it can answer ${status}: declare it.`;
        ctx.report({ message, location: ctx.location.child(['responses']).key() });
      }
    },
  };
}

function versions() {
  return {
    Root(root, ctx) {
      for (const [keys, message] of versionFaults(root)) ctx.report({ message, location: ctx.location.child(keys) });
    },
    PathItem(item, ctx) {
      const resolved = (item.parameters ?? []).map((parameter) => (parameter.$ref === undefined ? parameter : ctx.resolve(parameter).node));
      const message = lacksVersion(ctx.key, resolved);
      if (message !== undefined) ctx.report({ message, location: ctx.location.child(['parameters']) });
    },
  };
}

function componentNames() {
  return {
    Components(components, ctx) {
      for (const [kind, name, other] of clashes(components)) {
        const message = `${other} has a component of this name, too: generators make a type of each; call one otherwise.`;
        ctx.report({ message, location: ctx.location.child([kind, name]).key() });
      }
    },
  };
}

function exclusiveParameters() {
  return {
    Parameter(parameter, ctx) {
      for (const keys of excluded(parameter)) {
        const message = 'It excludes other parameters, and what is said here is sent beside them: put a value into the description.';
        ctx.report({ message, location: ctx.location.child(keys) });
      }
    },
  };
}

function examplesOfPaths() {
  const follow = (node, ctx) => (node?.$ref === undefined ? node : ctx.resolve(node).node);
  const bodiesOf = (operation, ctx) =>
    [operation.requestBody, ...Object.values(operation.responses ?? {})].flatMap((body) => Object.values(follow(body, ctx)?.content ?? {}));
  return {
    PathItem(item, ctx) {
      for (const method of ['get', 'put', 'post', 'patch', 'delete']) {
        const parameters = [...(item.parameters ?? []), ...(item[method]?.parameters ?? [])].map((parameter) => follow(parameter, ctx));
        const path = Object.fromEntries(parameters.filter((parameter) => parameter.in === 'path').map(({ name, example }) => [name, example]));
        for (const body of item[method] === undefined ? [] : bodiesOf(item[method], ctx)) {
          for (const [name, example] of Object.entries(body.examples ?? {})) {
            for (const message of strayed(follow(example, ctx)?.value, path)) {
              ctx.report({ message: `The example ${name} is of another path: ${message}.`, location: ctx.location.child([method]) });
            }
          }
        }
      }
    },
  };
}

export default function plugin() {
  const rules = {
    'component-names': componentNames,
    deprecations,
    'examples-of-paths': examplesOfPaths,
    'exclusive-parameters': exclusiveParameters,
    patterns,
    security,
    versions,
  };
  return { id: 'contract', rules: { oas3: rules } };
}
