// Sessions whose results change: what is written of sessions that grow, become one, come out early, and are many.

import { describe, expect, test } from 'vitest';
import { runPipeline } from '../support/pipeline.ts';

interface Options {
  emit: string;
  delay?: string;
  batchRows?: number;
}

interface Event {
  k: string;
  ts: number;
}

type Change = [op: string, k: string, start: number, end: number, n: number];

async function run({ emit, delay = '0', batchRows = 2048 }: Options, events: readonly Event[]): Promise<Change[]> {
  const text = `CREATE SOURCE e (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '${delay}' SECOND) FROM STDIN;
    CREATE SINK out AS SELECT k, window_start AS s, window_end AS e, COUNT(*) AS n, MAX(k) AS m FROM e
    GROUP BY k, SESSION(ts, INTERVAL '10' SECOND) ${emit} INTO STDOUT (format = 'json', timestamp_format = 's');`;
  const input = events.map(({ k, ts }) => `${JSON.stringify({ k, ts: ts * 1000 })}\n`).join('');
  const { output, error } = await runPipeline({ text, input, batchRows, now: () => 0 });
  expect(error).toBeNull();
  const lines = output.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { op, k, s, e, n } = JSON.parse(line);
    return [op ?? '+I', k, s, e, n];
  });
}

const of = (k: string, ...times: number[]): Event[] => times.map((ts) => ({ k, ts }));

describe.each([1, 3, 2048])('in batches of %i', (batchRows) => {
  test('a session that grows is an update; parts of one that joins them are deleted before', async () => {
    const changes = await run({ emit: 'EMIT ON UPDATE', delay: '60', batchRows }, of('a', 0, 5, 25, 40, 13, 33));
    expect(changes).toEqual([
      ['+I', 'a', 0, 10, 1],
      ['-U', 'a', 0, 10, 1],
      ['+U', 'a', 0, 15, 2],
      ['+I', 'a', 25, 35, 1],
      ['+I', 'a', 40, 50, 1],
      ['-U', 'a', 0, 15, 2],
      ['+U', 'a', 0, 23, 3],
      ['-D', 'a', 40, 50, 1],
      ['-U', 'a', 25, 35, 1],
      ['+U', 'a', 25, 50, 3],
    ]);
    const joined = await run({ emit: 'EMIT ON UPDATE', delay: '60', batchRows }, of('a', 40, 20, 0, 10, 30));
    expect(joined.slice(3)).toEqual([
      ['-D', 'a', 20, 30, 1],
      ['-U', 'a', 0, 10, 1],
      ['+U', 'a', 0, 30, 3],
      ['-D', 'a', 40, 50, 1],
      ['-U', 'a', 0, 30, 3],
      ['+U', 'a', 0, 50, 5],
    ]);
  });

  test('after the watermark: one that grows beyond it is taken back until it is complete', async () => {
    const emit = "EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '30' SECOND";
    const events = [...of('a', 0), ...of('b', 11), ...of('a', 2, 9), ...of('b', 20), ...of('a', 8), ...of('b', 31)];
    expect(await run({ emit, batchRows }, events)).toEqual([
      ['+I', 'a', 0, 10, 1],
      // [0, 12) is not over at 11 s, nor [0, 19).
      ['-D', 'a', 0, 10, 1],
      ['+I', 'a', 0, 19, 3],
      ['-U', 'a', 0, 19, 3],
      ['+U', 'a', 0, 19, 4],
      ['+I', 'b', 11, 30, 2],
      // 31 s is more than a gap after 20 s.
      ['+I', 'b', 31, 41, 1],
    ]);
  });

  test('on ticks and at the close only what is left is written', async () => {
    const events = [...of('a', 0, 5), ...of('b', 1), ...of('a', 30, 100)];
    expect(await run({ emit: "EMIT EVERY INTERVAL '1' HOUR", batchRows }, events)).toEqual([
      ['+I', 'b', 1, 11, 1],
      ['+I', 'a', 0, 15, 2],
      ['+I', 'a', 30, 40, 1],
      ['+I', 'a', 100, 110, 1],
    ]);
  });
});

/** Thousands of sessions close while a few stay open, so that those move; and late rows correct what came out. */
function many(): Event[] {
  const events: Event[] = [];
  for (let n = 0; n < 9000; n++) {
    events.push({ k: `short ${n % 7}`, ts: n * 11 });
    if (n % 5 === 0)
      events.push({ k: 'one that never pauses, with a long name', ts: Math.floor(n / 5) * 55 - (n % 2) * 9 });
    if (n % 9 === 0) events.push({ k: `late ${n % 3}`, ts: n * 11 - 30 - (n % 4) * 5 });
  }
  return events;
}

test.each([
  'EMIT ON UPDATE',
  "EMIT EVERY INTERVAL '1' HOUR",
  "EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '100' SECOND",
])('%s over many sessions adds up to what comes out once', async (emit) => {
  const events = many();
  const lateness = "ALLOW LATENESS INTERVAL '100' SECOND";
  const clause = emit.includes('LATENESS') ? emit : `${emit} ${lateness}`;
  const changes = await run({ emit: clause }, events);
  const small = await run({ emit: clause, batchRows: 100 }, events);
  expect(small).toEqual(changes);
  const sum = new Map<string, number>();
  for (const [op, ...row] of changes) {
    sum.set(row.join(), (sum.get(row.join()) ?? 0) + (op.startsWith('+') ? 1 : -1));
  }
  const once = await run({ emit: lateness }, events);
  expect(once.length).toBeGreaterThan(8000);
  expect([...sum].filter(([, weight]) => weight !== 0).sort()).toEqual(
    once.map(([, ...row]) => [row.join(), 1] as const).toSorted(),
  );
});
