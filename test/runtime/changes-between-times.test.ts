// What operators over changes with event time keep: no more than the watermark asks for, however long the run; and which
// changes come too late.

import { describe, expect, test } from 'vitest';
import { FedReader } from '../support/fed-reader.ts';
import { preparePipeline, runPipeline } from '../support/pipeline.ts';

const parse = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const source = (name: string, options = ", changelog = 'weight'"): string =>
  `CREATE SOURCE ${name} (k BIGINT, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) FROM FILE (path = 'x', format = 'json'${options});`;

/** A run that is fed; what came out since the last time, and what operators keep. */
async function fed(text: string) {
  const readers = { a: new FedReader(), b: new FedReader() };
  const { core, outputs } = await preparePipeline({ text, readers: { a: () => [readers.a], b: () => [readers.b] } });
  let seen = 0;
  const turn = () => {
    for (let i = 0; i < 6; i++) core.turn();
    const all = parse(Buffer.concat(Object.values(outputs)[0] ?? []).toString());
    const before = seen;
    seen = all.length;
    return all.slice(before);
  };
  const operator = (end: string) => core.parts.operators.find(({ id }) => id.endsWith(end));
  return { ...readers, turn, bytes: (end: string) => operator(end)?.stateBytes() ?? -1, operator };
}

const row = (op: string, k: number, ts: number, v = 0) => ({ op, k, v, ts });

describe('joins of changes between times', () => {
  const on = "a.k = b.k AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '5' SECOND";
  const text = (kind: string) => `${source('a')} ${source('b')} SELECT a.k, a.v, b.v AS w FROM a ${kind} b ON ${on};`;

  test('a row takes back what it has given, and is let go when it can match nothing any more', async () => {
    const { a, b, turn, bytes, operator } = await fed(text('LEFT JOIN'));
    a.feed(row('+I', 1, 10_000, 7));
    expect(turn()).toEqual([{ op: '+I', k: 1, v: 7, w: null }]);
    b.feed(row('+I', 1, 12_000, 8));
    const pair = { k: 1, v: 7, w: 8 };
    expect(turn()).toEqual([
      { op: '-U', k: 1, v: 7, w: null },
      { op: '+U', ...pair },
    ]);
    // Older than the watermark, but by no more than the bounds are wide.
    b.feed(row('+I', 9, 14_000), row('-D', 1, 12_000, 8));
    expect(turn()).toEqual([
      { op: '-U', ...pair },
      { op: '+U', k: 1, v: 7, w: null },
    ]);
    b.feed(row('+I', 9, 30_000));
    a.feed(row('+I', 9, 30_000));
    turn();
    a.feed(row('-D', 1, 10_000, 7));
    expect(turn()).toEqual([]);
    expect(operator('.join')?.lateCount?.()).toBe(1);
    const few = bytes('.join');
    expect(few).toBeGreaterThan(0);
    for (let at = 31_000; at < 400_000; at += 1000) {
      a.feed(row('+I', at % 7, at), row('-D', 3, at), row('-U', at % 7, at), row('+U', at % 7, at, 1));
      b.feed(row('+I', at % 5, at), row('-D', at % 5, at));
      turn();
    }
    expect(bytes('.join')).toBeLessThan(few + 60_000);
    a.feed(row('+I', 9, 900_000), row('-D', 9, 900_000));
    b.feed(row('+I', 9, 900_000), row('-D', 9, 900_000));
    turn();
    a.feed(row('+I', 9, 990_000), row('-D', 9, 990_000));
    b.feed(row('+I', 9, 990_000), row('-D', 9, 990_000));
    turn();
    expect(bytes('.join')).toBeLessThanOrEqual(few);
  });

  test('a side that has ended holds nothing back', async () => {
    const { a, b, turn, bytes } = await fed(text('JOIN'));
    b.feed(row('+I', 1, 10_000));
    b.end();
    for (let at = 10_000; at < 200_000; at += 1000) {
      a.feed(row('+I', 1, at));
      turn();
    }
    expect(bytes('.join')).toBeLessThan(40_000);
  });
});

describe('ASOF joins of changes', () => {
  const text = `${source('a')} ${source('b')} SELECT a.k, a.v, b.v AS w FROM a ASOF LEFT JOIN b ON a.k = b.k AND a.ts >= b.ts;`;

  test('a right row that is taken back in time was never there; an answer goes with its left row', async () => {
    const { a, b, turn, operator } = await fed(text);
    b.feed(row('+I', 1, 1000, 1), row('+I', 1, 2000, 2), row('-D', 1, 2000, 2), row('+I', 1, 9000, 3));
    a.feed(row('+I', 1, 2500, 7), row('+I', 1, 9500, 8));
    expect(turn()).toEqual([{ op: '+I', k: 1, v: 7, w: 1 }]);
    // The watermark of the right side is at 8 s: too late.
    b.feed(row('-D', 1, 1000, 1));
    a.feed(row('-D', 1, 2500, 7));
    expect(turn()).toEqual([{ op: '-D', k: 1, v: 7, w: 1 }]);
    expect(operator('.lasting')?.lateCount?.()).toBe(1);
  });

  test('what is kept does not grow with the run, nor with rows that come too late', async () => {
    const { a, b, turn, bytes } = await fed(text);
    a.feed(row('+I', 1, 1_000_000));
    b.feed(row('+I', 1, 1_000_000));
    turn();
    let most = 0;
    for (let n = 1; n < 400; n++) {
      const at = 1_000_000 + n * 1000;
      // Late rows, and deletions of them that find no answer.
      a.feed(row('+I', 2, 5, n), row('-D', 2, 5, n), row('+I', 1, at, n), row('-D', 1, at, n));
      b.feed(row('-D', 3, at, n), row('+I', 1, at, n), row('-D', 1, at, n));
      turn();
      if (n === 200) most = bytes('.recall') + bytes('.lasting');
    }
    expect(bytes('.recall') + bytes('.lasting')).toBeLessThan(most + 20_000);
  });
});

describe('sessions of changes', () => {
  test('rows and debts go with the watermark', async () => {
    const text = `${source('a')} ${source('b')} SELECT k, window_start, SUM(v) AS s, MAX(v) AS m FROM a GROUP BY k, SESSION(ts, INTERVAL '2' SECOND) EMIT CHANGES;`;
    const { a, turn, bytes } = await fed(text);
    let most = 0;
    for (let n = 1; n < 3000; n++) {
      a.feed(row('+I', n % 5, n * 1000, n), row('-D', 7, n * 1000, n), row('-D', n % 5, (n - 1) * 1000, n - 1));
      turn();
      if (n === 1500) most = bytes('.aggregate');
    }
    expect(bytes('.aggregate')).toBeLessThan(most * 2);
  });
});

test('sums of doubles over overlapping windows do not depend on batches', async () => {
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 48271) >>> 0) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const rows = Array.from({ length: 700 }, (_, n) => ({
    k: n % 2,
    x: random(),
    ts: n * 40 + Math.floor(random() * 3000),
  }));
  const input = rows.map((one) => `${JSON.stringify(one)}\n`).join('');
  for (const emit of ["EMIT EVERY INTERVAL '1' HOUR", "EMIT AFTER WATERMARK ALLOW LATENESS INTERVAL '2' SECOND"]) {
    for (const window of [
      "HOP(ts, INTERVAL '1' SECOND, INTERVAL '7' SECOND)",
      "CUMULATE(ts, INTERVAL '1' SECOND, INTERVAL '6' SECOND)",
    ]) {
      const text = `CREATE SOURCE t (k BIGINT, x DOUBLE, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '3' SECOND) FROM STDIN;
SELECT k, window_end, SUM(x) AS s, COUNT(*) AS n FROM t GROUP BY k, ${window} ${emit};`;
      const outputs = new Set<string>();
      for (const batchRows of [1, 7, 100, 2048]) {
        const result = await runPipeline({ text, input, batchRows, now: () => 0, isOnOneCore: true });
        expect(result.error).toBeNull();
        outputs.add(result.output);
      }
      expect(outputs.size, `${emit} ${window}`).toBe(1);
    }
  }
});
