// The names that Rust gets, and those that it cannot have.

export const KEYWORDS = new Set(
  `abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if impl in let loop
   macro match mod move mut override priv pub ref return self static struct super trait true try type typeof union unsafe unsized
   use virtual where while yield`.split(/\s+/),
);

// The generator reads YAML 1.1, to which these are booleans, whatever their quotes.
const BOOLEANS = new Set(['yes', 'no', 'on', 'off', 'true', 'false']);
// Names that the generated code has in scope, that no `r#` makes a name, or that the generator does not know to be Rust's (`gen`).
const IN_SCOPE = {
  property: new Set(['crate', 'faults', 'gen', 'json', 'new', 'object', 'self_url', 'super']),
  text: new Set(['as_json', 'from_json', 'from_value', 'get', 'json', 'keys', 'new', 'remove', 'set', 'with']),
  parameter: new Set(
    'api body bytes call clone crate decode faults follow gen head header media_type query read request self send super'.split(' '),
  ),
  header: new Set(['body', 'crate', 'self', 'super']),
  operation: new Set(['builder', 'call', 'client', 'error', 'max_body', 'method', 'new', 'problem', 'response', 'status']),
  tag: new Set(
    'answering api checks client decode error faults operation problem refusal request response route rules with'.split(' '),
  ),
  schema: new Set(
    `Box Clone Copy Debug Decode Default Encode Eq Err Faults From Into Json Members None Object Ok Option PartialEq RawJson Result
     Rules Self Some String Vec`.split(/\s+/),
  ),
};
// config.yml has the same.
const MAPPED = { type: 'kind', self: 'self_url' };

export const snake = (text) => text.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('-', '_').toLowerCase();
const isSnake = (text) => /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(text);
export const pascal = (text) => text.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');

/// The name of a parameter in a query as Rust has it: `filter[type]` is `filter_type`.
export const flat = (name) => {
  const [, outer = '', inner = ''] = /^([^[\]]+)\[([^[\]]+)\]$/.exec(name) ?? [];
  return isSnake(outer) && isSnake(inner) ? `${outer}_${inner}` : name;
};

export class Names {
  /// Refuses a property, parameter or header whose name does not survive on its way into Rust. `taken` has those beside it;
  /// `spelled` is the name in the contract.
  check(kind, name, taken, place, spelled = name) {
    const isKnown = kind === 'header' ? /^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/.test(name) : isSnake(name);
    if (!isKnown) {
      place.refuse(`the name ${JSON.stringify(spelled)}; the templates know ${kind === 'header' ? 'words with hyphens' : 'snake_case'}`);
      return;
    }
    if (BOOLEANS.has(name)) {
      place.refuse(`the name ${JSON.stringify(spelled)}, a boolean to the generator; choose another`);
      return;
    }
    const rust = kind === 'property' || kind === 'text' ? (MAPPED[name] ?? name) : snake(name);
    if (IN_SCOPE[kind].has(rust) && MAPPED[name] === undefined) {
      place.refuse(`the name ${JSON.stringify(spelled)}, which the generated code uses itself; choose another`);
    } else if (taken.has(rust)) {
      place.refuse(`the name ${JSON.stringify(spelled)}, which is ${rust} in Rust, as is ${JSON.stringify(taken.get(rust))}`);
    }
    taken.set(rust, spelled);
  }

  /// Refuses an `operationId`, a tag or the name of a schema.
  checkIdentifier(kind, name, taken, place) {
    const shape = { operation: /^[a-z][A-Za-z0-9]*$/, tag: /^[a-z]{2,}$/, schema: /^([A-Z][a-z0-9]+)+$/ }[kind];
    const what = { operation: 'an operationId', tag: 'a tag', schema: 'the name of a schema' }[kind];
    const style = { operation: 'camelCase', tag: 'one word of small letters', schema: 'PascalCase' }[kind];
    const rust = kind === 'schema' ? name : snake(name);
    if (!shape.test(name)) {
      place.refuse(`${what} that is not ${style}: ${JSON.stringify(name)}`);
    } else if (IN_SCOPE[kind].has(rust) || KEYWORDS.has(rust)) {
      place.refuse(`${what} that Rust or the generated code has taken: ${JSON.stringify(name)}; choose another`);
    } else if (taken.has(snake(name)) && (kind !== 'tag' || taken.get(snake(name)) !== name)) {
      place.refuse(`${what} that is ${snake(name)} in Rust, as is ${JSON.stringify(taken.get(snake(name)))}`);
    }
    taken.set(snake(name), name);
  }

  /// Refuses the values of an enum that give no variants.
  checkValues(values, place) {
    const taken = new Map([['Self', 'Self'], ['Unknown', 'Unknown']]);
    for (const [index, value] of values.entries()) {
      const at = place.target.child(['enum', index]);
      const variant = typeof value === 'string' ? pascal(value) : '';
      if (typeof value !== 'string' || !/^[A-Za-z][A-Za-z0-9]*([ ._-][A-Za-z0-9]+)*$/.test(value)) {
        place.refuse(`the value ${JSON.stringify(value)}; the templates know words of letters and digits`, at);
      } else if (BOOLEANS.has(value.toLowerCase())) {
        place.refuse(`the value ${JSON.stringify(value)}, a boolean to the generator; choose another`, at);
      } else if (taken.has(variant)) {
        place.refuse(`the value ${JSON.stringify(value)}, which is ${variant} in Rust, as is ${JSON.stringify(taken.get(variant))}`, at);
      }
      taken.set(variant, value);
    }
  }
}
