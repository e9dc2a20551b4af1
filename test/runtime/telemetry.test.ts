// What a run says about itself: rows through every node, the time of each, what operators keep, what a core does.

import { describe, expect, test } from 'vitest';
import {
  CORE_BUSY_MILLIS,
  CORE_SINCE,
  CORE_SLEEPING,
  CORE_STATE,
  NODE_ROWS_OUT,
  OPERATOR_WATERMARK,
  SOURCE_ROWS,
} from '../../src/runtime/counters.ts';
import { Telemetry } from '../../src/runtime/telemetry.ts';
import { preparePipeline, runPipeline } from '../support/pipeline.ts';
import { coreOf } from '../support/progress.ts';

const SOURCE = 'CREATE SOURCE t (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts)';
const rows = (count: number): string =>
  Array.from({ length: count }, (_, n) => `${JSON.stringify({ k: `k${n % 7}`, v: n, ts: 1000 * n })}\n`).join('');

describe('rows', () => {
  test('go into a node as they come out of its inputs, one of them given twice', async () => {
    const { progress } = await runPipeline({
      text: `${SOURCE}; CREATE STREAM few AS SELECT k, v FROM t WHERE v % 2 = 0;
        CREATE SINK out AS SELECT k FROM few UNION ALL SELECT k FROM few INTO STDOUT (format = 'json');`,
      input: rows(5000),
    });
    expect(progress.sources.map(({ id, rowsOut }) => [id, rowsOut])).toEqual([['t', 5000]]);
    const into = progress.operators.map(({ kind, rowsIn, rowsOut }) => [kind, rowsIn, rowsOut]);
    expect(into.at(0)).toEqual(['map', 5000, 2500]);
    expect(into.at(-1)).toEqual(['union', 5000, 5000]);
    expect(progress.sinks[0]).toMatchObject({ id: 'out', rowsIn: 5000, rows: 5000 });
  });

  test('that a limit leaves out have come in', async () => {
    const text = `${SOURCE}; CREATE SINK out AS SELECT k FROM t INTO STDOUT (format = 'json');`;
    const { progress } = await runPipeline({ text, input: rows(100), options: { maxRows: 3 } });
    expect(progress.sinks[0]).toMatchObject({ rowsIn: 100, rows: 3 });
  });
});

describe('state', () => {
  test.each([
    ["SELECT COUNT(*) AS n FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' HOUR)", 7],
    ["SELECT COUNT(*) AS n FROM t GROUP BY TUMBLE(ts, INTERVAL '1' HOUR)", 1],
    ["SELECT COUNT(*) AS n FROM t GROUP BY k, HOP(ts, INTERVAL '30' MINUTE, INTERVAL '1' HOUR)", 7],
    ["SELECT COUNT(*) AS n FROM t GROUP BY k, SESSION(ts, INTERVAL '1' MINUTE)", 7],
    ['SELECT COUNT(*) AS n FROM t GROUP BY k', 7],
    ['SELECT k, v FROM t ORDER BY v', 100],
    ['SELECT k, v FROM t ORDER BY v LIMIT 3', 100],
    // All but the last have been passed by the watermark, which is as old as the last.
    ['SELECT ts, k FROM t ORDER BY ts', 1],
    ['SELECT k, SUM(v) OVER (PARTITION BY k ORDER BY ts) AS s FROM t', 7],
    ['SELECT k, RANK() OVER (ORDER BY v) AS place FROM t', 100],
  ])('%s keeps %i keys or rows before the end', async (query, keys) => {
    const { core, telemetry } = await preparePipeline({ text: `${SOURCE}; ${query};`, input: rows(100) });
    core.turn();
    for (const operator of core.parts.operators)
      if (operator.stateBytes() > 0) expect(operator.keyCount?.()).toBe(keys);
    core.run();
    const kept = telemetry.progress(1).operators.filter((operator) => operator.keys !== null);
    expect(kept).toHaveLength(1);
  });
});

describe('time', () => {
  test('is charged to the node that works, and all of it together is less than the core was busy', async () => {
    const text = `${SOURCE}; SELECT k, COUNT(*) AS n, SUM(v) AS s FROM t WHERE v > 10 GROUP BY k, TUMBLE(ts, INTERVAL '1' MINUTE);`;
    const { progress } = await runPipeline({ text, input: rows(50_000), isOnOneCore: true });
    const nodes = [...progress.sources, ...progress.operators, ...progress.sinks];
    for (const { busyMillis, nanosPerRow } of nodes) {
      expect(busyMillis).toBeGreaterThan(0);
      expect(nanosPerRow).toBeGreaterThan(0);
    }
    const [core] = progress.cores;
    expect(nodes.reduce((sum, { busyMillis }) => sum + busyMillis, 0)).toBeLessThan((core?.busyMillis as number) + 1);
    expect(core).toMatchObject({ state: 'ended', rows: 50_000 });
  });

  test('from reading to writing is counted for every row', async () => {
    const text = `${SOURCE}; CREATE SINK out AS SELECT k FROM t WHERE v < 700 INTO STDOUT (format = 'json');`;
    const { progress } = await runPipeline({ text, input: rows(1000), batchRows: 10, cut: () => 100 });
    const latency = progress.sinks[0]?.latency;
    expect(latency?.count).toBe(700);
    expect(latency?.p50Micros).toBeLessThanOrEqual(latency?.p99Micros as number);
    expect(latency?.p99Micros).toBeLessThanOrEqual(latency?.maxMicros as number);
    expect(latency?.maxMicros).toBeLessThan(10_000_000);
  });

  test('a sink of which nothing is written has rows and latencies like any other, and is not silent', async () => {
    const text = `${SOURCE}; CREATE SINK out AS SELECT k FROM t WHERE v < 700 INTO BLACKHOLE;`;
    const { progress } = await runPipeline({ text, input: rows(1000), batchRows: 10, cut: () => 100 });
    expect(progress.sinks[0]).toMatchObject({ rows: 700, bytes: 0, latency: { count: 700 } });
    expect(progress.sinks[0]?.silentMillis).not.toBeNull();
  });
});

describe('several cores', () => {
  test('are added up; a watermark is the least of those there are', async () => {
    const text = `${SOURCE}; SELECT COUNT(*) AS n FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);`;
    const { plan } = await preparePipeline({ text, input: '' });
    const telemetry = new Telemetry(plan, { coreCount: 3 });
    const others = [1, 2].map((core) => new Telemetry(plan, { buffer: telemetry.buffer, core }));
    const aggregate = telemetry.placeOf(plan.nodes.find(({ kind }) => kind === 'aggregate')?.id as string);
    for (const [n, { counters }] of [telemetry, ...others].entries()) {
      counters[telemetry.placeOf('t') + SOURCE_ROWS] = 10 ** n;
      counters[telemetry.placeOf('t') + NODE_ROWS_OUT] = 10 ** n;
      if (n > 0) counters[aggregate + OPERATOR_WATERMARK] = 100 - n;
    }
    const progress = telemetry.progress(1);
    expect(progress.sources[0]).toMatchObject({ rows: 111, rowsOut: 111, watermark: null, sizeBytes: null });
    expect(progress.operators.find(({ kind }) => kind === 'aggregate')?.watermark).toBe(98);
    expect(progress.cores).toEqual([0, 1, 2].map((core) => coreOf(core, { state: 'absent' })));
  });

  test('sleep as long as nothing wakes them', async () => {
    const { plan } = await preparePipeline({ text: `${SOURCE}; SELECT k FROM t;`, input: '' });
    const telemetry = new Telemetry(plan, { coreCount: 2 });
    const { counters } = new Telemetry(plan, { buffer: telemetry.buffer, core: 1 });
    counters[CORE_STATE] = CORE_SLEEPING;
    counters[CORE_BUSY_MILLIS] = 5;
    counters[CORE_SINCE] = performance.now() - 400;
    const [, core] = telemetry.progress(1).cores;
    expect(core?.busyMillis).toBe(5);
    expect(core?.sleepMillis).toBeGreaterThanOrEqual(400);
    expect(core?.sleepMillis).toBeLessThan(60_000);
  });
});
