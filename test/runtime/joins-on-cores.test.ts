// Joins on several cores: rows of both sources go to the core that owns their key, and what comes out is that of one
// core, as a multiset.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LaminarError } from '../../src/base/errors.ts';
import { exchangeableOf } from '../../src/plan/fed-exchange.ts';
import { runOnCores } from '../support/cores.ts';
import { type PipelineResult, runPipeline } from '../support/pipeline.ts';
import { often } from '../support/random.ts';

const row = fc
  .record({
    k: fc.option(fc.constantFrom('a', 'b', 'ü', 'a key that is longer than twelve bytes'), { nil: null }),
    i: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
    v: fc.integer({ min: -100, max: 100 }),
    ts: fc.integer({ min: 0, max: 30_000 }),
  })
  .map((one) => `${JSON.stringify(one)}\n`);
const rows = fc.array(row, { maxLength: 60 }).map((lines) => lines.join(''));

const SOURCES = (onError: string) =>
  ['l', 'r']
    .map(
      (
        name,
      ) => `CREATE SOURCE ${name} (k VARCHAR, i INTEGER, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '4' SECOND)
  FROM FILE (path = 'x', format = 'json', on_error = '${onError}');`,
    )
    .join('\n');

const QUERIES = {
  inner: `SELECT l.k, l.v, r.v AS w FROM l JOIN r ON l.k = r.k AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '3' SECOND`,
  'with a condition': `SELECT l.k, l.v, r.v AS w FROM l JOIN r ON l.k = r.k AND l.v < r.v AND r.ts BETWEEN l.ts - INTERVAL '1' SECOND AND l.ts + INTERVAL '3' SECOND`,
  'that fails': `SELECT l.k FROM l JOIN r ON l.k = r.k AND CAST(l.v * 92233720368547758 + r.v * 92233720368547758 AS BIGINT) < 0 AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '3' SECOND`,
  outer: `SELECT l.k, l.v, r.i, r.v AS w FROM l FULL JOIN r ON l.k = r.k AND l.i = r.i AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '3' SECOND`,
  'of maps': `SELECT a.k, a.n, r.v FROM (SELECT upper(k) AS k, v + 1 AS n, ts FROM l WHERE v > -50) a LEFT JOIN r ON a.k = r.k AND r.ts BETWEEN a.ts AND a.ts + INTERVAL '3' SECOND`,
  'without bounds': `SELECT l.k, l.v, r.v AS w FROM l JOIN r ON l.k = r.k AND l.i = r.i`,
  semi: `SELECT k, v FROM l WHERE EXISTS (SELECT * FROM r WHERE r.k = l.k AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '5' SECOND)`,
  anti: `SELECT k, v FROM l WHERE NOT EXISTS (SELECT * FROM r WHERE r.i = l.i AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '5' SECOND)`,
  asof: `SELECT l.k, l.v, r.v AS w FROM l ASOF LEFT JOIN r MATCH_CONDITION (l.ts >= r.ts) ON l.k = r.k`,
  'asof with a tolerance': `SELECT l.k, l.v, r.v AS w FROM l ASOF JOIN r MATCH_CONDITION (l.ts <= r.ts AND r.ts - l.ts <= INTERVAL '2' SECOND) ON l.k = r.k AND l.i = r.i`,
  nearest: `SELECT l.k, l.v, r.v AS w FROM l ASOF JOIN r MATCH_CONDITION (NEAREST(l.ts, r.ts)) ON l.k = r.k`,
  'and windows over it': `SELECT k, window_start, COUNT(*) AS n FROM (SELECT l.k, l.ts FROM l JOIN r ON l.k = r.k AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '3' SECOND)
    GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND)`,
};

/** Whose results change: what is written adds up to the same table. */
const CHANGING = {
  left: 'SELECT l.k, l.v, r.v AS w FROM l LEFT JOIN r ON l.k = r.k',
  'right, with a condition': 'SELECT l.k, l.v, r.k AS rk, r.v AS w FROM l RIGHT JOIN r ON l.k = r.k AND l.v < r.v',
  full: 'SELECT l.k, l.v, r.i, r.v AS w FROM l FULL JOIN r ON l.k = r.k AND l.i = r.i',
  'full, of maps':
    'SELECT a.k, a.n, r.v FROM (SELECT upper(k) AS k, v + 1 AS n FROM l WHERE v > -50) a FULL JOIN r ON a.k = r.k',
  anti: 'SELECT k, v FROM l WHERE NOT EXISTS (SELECT * FROM r WHERE r.k = l.k AND r.v > l.v)',
  'that marks': 'SELECT k, v, EXISTS (SELECT * FROM r WHERE r.i = l.i) AS e FROM l',
  'that fails':
    'SELECT l.k FROM l LEFT JOIN r ON l.k = r.k AND CAST(l.v * 92233720368547758 + r.v * 92233720368547758 AS BIGINT) < 0',
  'NOT IN of a key': 'SELECT k, v FROM l WHERE l.i NOT IN (SELECT r.i FROM r WHERE r.k = l.k)',
  'of changes': 'SELECT l.v, g.n FROM l LEFT JOIN (SELECT k, COUNT(*) AS n FROM r GROUP BY k) g ON l.k = g.k',
  'of changes on both sides':
    'SELECT f.i, f.n, g.m FROM (SELECT i, COUNT(*) AS n FROM l GROUP BY i) f FULL JOIN (SELECT k, COUNT(*) AS m FROM r GROUP BY k) g ON f.n = g.m',
  'of changes, with a condition':
    'SELECT f.k, f.n, g.m FROM (SELECT k, SUM(v) AS n FROM l GROUP BY k) f RIGHT JOIN (SELECT k, i, SUM(v) AS m FROM r GROUP BY k, i) g ON f.k = g.k AND f.n < g.m',
  'of three':
    'SELECT l.k, l.v, r.v AS w, s.v AS x FROM l LEFT JOIN r ON l.k = r.k LEFT JOIN l AS s ON r.i = s.i AND s.v > 90',
  'of a join of joins':
    'SELECT a.k, a.n, b.m FROM (SELECT l.k, COUNT(r.v) AS n FROM l LEFT JOIN r ON l.k = r.k GROUP BY l.k) a JOIN (SELECT k, COUNT(*) AS m FROM l WHERE i NOT IN (SELECT i FROM r) GROUP BY k) b ON a.k = b.k',
  'of changes, that fails':
    'SELECT l.k FROM l LEFT JOIN (SELECT k, SUM(v) AS v FROM r GROUP BY k) g ON l.k = g.k AND CAST(l.v * 92233720368547758 + g.v * 92233720368547758 AS BIGINT) < 0',
  'EXISTS of changes':
    'SELECT g.k, g.n FROM (SELECT k, COUNT(*) AS n FROM l GROUP BY k) g WHERE EXISTS (SELECT * FROM r WHERE r.i = g.n)',
  'of changes, in order':
    'SELECT l.v, g.n FROM l JOIN (SELECT k, COUNT(*) AS n FROM r GROUP BY k) g ON l.k = g.k ORDER BY l.v, g.n LIMIT 3',
  'between times, of changes':
    "SELECT a.k, a.v, b.n FROM l AS a LEFT JOIN (SELECT k, ts, COUNT(*) AS n FROM r GROUP BY k, ts) b ON a.k = b.k AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '9' SECOND",
  'grouped behind it': 'SELECT r.i, COUNT(*) AS n, SUM(l.v) AS v FROM l LEFT JOIN r ON l.k = r.k GROUP BY r.i',
};

const how = fc.record({
  cores: fc.integer({ min: 1, max: 4 }),
  chunkBytes: fc.constantFrom(16, 200, 2000),
  seed: fc.integer(),
  batchRows: fc.constantFrom(1, 7, 2048),
  exchangeBytes: fc.constantFrom(0, 1 << 10, 1 << 20),
  sharing: fc.constantFrom('offset', 'turns'),
});

const RUNS = often(7);

/** Rows that all cores exchange, whatever else is drawn. */
const EXCHANGED: [string, string, typeof how extends fc.Arbitrary<infer H> ? H : never] = [
  ...(fc.sample(rows, { seed: 1, numRuns: 2 }) as [string, string]),
  { cores: 3, chunkBytes: 200, seed: 1, batchRows: 7, exchangeBytes: 1 << 20, sharing: 'offset' },
];

/** Which of several rows fails first, and in which step, depends on the turns that the inputs take. */
const codeOf = (error: Error | null): string | undefined =>
  error instanceof LaminarError ? error.code : error?.message;

test.each(Object.entries(QUERIES))('a join %s', async (_, query) => {
  await fc.assert(
    fc.asyncProperty(rows, rows, how, async (l, r, given) => {
      const text = `${SOURCES('skip')} CREATE SINK out AS ${query} INTO STDOUT (format = 'json');`;
      const one = await runPipeline({ text, input: { l, r }, isOnOneCore: true });
      const inputs = { l: { stdin: Buffer.from(l) }, r: { stdin: Buffer.from(r) } };
      const several = await runOnCores({ ...given, text, inputs });
      expect(codeOf(several.error)).toBe(codeOf(one.error));
      if (one.error !== null) return;
      expect(sorted(several)).toEqual(sorted(one));
      expect(late(several)).toEqual(late(one));
    }),
    { numRuns: RUNS, examples: [EXCHANGED] },
  );
});

test.each(Object.entries(CHANGING))('a join whose result changes, %s', async (_, query) => {
  await fc.assert(
    fc.asyncProperty(rows, rows, how, async (l, r, given) => {
      const text = `${SOURCES('skip')} CREATE SINK out AS ${query} EMIT CHANGES INTO STDOUT (format = 'json', changelog = 'weight');`;
      const one = await runPipeline({ text, input: { l, r }, isOnOneCore: true });
      const inputs = { l: { stdin: Buffer.from(l) }, r: { stdin: Buffer.from(r) } };
      const several = await runOnCores({ ...given, text, inputs });
      expect(exchangeableOf(one.plan)).not.toEqual([]);
      expect(codeOf(several.error)).toBe(codeOf(one.error));
      if (one.error !== null) return;
      expect(table(several)).toEqual(table(one));
      expect(halves(several)).toBe(0);
    }),
    { numRuns: RUNS, examples: [EXCHANGED] },
  );
});

/**
 * Of one source, whose rows are in order, and of one join: what has come of another may be overtaken. And whether a batch goes
 * into both inputs, one after the other.
 */
const ORDERED: Record<string, [query: string, isForked: boolean]> = {
  'of groups': [
    'SELECT x.k, x.i, x.n, r.v FROM (SELECT k, i, COUNT(*) AS n FROM l GROUP BY k, i) x LEFT JOIN r ON x.k = r.k',
    false,
  ],
  'of groups of groups': [
    'SELECT x.k, y.n FROM (SELECT k, COUNT(*) AS n FROM (SELECT k, i, COUNT(*) FROM l GROUP BY k, i) GROUP BY k) y LEFT JOIN r AS x ON x.k = y.k',
    false,
  ],
  'of a stream and its groups': [
    'SELECT x.v, y.n FROM l AS x LEFT JOIN (SELECT k, COUNT(*) AS n FROM l GROUP BY k) y ON x.k = y.k',
    true,
  ],
  'of groups and groups': [
    'SELECT x.k, x.n, y.m FROM (SELECT k, COUNT(*) AS n FROM l GROUP BY k) x FULL JOIN (SELECT k, SUM(v) AS m FROM l WHERE i > 0 GROUP BY k) y ON x.k = y.k AND x.n > y.m',
    true,
  ],
};

test.each(Object.entries(ORDERED))('changes come in the order of one core, %s', async (_, [query, isForked]) => {
  await fc.assert(
    fc.asyncProperty(rows, how, async (l, drawn) => {
      const given = isForked ? { ...drawn, batchRows: 1 } : drawn;
      const text = `${SOURCES('skip')} CREATE SINK out AS ${query} EMIT CHANGES INTO STDOUT (format = 'json', changelog = 'weight');`;
      const { batchRows } = given;
      const one = await runPipeline({ text, input: { l, r: '' }, batchRows, isOnOneCore: true });
      const inputs = { l: { stdin: Buffer.from(l) }, r: { stdin: Buffer.from('') } };
      const several = await runOnCores({ ...given, text, inputs });
      expect(exchangeableOf(one.plan)).not.toEqual([]);
      expect(several.error).toBeNull();
      expect(several.output).toBe(one.output);
    }),
    { numRuns: RUNS, examples: [[EXCHANGED[0], EXCHANGED[2]]] },
  );
});

test.each([
  'SELECT l.k, l.v, r.v AS w FROM l LEFT JOIN r ON l.k = r.k',
  'SELECT l.k, l.v, g.n FROM l LEFT JOIN (SELECT k, COUNT(*) AS n FROM r GROUP BY k) g ON l.k = g.k',
])('rows are let go after state_ttl by every core, and by none before: %s', async (query) => {
  const textFor = (ttl: string): string =>
    `SET state_ttl = '${ttl}'; ${SOURCES('skip')} CREATE SINK out AS ${query} EMIT CHANGES INTO STDOUT (format = 'json', changelog = 'weight');`;
  const [l, r] = [rowsOf('l'), rowsOf('r')];
  const inputs = { l: { stdin: Buffer.from(l) }, r: { stdin: Buffer.from(r) } };
  const given = { ...EXCHANGED[2], inputs, batchRows: 1 };
  const one = await runPipeline({ text: textFor('1h'), input: { l, r }, isOnOneCore: true, now: () => 0 });
  const kept = await runOnCores({ ...given, text: textFor('1h'), now: () => 0 });
  expect(table(kept)).toEqual(table(one));
  // An hour goes by whenever somebody looks.
  let now = 0;
  const gone = await runOnCores({ ...given, text: textFor('1s'), now: () => (now += 3_600_000) });
  expect(gone.error).toBeNull();
  expect(table(gone).length).toBeGreaterThan(0);
  expect(matches(gone)).toBeLessThan(matches(kept) / 2);
});

function rowsOf(name: string): string {
  const line = (n: number): string => `${JSON.stringify({ k: `${n % 7}`, i: n % 3, v: n, ts: n })}\n`;
  return Array.from({ length: name === 'l' ? 100 : 140 }, (_, n) => line(n)).join('');
}

/** Rows written with something of the other side. */
function matches({ output }: PipelineResult): number {
  return output.split('\n').filter((line) => /"[wn]":\d/.test(line)).length;
}

/** What the changes that were written add up to. @throws when a row goes that is not there */
function table({ output }: PipelineResult): string[] {
  const counts = new Map<string, number>();
  for (const line of output.split('\n')) {
    if (line === '') continue;
    const { op, ...one } = JSON.parse(line) as { op: string };
    const text = JSON.stringify(one);
    const count = (counts.get(text) ?? 0) + (op.startsWith('+') ? 1 : -1);
    if (count < 0) throw new Error(`${text} goes before it comes`);
    counts.set(text, count);
  }
  return [...counts].flatMap(([text, count]) => Array<string>(count).fill(text)).sort();
}

/** Updates of which only one half is next to the other. */
function halves({ output }: PipelineResult): number {
  const ops = output.split('\n').map((line) => line.slice(7, 9));
  return ops.filter((op, n) => (op === '-U' && ops[n + 1] !== '+U') || (op === '+U' && ops[n - 1] !== '-U')).length;
}

function late({ progress }: PipelineResult): number[] {
  return progress.operators.map((operator) => operator.late);
}

function sorted({ output }: PipelineResult): string[] {
  return output.split('\n').sort();
}
