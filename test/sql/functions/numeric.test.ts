import { beforeAll, expect, it } from 'vitest';
import { DOUBLE } from '../../../src/data/type.ts';
import { Compiled, differences, Oracle, randomRows } from '../../support/expression-oracle.ts';
import {
  bigint,
  call,
  castTo,
  column,
  double,
  int,
  literal,
  type Twin,
  testSchema,
} from '../../support/expressions.ts';

const rows = randomRows(testSchema, 400, 7);
let compiled: Compiled;
let oracle: Oracle;

beforeAll(async () => {
  compiled = new Compiled(testSchema);
  oracle = await Oracle.create(testSchema, rows);
});

async function agrees(...twins: Twin[]): Promise<void> {
  expect(await differences(twins, rows, { compiled, oracle })).toEqual([]);
}

const c = (name: string): Twin => column(name);

it('functions of one double, in and outside their domains', async () => {
  const names = [
    'abs',
    'ceil',
    'ceiling',
    'floor',
    'round',
    'trunc',
    'sign',
    'sqrt',
    'exp',
    'ln',
    'log',
    'log10',
    'log2',
  ];
  const more = ['asin', 'acos', 'atan', 'degrees', 'radians', 'isnan', 'isinf', 'isfinite', 'cbrt'];
  await agrees(...[...names, ...more].flatMap((name) => [call(name, c('double_a')), call(name, c('double_b'))]));
});

it('angles, where both know enough digits of π', async () => {
  const small = call('/', c('integer_b'), double(1000));
  await agrees(
    ...['sin', 'cos', 'tan'].flatMap((name) => [call(name, small), call(name, call('%', c('double_b'), double(7)))]),
  );
  await agrees(call('sin', literal(Infinity, DOUBLE)), call('pi'));
});

it('functions of one integer', async () => {
  const names = ['abs', 'round', 'trunc', 'sign', 'ceil', 'sqrt', 'isnan', 'exp'];
  await agrees(...names.flatMap((name) => [call(name, c('integer_b')), call(name, c('bigint_a'))]));
});

it('powers and logarithms', async () => {
  await agrees(
    call('pow', c('double_a'), c('double_b')),
    call('power', c('integer_a'), int(3)),
    call('log', c('double_a'), c('double_b')),
    call('log', int(2), c('bigint_b')),
    call('atan2', c('double_a'), c('double_b')),
    call('mod', c('bigint_a'), bigint(7n)),
  );
});

it('round and trunc to places on both sides of the point', async () => {
  for (const places of [0, 1, 2, 5, 15, 30, 400, -1, -2, -5, -15, -400]) {
    await agrees(call('round', c('double_a'), int(places)));
    // DuckDB does not cut 400 places before the point: 5.5 stays 5.5.
    if (places > -400) await agrees(call('trunc', c('double_b'), int(places)));
  }
  // Where rounding overflows DuckDB gives wrong numbers; half the range is safe.
  const half = castTo(call('//', c('integer_b'), int(2)), { kind: 'INTEGER' });
  for (const places of [0, 3, -1, -2, -5, -9, -10, -18, -19]) {
    await agrees(call('round', half, int(places)), call('trunc', c('bigint_b'), int(places)));
    await agrees(call('round', call('//', c('bigint_a'), bigint(4n)), int(places)));
  }
});

it('an integer that rounds out of its range is an error, not another number', () => {
  const outcome = compiled.evaluate(call('round', int(2_147_483_647), int(-1)).bound, rows.slice(0, 1));
  expect(outcome).toEqual([{ error: 2, site: 0 }]);
});
