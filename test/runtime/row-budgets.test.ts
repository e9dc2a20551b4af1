// Budgets of time per row: what counts as an overrun, and how bad the rate is.

import { describe, expect, test } from 'vitest';
import { NODE_NANOS, NODE_OVERRUNS, NODE_ROWS_IN, NODE_ROWS_OUT } from '../../src/runtime/counters.ts';
import { RowBudgets, severityOf } from '../../src/runtime/row-budgets.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { compilePipeline } from '../../src/sql/compile.ts';
import { runPipeline } from '../support/pipeline.ts';

/** An aggregate with a budget of 100 ns; the clock is the test's. */
function budgeted() {
  const text = `SET budget_row = 100; CREATE SOURCE t (k BIGINT);
    SELECT k, COUNT(*) AS n FROM t GROUP BY k;`;
  const { plan } = compilePipeline(text, { fileName: 'test.lsql', variables: {} });
  const telemetry = new Telemetry(plan);
  const clock = new Float64Array(1);
  const budgets = new RowBudgets(telemetry, clock);
  const { id } = plan.nodes.find(({ kind }) => kind === 'aggregate') as { id: string };
  const at = telemetry.placeOf(id);
  /** A turn of so many rows that took so long. */
  const turn = (rowsIn: number, nanos: number, { rowsOut = 0, turns = 1 } = {}): void => {
    telemetry.counters[at + NODE_ROWS_IN]! += rowsIn;
    telemetry.counters[at + NODE_ROWS_OUT]! += rowsOut;
    telemetry.counters[at + NODE_NANOS]! += nanos;
    budgets.check(turns);
  };
  const overruns = (): number => telemetry.counters[at + NODE_OVERRUNS] as number;
  const read = () => telemetry.progress(0).operators.find((operator) => operator.id === id);
  return { turn, overruns, read, budgets, clock };
}

describe('an overrun', () => {
  test('is a turn of more than the budget for its rows, and 5 µs for itself', () => {
    const { turn, overruns } = budgeted();
    turn(1000, 105_000);
    expect(overruns()).toBe(0);
    turn(1000, 105_001);
    expect(overruns()).toBe(1);
    turn(1, 5100);
    expect(overruns()).toBe(1);
  });

  test('counts rows that go out as well: a window that closes costs per group', () => {
    const { turn, overruns } = budgeted();
    turn(10, 900_000, { rowsOut: 10_000 });
    expect(overruns()).toBe(0);
  });

  test('stands for as many turns as were not measured', () => {
    const { turn, overruns } = budgeted();
    turn(16, 16 * 5000 + 1600, { turns: 16 });
    expect(overruns()).toBe(0);
    turn(16, 16 * 5000 + 1601, { turns: 16 });
    expect(overruns()).toBe(16);
  });
});

test.each([
  [0.1, 'low'],
  [10, 'low'],
  [10.1, 'medium'],
  [50, 'medium'],
  [50.1, 'high'],
  [100, 'high'],
  [100.1, 'critical'],
])('%d overruns a second are %s', (rate, severity) => expect(severityOf(rate)).toBe(severity));

describe('the rate', () => {
  test('is that of the last ten seconds; the worst is kept', () => {
    const { turn, read, budgets, clock } = budgeted();
    for (let second = 0; second < 10; second++) {
      clock[0] = second * 1000;
      for (let n = 0; n < 60; n++) turn(1, 1e6);
    }
    clock[0] = 10_000;
    budgets.tell();
    expect(read()).toMatchObject({ overruns: 600, overrunsPerSecond: 60, severity: 'high' });
    clock[0] = 15_000;
    budgets.tell();
    clock[0] = 16_000;
    budgets.tell();
    expect(read()).toMatchObject({ overrunsPerSecond: 24, overrunsPerSecondMax: 60, severity: 'high' });
    clock[0] = 60_000;
    budgets.tell();
    clock[0] = 61_000;
    budgets.tell();
    expect(read()).toMatchObject({ overruns: 600, overrunsPerSecond: 0, overrunsPerSecondMax: 60 });
  });

  test('of a run that ends sooner is taken over what there was of it', () => {
    const { turn, read, budgets } = budgeted();
    for (let n = 0; n < 150; n++) turn(1, 1e6);
    budgets.finish();
    expect(read()).toMatchObject({ overruns: 150, overrunsPerSecond: 150, severity: 'critical' });
  });
});

describe('in a run', () => {
  const input = Array.from({ length: 40_000 }, (_, n) => `{"k":${n % 10},"s":"${'x'.repeat(50)}"}\n`).join('');
  const query = `CREATE SOURCE t (k BIGINT, s VARCHAR); CREATE STREAM slow AS
    SELECT k, regexp_replace(s, '(x)(x)(x)', '\\3\\2', 'g') AS s FROM t; SELECT k, COUNT(s) AS n FROM slow GROUP BY k;`;

  test('an operator that calls JavaScript for each row is over its budget, and the others are not named', async () => {
    const { progress } = await runPipeline({ text: `SET budget_row = 300; ${query}`, input });
    const slow = progress.operators.find(({ kind }) => kind === 'map');
    expect(slow).toMatchObject({ nanosBudget: 300 });
    expect(slow?.nanosPerRow).toBeGreaterThan(300);
    expect(slow?.overruns).toBeGreaterThan(10);
    expect(slow?.severity).not.toBeNull();
    expect(progress.sources[0]).toMatchObject({ nanosBudget: null, overruns: 0, severity: null });
  });

  test('nobody looks without a budget', async () => {
    const { progress } = await runPipeline({ text: `SET budget_row = 0; ${query}`, input });
    for (const operator of progress.operators) expect(operator).toMatchObject({ nanosBudget: null, overruns: 0 });
  });
});
