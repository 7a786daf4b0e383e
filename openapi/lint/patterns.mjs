// Refuses patterns that some engine reads otherwise, of ECMA-262, with and without its flag u (browsers, Node.js), RE2 (Go), Python,
// Java and Rust. The grammar below is what they share. One difference is left that no pattern can avoid: in Python `$` holds before a
// last newline too.

/// The escapes that all engines know: of what is special in a pattern, of five controls, and `\x` with two digits.
const ESCAPE = /^\\(?:[\^$\\.*+?()[\]{}|/]|[tnrfv]|x[0-9A-Fa-f]{2})/;
const CLASS_ESCAPE = /^\\(?:[\\\][^-]|[tnrfv]|x[0-9A-Fa-f]{2})/;
const REPETITION = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/;
/// RE2 repeats nothing more often.
const MOST = 1000;

const OTHERWISE = new Map([
  ['d', 'write [0-9]: to some engines it has the digits of every script'],
  ['w', 'write [0-9A-Za-z_]: to some engines it has the letters of every script'],
  ['s', 'name the characters: each engine has another list of white space'],
  ['b', 'to some engines a word has letters of every script, and in a class it is a backspace'],
  ['u', 'RE2 does not know it; in YAML write "\\u2028" between double quotes, so that the pattern has the character itself'],
  ['p', 'only some engines know properties of characters; name the characters'],
]);

/// Returns what is wrong with a pattern, or nothing.
export function fault(pattern) {
  try {
    new Reader(pattern).whole();
    return undefined;
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.message;
    throw refusal;
  }
}

class Refusal extends Error {}

class Reader {
  constructor(rest) {
    this.rest = rest;
  }

  whole() {
    if (/[\u{10000}-\u{10ffff}]/u.test(this.rest)) this.refuse('a character beyond U+FFFF, which is two to ECMA-262 without the flag u');
    if (this.rest.includes('\ufeff')) this.refuse('U+FEFF, which the compiler of Go refuses in a source: name it by a range, \\ufefe-\\uff00');
    this.alternatives();
    if (this.rest !== '') this.refuse(`\`${this.rest[0]}\` that closes nothing; write \`\\${this.rest[0]}\``);
  }

  refuse(message) {
    throw new Refusal(message);
  }

  take(count = 1) {
    const taken = this.rest.slice(0, count);
    this.rest = this.rest.slice(count);
    return taken;
  }

  alternatives() {
    do {
      while (this.rest !== '' && !'|)'.includes(this.rest[0])) this.repeated();
    } while (this.rest[0] === '|' && this.take());
  }

  repeated() {
    const isAnchor = '^$'.includes(this.rest[0]);
    this.atom();
    const [repetition, least, comma, most] = REPETITION.exec(this.rest) ?? [];
    if (repetition === undefined) return;
    if (isAnchor) this.refuse('an anchor that is repeated');
    const [from, to] = [Number(least ?? 0), Number(most || least || 0)];
    if (from > MOST || to > MOST) this.refuse(`more than ${MOST} repetitions, which RE2 does not know`);
    if (comma !== undefined && most !== '' && from > to) this.refuse(`${repetition}, whose bounds are in the wrong order`);
    this.take(repetition.length);
    if (/^[?+*{]/.test(this.rest)) this.refuse(`${repetition}${this.rest[0]}: lazy and possessive repetitions differ, and the former change nothing here`);
  }

  atom() {
    const char = this.rest[0];
    if (char === '(') this.group();
    else if (char === '[') this.characters();
    else if (char === '\\') this.escape(ESCAPE);
    else if (char === '.') this.refuse('`.`: engines differ in which characters end a line; write what may stand there, such as [^\\n]');
    else if ('*+?'.includes(char)) this.refuse(`${char} that repeats nothing`);
    else if (']{}'.includes(char)) this.refuse(`\`${char}\` by itself, which some engines refuse; write \`\\${char}\``);
    else this.take();
  }

  group() {
    this.take();
    if (this.rest.startsWith('?:')) this.take(2);
    else if (/^\?<?[=!]/.test(this.rest)) this.refuse('look-around, which RE2 and Rust do not know; `not` beside the pattern can say what must not be');
    else if (this.rest[0] === '?') this.refuse(`(${this.rest.slice(0, 2)}: flags and names of groups, which each engine writes otherwise`);
    this.alternatives();
    if (this.take() !== ')') this.refuse('a group without its end');
  }

  escape(known) {
    const [escape] = known.exec(this.rest) ?? [];
    if (escape !== undefined) return this.take(escape.length);
    const name = this.rest.slice(1, 2);
    const why = /[1-9]/.test(name) ? 'RE2 and Rust know no references to groups' : (OTHERWISE.get(name.toLowerCase()) ?? 'not all engines know it');
    return this.refuse(`\\${name}: ${why}`);
  }

  /// Reads a class, `[…]`.
  characters() {
    this.take();
    if (this.rest[0] === '^') this.take();
    if (this.rest[0] === ']') this.refuse('`[]` and `[^]`, which are a class in ECMA-262 and the begin of one elsewhere');
    for (let isFirst = true; this.rest[0] !== ']'; isFirst = false) {
      if (this.rest === '') this.refuse('a class without its end');
      this.range(isFirst);
    }
    this.take();
  }

  range(isFirst) {
    if (this.rest[0] === '-' && !isFirst && this.rest[1] !== ']') this.refuse('`-` in the middle of a class; write `\\-`, or put it first');
    const from = this.character();
    if (this.rest.startsWith('--')) this.refuse('`--` in a class, which computes with classes in some engines; write `\\-`');
    if (this.rest[0] !== '-' || this.rest[1] === ']') return;
    this.take();
    const to = this.character();
    if (from > to) this.refuse(`${from}-${to}, a range in the wrong order`);
  }

  /// Reads one character of a class, and returns it as itself.
  character() {
    const [char, next] = this.rest;
    if (char === '[') this.refuse('`[` in a class, which begins another one in Rust and Java; write `\\[`');
    if (char === next && '&-~|'.includes(char)) this.refuse(`\`${char}${char}\` in a class, which computes with classes in some engines; write \`\\x${char.charCodeAt(0).toString(16)}\``);
    if (char !== '\\') return this.take();
    const escape = this.escape(CLASS_ESCAPE);
    if (escape[1] === 'x') return String.fromCharCode(Number.parseInt(escape.slice(2), 16));
    return { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' }[escape[1]] ?? escape[1];
  }
}
