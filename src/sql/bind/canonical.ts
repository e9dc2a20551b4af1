// The text of a syntax tree that equal expressions share: names folded, qualifiers and places left out.

import type { Identifier } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';

/** `t.K + 1` and `k + 1` have the same. */
export function canonical(expression: Expression): string {
  return JSON.stringify(expression, (key, value) => {
    if (key === 'span' || key === 'quoted') return undefined;
    if (key === 'path') return (value as Identifier[]).at(-1)?.name.toLowerCase();
    return key === 'name' && typeof value === 'string' ? value.toLowerCase() : value;
  });
}
