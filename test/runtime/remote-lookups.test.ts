// Lookups in a table elsewhere: what is asked, when, what is kept of the answers, and that nothing overtakes anything.

import { describe, expect, test } from 'vitest';
import type { TakenSnapshot } from '../../src/runtime/checkpointer.ts';
import { FakeTable } from '../support/fake-table.ts';
import { FedReader } from '../support/fed-reader.ts';
import { preparePipeline, runPipeline } from '../support/pipeline.ts';

const table = (options = '') =>
  `CREATE LOOKUP TABLE t (id BIGINT, name VARCHAR, PRIMARY KEY (id)) FROM POSTGRES (table = 't'${options});`;
const STREAM = "CREATE SOURCE s (n BIGINT, k BIGINT) FROM FILE (path = 'x', format = 'json');";
const LEFT = 'SELECT s.n, t.name FROM s LEFT JOIN t ON s.k = t.id;';
const INNER = 'SELECT s.n, t.name FROM s JOIN t ON s.k = t.id;';
const rows = (...keys: number[]) => Object.fromEntries(keys.map((id) => [id, { id, name: `name ${id}` }]));

const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function fed(text: string, remote: FakeTable, batchRows?: number) {
  const s = new FedReader();
  const clock = { now: 1_000_000 };
  const notices: string[] = [];
  const { core, outputs, telemetry } = await preparePipeline({
    text,
    readers: { s: () => [s] },
    openTable: () => remote,
    now: () => clock.now,
    notify: (notice) => notices.push(notice),
    ...(batchRows === undefined ? {} : { batchRows }),
  });
  const turn = () => {
    for (let i = 0; i < 4; i++) core.turn();
    return parse(Buffer.concat(Object.values(outputs)[0] ?? []).toString());
  };
  return { s, clock, notices, turn, core, telemetry };
}

/** Runs to the end over rows `{n, k}` with these keys. */
async function run(remote: FakeTable, query: string, keys: readonly (number | null)[], options = '', batchRows = 4) {
  const text = `CREATE SOURCE s (n BIGINT, k BIGINT); ${table(options)} ${query}`;
  const input = keys.map((k, n) => `${JSON.stringify({ n, k })}\n`).join('');
  const { output, error } = await runPipeline({ text, input, batchRows, openTable: () => remote });
  return { rows: parse(output), error };
}

describe('rows', () => {
  const keys = [1, 2, null, 1, 9, 2, 3, 3, 9, 1];
  const names = keys.map((k, n) => ({ n, name: k === null || k === 9 ? null : `name ${k}` }));

  test.each([
    true,
    false,
  ])('come out in their order, with NULLs where there is none or the key is NULL (%s)', async (prompt) => {
    const remote = new FakeTable(rows(1, 2, 3), prompt);
    expect(await run(remote, LEFT, keys)).toEqual({ rows: names, error: null });
    expect(remote.asked.flat(2).sort()).toEqual(['1', '2', '3', '9']);
    expect(remote.isClosed).toBe(true);
  });

  test.each([true, false])('without a match are left out of an inner join (%s)', async (prompt) => {
    const remote = new FakeTable(rows(1, 2, 3), prompt);
    expect((await run(remote, INNER, keys)).rows).toEqual(names.filter(({ name }) => name !== null));
  });

  test('with text and NULLs are kept whole while they wait', async () => {
    const text = `CREATE SOURCE s (a VARCHAR, k BIGINT, d DOUBLE, b BOOLEAN, i INTEGER, tags VARCHAR[]); ${table()}
      SELECT a, d, b, i, tags, t.name FROM s LEFT JOIN t ON s.k = t.id AND t.name <> s.a;`;
    const input = Array.from({ length: 50 }, (_, n) => ({
      a: n % 5 === 0 ? null : 'é'.repeat(n),
      k: n % 7,
      d: n % 3 === 0 ? null : n / 2,
      b: n % 2 === 0,
      i: n % 4 === 0 ? null : n,
      tags: n % 6 === 0 ? null : ['x', null, `tag ${n}`],
    }));
    const remote = new FakeTable(rows(0, 1, 2, 3), false);
    const { output, error } = await runPipeline({
      text,
      input: input.map((row) => `${JSON.stringify(row)}\n`).join(''),
      batchRows: 7,
      openTable: () => remote,
    });
    expect(error).toBeNull();
    const name = (row: (typeof input)[number]) => (row.k < 4 && row.a !== null ? `name ${row.k}` : null);
    expect(parse(output)).toEqual(input.map(({ k, ...row }) => ({ ...row, name: name({ ...row, k }) })));
  });

  test('of a stream that changes are taken back as they came out, whatever the table says by then', async () => {
    const text = `CREATE SOURCE s (n BIGINT, k BIGINT, PRIMARY KEY (n)); ${table(", ttl = '1ms'")} ${INNER}`;
    const remote = new FakeTable(rows(1, 2), false);
    const input = [1, 2, 9, 1].map((k) => `${JSON.stringify({ n: 0, k })}\n`).join('');
    const { output } = await runPipeline({ text, input, batchRows: 1, openTable: () => remote });
    expect(parse(output)).toEqual([
      { op: '+I', n: 0, name: 'name 1' },
      { op: '-D', n: 0, name: 'name 1' },
      { op: '+I', n: 0, name: 'name 2' },
      { op: '-D', n: 0, name: 'name 2' },
      { op: '+I', n: 0, name: 'name 1' },
    ]);
  });

  test('of two keys are asked for by both', async () => {
    const text = `CREATE SOURCE s (a VARCHAR, b INTEGER);
      CREATE LOOKUP TABLE t (x INTEGER, y VARCHAR, v DOUBLE, PRIMARY KEY (y, x)) FROM POSTGRES (table = 't');
      SELECT s.a, s.b, t.v FROM s LEFT JOIN t ON t.x = s.b AND t.y = s.a;`;
    const remote = new FakeTable({ 'p|1': { x: 1, y: 'p', v: 0.5 }, 'q|2': { x: 2, y: 'q', v: null } });
    const input = '{"a":"p","b":1}\n{"a":"q","b":2}\n{"a":"p","b":2}\n{"a":null,"b":2}\n';
    const { output } = await runPipeline({ text, input, openTable: () => remote });
    expect(parse(output).map(({ v }) => v)).toEqual([0.5, null, null, null]);
    expect(remote.asked).toEqual([
      [
        ['p', '1'],
        ['q', '2'],
        ['p', '2'],
      ],
    ]);
  });
});

describe('what waits', () => {
  test('does not keep the core from reading on, and comes out in order when the answer is there', async () => {
    const remote = new FakeTable(rows(1, 2, 3), false);
    const { s, turn, core, telemetry } = await fed(`${STREAM} ${table()} ${LEFT}`, remote);
    s.feed({ n: 0, k: 1 });
    expect(turn()).toEqual([]);
    s.feed({ n: 1, k: 2 }, { n: 2, k: 1 });
    expect(turn()).toEqual([]);
    s.feed({ n: 3, k: 1 });
    turn();
    expect(core.parts.remotes.isWaiting).toBe(true);
    const lookup = () => telemetry.progress(0).operators.find(({ cache }) => cache !== null)?.cache;
    expect(lookup()).toMatchObject({ waiting: 4, asking: 2 });
    remote.answer();
    expect(turn()).toEqual([{ n: 0, name: 'name 1' }]);
    remote.answer();
    expect(turn().map(({ n }) => n)).toEqual([0, 1, 2, 3]);
    s.feed({ n: 4, k: 2 });
    expect(turn().at(-1)).toEqual({ n: 4, name: 'name 2' });
    expect(core.parts.remotes.isWaiting).toBe(false);
    expect(lookup()).toMatchObject({ waiting: 0, asking: 0 });
  });

  test('gathers keys for the next question while two are on their way', async () => {
    const remote = new FakeTable({}, false);
    const { s, turn } = await fed(`${STREAM} ${table(', batch_size = 3')} ${LEFT}`, remote);
    for (let k = 0; k < 9; k++) {
      s.feed({ n: k, k });
      turn();
    }
    expect(remote.asked.map((question) => question.length)).toEqual([1, 1]);
    remote.answer();
    turn();
    expect(remote.asked.map((question) => question.length)).toEqual([1, 1, 3]);
  });

  test('stops the sources when it is too much, and lets them go on', async () => {
    const remote = new FakeTable({}, false);
    const { s, turn, core } = await fed(`${STREAM} ${table()} ${LEFT}`, remote, 1);
    for (let n = 0; n < 200; n++) s.feed({ n, k: n });
    for (let i = 0; i < 100; i++) turn();
    expect(core.parts.remotes.isShut).toBe(true);
    expect(remote.asked.flat().length).toBeLessThan(64);
    for (let i = 0; i < 400; i++) {
      remote.answer();
      turn();
    }
    expect(turn().map(({ n }) => n)).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });

  test('holds the watermark back: a window closes when its rows are there', async () => {
    const text = `CREATE SOURCE s (k BIGINT, ts TIMESTAMP, WATERMARK FOR ts) FROM FILE (path = 'x', format = 'json');
      ${table()} SELECT t.name, window_end, COUNT(*) AS n FROM s JOIN t ON s.k = t.id
      GROUP BY t.name, TUMBLE(s.ts, INTERVAL '1' SECOND);`;
    const remote = new FakeTable(rows(1), false);
    const { s, turn } = await fed(text, remote);
    s.feed({ k: 1, ts: 100 });
    turn();
    s.feed({ k: 1, ts: 200 }, { k: 1, ts: 5000 });
    expect(turn()).toEqual([]);
    remote.answer();
    expect(turn()).toEqual([{ name: 'name 1', window_end: '1970-01-01T00:00:01Z', n: 2 }]);
  });
});

test('a checkpoint waits until nothing waits, and nothing is read meanwhile', async () => {
  const remote = new FakeTable(rows(1, 2), false);
  const s = new FedReader();
  const taken: TakenSnapshot[] = [];
  const { core, control, outputs } = await preparePipeline({
    text: `${STREAM} ${table()} ${LEFT}`,
    readers: { s: () => [s] },
    openTable: () => remote,
    durable: { give: (snapshot) => taken.push(snapshot), restored: null, logs: null },
  });
  const turn = () => {
    core.turn();
    core.checkpoint();
  };
  s.feed({ n: 0, k: 1 });
  for (let i = 0; i < 3; i++) turn();
  control.askForCheckpoint(1);
  turn();
  s.feed({ n: 1, k: 2 });
  for (let i = 0; i < 3; i++) turn();
  expect([taken.length, remote.asked.length]).toEqual([0, 1]);
  remote.answer();
  for (let i = 0; i < 3; i++) turn();
  expect(taken.map(({ asked }) => asked)).toEqual([1]);
  expect(parse(Buffer.concat(Object.values(outputs)[0] ?? []).toString())).toEqual([{ n: 0, name: 'name 1' }]);
  for (let i = 0; i < 3; i++) turn();
  expect(remote.asked.length).toBe(2);
});

describe('the cache', () => {
  test('has a row for its TTL, and asks again when it is older', async () => {
    const remote = new FakeTable(rows(1));
    const { s, clock, turn } = await fed(`${STREAM} ${table(", ttl = '300s'")} ${LEFT}`, remote);
    s.feed({ n: 0, k: 1 });
    turn();
    remote.rows.set('1', { id: 1, name: 'new' });
    clock.now += 300_000;
    s.feed({ n: 1, k: 1 });
    turn();
    clock.now += 1;
    s.feed({ n: 2, k: 1 }, { n: 3, k: 1 });
    expect(turn().map(({ name }) => name)).toEqual(['name 1', 'name 1', 'new', 'new']);
    expect(remote.asked.length).toBe(2);
  });

  test('remembers for a while that there is no row', async () => {
    const remote = new FakeTable({});
    const { s, clock, turn } = await fed(`${STREAM} ${table(", negative_ttl = '1s'")} ${LEFT}`, remote);
    s.feed({ n: 0, k: 1 });
    turn();
    remote.rows.set('1', { id: 1, name: 'there' });
    clock.now += 1000;
    s.feed({ n: 1, k: 1 });
    turn();
    clock.now += 1;
    s.feed({ n: 2, k: 1 });
    expect(turn().map(({ name }) => name)).toEqual([null, null, 'there']);
  });

  test('does not remember it when it is told not to', async () => {
    const remote = new FakeTable({});
    const { s, turn } = await fed(`${STREAM} ${table(", negative_ttl = '0s'")} ${LEFT}`, remote);
    for (let n = 0; n < 3; n++) {
      s.feed({ n, k: 1 });
      turn();
    }
    expect(remote.asked.length).toBe(3);
  });

  test('is as large as it is said to be, keeps what is used, and gives the right rows in any case', async () => {
    const keys = Array.from({ length: 3000 }, (_, n) => (n % 3 === 0 ? 7 : (n * 7919) % 500));
    const remote = new FakeTable(rows(...Array.from({ length: 400 }, (_, k) => k)), false);
    const names = keys.map((k, n) => ({ n, name: k < 400 ? `name ${k}` : null }));
    expect((await run(remote, LEFT, keys, ', cache_size = 20', 64)).rows).toEqual(names);
    // The one that is always wanted is asked for hardly ever again.
    expect(remote.asked.flat(2).filter((key) => key === '7').length).toBeLessThan(10);
    const small = new FakeTable(rows(...Array.from({ length: 400 }, (_, k) => k)), false);
    expect((await run(small, LEFT, keys, ", cache_size = 1, ttl = '1ms'", 5)).rows).toEqual(names);
  });

  test('gives memory back', async () => {
    const remote = new FakeTable(rows(...Array.from({ length: 5000 }, (_, k) => k)));
    const { s, turn, core } = await fed(`${STREAM} ${table(', cache_size = 100')} ${LEFT}`, remote);
    const sizes: number[] = [];
    for (let round = 0; round < 20; round++) {
      s.feed(...Array.from({ length: 500 }, (_, n) => ({ n, k: (round * 500 + n) % 5000 })));
      turn();
      sizes.push(core.parts.memory.kernels.allocatedBytes());
    }
    expect(Math.max(...sizes.slice(5))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 5)) + 4096);
  });
});

describe('a server that does not answer', () => {
  const failure = { code: 'LMN-5060', message: 'lookup table t: gone' } as const;

  test('ends the run, after the rows before', async () => {
    const remote = new FakeTable(rows(1));
    const { s, turn, core } = await fed(`${STREAM} ${table()} ${LEFT}`, remote);
    s.feed({ n: 0, k: 1 });
    expect(turn()).toEqual([{ n: 0, name: 'name 1' }]);
    remote.failure = failure;
    s.feed({ n: 1, k: 2 });
    expect(() => {
      for (let i = 0; i < 9; i++) core.turn();
    }).toThrow('lookup table t: gone');
  });

  test.each([
    ['null', LEFT, [0, 1, 2]],
    ['null', INNER, [0, 2]],
    ['skip', LEFT, [0, 2]],
  ])('with on_error = %s: %s', async (policy, query, expected) => {
    const remote = new FakeTable(rows(1, 2));
    const { s, turn, telemetry } = await fed(`${STREAM} ${table(`, on_error = '${policy}'`)} ${query}`, remote);
    s.feed({ n: 0, k: 1 });
    turn();
    remote.failure = failure;
    s.feed({ n: 1, k: 2 });
    turn();
    remote.failure = null;
    s.feed({ n: 2, k: 2 });
    expect(turn().map(({ n }) => n)).toEqual(expected);
    // It is asked for again, and not taken for missing.
    expect(turn().at(-1)).toEqual({ n: 2, name: 'name 2' });
    expect(telemetry.progress(0).sources.find(({ name }) => name === 't')?.rejected).toBe(1);
  });

  test('before the first row ends the run at once', async () => {
    const remote = new FakeTable({});
    remote.take = () => ({ kind: 'failed', error: failure });
    expect((await run(remote, LEFT, [1])).error?.message).toBe('lookup table t: gone');
  });
});

describe('declarations', () => {
  const refused = async (text: string) => {
    const { plan } = await preparePipeline({ text: `CREATE SOURCE s (k BIGINT); ${text}`, input: '' }).catch((e) => ({
      plan: e,
    }));
    return (plan as Error).message;
  };

  test('say a table or a query, and a key that can be asked for', async () => {
    const from = (options: string, key = 'id BIGINT') =>
      `CREATE LOOKUP TABLE t (${key}, name VARCHAR, PRIMARY KEY (id)) FROM POSTGRES (${options}); SELECT s.k FROM s;`;
    expect(await refused(from("url = 'postgres://h/d'"))).toContain('neither a table nor a query');
    expect(await refused(from("table = 't', query = 'SELECT 1'"))).toContain('a table and a query');
    expect(await refused(from("table = 't'", 'id VARCHAR[]'))).toContain('rows cannot be asked for by id VARCHAR[]');
    expect(await refused(from("table = 't'", "id JSON FROM '$'"))).toContain('column id is the whole record');
    expect(await refused(from("table = 't', format = 'csv'"))).toContain('no option format');
  });
});
