// Says what to do about a change that breaks: the first line counts whose pattern the name of the rule matches.

const CURES = [
  [/^type-renamed$/, 'give the schema its name back: generated clients have it as a type'],
  [/^response-renamed$/, 'put the description back: generated clients name a variant after it'],
  [/^extension-changed$/, 'put the extension back as it was; openapi/README.md says what clients have of it'],
  [/^problem-(type-removed|status-changed)$/, 'put the row of the table back: programs decide by the type of a problem; a new kind gets a type of its own'],
  [/^server-removed$/, 'put the address back, or add the new one after it'],
  [/^response-object-closed$/, 'say additionalProperties: true: clients ignore what they do not know, so that properties can be added'],
  [/^response-object-opened$/, 'claim it as a fix if clients were told to ignore what they do not know; otherwise it waits for a new version'],
  [/^request-object-closed$/, 'say additionalProperties: true again'],
  [/^api-operation-id-removed$/, 'put the operationId back: generated clients call the operation by it'],
  [/^api-schema-removed$/, 'put the schema back, and use it where it was: generated clients have it as a type'],
  [/^api-tag-removed$/, 'put the tag back: generated clients group operations by it'],
  [/^api-(path-)?removed/, 'put the operation back and mark it `deprecated`; it goes with a new version'],
  [/removed-(before|with)/, 'put it back: within v1 nothing goes, deprecated or not; it goes with a new version'],
  [/sunset|deprecat/, 'put the date back, or move it later: clients plan by the first one that they were given'],
  [/anonymous-access-removed/, 'add `{}` to the list of security requirements, so that a request without credentials is served as before'],
  [/security|scope/, 'put the old requirement back, and add the new one beside it as another element of the list'],
  [/^response-success-status-added$/, 'answer with the status that there was, unless a client asks for the new one; that needs a new version'],
  [/^response-.*status-removed$/, 'put the response back: generated clients have a variant for it'],
  [/header-removed$/, 'put the header back, and mark it `deprecated`; it goes with a new version'],
  [/default-value-(changed|removed)$/, 'put the default back: a client that sends nothing would get something else'],
  [/pattern-(added|changed)$|not-changed$/, 'put it back as it was; what refuses no more than before, or only what was never meant to pass, can be claimed as a fix'],
  [/^(response|request)-.*pattern-removed$/, 'put the pattern back: clients may read the value by it'],
  [/enum-value-added$/, 'take the value out again: clients know only those that there were; a new one needs a new version, or a property of its own'],
  [/enum-value-removed$|became-enum$/, 'allow the values again that clients send'],
  [/not-enum$/, 'put the list of values back'],
  [/^new-(required-)?request|became-required/, 'make it optional, with a default that does what was done before'],
  [/response.*became-(optional|nullable)/, 'keep it required and never null: clients read it without asking'],
  [/became-not-nullable|became-false/, 'accept again what was accepted'],
  [/style-changed|media-type|-type-(changed|generalized|specialized)$|list-of-types/, 'put the type back; another type needs another property, parameter or media type beside it'],
  [/(max|min)\w*(-\w+)*-(set|unset|increased|decreased)$/, 'put the bound back: requests may be bounded less than before, responses only more'],
  [/removed/, 'put it back and mark it `deprecated`; it goes with a new version'],
];

export function cureOf(rule) {
  const [, cure] = CURES.find(([pattern]) => pattern.test(rule)) ?? [];
  return cure ?? 'undo it, and add something new beside what is there';
}
