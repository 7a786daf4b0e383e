// Writes a request as code.

const indent = (text, by) => text.replaceAll("\n", `\n${by}`);
const quoted = (text) => JSON.stringify(text);
const lines = (...parts) => parts.flat(2).filter((part) => part !== undefined).join("\n");

function curl({ method, url, headers, text }) {
  const shell = (value) => `'${value.replaceAll("'", `'\\''`)}'`;
  const parts = [`curl ${method === "GET" ? "" : `-X ${method} `}${shell(url)}`];
  parts.push(...headers.map(([name, value]) => `-H ${shell(`${name}: ${value}`)}`));
  if (text !== undefined) parts.push(`--data-raw ${shell(text)}`);
  return parts.join(" \\\n  ");
}

/** The generated client: as the examples of its own documentation, which are compiled. */
function rust({ operation, service, given, values, body, text }) {
  const method = snake(operation.id);
  const literal = ({ name, schema }) => (schema?.type === "integer" ? values.get(name) : quoted(values.get(name)));
  const required = given.filter((each) => each.required).map(literal);
  const setters = given.filter((each) => !each.required).map((each) => `.${snake(each.name)}(${literal(each)})`);
  let marks = "#";
  while (text?.includes(`"${marks}`)) marks += "#";
  const several = operation.bodies.length > 1;
  const call = [...required, ...(body ? [several ? "body" : "&body"] : [])].join(", ");
  return lines(
    `let client = payments_client::Client::new(${quoted(service)})?;`,
    body && [
      `let body: payments_client::models::${body.model} = serde_json::from_str(`,
      `    r${marks}"${text}"${marks},`,
      ")?;",
    ],
    `let response = client.${method}(${call})${setters.join("")}.send().await?;`,
    'println!("{} {:?}", response.status, response.body);',
  );
}

/** `If-Match` and `createPayment` as names in Rust: `if_match`, `create_payment`. */
function snake(name) {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll("-", "_").toLowerCase();
}

function typescript({ method, url, headers, text }) {
  const template = (value) => `\`${value.replace(/[\\`]|\$\{/g, "\\$&")}\``;
  const settings = [
    method !== "GET" && `  method: ${quoted(method)},`,
    headers.length > 0 && `  headers: { ${headers.map(([name, value]) => `${quoted(name)}: ${quoted(value)}`).join(", ")} },`,
    text !== undefined && `  body: ${template(text)},`,
  ].filter(Boolean);
  return lines(
    settings.length > 0 ? [`const response = await fetch(${quoted(url)}, {`, settings, "});"] : `const response = await fetch(${quoted(url)});`,
    "// As text: response.json() would turn the number 1.10 into 1.1.",
    "console.log(response.status, await response.text());",
  );
}

function python({ method, url, headers, text }) {
  const long = (value) => `"""${value.replaceAll("\\", "\\\\").replaceAll('"""', '""\\"')}"""`;
  const pairs = headers.map(([name, value]) => `${quoted(name)}: ${quoted(value)}`).join(", ");
  return lines(
    "import requests",
    "",
    `response = requests.${method.toLowerCase()}(`,
    `    ${quoted(url)},`,
    headers.length > 0 ? `    headers={${pairs}},` : undefined,
    text !== undefined ? `    data=${long(text)}.encode(),` : undefined,
    ")",
    "print(response.status_code, response.text)",
  );
}

function go({ method, url, headers, text }) {
  const raw = (value) => `\`${value.replaceAll("`", '` + "`" + `')}\``;
  const fails = "if err != nil {\n\tpanic(err)\n}";
  const main = lines(
    `request, err := http.NewRequest(${quoted(method)}, ${quoted(url)}, ${text === undefined ? "nil" : "body"})`,
    fails,
    headers.map(([name, value]) => `request.Header.Set(${quoted(name)}, ${quoted(value)})`),
    "response, err := http.DefaultClient.Do(request)",
    fails,
    "defer response.Body.Close()",
    "answer, err := io.ReadAll(response.Body)",
    fails,
    "fmt.Println(response.Status, string(answer))",
  );
  const imports = ["fmt", "io", "net/http", ...(text === undefined ? [] : ["strings"])];
  return lines(
    "package main",
    "",
    "import (",
    imports.map((name) => `\t${quoted(name)}`),
    ")",
    "",
    "func main() {",
    text === undefined ? undefined : `\tbody := strings.NewReader(${raw(text)})`,
    `\t${indent(main, "\t")}`,
    "}",
  );
}

/** The languages: `lang` is what they are coloured by, `label` what readers call them. */
export const LANGUAGES = [
  { lang: "bash", label: "curl", write: curl },
  { lang: "rust", label: "Rust", write: rust },
  { lang: "typescript", label: "TypeScript", write: typescript },
  { lang: "python", label: "Python", write: python },
  { lang: "go", label: "Go", write: go },
];
