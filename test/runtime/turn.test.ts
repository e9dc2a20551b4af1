// Turns that end in the middle of a window's close: what comes out is the same, byte for byte, as if they had not.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NODE_ROWS_IN } from '../../src/runtime/counters.ts';
import { type Resumable, Turn } from '../../src/runtime/turn.ts';
import { preparePipeline, runPipeline, textsOf } from '../support/pipeline.ts';
import { stopwatch } from '../support/stopwatch.ts';

const SOURCE = `CREATE SOURCE e (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '2' MILLISECOND)
  FROM STDIN (format = 'json', on_error = 'skip');`;
const window = (size: number) => `TUMBLE(ts, INTERVAL '${size}' MILLISECOND)`;

const PIPELINES = {
  'several readers of one stream, and a union of them': `
    CREATE STREAM a AS SELECT k, window_start, window_time, SUM(v) AS v FROM e GROUP BY k, ${window(5)};
    CREATE STREAM b AS SELECT k, window_start, COUNT(*) AS v FROM e GROUP BY k, ${window(3)};
    CREATE SINK u AS SELECT k, window_start, v FROM a UNION ALL SELECT k, window_start, v FROM b INTO STDOUT;
    CREATE SINK c AS SELECT window_start, SUM(v) AS v FROM a GROUP BY TUMBLE(window_time, INTERVAL '10' MILLISECOND) INTO STDOUT;`,
  'windows that overlap, sessions': `
    CREATE SINK a AS SELECT k, window_start, SUM(v) AS v FROM e
      GROUP BY k, HOP(ts, INTERVAL '2' MILLISECOND, INTERVAL '5' MILLISECOND) INTO STDOUT;
    CREATE SINK b AS SELECT k, window_end, COUNT(*) AS n FROM e GROUP BY k, SESSION(ts, INTERVAL '2' MILLISECOND) INTO STDOUT;`,
  'changes and late rows': `
    CREATE SINK late INTO STDOUT;
    CREATE SINK a AS SELECT k, window_start, SUM(v) AS v FROM e GROUP BY k, ${window(4)}
      EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '3' MILLISECOND LATE DATA TO late INTO STDOUT;
    CREATE SINK b AS SELECT k, COUNT(*) AS n FROM e GROUP BY k EMIT CHANGES INTO STDOUT;
    CREATE SINK c AS SELECT k, COUNT(*) AS n FROM e GROUP BY k INTO STDOUT;`,
  'rows in order': `
    CREATE SINK a AS SELECT * FROM e ORDER BY ts, v DESC INTO STDOUT;
    CREATE SINK b AS SELECT k, ts, LAG(v) OVER (PARTITION BY k ORDER BY ts) AS before FROM e INTO STDOUT;
    CREATE SINK c AS SELECT k, v FROM e ORDER BY v, k, ts INTO STDOUT;
    CREATE SINK d AS SELECT k, window_end, SUM(v) AS s FROM e GROUP BY k, ${window(5)} ORDER BY s DESC, k LIMIT 2 BY window_end INTO STDOUT;`,
};

const rows = fc.array(
  fc.record({
    k: fc.constantFrom('a', 'b', 'c', 'd'),
    v: fc.integer({ min: 0, max: 9 }),
    step: fc.integer({ min: -3, max: 4 }),
  }),
  { maxLength: 60 },
);

function encode(given: { k: string; v: number; step: number }[]): string {
  let now = 100;
  const lines = given.map(({ k, v, step }) => {
    now += step;
    return `${JSON.stringify({ k, v, ts: now })}\n`;
  });
  return lines.join('');
}

describe('a turn that is over after every batch changes nothing', () => {
  test.each(Object.entries(PIPELINES))('%s', async (_, queries) => {
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom(1, 3, 16), async (given, batchRows) => {
        const run = { text: SOURCE + queries, input: encode(given), batchRows };
        const whole = await runPipeline({ ...run, turnMicros: 0 });
        const cut = await runPipeline({ ...run, turnMicros: 1 });
        expect(whole.error).toBeNull();
        expect(cut.outputs).toEqual(whole.outputs);
      }),
      { numRuns: 25 },
    );
  });

  test('rows before a bad record come out before the error', async () => {
    const text = `CREATE SOURCE e (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts) FROM STDIN (format = 'json');
      SELECT k, COUNT(*) AS n FROM e GROUP BY k, TUMBLE(ts, INTERVAL '1' MILLISECOND);`;
    const input = `${Array.from({ length: 40 }, (_, n) => `{"k":"k${n}","ts":1}\n`).join('')}{"k":"last","ts":9}\n{"k":\n`;
    for (const turnMicros of [0, 1]) {
      const { output, error } = await runPipeline({ text, input, batchRows: 4, turnMicros });
      expect(error).toMatchObject({ code: 'LMN-6001' });
      expect(output.trim().split('\n')).toHaveLength(40);
    }
  });

  test('a stop while a window closes lets it close', async () => {
    const text = `${SOURCE} SELECT k, SUM(v) AS v FROM e GROUP BY k, ${window(10)};`;
    const input = Array.from({ length: 50 }, (_, n) => `{"k":"k${n}","v":${n},"ts":${n < 40 ? 1 : 100}}\n`).join('');
    const { core, outputs } = await preparePipeline({ text, input, batchRows: 5, turnMicros: 1 });
    while (!core.parts.turn.hasPending) core.turn();
    core.parts.control.stop();
    expect(core.run()).toBe('stopped');
    const names = (textsOf(outputs)['stdout'] as string)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).k);
    expect(names).toEqual([...Array.from({ length: 40 }, (_, n) => `k${n}`).sort(), ...names.slice(40)]);
    expect(names.slice(40)).toEqual(['k40', 'k41', 'k42', 'k43', 'k44']);
  });
});

/** Rows of a slice with these batches, and rows that are all given at once. */
const SLICE_ROWS = 16;
const ROW_COUNT = 3000;

const SORTS = {
  'the groups of a window': `SELECT k, COUNT(*) AS n FROM e GROUP BY k, ${window(10)};`,
  'groups whose results change': `SELECT k, COUNT(*) AS n FROM e GROUP BY k, ${window(10)} EMIT AFTER WATERMARK;`,
  sessions: `SELECT k, COUNT(*) AS n FROM e GROUP BY k, SESSION(ts, INTERVAL '2' MILLISECOND);`,
  'sessions whose results change': `SELECT k, COUNT(*) AS n FROM e GROUP BY k, SESSION(ts, INTERVAL '2' MILLISECOND) EMIT AFTER WATERMARK;`,
  'ORDER BY of all rows': 'SELECT v, k FROM e ORDER BY v, k;',
  'ORDER BY of strings that begin alike': 'SELECT k FROM e ORDER BY k;',
  'the rows of an instant': 'SELECT ts, v, k FROM e ORDER BY ts, v DESC, k;',
  'the first rows': 'SELECT v, k FROM e ORDER BY v, k LIMIT 1400;',
  'rows of partitions at the end': 'SELECT k, ROW_NUMBER() OVER (PARTITION BY v ORDER BY k) AS n FROM e;',
  'rows of partitions by time': 'SELECT k, LAG(k) OVER (PARTITION BY v ORDER BY ts) AS b FROM e;',
};

describe('a sort is cut: other things have a turn after so many rows', () => {
  const lines = Array.from({ length: ROW_COUNT }, (_, n) => {
    const k = `all begin alike ${String((n * 7919) % ROW_COUNT).padStart(5, '0')}`;
    return `${JSON.stringify({ k, v: (n * 31) % 97, ts: 100 + (n % 2) })}\n`;
  });
  const input = `${lines.join('')}{"k":"last","v":500,"ts":900000}\n`;

  test.each(Object.entries(SORTS))('%s', async (_, query) => {
    const whole = await runPipeline({ text: SOURCE + query, input });
    const { core, outputs, plan } = await preparePipeline({
      text: SOURCE + query,
      input,
      batchRows: SLICE_ROWS / 2,
      turnMicros: 1,
    });
    const { telemetry } = core.parts;
    const rowsAt = telemetry.placeOf(plan.nodes.find(({ kind }) => kind === 'sink')?.id ?? '') + NODE_ROWS_IN;
    // Turns between the last data and the first row that comes out.
    let turns = 0;
    while (!core.hasEnded) {
      const isSilent = core.parts.turn.hasPending && telemetry.counters[rowsAt] === 0;
      core.turn();
      if (isSilent) turns++;
    }
    expect(turns).toBeGreaterThan((2 * 1400) / SLICE_ROWS);
    for (const sink of core.parts.sinks) sink.finish();
    expect(textsOf(outputs)).toEqual(whole.outputs);
  });
});

/** Nobody measures. */
const METER = { begin: () => {}, end: () => {} };

test('what is suspended goes on in the order in which it would have gone on without', () => {
  const turn = new Turn(0, stopwatch());
  const seen: string[] = [];
  const work = (name: string, then: () => void = () => {}): Resumable => ({
    resume: () => {
      seen.push(name);
      then();
    },
  });
  turn.begin();
  turn.suspend(
    work('inner', () => turn.suspend(work('inner again'), 0, 0, 0)),
    0,
    0,
    0,
  );
  turn.suspend(work('outer'), 0, 0, 0);
  expect(turn.isSuspended).toBe(true);
  while (turn.hasPending) {
    turn.begin();
    expect(turn.isSuspended).toBe(false);
    turn.resume(METER);
  }
  expect(seen).toEqual(['inner', 'inner again', 'outer']);
});

test('nothing is suspended within a batch: it belongs to its producer again afterwards', () => {
  const turn = new Turn(0, stopwatch());
  turn.begin();
  turn.enterBatch();
  expect(turn.pause({ resume: () => {} }, 0, 0, 0)).toBe(false);
  turn.leaveBatch();
  expect(turn.pause({ resume: () => {} }, 0, 0, 0)).toBe(true);
});
