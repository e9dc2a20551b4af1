// laminar tap against pipelines that really run, over their real sockets.

import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { laminar, type Running, scratchFolder, shell, startLaminar } from '../support/program.ts';

const scratch = scratchFolder();
const env = { XDG_RUNTIME_DIR: path.join(scratch, 'run'), TMPDIR: scratch };
const running: Running[] = [];

/** Rows without end, of which a stream has every third. */
const LIVE = `CREATE SOURCE live (n BIGINT, name VARCHAR, unread VARCHAR) FROM GENERATOR
    (rate = 2000, n.kind = 'sequence', name.values = 'a"1",b,c');
  CREATE STREAM thirds AS SELECT n * 10 AS tens, name FROM live WHERE n % 3 = 0;
  CREATE STREAM counts AS SELECT name, COUNT(*) AS n FROM thirds GROUP BY name EMIT CHANGES;
  CREATE SINK out FROM counts INTO BLACKHOLE;`;

async function start(name: string, pipeline: string, ...flags: string[]): Promise<Running> {
  const file = path.join(scratch, name);
  fs.writeFileSync(file, pipeline);
  const started = startLaminar(['run', '-q', ...flags, file], { env });
  running.push(started);
  const hasIt = () => laminar(['tap'], { env }).stdout.includes(`  ${started.child.pid}\n`);
  await expect.poll(hasIt, { timeout: 15_000, interval: 100 }).toBe(true);
  return started;
}

function tap(...words: string[]) {
  return laminar(['tap', ...words], { env });
}

beforeAll(() => {
  fs.mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 });
});

afterEach(() => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
});

afterAll(() => fs.rmSync(scratch, { recursive: true }));

test('lists what can be read, and reads it as JSON, CSV or a table, with a predicate and a limit', async () => {
  expect(tap('live')).toMatchObject({ code: 66, stderr: expect.stringContaining('no pipeline is running') });
  const { child } = await start('live.lsql', LIVE);
  const listed = tap()
    .stdout.split('\n')
    .slice(0, -1)
    .map((line) => line.split(/ +/));
  expect(listed).toEqual([
    ['NAME', 'KIND', 'PIPELINE', 'PID'],
    ['live', 'source', 'live.lsql', String(child.pid)],
    ['thirds', 'stream', 'live.lsql', String(child.pid)],
    ['counts', 'stream', 'live.lsql', String(child.pid)],
    ['out', 'sink', 'live.lsql', String(child.pid)],
  ]);

  const json = tap('THIRDS', '--limit', '4', '--where', "name = 'b' AND tens > 0");
  const rows = json.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  expect(rows).toHaveLength(4);
  expect(rows.every((row) => row.name === 'b' && row.tens % 30 === 0)).toBe(true);
  expect(json).toMatchObject({ code: 0, stderr: 'thirds: 4 rows (limit)\n' });

  const csv = tap('live', '--format', 'csv', '--limit', '1', '--where', "name LIKE 'a%'");
  expect(csv.stdout).toMatch(/^n,name\n\d+,"a""1"""\n$/);
  expect(csv.stderr).toBe(
    'notice: not computed by live.lsql, which reads no such columns: unread\nlive: 1 row (limit)\n',
  );

  const table = tap('counts', '--format', 'table', '--limit', '2', '-q', '--where', "name = 'c'");
  expect(table.stdout).toMatch(/^op {2}name +n\n-U {2}c +\d+\n\+U {2}c +\d+\n$/);
  expect(table.stderr).toBe('');
}, 60_000);

test('says what is wrong with a name or a predicate, and where', async () => {
  await start('live.lsql', LIVE);
  expect(tap('third')).toMatchObject({
    code: 66,
    stdout: '',
    stderr: 'laminar: error LMN-7014: live.lsql has no stream third\nhint: did you mean thirds?\n',
  });
  const wrong = tap('thirds', '--where', "name = 'a' AND ten > 1");
  expect(wrong.stderr).toBe(
    '--where:1:16: error LMN-2003: thirds has no column ten\n\n' +
      " 1 | name = 'a' AND ten > 1\n   |                ^~~\n\nhint: did you mean tens?\n",
  );
  expect(wrong.code).toBe(78);
  expect(tap('thirds', '--where', 'tens > 1 GROUP BY name')).toMatchObject({ code: 2 });
  expect(tap('thirds', '--limit', '0')).toMatchObject({ code: 2 });
  const failing = tap('live', '--where', 'CAST(name AS BIGINT) > 1');
  expect(failing.stderr).toContain('error LMN-3002');
  expect(failing.code).toBe(1);
  expect(tap('thirds', '--limit', '1').code).toBe(0);
}, 60_000);

test('of several pipelines reads the one that has the stream, or the one that is named', async () => {
  const first = await start('one.lsql', LIVE);
  await start('two.lsql', `${LIVE.replaceAll('thirds', 'others')}`);
  expect(tap('others', '--limit', '1').code).toBe(0);
  const several = tap('live', '--limit', '1');
  expect(several.code).toBe(2);
  expect(several.stderr).toMatch(
    /2 pipelines have live: one.lsql \(\d+\), two.lsql \(\d+\)\nhint: say which by --pipeline \d+/,
  );
  expect(tap('live', '--limit', '1', '-p', 'two').code).toBe(0);
  expect(tap('live', '--limit', '1', '-p', String(first.child.pid)).code).toBe(0);
  expect(tap('nothing').stderr).toContain('no running pipeline has a stream nothing');
}, 60_000);

test('leaves when it is told to, or when its reader does, and ends with the run', async () => {
  const run = await start('live.lsql', LIVE);
  const watching = startLaminar(['tap', 'thirds'], { env });
  await new Promise((resolve) => watching.child.stdout.once('readable', resolve));
  watching.child.kill('SIGINT');
  const left = await watching.ending();
  expect(left).toMatchObject({ code: 0, signal: null });
  expect(left.stderr).toMatch(/^\nthirds: [\d,]+ rows \(Ctrl-C\)\n$/);

  const piped = shell('laminar tap live | head -n 2; echo ${PIPESTATUS[0]}', { env });
  expect(piped.stdout).toMatch(/^\{.*\}\n\{.*\}\n0\n$/);

  const last = startLaminar(['tap', 'counts', '--where', "name = 'b'"], { env });
  await new Promise((resolve) => last.child.stdout.once('readable', resolve));
  run.child.kill('SIGINT');
  const { code, stderr } = await last.ending();
  expect(stderr).toMatch(/^counts: [\d,]+ rows \((stopped|end of stream)\)\n$/);
  expect(code).toBe(0);
}, 60_000);

test('a reader that stands still makes rows go by unread; the pipeline and other taps do not wait', async () => {
  await start('live.lsql', LIVE.replace('rate = 2000', 'rate = 400000'));
  const still = startLaminar(['tap', 'live'], { env });
  const rowsOf = () => JSON.parse(laminar(['top', '--json'], { env }).stdout).progress.sources[0].rows as number;
  // Pipes and rings are full after some hundred thousand rows.
  const begin = rowsOf();
  await expect.poll(rowsOf, { timeout: 15_000, interval: 200 }).toBeGreaterThan(begin + 600_000);
  expect(tap('thirds', '--limit', '100').stdout.split('\n')).toHaveLength(101);
  // Whoever reads on is told.
  still.child.stdout.resume();
  const told = text(still.child.stderr);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  still.child.kill('SIGINT');
  const stderr = await told;
  expect(stderr).toMatch(/rows; [\d,]+ went by unread \(Ctrl-C\)/);
}, 60_000);

test('the rows of a source that several cores read are all there', async () => {
  const lines = Array.from({ length: 20_000 }, (_, n) => `{"n":${n},"name":"row ${n}"}\n`);
  const pipeline = `CREATE SOURCE t (n BIGINT, name VARCHAR) FROM STDIN (format = 'json');
    CREATE SINK out AS SELECT n, upper(name) AS name FROM t WHERE n % 2 = 0 INTO BLACKHOLE;`;
  const run = await start('cores.lsql', pipeline, '--cores', '2');
  const reading = startLaminar(['tap', 't', '--where', 'n % 1000 = 7'], { env });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  for (let at = 0; at < lines.length; at += 2000) {
    run.child.stdin.write(lines.slice(at, at + 2000).join(''));
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  run.child.stdin.end();
  const { stdout } = await reading.ending();
  const found = stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).n as number);
  expect(found.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n * 1000 + 7));
}, 60_000);
