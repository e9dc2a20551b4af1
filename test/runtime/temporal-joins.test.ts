// Temporal joins from end to end: which version a row gets, what deletions and updates do, when versions are given up, and
// what a table is as of now.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FedReader } from '../support/fed-reader.ts';
import { BytesReader, preparePipeline, runPipeline } from '../support/pipeline.ts';

const lines = (rows: readonly object[]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const LEFT =
  "CREATE SOURCE l (n BIGINT, k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts) FROM FILE (path = 'x', format = 'json');";
const right = (key = '', options = '') =>
  `CREATE SOURCE r (k VARCHAR, v VARCHAR, ts TIMESTAMP, WATERMARK FOR ts${key}) FROM FILE (path = 'x', format = 'json'${options});`;
const JOINED = 'SELECT l.n, r.v FROM l LEFT JOIN r FOR SYSTEM_TIME AS OF l.ts ON l.k = r.k;';

async function join(text: string, l: readonly object[], r: readonly object[]) {
  const readers = { l: () => [new BytesReader(lines(l))], r: () => [new BytesReader(lines(r))] };
  const result = await runPipeline({ text, readers });
  expect(result.error).toBeNull();
  return parse(result.output).map(({ v }) => v);
}

/** A row of the stream at each of these times. */
const at = (...times: number[]) => times.map((ts, n) => ({ n, k: 'x', ts }));
const version = (v: string, ts: number, more: object = {}) => ({ k: 'x', v, ts, ...more });

describe('as of event time', () => {
  const versions = [version('v100', 100), version('v200', 200), version('v300', 300)];

  test('a row gets the version that was valid, and none before the first', async () => {
    expect(await join(`${LEFT} ${right()} ${JOINED}`, at(99, 100, 150, 250, 350), versions)).toEqual([
      null,
      'v100',
      'v100',
      'v200',
      'v300',
    ]);
  });

  test('of versions of one time the last to come counts', async () => {
    const twice = [version('a', 100), version('b', 100)];
    expect(await join(`${LEFT} ${right()} ${JOINED}`, at(100, 150), twice)).toEqual(['b', 'b']);
  });

  test('a table by key is versioned by event time, and a deletion ends a version', async () => {
    const records = [version('a', 100), { op: '-D', k: 'x', ts: 200 }, version('b', 300)];
    const source = right(', PRIMARY KEY (k)', ", changelog = 'upsert'");
    expect(await join(`${LEFT} ${source} ${JOINED}`, at(150, 200, 299, 300), records)).toEqual(['a', null, null, 'b']);
  });

  test('versions out of order within the delay are put in order', async () => {
    const source = right().replace('WATERMARK FOR ts', "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND");
    const mixed = [version('v300', 300), version('v100', 100), version('v200', 200)];
    expect(await join(`${LEFT} ${source} ${JOINED}`, at(150, 250, 350), mixed)).toEqual(['v100', 'v200', 'v300']);
  });

  test('an update that moves a row to another key ends the version of the old one', async () => {
    const records = [
      version('a', 100, { op: '+I' }),
      version('a', 100, { op: '-U' }),
      { op: '+U', k: 'y', v: 'a', ts: 200 },
      { op: '-U', k: 'y', v: 'a', ts: 200 },
      { op: '+U', k: 'y', v: 'b', ts: 300 },
    ];
    const text = `${LEFT} ${right('', ", changelog = 'weight'")} ${JOINED}`;
    expect(await join(text, at(150, 199, 200, 250), records)).toEqual(['a', 'a', null, null]);
    const y = at(150, 200, 299, 300).map((row) => ({ ...row, k: 'y' }));
    expect(await join(text, y, records)).toEqual([null, 'a', 'a', 'b']);
  });

  test('what ON asks besides is asked of the version, not of those before it', async () => {
    const text = `${LEFT} ${right()} ${JOINED.replace(';', " AND r.v <> 'v200';")}`;
    expect(await join(text, at(150, 250, 350), versions)).toEqual(['v100', null, 'v300']);
  });

  test('VERSIONED ON says which time', async () => {
    const text = `${LEFT} CREATE SOURCE r (k VARCHAR, v VARCHAR, ts TIMESTAMP, since TIMESTAMP, WATERMARK FOR ts)
      FROM FILE (path = 'x', format = 'json');
      SELECT l.n, r.v FROM l LEFT JOIN r FOR SYSTEM_TIME AS OF l.ts VERSIONED ON since AS r ON l.k = r.k;`;
    const rows = [version('a', 900, { since: 100 }), version('b', 901, { since: 200 })];
    expect(await join(text, at(150, 250), rows)).toEqual(['a', 'b']);
  });

  test('windows follow the time of the left side', async () => {
    const text = `${LEFT} ${right()} SELECT r.v, COUNT(*) AS n FROM l JOIN r FOR SYSTEM_TIME AS OF l.ts ON l.k = r.k
      GROUP BY r.v, TUMBLE(l.ts, INTERVAL '1' SECOND);`;
    const readers = {
      l: () => [new BytesReader(lines(at(150, 250, 1150, 1250)))],
      r: () => [new BytesReader(lines([version('a', 100), version('b', 1200)]))],
    };
    const { output } = await runPipeline({ text, readers });
    expect(parse(output)).toEqual([
      { v: 'a', n: 2 },
      { v: 'a', n: 1 },
      { v: 'b', n: 1 },
    ]);
  });

  test('one version of each key is kept, and deleted keys are not', async () => {
    const [l, r] = [new FedReader(), new FedReader()];
    const text = `${LEFT} ${right(', PRIMARY KEY (k)', ", changelog = 'upsert'")} ${JOINED}`;
    const { core } = await preparePipeline({ text, readers: { l: () => [l], r: () => [r] } });
    const bytes: number[] = [];
    for (let round = 0; round < 60; round++) {
      const keys = Array.from({ length: 50 }, (_, n) => `k${n}`);
      r.feed(...keys.map((k) => ({ k, v: `version ${round}`, ts: round * 1000 })));
      if (round % 2 === 1) r.feed(...keys.map((k) => ({ op: '-D', k, ts: round * 1000 + 500 })));
      l.feed(...keys.map((k, n) => ({ n, k, ts: round * 1000 + n })));
      for (let i = 0; i < 6; i++) core.turn();
      bytes.push(core.parts.operators.reduce((sum, operator) => sum + operator.stateBytes(), 0));
    }
    expect(Math.max(...bytes.slice(10))).toBeLessThanOrEqual(Math.max(...bytes.slice(0, 10)));
  });
});

describe('as of now', () => {
  const NOW = 'SELECT l.n, r.v FROM l LEFT JOIN r FOR SYSTEM_TIME AS OF PROCTIME() ON l.k = r.k;';

  async function fed(text: string) {
    const [l, r] = [new FedReader(), new FedReader()];
    const { core, outputs } = await preparePipeline({ text, readers: { l: () => [l], r: () => [r] } });
    const turn = () => {
      for (let i = 0; i < 6; i++) core.turn();
      return parse(Buffer.concat(Object.values(outputs)[0] ?? []).toString()).map(({ v }) => v);
    };
    return { l, r, turn };
  }

  test('a row gets the last version that has come, whatever its time', async () => {
    const { l, r, turn } = await fed(`${LEFT} ${right()} ${NOW}`);
    l.feed(...at(1000));
    expect(turn()).toEqual([null]);
    r.feed(version('late', 5000), version('early', 1));
    turn();
    l.feed(...at(2));
    expect(turn()).toEqual([null, 'early']);
  });

  test('results of a query that change are a table, and rows that leave it are not found', async () => {
    const source = right('', ", changelog = 'weight'");
    const totals = `${LEFT} ${source} CREATE STREAM t AS SELECT k, COUNT(*) AS c FROM r GROUP BY k HAVING COUNT(*) > 1 EMIT CHANGES;`;
    const text = `${totals} SELECT l.n, t.c AS v FROM l LEFT JOIN t FOR SYSTEM_TIME AS OF PROCTIME() ON l.k = t.k;`;
    const { l, r, turn } = await fed(text);
    const changes = [['+I'], ['+I'], ['+I'], ['-D'], ['-D']];
    for (const [op] of changes) {
      r.feed(version('v', 1, { op }));
      turn();
      l.feed(...at(1));
      turn();
    }
    expect(turn()).toEqual([null, 2, 3, 2, null]);
  });

  test.each([
    '',
    ", changelog = 'upsert'",
  ])('random changes of a table by key are those of a map (%s)', async (options) => {
    const step = fc.record({
      isLeft: fc.boolean(),
      k: fc.nat(8).map((n) => `key ${'long '.repeat(n % 3)}${n}`),
      v: fc.nat(99).map(String),
      deletes: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { l, r, turn } = await fed(`${LEFT} ${right(', PRIMARY KEY (k)', options)} ${NOW}`);
        const table = new Map<string, string>();
        const expected: (string | null)[] = [];
        for (const { isLeft, k, v, deletes } of steps) {
          if (isLeft) {
            l.feed({ n: 1, k, ts: 1 });
            expected.push(table.get(k) ?? null);
          } else if (deletes && options !== '') {
            r.feed({ op: '-D', k, ts: 1 });
            table.delete(k);
          } else {
            r.feed({ k, v, ts: 1 });
            table.set(k, v);
          }
          turn();
        }
        expect(turn()).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe('of a left side that changes', () => {
  const TABLE =
    "CREATE SOURCE l (n BIGINT, k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts, PRIMARY KEY (n)) FROM FILE (path = 'x', format = 'json', changelog = 'upsert');";

  async function fed(text: string) {
    const [l, r] = [new FedReader(), new FedReader()];
    const { core, outputs } = await preparePipeline({ text, readers: { l: () => [l], r: () => [r] } });
    let seen = 0;
    const turn = (): object[] => {
      for (let i = 0; i < 6; i++) core.turn();
      const all = parse(Buffer.concat(Object.values(outputs)[0] ?? []).toString());
      const before = seen;
      seen = all.length;
      return all.slice(before);
    };
    const stateBytes = () => core.parts.operators.find(({ id }) => id.endsWith('.recall'))?.stateBytes() ?? -1;
    return { l, r, turn, stateBytes };
  }

  test.each([
    ['as it is now', `${TABLE} ${right()}`, 'FOR SYSTEM_TIME AS OF PROCTIME()'],
    ['as it is now, of a table by key', `${TABLE} ${right(', PRIMARY KEY (k)')}`, 'FOR SYSTEM_TIME AS OF PROCTIME()'],
  ])('what came out is taken back, though the table has changed: %s', async (_, sources, clause) => {
    const { l, r, turn, stateBytes } = await fed(`${sources} SELECT l.n, r.v FROM l JOIN r ${clause} ON l.k = r.k;`);
    r.feed(version('old', 1));
    turn();
    l.feed({ n: 1, k: 'x', ts: 1 }, { n: 2, k: 'gone', ts: 1 });
    expect(turn()).toEqual([{ op: '+I', n: 1, v: 'old' }]);
    r.feed(version('new', 2), { k: 'y', v: 'why', ts: 2 });
    expect(turn()).toEqual([]);
    l.feed({ n: 1, k: 'y', ts: 2 }, { n: 2, k: 'x', ts: 2 });
    expect(turn()).toEqual([
      { op: '-D', n: 1, v: 'old' },
      { op: '+I', n: 1, v: 'why' },
      { op: '+I', n: 2, v: 'new' },
    ]);
    l.feed({ n: 3, k: 'x', ts: 3 }, { n: 3, k: 'y', ts: 3 }, { op: '-D', n: 1, ts: 3 });
    expect(turn()).toEqual([
      { op: '-D', n: 1, v: 'why' },
      { op: '+I', n: 3, v: 'why' },
    ]);
    l.feed({ op: '-D', n: 2, ts: 4 }, { op: '-D', n: 3, ts: 4 });
    turn();
    l.feed({ op: '-D', n: 9, ts: 4 });
    turn();
    expect(stateBytes()).toBe(0);
  });

  test('an update long after the watermark takes back what its row has given', async () => {
    const text = `${TABLE} ${right()} SELECT l.n, r.v FROM l LEFT JOIN r FOR SYSTEM_TIME AS OF l.ts ON l.k = r.k;`;
    const { l, r, turn } = await fed(text);
    r.feed(version('v100', 100), version('v200', 200), version('v90000', 90_000));
    l.feed({ n: 1, k: 'x', ts: 150 }, { n: 2, k: 'z', ts: 60_000 });
    turn();
    l.feed({ n: 1, k: 'x', ts: 80_000 }, { n: 3, k: 'z', ts: 85_000 });
    expect(turn()).toEqual([
      { op: '-D', n: 1, v: 'v100' },
      { op: '+I', n: 2, v: null },
      { op: '+I', n: 1, v: 'v200' },
    ]);
  });
});
