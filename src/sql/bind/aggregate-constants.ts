// Arguments of aggregates that are the same for all rows.

import { LaminarError } from '../../base/errors.ts';
import { DOUBLE, isNumeric } from '../../data/type.ts';
import type { Expression } from '../ast-expression.ts';
import { coerce } from './coerce.ts';
import { bindExpression } from './expressions.ts';
import type { Scope } from './scope.ts';

/** The fraction of a quantile. @throws LMN-2130 unless it is a number from 0 to 1. */
export function fractionOf(expression: Expression, scope: Scope): number {
  const bound = bindExpression(expression, scope);
  const isNumber = bound.kind === 'literal' && isNumeric(bound.type) && bound.value !== null;
  const value = isNumber ? coerce(bound, DOUBLE) : null;
  const fraction = value?.kind === 'literal' ? Number(value.value) : Number.NaN;
  if (fraction >= 0 && fraction <= 1) return fraction;
  throw new LaminarError('LMN-2130', 'a fraction is a number from 0 to 1, the same for all rows', {
    hint: '0.5 is the median, 0.99 leaves one in a hundred above',
    at: { span: expression.span },
  });
}

/** What stands between texts. @throws LMN-2130 unless it is a text. */
export function separatorOf(expression: Expression, scope: Scope): string {
  const bound = bindExpression(expression, scope);
  if (bound.kind === 'literal' && typeof bound.value === 'string') return bound.value;
  throw new LaminarError('LMN-2130', 'the separator is a text, the same for all rows', {
    hint: "write it in single quotes: ', '",
    at: { span: expression.span },
  });
}
