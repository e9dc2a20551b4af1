// Paths into JSON: where in a record a column's value is (`'$.user.id'`, `'$.list[0]'`, `'$["key with space"]'`, `'$'`),
// and those that JSON functions take, as far as they are written in the query.

import { LaminarError } from '../../base/errors.ts';
import type { StringLiteral } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';

const STEP = /\.([^.[\]"\s]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\['((?:[^'\\]|\\.)*)'\]|\."((?:[^"\\]|\\.)*)"/y;

/** The steps of a path: keys and 0-based indexes; empty for the whole record. @throws LMN-2021. */
export function parseFieldPath(path: StringLiteral): (string | number)[] {
  const text = path.value.trim();
  const steps: (string | number)[] = [];
  let end = 1;
  if (text.startsWith('$')) {
    STEP.lastIndex = 1;
    for (let match = STEP.exec(text); match !== null; match = STEP.exec(text)) {
      const [, plain, index, double, single, dotted] = match;
      const quoted = double ?? single ?? dotted;
      steps.push(index === undefined ? (plain ?? (quoted as string).replace(/\\(.)/g, '$1')) : Number(index));
      end = STEP.lastIndex;
    }
    if (end === text.length) return steps;
  }
  throw new LaminarError('LMN-2021', `'${path.value}' is not a field path`, {
    hint: `a path begins with $: '$.user.id', '$.list[0]', '$["key with space"]', or '$' for the whole record`,
    at: { span: path.span },
  });
}

/** Functions whose second argument is a path. */
const TAKES_PATH = new Set(['->', '->>', 'json_value', 'json_exists', 'json_array_length', 'json_type']);

/** `.name`, `."any name"`, `[0]`, `[-1]`, `[#-1]`, `["any name"]` behind a `$`, as kernels/json-extract.ts reads them. */
const JSON_PATH =
  /^\$(?:\.(?:"(?:[^"\\]|\\[\s\S])*"|(?!\*(?:[.[]|$))[^."[][^.[]*)|\[(?:-?\d+|#(?:-\d+)?|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')\])*$/;

/** The same, with wildcards: `[*]` and `.*`. */
const WILD_PATH =
  /^\$(?:\.\*(?=[.[]|$)|\.(?:"(?:[^"\\]|\\[\s\S])*"|[^."[][^.[]*)|\[(?:\*|-?\d+|#(?:-\d+)?|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')\])*$/;

const WITH_WILDCARDS: Readonly<Record<string, string>> = {
  '->': 'json_extract_all',
  json_extract: 'json_extract_all',
  json_extract_path: 'json_extract_all',
  '->>': 'json_extract_all_string',
  json_extract_string: 'json_extract_all_string',
  json_extract_path_text: 'json_extract_all_string',
};

/** The function that a call means: a path as written that has wildcards leads to many values. */
export function nameForPath(name: string, path: BoundExpression | undefined): string {
  const many = WITH_WILDCARDS[name.toLowerCase()];
  if (many === undefined || path?.kind !== 'literal' || typeof path.value !== 'string') return name;
  return !JSON_PATH.test(path.value) && WILD_PATH.test(path.value) ? many : name;
}

/** Checks the path of a call of a JSON function, where it is written as a string. @throws LMN-2021 */
export function checkJsonPath(name: string, path: BoundExpression | undefined): void {
  const takesMany = name.startsWith('json_extract_all');
  if (!(takesMany || TAKES_PATH.has(name)) || path?.kind !== 'literal' || typeof path.value !== 'string') return;
  if (takesMany ? WILD_PATH.test(path.value) : !path.value.startsWith('$') || JSON_PATH.test(path.value)) return;
  throw new LaminarError('LMN-2021', `'${path.value}' is not a path into JSON`, {
    hint: /\*|\.\./.test(path.value)
      ? '[*] and .* stand for all elements and all members: json_extract_all(json, path) gives them as a list'
      : `write '$.a.b', '$.list[0]', '$.list[-1]' or '$."any name"'`,
    at: { span: path.span },
  });
}
