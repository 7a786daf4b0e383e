// A rule for the linter: a contract holds only what the templates can turn into code that compiles and does what the contract says.
//
// The generator goes on where it does not understand: what it writes then does not compile, or compiles and ignores a rule. So
// everything is refused that the templates are not known to handle; tests/supported.yml has all that passes, and is compiled.

import { Names } from './names.mjs';
import { Operations } from './operations.mjs';
import { Schemas } from './schemas.mjs';

/// `#/paths/~1trains/get/parameters/2` as `paths./trains.get.parameters[2]`.
function dotted(pointer) {
  const keys = pointer.replace(/^#?\//, '').split('/').filter(Boolean);
  const parts = keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.map((part, index) => (/^\d+$/.test(part) && !isCode(parts, index) ? `[${part}]` : `.${part}`)).join('').replace(/^\./, '');
}

function isCode(parts, index) {
  return parts[index - 1] === 'responses';
}

/// What all checks share: where a node is, how to go on from it, and how to complain.
class Place {
  constructor(ctx, reported, node, location) {
    Object.assign(this, { ctx, reported, location });
    // A $ref is followed at once; what it names is where complaints belong.
    this.ref = node?.$ref;
    const target = this.ref === undefined ? { node, location } : ctx.resolve(node);
    this.node = target.node ?? {};
    this.target = target.node === undefined ? location : target.location;
    if (this.ref !== undefined && target.node === undefined) this.refuse(`a $ref to nothing: ${this.ref}`);
  }

  /// The place of `keys` below this one.
  at(...keys) {
    const node = keys.reduce((value, key) => value?.[key], this.node);
    return new Place(this.ctx, this.reported, node, this.target.child(keys));
  }

  has(key) {
    return this.node?.[key] !== undefined;
  }

  /// The entries of the map under `key`, each with its place.
  entries(key) {
    const map = this.node?.[key] ?? {};
    return Object.keys(map).map((name) => [name, this.at(key, name)]);
  }

  /// The elements of the list under `key`, each with its place.
  elements(key) {
    return (this.node?.[key] ?? []).map((_, index) => this.at(key, index));
  }

  refuse(message, location = this.target) {
    const text = `${dotted(location.pointer)}: ${message}`;
    if (this.reported.has(text)) return;
    this.reported.add(text);
    this.ctx.report({ message: text, location });
  }

  /// Refuses a part of the contract that becomes a public item without documentation.
  needDescription() {
    if (!this.node.description?.trim()) this.refuse('no description, which becomes the documentation in Rust');
  }

  /// Refuses each of these keys that is there.
  refuseKeys(keys, message) {
    for (const key of keys) {
      if (this.has(key)) this.refuse(typeof message === 'function' ? message(key) : message, this.target.child([key]));
    }
  }
}

function supported() {
  return {
    Root: {
      leave(root, ctx) {
        const contract = new Place(ctx, new Set(), root, ctx.location);
        if (!/^3\.0\./.test(root.openapi ?? '')) contract.at('openapi').refuse('the templates know OpenAPI 3.0');
        for (const [key, text] of [['title', root.info?.title], ['version', root.info?.version], ['license', root.info?.license?.name]]) {
          if (/["\\\n]/.test(text ?? '')) contract.at('info').refuse('a text that Cargo.toml cannot quote', ctx.location.child(['info', key]));
        }
        refuseUnsafeTexts(contract.node, contract.target, contract);
        const names = new Names();
        const schemas = new Schemas(contract, names);
        const operations = new Operations(contract, schemas);
        operations.check();
        schemas.check();
      },
    },
  };
}

/// Texts become documentation: `r#"…"#` on the server, lines of `///` in the client.
function refuseUnsafeTexts(node, location, place) {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    const below = location.child([key]);
    if (['example', 'examples', 'default'].includes(key)) continue;
    if ((key === 'description' || key === 'summary') && typeof value === 'string') {
      if (value.includes('"#')) place.refuse('a text with `"#`, which ends the documentation in Rust; put something between', below);
      if (location.pointer !== '#/info' && hasRustCode(value)) place.refuse('a code block that Rust would compile; fence it, and name its language', below);
      if (key === 'summary' && value.trim().includes('\n')) place.refuse('a summary of more than one line', below);
    } else {
      refuseUnsafeTexts(value, below, place);
    }
  }
}

/// An indented block, or one with a fence and no language, is an example that `cargo test` compiles.
function hasRustCode(text) {
  let [isFenced, wasBlank] = [false, true];
  return text.split('\n').some((line) => {
    const language = /^ {0,3}```(.*)$/.exec(line)?.[1].trim();
    const isCode = language === undefined ? !isFenced && wasBlank && /^( {4}|\t)\s*\S/.test(line) : !isFenced && ['', 'rust'].includes(language);
    if (language !== undefined) isFenced = !isFenced;
    wasBlank = line.trim() === '';
    return isCode;
  });
}

function unsupported() {
  return { Root: { leave: (_, ctx) => ctx.report({ message: 'the templates know OpenAPI 3.0', location: ctx.location.child(['swagger']) }) } };
}

export default function plugin() {
  return { id: 'templates', rules: { oas2: { supported: unsupported }, oas3: { supported } } };
}
