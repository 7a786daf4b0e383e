// What the templates can do of `components.schemas`, and of what is written inside it.

import { pascal } from './names.mjs';

// The end of a message: where to change the contract, or the templates.
export const TEACH = {
  operations: '. Change the contract, or teach apis.mustache and reqwest/api.mustache in openapi/*/templates',
  models: '. Change the contract, or teach models.mustache and model.mustache in openapi/*/templates',
};

const COMPOSED = ['allOf', 'anyOf', 'oneOf', 'not', 'discriminator'];
// The formats of strings: those that generated code checks, and those that it takes for text.
const CHECKED_FORMATS = ['date', 'date-time'];
const TEXT_FORMATS = ['email', 'json-pointer', 'uri', 'uri-reference', 'uuid'];
// What a schema can demand beyond its type.
const RULES = [
  'exclusiveMaximum', 'exclusiveMinimum', 'maxItems', 'maxLength', 'maxProperties', 'maximum', 'minItems', 'minLength', 'minProperties',
  'minimum', 'multipleOf', 'pattern',
];
const CHECKED_RULES = {
  array: ['maxItems', 'minItems'],
  integer: ['maximum', 'minimum'],
  string: ['maxLength', 'minLength'],
};

export class Schemas {
  constructor(contract, names) {
    Object.assign(this, { contract, names, taken: new Map(), inRequests: new Set() });
  }

  check() {
    const all = this.contract.at('components').entries('schemas');
    for (const [name, place] of all) {
      this.names.checkIdentifier('schema', name, this.taken, place);
      this.named(name, place);
    }
    const { required = [], properties = {} } = this.contract.at('components', 'schemas', 'Problem').node;
    if (!['title', 'detail'].every((key) => required.includes(key) && properties[key]?.type === 'string' && properties[key].nullable !== true)) {
      const at = this.contract.target.child(['components', 'schemas']);
      this.contract.refuse('no schema Problem with a required title and detail, which errors of the client show', at);
    }
  }

  /// Holds what requests carry to more: every rule in it is checked, by the generated code or by the service.
  requested(place) {
    const pointer = place.target.pointer;
    if (this.inRequests.has(pointer)) return;
    this.inRequests.add(pointer);
    const { properties = {}, items, 'x-raw-json': isRaw } = place.node;
    this.refuseUnchecked(place, CHECKED_RULES[place.node.type] ?? []);
    if (isRaw === true) return;
    for (const key of Object.keys(properties)) this.requested(place.at('properties', key));
    if (items !== undefined) this.requested(place.at('items'));
  }

  /// Refuses the rules of a schema that neither the generated code checks, nor the service by x-rule.
  refuseUnchecked(place, checked) {
    const { type, format, 'x-rule': hasRule } = place.node;
    if (hasRule === true) return;
    // Only properties are checked: not what has a name, and not the elements of a list.
    const isProperty = !/^#\/components\/schemas\/[^/]+$|\/items$/.test(place.target.pointer);
    const unchecked = RULES.filter((rule) => place.has(rule) && !(isProperty && checked.includes(rule)));
    if (TEXT_FORMATS.includes(format) || (CHECKED_FORMATS.includes(format) && !isProperty)) unchecked.push('format');
    for (const rule of unchecked) {
      const cure = type === 'string' && isProperty ? '; say x-rule: true beside it, and check it in the service' : TEACH.models;
      place.refuse(`a rule that the generated server does not check${cure}`, place.target.child([rule]));
    }
  }

  named(name, place) {
    const { type, items, enum: values } = place.node;
    if (place.ref !== undefined) {
      place.refuse(`another name for ${place.ref}`, this.contract.target.child(['components', 'schemas', name]));
    } else if (this.isComposed(place)) {
      // Said already.
    } else if (place.node.nullable === true) {
      place.refuse('a schema with a name that may be null; say so at the property, without $ref');
    } else if (values !== undefined && type === 'string') {
      place.needDescription();
      this.names.checkValues(values, place);
    } else if (type === 'array') {
      place.needDescription();
      place.refuseKeys(['uniqueItems'], 'uniqueItems, which the templates do not know');
      if (items?.$ref === undefined) place.refuse(`a list with a name whose items have none; $ref them${TEACH.models}`);
    } else if (type === 'object') {
      this.object(name, place);
    } else {
      const what = type === undefined ? 'any type' : values === undefined ? type : `an enum of ${type}`;
      place.refuse(`a name for ${what}; the templates know names for objects, lists of $ref and enums of strings${TEACH.models}`);
    }
  }

  isComposed(place, allowed = []) {
    const found = COMPOSED.filter((key) => place.has(key) && !allowed.includes(key));
    for (const key of found) place.refuse(`${key}${TEACH.models}`, place.target.child([key]));
    return found.length > 0;
  }

  object(name, place, inside = [name]) {
    const { additionalProperties: more, properties = {}, required = [], 'x-raw-json': isRaw, 'x-rule': hasRule } = place.node;
    place.needDescription();
    if (typeof more !== 'boolean') {
      const what = more === undefined ? 'an object that does not say whether it is open' : 'a map';
      place.refuse(`${what}; the templates know additionalProperties: true and false${TEACH.models}`);
    } else if (Object.keys(properties).length === 0) place.refuse(`an object without properties; one that can be anything has no type, and x-raw-json: true${TEACH.models}`);
    if (hasRule === true && isRaw !== true) place.refuse('x-rule of an object that is not x-raw-json');
    for (const key of required.filter((found) => properties[found] === undefined)) place.refuse(`the required property ${key}, which is not there`);
    const taken = new Map();
    for (const [key, property] of place.entries('properties')) {
      const at = place.target.child(['properties', key]);
      const named = property.ref === undefined ? property : Object.assign(Object.create(property), { target: at });
      this.names.check(isRaw === true && required.includes(key) ? 'text' : 'property', key, taken, named);
      this.property(key, property, at, inside, required.includes(key), isRaw === true && hasRule === true);
    }
    if (place.node['x-from'] !== undefined) this.from(place);
  }

  /// A value inside an object or a list: `inside` names the objects around it, up to the nearest list. `isChecked` says that the
  /// service holds the object to its schema, so that a value of it may be one that is `not` something.
  property(key, place, at, inside, isRequired = false, isChecked = false) {
    if (place.ref !== undefined) return this.reference(place, at, inside);
    const { type, format, enum: values, 'x-raw-json': isRaw, 'x-rule': hasRule } = place.node;
    if (this.isComposed(place, isChecked ? ['not'] : [])) return undefined;
    if (type === undefined) return undefined; // Anything: its text is kept.
    if (isRaw === true) return place.refuse('x-raw-json beside a type; leave out the type');
    if (hasRule === true && type !== 'string') place.refuse(`x-rule of ${type}; the templates know it of strings, and of objects that are x-raw-json`);
    if (values !== undefined) return place.refuse('an enum without a name; write it under components.schemas, and $ref it');
    if (type === 'array') return this.list(key, place);
    if (type === 'object') return this.inline(key, place, inside, isRequired);
    const isKnown =
      type === 'boolean' ||
      (type === 'integer' && ['int32', 'int64'].includes(format)) ||
      (type === 'string' && [undefined, ...CHECKED_FORMATS, ...TEXT_FORMATS].includes(format));
    if (isKnown) return undefined;
    const what = format === undefined ? type : `${type} (${format})`;
    const known = `string (${[...CHECKED_FORMATS, ...TEXT_FORMATS].join(', ')}), int32, int64, boolean`;
    return place.refuse(`${what}; the templates know ${known}${TEACH.models}`);
  }

  reference(place, at, inside) {
    const name = /^#\/components\/schemas\/([^/]+)$/.exec(place.ref)?.[1];
    if (name === undefined) return place.refuse(`a $ref to ${place.ref}; the templates know those to components.schemas`, at);
    if (inside.includes(name)) return place.refuse(`${name} inside itself; only a list can hold that${TEACH.models}`, at);
    const { type, properties = {} } = place.node;
    if (type !== 'object') return undefined;
    // Follows only what stands in it without a list between, for a type of its own size.
    for (const key of Object.keys(properties)) {
      const property = place.at('properties', key);
      if (property.ref !== undefined) this.reference(property, place.target.child(['properties', key]), [...inside, name]);
    }
    return undefined;
  }

  list(key, place) {
    place.refuseKeys(['uniqueItems'], 'uniqueItems, which the templates do not know');
    const items = place.at('items');
    if (items.node.nullable === true && items.ref === undefined) items.refuse('elements that may be null');
    if (items.ref === undefined && items.node['x-rule'] === true) items.refuse('x-rule of elements');
    this.property(`${key}_inner`, items, place.target.child(['items']), []);
  }

  /// The generator names an object inside another after both.
  inline(key, place, inside, isRequired) {
    const outer = inside.at(-1);
    if (outer === undefined) return place.refuse('an object without a name in a list; write it under components.schemas, and $ref it');
    if (place.has('title')) place.refuse('a title, by which the generator would name the object', place.target.child(['title']));
    if (place.node.nullable === true) place.refuse('an object inside an object that may be null; leave it out of `required`');
    const name = `${outer}${pascal(key)}`;
    this.names.checkIdentifier('schema', name, this.taken, place);
    return this.object(name, place, [...inside, name]);
  }

  /// `x-from` names a schema that has all that this one has: the client converts the one into the other, field by field.
  from(place) {
    const name = place.node['x-from'];
    const source = this.contract.at('components', 'schemas', name);
    const at = place.target.child(['x-from']);
    if (source.node.type !== 'object' || source.node['x-raw-json'] === true) {
      place.refuse(`${name}, which is no object under components.schemas`, at);
      return;
    }
    const isRequired = (node, key) => (node.required ?? []).includes(key);
    const properties = Object.entries(place.node.properties ?? {});
    const missing = properties.map(([key]) => key).filter((key) => source.node.properties?.[key] === undefined);
    if (missing.length > 0) place.refuse(`${name} has no ${missing.join(', ')}`, at);
    for (const [key, property] of properties.filter(([found]) => !missing.includes(found))) {
      const other = source.node.properties[key];
      const [mine, theirs] = [this.typeOf(property), this.typeOf(other)];
      const isNested = this.contract.node.components.schemas[mine]?.['x-from'] === theirs;
      if (isRequired(place.node, key) && !isRequired(source.node, key)) {
        place.refuse(`${key} is required here, and optional in ${name}`, at);
      } else if (mine !== theirs && !(isNested && isRequired(place.node, key))) {
        place.refuse(`${key} is of another type in ${name}`, at);
      } else if (Boolean(property.nullable) !== Boolean(other.nullable)) {
        place.refuse(`${key} may be null in one of the two`, at);
      }
    }
  }

  typeOf({ $ref, type, format, items }) {
    if ($ref !== undefined) return $ref.split('/').pop();
    if (type === 'array') return `[${this.typeOf(items ?? {})}]`;
    if (type === 'object') return Symbol('a type of its own');
    return type === 'string' ? type : `${type} ${format}`;
  }
}
