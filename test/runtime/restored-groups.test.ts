// Groups that take many blocks of an image are the same when they have been restored, whatever their keys look like and
// whatever was made between two of them.

import { describe, expect, it } from 'vitest';
import { BytesReader, runPipeline } from '../support/pipeline.ts';
import { runRestored } from '../support/restored.ts';

const ROWS = 12_000;

const KEYS: Record<string, (n: number) => string> = {
  numbers: (n) => String((n * 7919) % 5003),
  'short texts': (n) => `k${(n * 7919) % 5003}`,
  'short texts and few long ones': (n) =>
    ((n * 7919) % 5003) % 1500 === 7 ? `a key that is long: ${n % 9}` : `k${n % 4001}`,
  'long texts': (n) => `a key of more than twelve bytes ${(n * 7919) % 3001}`,
};

const QUERIES = {
  'sums of one table': 'SELECT k, COUNT(*) AS c, SUM(n) AS s, MAX(n) AS m FROM t GROUP BY k',
  // The groups of one window lie between those of another.
  'two windows at a time':
    "SELECT k, window_start, COUNT(*) AS c, SUM(n) AS s FROM t GROUP BY k, HOP(ts, INTERVAL '4' SECOND, INTERVAL '8' SECOND)",
  'texts beside them': 'SELECT k, MIN(v) AS v, COUNT(DISTINCT n % 3) AS d FROM t GROUP BY k',
};

function linesOf(key: (n: number) => string): Buffer {
  const line = (n: number) => JSON.stringify({ k: key(n), n, v: `value ${n % 77}`, ts: new Date(n).toISOString() });
  return Buffer.from(Array.from({ length: ROWS }, (_, n) => `${line(n)}\n`).join(''));
}

describe.each(Object.entries(KEYS))('with keys that are %s', (_, key) => {
  const bytes = linesOf(key);

  it.each(Object.entries(QUERIES))('%s', async (_name, query) => {
    const text = `CREATE SOURCE t (k VARCHAR, n BIGINT, v VARCHAR, ts TIMESTAMP NOT NULL, WATERMARK FOR ts AS ts)
      FROM STDIN (format = 'json'); ${query.replace('SELECT', 'CREATE SINK out AS SELECT')} INTO STDOUT (format = 'json');`;
    const whole = await runPipeline({ text, readers: { t: () => [new BytesReader(bytes)] }, now: () => 0 });
    const cut = () => 53_333;
    const given = { text, splits: { t: bytes }, cut, turnsMax: 8, now: () => 0 };
    for (const seed of [3, 8]) {
      const { outputs, checkpoints } = await runRestored({ ...given, seed });
      expect(checkpoints).toBeGreaterThan(0);
      expect(outputs).toEqual(whole.outputs);
    }
  });
});
