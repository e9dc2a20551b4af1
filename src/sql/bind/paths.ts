// Field paths: where in a record a column's value is. `'$.user.id'`, `'$.list[0]'`, `'$["key with space"]'`, `'$'`.

import { LaminarError } from '../../base/errors.ts';
import type { StringLiteral } from '../ast.ts';

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
