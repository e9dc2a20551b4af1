import { beforeAll, describe, expect, it } from 'vitest';
import { Compiled, differences, Oracle, randomRows } from '../../support/expression-oracle.ts';
import { bigint, call, column, int, type Twin, testSchema } from '../../support/expressions.ts';

const rows = randomRows(testSchema, 300, 17);
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

describe('operators of bits equal DuckDB', () => {
  it('of two integers', async () => {
    await agrees(
      ...['&', '|', 'xor'].flatMap((name) => [
        call(name, c('integer_a'), c('integer_b')),
        call(name, c('bigint_a'), c('bigint_b')),
        call(name, c('bigint_b'), c('integer_b')),
      ]),
    );
  });

  it('of one', async () => {
    await agrees(...['~', 'bit_count'].flatMap((name) => [call(name, c('integer_b')), call(name, c('bigint_a'))]));
  });

  it('shifts by any count, which fail where bits would be lost', async () => {
    const counts = [0, 1, 5, 30, 31, 32, 33, 62, 63, 64, 65, 100];
    await agrees(
      ...counts.flatMap((n) => [
        call('<<', c('integer_a'), int(n)),
        call('<<', c('bigint_b'), bigint(BigInt(n))),
        call('<<', int(1), int(n)),
        call('<<', bigint(0n), bigint(BigInt(n))),
        call('>>', c('integer_b'), int(n)),
        call('>>', c('bigint_a'), bigint(BigInt(n))),
      ]),
      call('<<', c('integer_a'), c('integer_b')),
      call('>>', c('bigint_a'), c('bigint_b')),
    );
  });
});
