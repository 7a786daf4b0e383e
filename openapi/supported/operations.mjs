// What the templates can do of `paths`.

import { EVENT_STREAM } from './media-types.mjs';
import { Names, flat, pascal } from './names.mjs';
import { TEACH } from './schemas.mjs';

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
const isSuccess = (code) => /^2\d\d$/.test(code);

export class Operations {
  constructor(contract, schemas) {
    Object.assign(this, { contract, schemas, names: new Names(), ids: new Map(), tags: new Map() });
  }

  check() {
    for (const [path, item] of this.contract.entries('paths')) {
      if (!/^\/$|^(\/([A-Za-z0-9._~-]+|\{[a-z][a-z0-9_]*\}))+$/.test(path)) {
        item.refuse('a path of other parts than words and whole parameters, such as /things/{id}');
      }
      if (item.ref !== undefined) item.refuse('a path item by $ref; write it here');
      item.refuseKeys(['head', 'options', 'trace'], (key) => `${key.toUpperCase()}; the templates know ${METHODS.join(', ').toUpperCase()}`);
      item.refuseKeys(['servers'], 'servers of one path; the generated code knows one address');
      for (const method of METHODS.filter((name) => item.has(name))) this.operation(item, item.at(method));
    }
  }

  operation(item, place) {
    const { operationId, tags } = place.node;
    if (operationId === undefined) place.refuse('no operationId, which names the method');
    else this.names.checkIdentifier('operation', operationId, this.ids, place.at('operationId'));
    if (tags?.length !== 1) place.refuse('not exactly one tag, which names the trait');
    else this.tag(tags[0], place.at('tags', 0));
    place.refuseKeys(['callbacks', 'servers'], (key) => `${key} of an operation, which the templates ignore`);
    const parameters = [...item.elements('parameters'), ...place.elements('parameters')];
    this.parameters(parameters);
    if (place.node['x-closed-query'] === true && parameters.length === 0 && !place.has('requestBody')) {
      place.refuse('x-closed-query of an operation that reads nothing: it would refuse nothing; declare a parameter');
    }
    if (place.has('requestBody')) this.requestBody(place.at('requestBody'), place.node['x-raw-body'] === true);
    this.responses(place);
  }

  tag(name, place) {
    this.names.checkIdentifier('tag', name, this.tags, place);
    const isDescribed = this.contract.node.tags?.some((tag) => tag.name === name && tag.description?.trim());
    if (!isDescribed) place.refuse(`the tag ${JSON.stringify(name)}, which has no description under tags`);
  }

  parameters(places) {
    const [taken, seen] = [new Map(), new Set()];
    for (const place of places) {
      const { name, in: where, style, explode } = place.node;
      const key = `${where} ${name}`;
      if (seen.has(key)) continue; // The operation's replaces the path's.
      seen.add(key);
      if (where === 'cookie') {
        place.refuse(`a parameter in a cookie${TEACH.operations}`);
        continue;
      }
      const rust = { header: () => name.toLowerCase().replaceAll('-', '_'), query: () => flat(name) }[where]?.() ?? name;
      this.names.check('parameter', rust, taken, place, name);
      place.needDescription();
      place.refuseKeys(['content'], 'a parameter with content; the templates know those with a schema');
      place.refuseKeys(['allowReserved', 'allowEmptyValue'], (found) => `${found}, which the templates ignore`);
      if (style !== undefined && style !== (where === 'query' ? 'form' : 'simple')) place.refuse(`the style ${style}${TEACH.operations}`);
      if (explode !== undefined && style === undefined && explode !== (where === 'query')) place.refuse(`explode: ${explode}${TEACH.operations}`);
      if (place.node['x-middleware'] === true) this.readAround(where, place);
      else if (place.has('schema')) this.parameterSchema(where, place);
    }
  }

  /// A parameter that no generated code reads may have any schema.
  readAround(where, place) {
    if (where !== 'header' || place.node.required === true) place.refuse('x-middleware of a parameter that is no optional header');
  }

  parameterSchema(where, place) {
    const schema = place.at('schema');
    if (where === 'header' && place.node.required === true) {
      place.refuse(`a required header; the templates know optional ones${TEACH.operations}`);
    }
    const known = {
      query: 'string, date, date-time, int64, boolean and enums by $ref',
      header: 'string',
      path: 'string',
    }[where];
    const { type, format } = schema.node;
    const isEnum = schema.ref !== undefined && Array.isArray(schema.node.enum);
    const isText = type === 'string' && schema.ref === undefined && schema.node.enum === undefined;
    const isKnown =
      where === 'query'
        ? isEnum ||
          (isText && [undefined, 'date', 'date-time'].includes(format)) ||
          (type === 'integer' && format === 'int64' && schema.node.enum === undefined) ||
          type === 'boolean'
        : isText && format === undefined;
    if (!isKnown || (schema.ref !== undefined && !isEnum)) {
      const what = schema.ref !== undefined ? `a parameter of the type ${schema.ref.split('/').pop()}` : `a parameter of ${this.describe(schema.node)}`;
      place.at('schema').refuse(`${what}; in a ${where} the templates know ${known}${TEACH.operations}`, place.target.child(['schema']));
    } else if (!isEnum && where === 'query') {
      // What stands in a path or a header is text that the service reads.
      const checked = type === 'integer' ? ['minimum'] : [];
      this.schemas.refuseUnchecked(schema, checked);
    }
    if (schema.node.nullable === true) schema.refuse('a parameter that may be null', place.target.child(['schema', 'nullable']));
  }

  describe({ type, format, enum: values }) {
    if (values !== undefined) return 'an enum without a name';
    if (type === undefined) return 'any type';
    return format === undefined ? type : `${type} (${format})`;
  }

  requestBody(place, isRaw) {
    if (place.node.required !== true) place.refuse('a body that may be left out; say required: true');
    const contents = place.entries('content');
    const isJson = isRaw ? /^application\/([a-z0-9.-]+\+)?json$/ : /^application\/json$/;
    for (const [mediaType, content] of contents) {
      if (!isJson.test(mediaType)) {
        const known = isRaw ? 'application/json and application/*+json, with x-raw-body' : 'application/json, or others of JSON with x-raw-body';
        content.refuse(`a body of ${mediaType}; the templates know ${known}${TEACH.operations}`);
        continue;
      }
      this.body(content, 'schema');
      if (!isRaw) this.schemas.requested(content.at('schema'));
    }
    if (contents.length !== 1 && !isRaw) place.refuse(`${contents.length} media types; say x-raw-body: true at the operation`, place.target.child(['content']));
  }

  /// A body in JSON has a schema with a name.
  body(content, key) {
    const schema = content.at(key);
    if (!/^#\/components\/schemas\/[^/]+$/.test(schema.ref ?? '')) {
      content.refuse('a body whose schema has no name; write it under components.schemas, and $ref it', content.target.child([key]));
    }
  }

  responses(operation) {
    const [names, bodies] = [new Map(), new Map()];
    for (const [code, place] of operation.entries('responses')) {
      const key = operation.target.child(['responses', code]);
      if (!/^[2-5]\d\d$/.test(code)) {
        place.refuse(`the response ${code}; the templates know single statuses from 200 to 599`, key);
        continue;
      }
      this.response(code, place, key);
      const variant = pascal((place.node.description ?? '').toLowerCase());
      const isVariant = place.node['x-problem'] !== true;
      if (isVariant && names.has(variant)) place.refuse(`the description ${variant}, which is that of ${names.get(variant)} too; variants are named after it`, key);
      if (isVariant) names.set(variant, code);
      if (isSuccess(code)) bodies.set(code, JSON.stringify(Object.entries(place.node.content ?? {}).map(([type, { schema }]) => [type === EVENT_STREAM, schema])));
    }
    this.streams(operation);
    const where = operation.target.child(['responses']);
    if (bodies.size === 0) operation.refuse('no success, 2xx', where);
    if (new Set(bodies.values()).size > 1) {
      operation.refuse(`successes with different bodies (${[...bodies.keys()].join(', ')}); a call of the client returns one type`, where);
    }
  }

  /// An operation answers with a stream, or with a problem: the client reads no other body of it.
  streams(operation) {
    const responses = operation.entries('responses');
    if (!responses.some(([, place]) => place.has('content') && place.node.content[EVENT_STREAM] !== undefined)) return;
    for (const [code, place] of responses) {
      const isKnown = isSuccess(code) || place.node['x-problem'] === true;
      if (!isKnown) place.refuse(`the response ${code} beside an event stream; beside it the templates know problems${TEACH.operations}`, operation.target.child(['responses', code]));
    }
  }

  response(code, place, key) {
    const { description, content = {} } = place.node;
    if (!/^[A-Z][A-Za-z]*( [A-Za-z]+)*$/.test(description ?? '') || description === 'Self') {
      place.refuse('a description that names no variant; write the reason phrase of the status, such as Not Found');
    }
    this.headers(place);
    const [mediaTypes, isProblem] = [Object.keys(content), place.node['x-problem'] === true];
    if (code.startsWith('3')) {
      if (code !== '304') place.refuse(`a redirect; the templates know 304${TEACH.operations}`, key);
      if (mediaTypes.length > 0) place.refuse('a body of 304');
    } else if (isProblem) {
      this.problem(code, place, key);
    } else if (mediaTypes.length === 0) {
      if (!isSuccess(code)) place.refuse('an error without a body; give it x-problem: true and a Problem');
    } else if (mediaTypes.length > 1) {
      place.refuse(`a body of several media types (${mediaTypes.join(', ')})${TEACH.operations}`, place.target.child(['content']));
    } else {
      this.responseBody(code, mediaTypes[0], place.at('content', mediaTypes[0]));
    }
  }

  responseBody(code, mediaType, content) {
    if (mediaType === 'application/json') {
      this.body(content, 'schema');
    } else if (['text/plain', EVENT_STREAM].includes(mediaType) && isSuccess(code)) {
      const { type, format } = content.at('schema').node;
      if (type !== 'string' || format !== undefined || content.at('schema').ref !== undefined) content.refuse('text that is not `schema: {type: string}`');
    } else if (mediaType === 'application/problem+json') {
      content.refuse('a problem in a response that does not say x-problem: true');
    } else {
      const known = isSuccess(code) ? `application/json, text/plain and ${EVENT_STREAM}` : 'application/json';
      content.refuse(`a body of ${mediaType}; in a response ${code} the templates know ${known}${TEACH.operations}`);
    }
  }

  problem(code, place, key) {
    const body = place.at('content', 'application/problem+json');
    const isOnly = Object.keys(place.node.content ?? {}).length === 1;
    if (!isOnly || body.at('schema').ref !== '#/components/schemas/Problem') {
      place.refuse('x-problem in a response whose only body is not application/problem+json with #/components/schemas/Problem');
    }
    if (!/^[45]/.test(code)) place.refuse(`x-problem in a response ${code}`, key);
  }

  headers(response) {
    const taken = new Map();
    for (const [name, place] of response.entries('headers')) {
      this.names.check('header', name, taken, place);
      const schema = place.at('schema');
      if (schema.node['x-middleware'] === true) continue;
      const { type, enum: values } = schema.node;
      if (!['string', 'integer'].includes(type) || values !== undefined || schema.ref !== undefined) {
        place.refuse(`a header of ${this.describe(schema.node)}; in a response the templates know string and integer${TEACH.operations}`);
      }
    }
  }
}
