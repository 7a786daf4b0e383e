// Shows the contract to programs that consumers read contracts with. Redocly is one more, which `make lint` runs.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import SwaggerParser from '@apidevtools/swagger-parser';
import * as oasdiff from './oasdiff.mjs';

const run = promisify(execFile);

const READERS = {
  // For programs in Go: its regular expressions are those of RE2.
  'kin-openapi': oasdiff.validate,
  // For programs in Python.
  'openapi-spec-validator': (file) =>
    run('.venv/bin/python', ['-m', 'openapi_spec_validator', file]).then(() => '', ({ stdout, stderr }) => `${stdout}${stderr}`.trim()),
  // For programs in JavaScript.
  'swagger-parser': (file) => SwaggerParser.validate(file).then(() => '', ({ message }) => message),
};

/// Returns what they say against a contract.
export async function faults(file) {
  const answers = await Promise.all(Object.entries(READERS).map(async ([name, read]) => [name, await read(file)]));
  return answers.filter(([, answer]) => answer !== '').map(([name, answer]) => `${name} does not read ${file}; change what it names, so that consumers can:\n${answer}`);
}
