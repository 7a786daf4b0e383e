// Finds what breaks clients and oasdiff does not report. The walk goes through both contracts together, from each operation that
// both have, so that each part is seen in its role: what is sent, or what is answered.

import { isDeepStrictEqual } from 'node:util';
import { dotted } from './contract.mjs';

/// Names the extensions that say something to clients, or shape what is generated for them; openapi/README.md has their meaning.
const EXTENSIONS = ['x-closed-query', 'x-from', 'x-middleware', 'x-problem', 'x-raw-body', 'x-raw-json', 'x-rule'];
/// An addition of one of these breaks nothing: it is a conversion more.
const MAY_COME = ['x-from'];
/// A response has no use for these: the service checks what it is sent.
const ONLY_SENT = ['x-rule'];

export function changes(base, head) {
  const walk = new Walk(base, head);
  walk.whole();
  return [...walk.found.values()];
}

class Walk {
  constructor(base, head) {
    Object.assign(this, { base, head, found: new Map(), seen: new Set(), operation: undefined });
  }

  report(rule, keys, text, value) {
    const id = `${rule} ${dotted(keys)}`;
    const known = this.found.get(id) ?? { rule, keys, place: dotted(keys), value, text, isBreaking: true, operations: [] };
    if (this.operation !== undefined && !known.operations.includes(this.operation)) known.operations.push(this.operation);
    this.found.set(id, known);
  }

  whole() {
    this.problems();
    this.servers();
    this.base.operations((path, method, keys) => {
      if (this.head.at(keys) === undefined) return;
      this.operation = `${method.toUpperCase()} ${path}`;
      this.extensions(keys, keys, 'request');
      this.parameters(path, method);
      this.bodies([...keys, 'requestBody'], [...keys, 'requestBody'], 'request');
      this.responses([...keys, 'responses'], [...keys, 'responses']);
    });
  }

  /// Compares the table of problems, `| /problems/KIND | STATUS | … |`. Programs decide by the types.
  problems() {
    const keys = ['info', 'description'];
    const table = (contract) => new Map([...String(contract.at(keys)).matchAll(/^\| *`(\/problems\/[^`]+)` *\| *(\d+) *\|/gm)].map(([, type, status]) => [type, status]));
    const now = table(this.head);
    for (const [type, status] of table(this.base)) {
      if (!now.has(type)) this.report('problem-type-removed', [...keys, type], `the problem type ${type} has gone from the table`);
      else if (now.get(type) !== status) this.report('problem-status-changed', [...keys, type], `${type} was ${status} and is ${now.get(type)}`);
    }
  }

  servers() {
    const urls = (contract) => (contract.root.servers ?? []).map(({ url }) => url);
    for (const url of urls(this.base).filter((found) => !urls(this.head).includes(found))) {
      this.report('server-removed', ['servers'], `the address ${url} has gone, where clients go unless they are told another`);
    }
  }

  parameters(path, method) {
    const all = (contract) => {
      const lists = [['paths', path, 'parameters'], ['paths', path, method, 'parameters']];
      const keys = lists.flatMap((list) => (contract.at(list) ?? []).map((_, index) => contract.resolve([...list, index]).keys));
      return new Map(keys.map((found) => [`${contract.at(found).in} ${contract.at(found).name.toLowerCase()}`, found]));
    };
    const now = all(this.head);
    for (const [name, old] of [...all(this.base)].filter(([found]) => now.has(found))) {
      const keys = now.get(name);
      const form = ({ in: where, style = where === 'query' ? 'form' : 'simple', explode = style === 'form', allowReserved = false }) => ({ style, explode, allowReserved });
      const [was, is] = [this.base.at(old), this.head.at(keys)].map(form);
      if (!isDeepStrictEqual(was, is)) this.report('request-parameter-style-changed', keys, `was written as ${JSON.stringify(was)}, and is now as ${JSON.stringify(is)}`);
      this.schemas([...old, 'schema'], [...keys, 'schema'], 'request');
    }
  }

  /// Compares what has `content`: a body, a response.
  bodies(oldKeys, newKeys, role) {
    const [old, now] = [this.base.resolve(oldKeys), this.head.resolve(newKeys)];
    for (const mediaType of Object.keys(old.node?.content ?? {}).filter((found) => now.node?.content?.[found] !== undefined)) {
      this.schemas([...old.keys, 'content', mediaType, 'schema'], [...now.keys, 'content', mediaType, 'schema'], role);
    }
  }

  responses(oldKeys, newKeys) {
    for (const status of Object.keys(this.base.at(oldKeys)).filter((found) => this.head.at([...newKeys, found]) !== undefined)) {
      const [old, now] = [this.base.resolve([...oldKeys, status]), this.head.resolve([...newKeys, status])];
      if (old.node.description !== now.node.description) {
        const text = `the response ${status} was called ${JSON.stringify(old.node.description)}, and is now ${JSON.stringify(now.node.description)}`;
        this.report('response-renamed', [...now.keys, 'description'], text);
      }
      this.extensions(old.keys, now.keys, 'response');
      this.bodies(old.keys, now.keys, 'response');
      for (const name of Object.keys(old.node.headers ?? {}).filter((found) => now.node.headers?.[found] !== undefined)) {
        const [before, after] = [this.base.resolve([...old.keys, 'headers', name]), this.head.resolve([...now.keys, 'headers', name])];
        this.header([...before.keys, 'schema'], [...after.keys, 'schema']);
        this.schemas([...before.keys, 'schema'], [...after.keys, 'schema'], 'response');
      }
    }
  }

  /// Compares the keywords of a header's schema that oasdiff leaves out.
  header(oldKeys, newKeys) {
    const [old, now] = [this.base.resolve(oldKeys).node, this.head.resolve(newKeys).node];
    if (old?.pattern !== undefined && old.pattern !== now?.pattern) {
      this.report('response-header-pattern-changed', [...newKeys, 'pattern'], `was ${old.pattern}, and is ${now?.pattern ?? 'gone'}`);
    }
  }

  /// Compares two schemas at the same place, and all within them.
  schemas(oldKeys, newKeys, role) {
    const [old, now] = [this.base.resolve(oldKeys), this.head.resolve(newKeys)];
    if (old.node === undefined || now.node === undefined) return;
    const name = ({ ref }) => ref?.split('/').pop();
    // Where the name has gone altogether, oasdiff says so, once.
    const isKept = old.ref !== undefined && this.head.resolve(old.keys).node !== undefined;
    if (isKept && name(old) !== name(now)) {
      this.report('type-renamed', newKeys, `the type was ${name(old)}, and is ${name(now) ?? 'one without a name'}`, name(now));
    }
    const id = `${role} ${dotted(old.keys)} ${dotted(now.keys)} ${this.operation}`;
    if (this.seen.has(id)) return;
    this.seen.add(id);
    this.extensions(old.keys, now.keys, role);
    this.openness(old, now, role);
    this.exclusion(old, now, role);
    for (const key of Object.keys(old.node.properties ?? {}).filter((found) => now.node.properties?.[found] !== undefined)) {
      this.schemas([...old.keys, 'properties', key], [...now.keys, 'properties', key], role);
    }
    for (const key of ['items', 'additionalProperties'].filter((found) => typeof old.node[found] === 'object' && typeof now.node[found] === 'object')) {
      this.schemas([...old.keys, key], [...now.keys, key], role);
    }
  }

  /// Compares `not`: what is excluded from requests may only become less, from responses only more.
  exclusion(old, now, role) {
    const [was, is] = [old.node.not, now.node.not];
    if (isDeepStrictEqual(was, is) || (role === 'request' ? is : was) === undefined) return;
    const text = `\`not\` was ${JSON.stringify(was) ?? 'absent'}, and is ${JSON.stringify(is) ?? 'absent'}`;
    this.report(`${role}-not-changed`, [...now.keys, 'not'], text, JSON.stringify(is));
  }

  openness(old, now, role) {
    const isObject = ({ node }) => node.type === 'object' || node.properties !== undefined;
    if (!isObject(now)) return;
    const [was, is] = [old, now].map(({ node }) => node.additionalProperties ?? true);
    const keys = [...now.keys, 'additionalProperties'];
    if (role === 'response' && is === false) {
      this.report('response-object-closed', keys, 'an object of a response is closed, so that nothing could ever be added to it');
    } else if (role === 'response' && was === false) {
      this.report('response-object-opened', keys, 'the object was closed, and clients that hold to that refuse what is added to it');
    } else if (role === 'request' && !isDeepStrictEqual(was, is) && is !== true) {
      this.report('request-object-closed', keys, 'what clients may send beside the properties that are named is refused');
    }
  }

  extensions(oldKeys, newKeys, role) {
    const [old, now] = [this.base.at(oldKeys), this.head.at(newKeys)];
    for (const key of EXTENSIONS.filter((found) => role === 'request' || !ONLY_SENT.includes(found))) {
      const isNew = old?.[key] === undefined && MAY_COME.includes(key);
      if (isNew || isDeepStrictEqual(old?.[key], now?.[key])) continue;
      this.report('extension-changed', [...newKeys, key], `${key} was ${JSON.stringify(old?.[key]) ?? 'absent'}, and is ${JSON.stringify(now?.[key]) ?? 'absent'}`);
    }
  }
}
