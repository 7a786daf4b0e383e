// Reads a contract, and knows where in its text each part stands.

import { readFileSync } from 'node:fs';
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

export const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];

export class Contract {
  /// Reads a file, unless its text and what that says are known already.
  constructor(file, text = readFileSync(file, 'utf8'), root = undefined) {
    Object.assign(this, { file, text });
    this.root = root ?? this.document.toJS();
  }

  /// The text with the place of each part: read once, and only if a place is asked for.
  get document() {
    if (this.parsed === undefined) {
      this.lines = new LineCounter();
      this.parsed = parseDocument(this.text, { lineCounter: this.lines });
      const [error] = this.parsed.errors;
      if (error !== undefined) throw new Error(`${this.file}: ${error.message}`);
    }
    return this.parsed;
  }

  /// Returns what stands at a path of keys, if anything does.
  at(keys) {
    return keys.reduce((node, key) => node?.[key], this.root);
  }

  /// Follows the references at a path; the keys are those of what the last one names.
  resolve(keys) {
    let [path, node, refs] = [keys, this.at(keys), []];
    while (node?.$ref !== undefined && refs.length < 100) {
      refs = [...refs, node.$ref];
      path = node.$ref.replace(/^#\//, '').split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
      node = this.at(path);
    }
    return { keys: path, node, ref: refs.at(-1) };
  }

  /// Calls `visit` with each path and method, and the keys of the operation.
  operations(visit) {
    for (const [path, item] of Object.entries(this.root.paths ?? {})) {
      for (const method of METHODS.filter((name) => item[name] !== undefined)) visit(path, method, ['paths', path, method]);
    }
  }

  /// Finds the deepest part that stands at a line and a column, both counted from 1, and returns its keys.
  keysAt(line, column) {
    const { contents } = this.document;
    const offset = this.lines.lineStarts[line - 1] + column - 1;
    const holds = (node) => node?.range !== undefined && node.range[0] <= offset && offset < Math.max(node.range[1], node.range[0] + 1);
    const find = (node, keys) => {
      if (isMap(node)) {
        for (const { key, value } of node.items.filter(isPair)) {
          const below = [...keys, isScalar(key) ? key.value : String(key)];
          if (holds(key)) return below;
          if (holds(value)) return find(value, below);
        }
      } else if (isSeq(node) && !isAlias(node)) {
        const index = node.items.findIndex(holds);
        if (index >= 0) return find(node.items[index], [...keys, index]);
      }
      return keys;
    };
    return find(contents, []);
  }

  /// Returns the line of the deepest part of a path that is there.
  lineOf(keys) {
    let [node, line] = [this.document.contents, 1];
    for (const key of keys) {
      const item = isMap(node) ? node.items.find((pair) => String(pair.key?.value ?? pair.key) === String(key)) : node?.items?.[key];
      if (item === undefined || item === null) break;
      line = this.lines.linePos((isPair(item) ? item.key : item).range[0]).line;
      node = isPair(item) ? item.value : item;
    }
    return line;
  }
}

/// Writes `['paths', '/trains', 'get', 'parameters', 2]` as `paths./trains.get.parameters[2]`.
export function dotted(keys) {
  return keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('').replace(/^\./, '');
}
