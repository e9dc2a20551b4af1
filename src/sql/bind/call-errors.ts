// Calls that fit no function: what was misspelled, what the function takes instead, what would help.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import { typeName } from '../../data/type.ts';
import { AGGREGATE_NAMES } from '../../plan/aggregates/registry.ts';
import type { Span } from '../ast.ts';
import type { BoundExpression } from '../expression.ts';
import type { ScalarFunction, ScalarOverload } from '../functions/function.ts';
import { type FunctionCall, SPECIAL_NAMES } from './calls.ts';
import { isBareNull } from './coerce.ts';
import { isOverFunction } from './over-functions.ts';
import type { Scope } from './scope.ts';
import { WINDOW_NAMES } from './windows.ts';

/** LMN-2006 */
export function unknownFunction(name: string, scope: Scope, span: Span): LaminarError {
  if (isOverFunction(name)) {
    throw new LaminarError('LMN-2006', `${name.toUpperCase()} stands before OVER`, {
      hint: `write ${name.toUpperCase()}(…) OVER (PARTITION BY … ORDER BY …)`,
      at: { span },
    });
  }
  const known = [...scope.functions.names().filter((n) => /^\w+$/.test(n)), ...SPECIAL_NAMES];
  const nearest = nearestName(name, [...known, ...AGGREGATE_NAMES, ...WINDOW_NAMES]);
  return new LaminarError('LMN-2006', `there is no function ${name}`, {
    ...(nearest === undefined ? {} : { hint: `did you mean ${nearest}?` }),
    at: { span },
  });
}

/** LMN-2007, LMN-2008 of an operator. `found`: the function of that name. */
export function wrongArguments(
  call: FunctionCall,
  actual: readonly BoundExpression[],
  found: ScalarFunction | undefined,
): LaminarError {
  const types = actual.map((e) => (isBareNull(e) ? 'NULL' : typeName(e.type)));
  const at = { span: call.span };
  if (!/^\w+$/.test(call.name)) {
    const operands = types.length === 1 ? types[0] : `${types[0]} and ${types[1]}`;
    const hint = operatorHint(call.name, types);
    return new LaminarError('LMN-2008', `${call.name} does not take ${operands}`, {
      ...(hint === null ? {} : { hint }),
      at,
    });
  }
  const forms = found?.overloads.map((o) => `${call.name}(${signature(o)})`) ?? [];
  const shown = forms.slice(0, 6).join(', ') + (forms.length > 6 ? ', …' : '');
  return new LaminarError('LMN-2007', `${call.name} does not take (${types.join(', ')})`, {
    ...(forms.length === 0 ? {} : { hint: `it is ${shown}` }),
    at,
  });
}

function signature(overload: ScalarOverload): string {
  return overload.parameters.map(typeName).join(', ') + (overload.variadic ? ', …' : '');
}

function operatorHint(operator: string, types: readonly string[]): string | null {
  if (operator === '+' && types.includes('VARCHAR')) return '|| joins strings; CAST(… AS DOUBLE) makes a number of one';
  if (types.includes('VARCHAR')) return 'CAST(… AS DOUBLE) or CAST(… AS BIGINT) makes a number of a string';
  const isTime = types.includes('TIMESTAMP') || types.includes('DATE');
  if (isTime && types.some((t) => t === 'INTEGER' || t === 'BIGINT' || t === 'DOUBLE')) {
    return "add an interval such as INTERVAL '5' SECOND";
  }
  return null;
}
