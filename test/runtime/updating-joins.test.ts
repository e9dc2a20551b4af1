// Joins whose result changes, row by row: which changes each row makes, what is kept, and how long.

import { describe, expect, test } from 'vitest';
import { FedReader } from '../support/fed-reader.ts';
import { preparePipeline } from '../support/pipeline.ts';

const source = (name: string, form: string) =>
  `CREATE SOURCE ${name} (k BIGINT, n BIGINT) FROM FILE (path = 'x', format = 'json'${form});`;
const ROWS = '';
const CHANGES = ", changelog = 'weight'";

interface Fed {
  l: FedReader;
  r: FedReader;
  /** What has come out since the last time. */
  next(): string[];
  stateBytes(): number;
  clock: { now: number };
}

/** Two sources that are fed by hand, of rows or of changes, and what the query writes of them. */
async function fed(query: string, { left = ROWS, right = ROWS, settings = '' } = {}): Promise<Fed> {
  const l = new FedReader();
  const r = new FedReader();
  const clock = { now: 1_000_000 };
  const { core, outputs } = await preparePipeline({
    text: `${settings} ${source('l', left)} ${source('r', right)}
      CREATE SINK out AS ${query} INTO STDOUT (format = 'json', changelog = 'weight');`,
    readers: { l: () => [l], r: () => [r] },
    options: { maxMillis: null },
    now: () => clock.now,
  });
  let seen = 0;
  const next = () => {
    for (let i = 0; i < 6; i++) core.turn();
    const text = Buffer.concat(Object.values(outputs)[0] ?? []).toString();
    const lines = text.split('\n').slice(0, -1).slice(seen);
    seen += lines.length;
    return lines.map((line) => {
      const { op = '+I', ...row } = JSON.parse(line) as Record<string, unknown>;
      return `${op} ${Object.values(row)
        .map((value) => value ?? '-')
        .join(' ')}`;
    });
  };
  const stateBytes = () => core.parts.operators.find(({ id }) => id.endsWith('.join'))?.stateBytes() ?? 0;
  return { l, r, next, stateBytes, clock };
}

const PAIRS = 'SELECT l.k, l.n AS a, r.n AS b';

describe('rows that only come', () => {
  test('a left row is there without a match at once, and its first match is an update of it', async () => {
    const { l, r, next } = await fed(`${PAIRS} FROM l LEFT JOIN r ON l.k = r.k`);
    l.feed({ k: 1, n: 10 }, { k: null, n: 11 });
    expect(next()).toEqual(['+I 1 10 -', '+I - 11 -']);
    r.feed({ k: 2, n: 20 }, { k: null, n: 21 }, { k: 1, n: 22 }, { k: 1, n: 23 });
    expect(next()).toEqual(['-U 1 10 -', '+U 1 10 22', '+I 1 10 23']);
    l.feed({ k: 1, n: 12 }, { k: 2, n: 13 });
    expect(next()).toEqual(['+I 1 12 22', '+I 1 12 23', '+I 2 13 20']);
  });

  test('a condition decides what a match is', async () => {
    const { l, r, next } = await fed(`SELECT l.n AS a, r.n AS b FROM l FULL JOIN r ON l.k = r.k AND l.n < r.n`);
    l.feed({ k: 1, n: 10 });
    expect(next()).toEqual(['+I 10 -']);
    r.feed({ k: 1, n: 9 }, { k: 1, n: 11 });
    expect(next()).toEqual(['+I - 9', '-U 10 -', '+U 10 11']);
    l.feed({ k: 1, n: 8 });
    expect(next()).toEqual(['-U - 9', '+U 8 9', '+I 8 11']);
  });

  test('rows of an anti join go with their first match', async () => {
    const { l, r, next } = await fed('SELECT l.k, l.n AS a FROM l ANTI JOIN r ON l.k = r.k');
    l.feed({ k: 1, n: 10 }, { k: 2, n: 11 });
    expect(next()).toEqual(['+I 1 10', '+I 2 11']);
    r.feed({ k: 1, n: 20 }, { k: 1, n: 21 });
    expect(next()).toEqual(['-D 1 10']);
    l.feed({ k: 1, n: 12 }, { k: null, n: 13 });
    expect(next()).toEqual(['+I - 13']);
  });
});

describe('rows that come and go', () => {
  const both = { left: CHANGES, right: CHANGES };

  test('an update whose key stays is an update of each pair', async () => {
    const { l, r, next } = await fed(`${PAIRS} FROM l JOIN r ON l.k = r.k`, both);
    l.feed({ op: '+I', k: 1, n: 10 }, { op: '+I', k: 1, n: 11 });
    r.feed({ op: '+I', k: 1, n: 20 });
    expect(next()).toEqual(['+I 1 10 20', '+I 1 11 20']);
    r.feed({ op: '-U', k: 1, n: 20 }, { op: '+U', k: 1, n: 21 });
    expect(next()).toEqual(['-U 1 10 20', '+U 1 10 21', '-U 1 11 20', '+U 1 11 21']);
    r.feed({ op: '-U', k: 1, n: 21 }, { op: '+U', k: 2, n: 21 });
    expect(next()).toEqual(['-D 1 10 21', '-D 1 11 21']);
  });

  test('the last match that goes is an update to the row without one', async () => {
    const { l, r, next } = await fed(`${PAIRS} FROM l LEFT JOIN r ON l.k = r.k`, both);
    l.feed({ op: '+I', k: 1, n: 10 });
    r.feed({ op: '+I', k: 1, n: 20 }, { op: '+I', k: 1, n: 21 });
    expect(next()).toEqual(['+I 1 10 -', '-U 1 10 -', '+U 1 10 20', '+I 1 10 21']);
    r.feed({ op: '-D', k: 1, n: 20 });
    expect(next()).toEqual(['-D 1 10 20']);
    r.feed({ op: '-D', k: 1, n: 21 });
    expect(next()).toEqual(['-U 1 10 21', '+U 1 10 -']);
    l.feed({ op: '-U', k: 1, n: 10 }, { op: '+U', k: 3, n: 10 });
    expect(next()).toEqual(['-U 1 10 -', '+U 3 10 -']);
    l.feed({ op: '-D', k: 3, n: 10 });
    expect(next()).toEqual(['-D 3 10 -']);
  });

  test('an update that changes what a condition says takes pairs before it gives others', async () => {
    const { l, r, next } = await fed(`${PAIRS} FROM l LEFT JOIN r ON l.k = r.k AND r.n > l.n`, both);
    r.feed({ op: '+I', k: 1, n: 20 }, { op: '+I', k: 1, n: 30 });
    next();
    l.feed({ op: '+I', k: 1, n: 25 });
    expect(next()).toEqual(['+I 1 25 30']);
    l.feed({ op: '-U', k: 1, n: 25 }, { op: '+U', k: 1, n: 10 });
    expect(next()).toEqual(['-U 1 25 30', '+U 1 10 30', '+I 1 10 20']);
    l.feed({ op: '-U', k: 1, n: 10 }, { op: '+U', k: 1, n: 40 });
    expect(next()).toEqual(['-D 1 10 20', '-D 1 10 30', '+I 1 40 -']);
    l.feed({ op: '-U', k: 1, n: 40 }, { op: '+U', k: 1, n: 22 });
    expect(next()).toEqual(['-U 1 40 -', '+U 1 22 30']);
  });

  test('a deletion that comes before its row waits for it', async () => {
    const { l, r, next } = await fed(`${PAIRS} FROM l JOIN r ON l.k = r.k`, both);
    r.feed({ op: '+I', k: 1, n: 20 });
    l.feed({ op: '-D', k: 1, n: 10 }, { op: '+I', k: 1, n: 11 });
    expect(next()).toEqual(['+I 1 11 20']);
    l.feed({ op: '+I', k: 1, n: 10 }, { op: '+I', k: 1, n: 10 });
    expect(next()).toEqual(['+I 1 10 20']);
  });

  test.each(['JOIN', 'LEFT JOIN', 'FULL JOIN'])('rows that are gone leave nothing behind: %s', async (kind) => {
    const { l, r, next, stateBytes } = await fed(`SELECT l.n AS a, r.n AS b FROM l ${kind} r ON l.k = r.k`, both);
    next();
    const rows = (op: string) => Array.from({ length: 500 }, (_, n) => ({ op, k: n % 50 === 0 ? null : n % 40, n }));
    l.feed(...rows('+I'));
    r.feed(...rows('+I'));
    expect(next().length).toBeGreaterThan(5000);
    expect(stateBytes()).toBeGreaterThan(50_000);
    l.feed(...rows('-D'));
    r.feed(...rows('-D'));
    expect(next().length).toBeGreaterThan(5000);
    // Hash tables keep the size that they have grown to.
    expect(stateBytes()).toBeLessThan(12_000);
  });
});

describe('state_ttl', () => {
  const settings = "SET state_ttl = '10s';";

  test('lets rows go by the clock, and what they gave stays', async () => {
    const { l, r, next, clock } = await fed(`${PAIRS} FROM l LEFT JOIN r ON l.k = r.k`, {
      settings,
      left: CHANGES,
      right: CHANGES,
    });
    r.feed({ op: '+I', k: 1, n: 20 });
    next();
    l.feed({ op: '+I', k: 1, n: 10 });
    expect(next()).toEqual(['+I 1 10 20']);
    clock.now += 6000;
    l.feed({ op: '+I', k: 1, n: 11 });
    expect(next()).toEqual(['+I 1 11 20']);
    clock.now += 6000;
    // The first rows of both sides are gone.
    r.feed({ op: '-D', k: 1, n: 20 }, { op: '+I', k: 1, n: 21 });
    expect(next()).toEqual(['+I 1 11 21']);
    l.feed({ op: '-D', k: 1, n: 10 }, { op: '+I', k: 1, n: 12 });
    expect(next()).toEqual(['+I 1 12 21']);
  });

  test.each(['JOIN', 'LEFT JOIN', 'SEMI JOIN'])('bounds the state of rows that only come: %s', async (kind) => {
    const { l, r, next, stateBytes, clock } = await fed(`SELECT l.n AS a FROM l ${kind} r ON l.k = r.k`, { settings });
    let most = 0;
    for (let i = 0; i < 40; i++) {
      const rows = Array.from({ length: 20 }, (_, j) => ({ k: i * 20 + j, n: j }));
      l.feed(...rows);
      if (i % 2 === 0) r.feed(...rows);
      next();
      clock.now += 1000;
      most = Math.max(most, stateBytes());
    }
    // 11 times 40 rows of 64 bytes, their keys, and tables.
    expect(most).toBeLessThan(90_000);
    clock.now += 20_000;
    next();
    expect(stateBytes()).toBeLessThan(9000);
  });

  test('rows that only come have no matches after their time', async () => {
    const { l, r, next, clock } = await fed(`${PAIRS} FROM l JOIN r ON l.k = r.k`, { settings });
    l.feed({ k: 1, n: 10 }, { k: 2, n: 11 });
    next();
    clock.now += 9_999;
    r.feed({ k: 1, n: 20 });
    expect(next()).toEqual(['+I 1 10 20']);
    clock.now += 1000;
    next();
    r.feed({ k: 2, n: 21 });
    expect(next()).toEqual([]);
  });
});
