// The contract's operations as the console and the samples need them, with every reference resolved.

const METHODS = ["get", "post", "put", "patch", "delete"];

/** What an example shows of the parameters that are optional. */
const SHOWN = { deletePayment: ["version"], listPayments: ["size"] };

/**
 * The operations: id, method, path, summary, parameters, and a body for each media type.
 *
 * @param contract the contract, as parsed JSON; `source` of each operation is the part of it that it was read from
 */
export function operationsOf(contract) {
  const resolve = (node) =>
    node?.$ref ? node.$ref.slice(2).split("/").reduce((found, name) => found[name], contract) : node;
  return Object.entries(contract.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const source = item[method];
      const parameters = [...(item.parameters ?? []), ...(source.parameters ?? [])].map(resolve);
      const content = resolve(source.requestBody)?.content ?? {};
      const bodies = Object.entries(content).map(([mediaType, { schema, examples = {} }]) => ({
        mediaType,
        model: schema?.$ref?.split("/").pop(),
        examples: Object.entries(examples).map(([name, example]) => {
          const { summary, value } = resolve(example);
          return { name: summary ?? name, text: JSON.stringify(value, null, 2) };
        }),
      }));
      return { id: source.operationId, method: method.toUpperCase(), path, summary: source.summary, parameters, bodies, source };
    }),
  );
}

/** The request that the samples of an operation show: what is required, from the contract's examples. */
export function exampleRequest(operation, service) {
  const shown = SHOWN[operation.id] ?? [];
  const values = new Map();
  for (const { name, required, example } of operation.parameters) {
    if (required || shown.includes(name)) values.set(name, String(example ?? ""));
  }
  const [body] = operation.bodies;
  return requestOf(operation, service, values, body, body?.examples[0]?.text);
}

/**
 * A request.
 *
 * @param values what parameters have, by name; those that are absent or empty are not sent
 * @param body which of `operation.bodies` the text is
 */
export function requestOf(operation, service, values, body, text) {
  const given = operation.parameters.filter(({ name }) => values.get(name));
  const [query, headers] = ["query", "header"].map((place) =>
    given.filter((each) => each.in === place).map(({ name }) => [name, values.get(name)]),
  );
  const path = operation.path.replace(/\{(.+?)\}/g, (_, name) => encodeURIComponent(values.get(name) ?? ""));
  const search = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
  if (body) headers.push(["Content-Type", body.mediaType]);
  const url = service + path + (search && `?${search}`);
  return { operation, service, values, given, url, method: operation.method, headers, body, text: body && (text ?? "") };
}
