import { expect, it } from 'vitest';
import { BIGINT, BOOLEAN, DATE, DOUBLE, INTERVAL, TIMESTAMP, VARCHAR } from '../../src/data/type.ts';
import { expressionText } from '../../src/sql/expression-text.ts';
import {
  call,
  caseWhen,
  castTo,
  coalesce,
  column,
  compare,
  int,
  isDistinct,
  isIn,
  isNull,
  junction,
  literal,
  not,
  type Twin,
  text,
} from '../support/expressions.ts';

const c = (name: string): Twin => column(name);
const shown = (twin: Twin): string => expressionText(twin.bound);
const [a, b] = [c('integer_a'), c('integer_b')];

it('sets parentheses where they change the meaning, and nowhere else', () => {
  expect(shown(call('*', call('+', a, b), int(2)))).toBe('(integer_a + integer_b) * 2');
  expect(shown(call('+', call('*', a, b), int(2)))).toBe('integer_a * integer_b + 2');
  expect(shown(call('-', a, call('-', b, int(2))))).toBe('integer_a - (integer_b - 2)');
  expect(shown(call('-', call('+', a, b)))).toBe('-(integer_a + integer_b)');
  const both = junction('or', junction('and', compare('<', a, b), not(c('boolean_a'))), isNull(b));
  expect(shown(both)).toBe('integer_a < integer_b AND NOT boolean_a OR integer_b IS NULL');
  expect(shown(junction('and', junction('or', c('boolean_a'), c('boolean_b')), c('boolean_c')))).toBe(
    '(boolean_a OR boolean_b) AND boolean_c',
  );
  expect(shown(not(compare('=', a, b)))).toBe('NOT integer_a = integer_b');
});

it('writes every kind of expression', () => {
  expect(shown(castTo(c('varchar_a'), BIGINT, true))).toBe('TRY_CAST(varchar_a AS BIGINT)');
  expect(shown(caseWhen([[isNull(a, true), text("it's")]], literal(null, VARCHAR)))).toBe(
    "CASE WHEN integer_a IS NOT NULL THEN 'it''s' ELSE NULL END",
  );
  expect(shown(coalesce(b, int(0)))).toBe('COALESCE(integer_b, 0)');
  expect(shown(isIn(a, [int(1), int(2)], true))).toBe('integer_a NOT IN (1, 2)');
  expect(shown(isDistinct(a, b, true))).toBe('integer_a IS NOT DISTINCT FROM integer_b');
  expect(shown(call('like', c('varchar_a'), text('a!%%'), text('!')))).toBe("varchar_a LIKE 'a!%%' ESCAPE '!'");
  expect(shown(call('round', c('double_a'), int(2)))).toBe('round(double_a, 2)');
});

it('writes literals of every type, also beyond the dates that JavaScript has', () => {
  expect(shown(literal(true, BOOLEAN))).toBe('TRUE');
  expect(shown(literal(1.5, DOUBLE))).toBe('1.5');
  expect(shown(literal(1_709_210_096_789_012n, TIMESTAMP))).toBe("TIMESTAMP '2024-02-29T12:34:56.789012Z'");
  expect(shown(literal(-1n, TIMESTAMP))).toBe("TIMESTAMP '1969-12-31T23:59:59.999999Z'");
  expect(shown(literal(19_782, DATE))).toBe("DATE '2024-02-29'");
  expect(shown(literal(90_000_000n, INTERVAL))).toBe("INTERVAL '1m 30s'");
  expect(shown(literal(2n ** 63n - 1n, TIMESTAMP))).toBe("TIMESTAMP '9223372036854775807 µs'");
});
