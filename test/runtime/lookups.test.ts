// Lookup joins from end to end: when the table is read, what happens when its file changes, what a broken one does.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FedReader } from '../support/fed-reader.ts';
import { preparePipeline, runPipeline } from '../support/pipeline.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-lookups-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const STREAM = "CREATE SOURCE s (id BIGINT, k VARCHAR) FROM FILE (path = 'x', format = 'json');";
const table = (file: string, options = '') =>
  `CREATE LOOKUP TABLE t (k VARCHAR, name VARCHAR, PRIMARY KEY (k)) FROM FILE (path = '${file}'${options});`;
const JOINED = 'SELECT s.id, t.name FROM s LEFT JOIN t ON s.k = t.k;';

let files = 0;
/** A new file with this content. */
function file(content: string, ending = 'csv'): string {
  const name = path.join(folder, `t${files++}.${ending}`);
  fs.writeFileSync(name, content);
  return name;
}

const parse = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function fed(text: string) {
  const s = new FedReader();
  const clock = { now: 1_000_000 };
  const notices: string[] = [];
  const { core, outputs } = await preparePipeline({
    text,
    readers: { s: () => [s] },
    now: () => clock.now,
    notify: (notice) => notices.push(notice),
  });
  const turn = () => {
    for (let i = 0; i < 4; i++) core.turn();
    return parse(Buffer.concat(Object.values(outputs)[0] ?? []).toString());
  };
  return { s, clock, notices, turn, core };
}

test('the table is read before the first row of the stream', async () => {
  const rows = Array.from({ length: 5000 }, (_, n) => `k${n},name ${n}`);
  const { s, turn } = await fed(`${STREAM} ${table(file(`k,name\n${rows.join('\n')}\n`))} ${JOINED}`);
  s.feed({ id: 1, k: 'k4999' }, { id: 2, k: 'k5000' });
  expect(turn()).toEqual([
    { id: 1, name: 'name 4999' },
    { id: 2, name: null },
  ]);
});

test('two joins look into one table, each by a key of its own', async () => {
  const text = `CREATE SOURCE s (id BIGINT, a VARCHAR, b VARCHAR); ${table(file('k,name\nx,ex\ny,why\n'))}
    SELECT s.id, p.name AS p, q.name AS q FROM s JOIN t p ON s.a = p.k LEFT JOIN t q ON q.k = s.b;`;
  const input = '{"id":1,"a":"x","b":"y"}\n{"id":2,"a":"y","b":null}\n{"id":3,"b":"x"}\n';
  expect(parse((await runPipeline({ text, input })).output)).toEqual([
    { id: 1, p: 'ex', q: 'why' },
    { id: 2, p: 'why', q: null },
  ]);
});

test('windows behind a lookup close by the watermark of the stream', async () => {
  const text = `CREATE SOURCE s (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts); ${table(file('k,name\nx,ex\ny,ex\n'))}
    SELECT t.name, window_end, COUNT(*) AS n FROM s JOIN t USING (k) GROUP BY t.name, TUMBLE(s.ts, INTERVAL '1' SECOND);`;
  const rows = [0, 500, 900, 1500, 800, 2500].map((ts, n) => ({ k: n % 2 === 0 ? 'x' : 'y', ts }));
  const result = await runPipeline({ text, input: rows.map((row) => JSON.stringify(row)).join('\n') });
  expect(parse(result.output).map(({ n }) => n)).toEqual([3, 1, 1]);
});

test('changes of the stream are looked up as rows are, and updates that make no difference are left out', async () => {
  const text = `CREATE SOURCE s (id BIGINT, k VARCHAR, PRIMARY KEY (id)); ${table(file('k,name\nx,ex\ny,ex\nz,zed\n'))}
    CREATE SINK out AS SELECT s.id, t.name FROM s JOIN t ON s.k = t.k INTO STDOUT (changelog = 'weight');`;
  const rows = ['x', 'y', 'z', 'gone', 'z'].map((k) => JSON.stringify({ id: 1, k }));
  const { output } = await runPipeline({ text, input: rows.join('\n') });
  expect(parse(output)).toEqual([
    { op: '+I', id: 1, name: 'ex' },
    { op: '-U', id: 1, name: 'ex' },
    { op: '+U', id: 1, name: 'zed' },
    { op: '-D', id: 1, name: 'zed' },
    { op: '+I', id: 1, name: 'zed' },
  ]);
});

test('a table may be a pattern of files, compressed or not, and other formats', async () => {
  const name = path.join(folder, 'many');
  fs.mkdirSync(name);
  fs.writeFileSync(path.join(name, 'a.ndjson'), '{"k":"x","name":"first"}\n{"k":"y","name":"second"}\n');
  fs.writeFileSync(path.join(name, 'b.ndjson'), '{"k":"y","name":"last"}\n');
  const text = `CREATE SOURCE s (id BIGINT, k VARCHAR); ${table(`${name}/*.ndjson`)} ${JOINED}`;
  const { output } = await runPipeline({ text, input: '{"id":1,"k":"x"}\n{"id":2,"k":"y"}\n' });
  expect(parse(output).map((row) => row.name)).toEqual(['first', 'last']);
});

test('a record that is no row of the table ends the run, or is left out', async () => {
  const name = file('k,name\nx,ex\n,nobody\n');
  const text = (options: string) => `CREATE SOURCE s (id BIGINT, k VARCHAR); ${table(name, options)} ${JOINED}`;
  const input = '{"id":1,"k":"x"}\n';
  const failed = await runPipeline({ text: text(''), input });
  expect(failed.error?.message).toContain('column k (VARCHAR) is NULL');
  const skipped = await runPipeline({ text: text(", on_error = 'skip'"), input });
  expect(parse(skipped.output)).toEqual([{ id: 1, name: 'ex' }]);
});

describe('a file that changes', () => {
  const refreshed = (name: string, options = ", refresh = '1s'") => fed(`${STREAM} ${table(name, options)} ${JOINED}`);
  /** Looks twice: a change counts once it has come to rest. */
  async function look({ clock, turn }: Awaited<ReturnType<typeof fed>>, millis = 1000) {
    for (let i = 0; i < 2; i++) {
      clock.now += millis;
      turn();
    }
  }

  test('is read again, and rows that are gone are no longer found', async () => {
    const name = file('k,name\nx,old\ny,gone\n');
    const run = await refreshed(name);
    run.s.feed({ id: 1, k: 'x' }, { id: 2, k: 'y' });
    run.turn();
    fs.writeFileSync(name, 'k,name\nx,new one\n');
    await look(run);
    run.s.feed({ id: 3, k: 'x' }, { id: 4, k: 'y' });
    expect(run.turn().map((row) => row.name)).toEqual(['old', 'gone', 'new one', null]);
  });

  test('is not read while it is still changing, nor before the time', async () => {
    const name = file('k,name\nx,old\n');
    const run = await refreshed(name);
    run.turn();
    fs.writeFileSync(name, 'k,name\nx,ne');
    run.clock.now += 1000;
    run.turn();
    fs.writeFileSync(name, 'k,name\nx,newer\n');
    run.clock.now += 1000;
    run.turn();
    run.s.feed({ id: 1, k: 'x' });
    expect(run.turn().map((row) => row.name)).toEqual(['old']);
    run.clock.now += 999;
    run.turn();
    run.s.feed({ id: 2, k: 'x' });
    expect(run.turn().at(-1)).toEqual({ id: 2, name: 'old' });
    run.clock.now += 1;
    run.turn();
    run.s.feed({ id: 3, k: 'x' });
    expect(run.turn().at(-1)).toEqual({ id: 3, name: 'newer' });
  });

  test('and is broken or gone leaves the rows as they were, and says so', async () => {
    const name = file('k,name\nx,old\n');
    const run = await refreshed(name, ", refresh = '1s', ttl = '1 hour'");
    run.turn();
    fs.writeFileSync(name, 'k,name\nx,half\n,broken\n');
    await look(run);
    run.s.feed({ id: 1, k: 'x' });
    expect(run.turn().map((row) => row.name)).toEqual(['old']);
    expect(run.notices).toEqual([expect.stringMatching(/^lookup table t stays as it was.*column k/)]);
    fs.rmSync(name);
    await look(run);
    expect(run.notices.length).toBe(1);
    await look(run, 3_600_001);
    expect(run.notices.at(-1)).toContain('does not exist');
    fs.writeFileSync(name, 'k,name\nx,there again\n');
    await look(run);
    run.s.feed({ id: 2, k: 'x' });
    expect(run.turn().at(-1)).toEqual({ id: 2, name: 'there again' });
  });

  test('is left alone without refresh', async () => {
    const name = file('k,name\nx,old\n');
    const run = await refreshed(name, '');
    run.turn();
    fs.writeFileSync(name, 'k,name\nx,new one\n');
    await look(run, 1e9);
    run.s.feed({ id: 1, k: 'x' });
    expect(run.turn()).toEqual([{ id: 1, name: 'old' }]);
  });

  test('is read again when its rows are older than the TTL, not as old', async () => {
    const name = file('k,name\nx,old\n');
    const run = await refreshed(name, ", ttl = '300s'");
    run.turn();
    fs.writeFileSync(name, 'k,name\nx,new one\n');
    run.clock.now += 300_000;
    run.turn();
    run.s.feed({ id: 1, k: 'x' });
    run.turn();
    run.clock.now += 1;
    run.turn();
    run.s.feed({ id: 2, k: 'x' });
    expect(run.turn().map((row) => row.name)).toEqual(['old', 'new one']);
  });

  test('and a stream that changes: what came out is taken back, whatever the file says now', async () => {
    const name = file('k,name\nx,old\n');
    const text = `CREATE SOURCE s (id BIGINT, k VARCHAR, PRIMARY KEY (id)) FROM FILE (path = 'x', format = 'json');
      ${table(name, ", ttl = '1s'")} SELECT s.id, t.name FROM s JOIN t ON s.k = t.k AND t.name <> 'hidden';`;
    const run = await fed(text);
    run.s.feed({ id: 1, k: 'x' }, { id: 2, k: 'y' });
    run.turn();
    fs.writeFileSync(name, 'k,name\nx,hidden\ny,why\n');
    run.clock.now += 1001;
    run.turn();
    run.s.feed({ id: 1, k: 'y' }, { id: 2, k: 'x' });
    expect(run.turn()).toEqual([
      { op: '+I', id: 1, name: 'old' },
      { op: '-D', id: 1, name: 'old' },
      { op: '+I', id: 1, name: 'why' },
    ]);
  });

  test('gives the memory of its old rows back', async () => {
    const name = file('');
    const run = await refreshed(name, ", ttl = '1s'");
    const sizes: number[] = [];
    for (let round = 0; round < 20; round++) {
      const rows = Array.from({ length: 3000 }, (_, n) => `k${n},${'name '.repeat(10)}${n} ${round}`);
      fs.writeFileSync(name, `k,name\n${rows.join('\n')}\n`);
      run.clock.now += 1001;
      run.turn();
      sizes.push(run.core.parts.memory.kernels.allocatedBytes());
    }
    expect(Math.max(...sizes.slice(3))).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 3)) + 4096);
  });
});
