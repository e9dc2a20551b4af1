// laminar run --cores: threads of their own over real files and pipes, and the bytes of one core.

import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { laminar, scratchFolder, shell } from '../support/program.ts';
import { createRandom } from '../support/random.ts';

const scratch = scratchFolder();
afterAll(() => fs.rmSync(scratch, { recursive: true }));

const COLUMNS = "k VARCHAR, v BIGINT, d DOUBLE, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND";
const ROW_COUNT = 20_000;
/** The same rows again and again (late ones, then), so that the threads are there before the end. */
const REPEATS = 20;

beforeAll(() => {
  const random = createRandom(11);
  const json: string[] = [];
  const csv: string[] = ['k,v,d,ts'];
  for (let n = 0; n < ROW_COUNT; n++) {
    const k = `key ${random.below(50)}${random.below(20) === 0 ? '\n"x"' : ''}`;
    const v = random.below(1_000_000) - 500_000;
    const d = random.below(1_000_000) / 997;
    const ts = 1_700_000_000_000 + n * 10 + random.below(3_000);
    json.push(JSON.stringify({ k, v, d, ts, padding: 'x'.repeat(random.below(40)) }));
    csv.push(`${/["\n]/.test(k) ? `"${k.replaceAll('"', '""')}"` : k},${v},${d},${ts}`);
    if (n === 12_345) json.push('{"k": broken');
  }
  fs.writeFileSync(path.join(scratch, 'in.ndjson'), `${json.join('\n')}\n`.repeat(REPEATS));
  fs.writeFileSync(path.join(scratch, 'small.ndjson'), `${json.join('\n')}\n`);
  fs.writeFileSync(path.join(scratch, 'in.csv'), `${csv[0]}\n${`${csv.slice(1).join('\n')}\n`.repeat(REPEATS)}`);
});

const QUERIES = {
  'rows in the order of the input': 'SELECT upper(k) AS k, v, d, ts FROM t WHERE v % 60 = 0',
  windows: `SELECT k, window_start, COUNT(*) AS n, SUM(d) AS s, FIRST_VALUE(v) AS f, LAST_VALUE(v) AS l
            FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND)`,
};

describe.each(Object.entries(QUERIES))('%s', (_, query) => {
  test.each(['json', 'csv'])('%s from a file and from a pipe: the same bytes on 1, 2 and 3 cores', (format) => {
    const file = path.join(scratch, format === 'json' ? 'in.ndjson' : 'in.csv');
    const options = `format = '${format}', on_error = 'skip'`;
    const fromFile = `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${file}', ${options}); ${query};`;
    const fromPipe = `CREATE SOURCE t (${COLUMNS}) FROM STDIN (${options}); ${query};`;
    const one = laminar(['run', '--cores', '1', '-e', fromFile]);
    expect(one.code).toBe(0);
    expect(one.stdout.length).toBeGreaterThan(10_000);
    const counts = one.stderr.match(/^\d+ rows|\d+ bad.*/g);
    for (const cores of ['2', '3']) {
      const several = laminar(['run', '--cores', cores, '-e', fromFile]);
      expect(several.stdout === one.stdout, `${cores} cores, file`).toBe(true);
      expect(several.stderr.match(/^\d+ rows|\d+ bad.*/g)).toEqual(counts);
      if (cores === '2') continue;
      const piped = shell(`cat ${file} | laminar run -q --cores ${cores} -e "$PIPELINE"`, {
        env: { PIPELINE: fromPipe },
      });
      expect(piped.stdout === one.stdout, `${cores} cores, pipe`).toBe(true);
    }
  });
});

test('five cores group by key: the bytes of one, from a file, from a pipe, and of a final table', () => {
  const file = path.join(scratch, 'in.ndjson');
  const select =
    "SELECT k, window_start, COUNT(*) AS n, SUM(d) AS s, LAST_VALUE(v) AS l FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND)";
  const queries = [select, 'SELECT v % 1000 AS m, COUNT(*) AS n, AVG(d) AS a FROM t WHERE v > 0 GROUP BY m'];
  for (const query of queries) {
    const pipeline = `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${file}', on_error = 'skip'); ${query};`;
    const [one, five] = ['1', '5'].map((cores) => laminar(['run', '--cores', cores, '-e', pipeline]));
    expect(one?.stdout.length).toBeGreaterThan(10_000);
    expect(five?.stderr.match(/^\d+ rows|\d+ bad.*|\d+ late.*/g)).toEqual(
      one?.stderr.match(/^\d+ rows|\d+ bad.*|\d+ late.*/g),
    );
    expect(five?.stdout === one?.stdout, query).toBe(true);
  }
  const { code, stdout, stderr } = laminar([
    'explain',
    '--cores',
    '5',
    '-e',
    `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${file}'); ${select};`,
  ]);
  expect(stderr).toBe('');
  expect(stdout).toContain('source t: cut into chunks, decoded by 5 cores, with map select.input');
  expect(stdout).toContain('aggregate select.aggregate: rows go to the core that owns their key');
  expect(code).toBe(0);
});

test('files that are merged are decoded on all cores: the bytes of one; EXPLAIN says so, and what core 0 does alone', () => {
  const lines = fs.readFileSync(path.join(scratch, 'in.ndjson'), 'utf8').trimEnd().split('\n');
  for (let file = 0; file < 3; file++) {
    const part = lines.filter((_, n) => n % 3 === file).map((line) => `${line}\n`);
    fs.writeFileSync(path.join(scratch, `part${file}.ndjson`), part.join(''));
  }
  const declared = `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${path.join(scratch, 'part*.ndjson')}', on_error = 'skip', splits = 'merged');`;
  const pipeline = `${declared} SELECT k, v, LEAD(v) OVER (PARTITION BY k ORDER BY ts) AS next FROM t WHERE d > 0;`;
  const one = laminar(['run', '--cores', '1', '-e', pipeline]);
  expect(one.stdout.length).toBeGreaterThan(10_000);
  for (const [cores, delays] of [
    ['2', ''],
    ['3', '7'],
    ['5', '9'],
  ] as const) {
    const several = laminar(
      ['run', '--cores', cores, '-e', pipeline],
      delays === '' ? {} : { env: { LAMINAR_TEST_DELAYS: delays } },
    );
    expect(several.stderr.match(/\d+ bad.*|\d+ late.*/g)).toEqual(one.stderr.match(/\d+ bad.*|\d+ late.*/g));
    expect(several.stdout === one.stdout, `${cores} cores`).toBe(true);
  }
  const explained = laminar(['explain', '--cores', '5', '-e', pipeline]);
  expect(explained.stdout).toContain(
    'its files are decoded by 5 cores, up to 16 at once; core 0 merges them by event time',
  );
  expect(explained.stdout).toContain('its rows come out in the order in which later rows of their partitions come');
});

test('four cores aggregate in two phases what may be added in any order: the bytes of one, unzipped by one core too', () => {
  const file = path.join(scratch, 'in.ndjson');
  fs.writeFileSync(`${file}.gz`, zlib.gzipSync(fs.readFileSync(file), { level: 1 }));
  const queries = [
    "SELECT k, window_start, COUNT(*) AS n, SUM(v) AS s, MIN(d) AS x FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND)",
    'SELECT COUNT(*) AS n, SUM(v) AS s, AVG(v) AS a, MAX(ts) AS last FROM t WHERE v > 0',
  ];
  for (const query of queries) {
    const pipeline = (input: string) =>
      `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${input}', on_error = 'skip'); ${query};`;
    const one = laminar(['run', '--cores', '1', '-e', pipeline(file)]);
    expect(one.stdout).toContain('"n":');
    for (const input of [file, `${file}.gz`]) {
      const four = laminar(['run', '--cores', '4', '-e', pipeline(input)]);
      expect(four.stderr.match(/\d+ bad.*|\d+ late.*/g)).toEqual(one.stderr.match(/\d+ bad.*|\d+ late.*/g));
      expect(four.stdout === one.stdout, `${query} from ${input}`).toBe(true);
    }
    const explained = laminar(['explain', '--cores', '4', '-e', pipeline(file)]);
    expect(explained.stdout).toMatch(/aggregate \S+: in two phases: every core groups the rows that it decodes/);
  }
});

test.each([
  ['2', '64'],
  ['3', '5'],
  ['8', '11'],
])('%s cores in step through rings of 4 KiB, turns delayed by seed %s: the bytes of one', (cores, delays) => {
  const file = path.join(scratch, 'small.ndjson');
  const env = { LAMINAR_TEST_EXCHANGE: '4096', LAMINAR_TEST_DELAYS: delays };
  const queries = [
    "SELECT k, window_start, COUNT(*) AS n, SUM(d) AS s FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND)",
    'SELECT v, d, FIRST_VALUE(k) AS k FROM t GROUP BY v, d',
    "SELECT window_end, COUNT(*) AS n, SUM(v) AS s, AVG(v) AS a, MAX(d) AS x FROM t GROUP BY HOP(ts, INTERVAL '1' SECOND, INTERVAL '3' SECOND)",
    'SELECT v, d, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY v % 700 ORDER BY ts) AS n FROM t) WHERE n = 1',
    'SELECT v, l.name FROM t JOIN l ON t.v % 3000 = l.v WHERE d > 0',
    "SELECT l.name, window_end, SUM(d) AS d FROM t LEFT JOIN l ON t.v % 3000 = l.v GROUP BY l.name, TUMBLE(ts, INTERVAL '1' SECOND)",
  ];
  const table = path.join(scratch, 'lookup.csv');
  fs.writeFileSync(table, `v,name\n${Array.from({ length: 3000 }, (_, v) => `${v},name of ${v % 50}\n`).join('')}`);
  for (const query of queries) {
    const pipeline = `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${file}', on_error = 'skip');
      CREATE LOOKUP TABLE l (v BIGINT, name VARCHAR, PRIMARY KEY (v)) FROM FILE (path = '${table}', ttl = '1ms'); ${query};`;
    const one = laminar(['run', '-q', '--cores', '1', '-e', pipeline]);
    const several = laminar(['run', '-q', '--cores', cores, '-e', pipeline], { env });
    expect(several.stderr).toBe(one.stderr);
    expect(several.stdout === one.stdout, query).toBe(true);
  }
});

test.each(['2', '5'])('a join by key on %s cores, with rings of 4 KiB: the rows of one', (cores) => {
  const file = path.join(scratch, 'small.ndjson');
  const source = (name: string) =>
    `CREATE SOURCE ${name} (${COLUMNS}) FROM FILE (path = '${file}', on_error = 'skip');`;
  const pipeline = `${source('a')}${source('b')}
    SELECT a.v, a.ts, b.v AS w FROM a JOIN b ON a.v % 5000 = b.v % 5000 AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '2' SECOND;`;
  const env = { LAMINAR_TEST_EXCHANGE: '4096', LAMINAR_TEST_DELAYS: '3' };
  const one = laminar(['run', '-q', '--cores', '1', '-e', pipeline]);
  const several = laminar(['run', '-q', '--cores', cores, '-e', pipeline], { env });
  expect(several.stderr).toBe(one.stderr);
  expect(one.stdout.length).toBeGreaterThan(100_000);
  const sorted = (text: string) => text.split('\n').sort().join('\n');
  expect(sorted(several.stdout) === sorted(one.stdout)).toBe(true);
});

test('joins of changes in a row on several cores, with rings of 4 KiB: none waits for ever, and the table is that of one', () => {
  const file = path.join(scratch, 'small.ndjson');
  const source = (name: string) =>
    `CREATE SOURCE ${name} (${COLUMNS}) FROM FILE (path = '${file}', on_error = 'skip');`;
  const pipeline = `${source('a')}${source('b')}
    CREATE STREAM groups AS SELECT v % 5000 AS m, COUNT(*) AS n FROM a GROUP BY v % 5000 EMIT CHANGES;
    CREATE STREAM joined AS SELECT g.m, g.n, b.v, c.n AS o FROM groups g LEFT JOIN b ON g.m = b.v % 5000 LEFT JOIN groups c ON c.m = b.v % 777
      WHERE g.m NOT IN (SELECT v % 5000 FROM b WHERE v > 490000) EMIT CHANGES;
    CREATE SINK seen FROM joined INTO BLACKHOLE;
    CREATE SINK out AS SELECT n, COUNT(*) AS c, SUM(v + o) AS s FROM joined GROUP BY n EMIT FINAL INTO STDOUT;`;
  const one = laminar(['run', '-q', '--cores', '1', '-e', pipeline]);
  expect(one.stdout.split('\n').length).toBeGreaterThan(3);
  for (const cores of ['2', '3']) {
    const env = { LAMINAR_TEST_EXCHANGE: '4096', LAMINAR_TEST_DELAYS: cores };
    const several = laminar(['run', '-q', '--cores', cores, '-e', pipeline], { env });
    expect(several.stderr).toBe(one.stderr);
    const sorted = (text: string) => text.split('\n').sort().join('\n');
    expect(sorted(several.stdout)).toBe(sorted(one.stdout));
  }
  const explained = laminar(['explain', '--cores', '2', '-e', pipeline]).stdout;
  expect(explained).toMatch(
    /join \S+: rows go from core 0 to the core that owns their key; core 0 merges the results in the order of one core/,
  );
});

test('every core of an exchange says how many rows it has decoded, the first too', () => {
  const file = path.join(scratch, 'in.ndjson');
  const text = `CREATE SOURCE t (${COLUMNS}) FROM STDIN (on_error = 'skip'); SELECT k, COUNT(*) AS n FROM t GROUP BY k;`;
  const { stderr } = shell(`cat ${file} | laminar run --json --cores 2 -e "$PIPELINE"`, {
    env: { PIPELINE: text, LAMINAR_TEST_EXCHANGE: '65536' },
  });
  const summary = stderr.split('\n').find((line) => line.includes('"summary"')) ?? '{}';
  const { cores, sources } = JSON.parse(summary) as { cores: { rows: number }[]; sources: { rows: number }[] };
  expect(cores.map(({ rows }) => rows > 0)).toEqual([true, true]);
  expect(cores.reduce((sum, { rows }) => sum + rows, 0)).toBe(sources[0]?.rows);
});

test('five cores stop at a bad record where one does, and at --for', () => {
  const select = "SELECT k, window_start, COUNT(*) AS n FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND)";
  const pipeline = `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${scratch}/in.ndjson'); ${select};`;
  const [one, five] = ['1', '5'].map((cores) => laminar(['run', '-q', '--cores', cores, '-e', pipeline]));
  expect(five?.stderr).toBe(one?.stderr);
  expect(five?.stdout === one?.stdout).toBe(true);
  expect(five?.code).toBe(1);
  const endless = shell(`yes '{"k":"a","ts":5}' | laminar run --cores 5 --for 300ms -e "$PIPELINE"`, {
    env: { PIPELINE: `CREATE SOURCE t (${COLUMNS}); ${select};` },
  });
  expect(endless.stdout).toMatch(/^{"k":"a","window_start":"1970-01-01T00:00:00Z","n":\d+}\n$/);
  expect(endless.stderr).toMatch(/limit|stopped/);
  expect(endless.code).toBe(0);
});

test('a reader that leaves ends all cores quietly', () => {
  const pipeline = `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${scratch}/in.ndjson', on_error = 'skip'); SELECT * FROM t;`;
  const { code, stdout, stderr } = shell('set -o pipefail; laminar run --cores 3 -e "$PIPELINE" | head -2', {
    env: { PIPELINE: pipeline },
  });
  expect(stdout.split('\n')).toHaveLength(3);
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

test('an endless input stops at --for', () => {
  const { code, stderr } = shell(`yes '{"v":1}' | laminar run --cores 2 --for 300ms -e "$PIPELINE" | tail -1`, {
    env: { PIPELINE: 'CREATE SOURCE t (v BIGINT); SELECT v FROM t;' },
  });
  expect(stderr).toMatch(/limit|stopped/);
  expect(code).toBe(0);
});

test('a bad record fails the run after the rows before it, wherever it was decoded', () => {
  const pipeline = `CREATE SOURCE t (${COLUMNS}) FROM FILE (path = '${scratch}/in.ndjson'); SELECT v FROM t;`;
  const one = laminar(['run', '-q', '--cores', '1', '-e', pipeline]);
  expect(one.stderr).toContain('line 12347');
  for (let attempt = 0; attempt < 3; attempt++) {
    const several = laminar(['run', '-q', '--cores', '3', '-e', pipeline]);
    expect(several.stderr).toBe(one.stderr);
    expect(several.stdout === one.stdout).toBe(true);
    expect(several.code).toBe(1);
  }
});

test('--cores says what it takes', () => {
  const { code, stderr } = laminar(['run', '--cores', '0', '-e', 'SELECT 1;']);
  expect(stderr).toContain('cores');
  expect(code).toBe(2);
});

describe('--pin and --numa', () => {
  const text = 'CREATE SOURCE t (v BIGINT); SELECT v FROM t;';
  const summaryOf = (stderr: string) =>
    stderr
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as { event: string; cores?: { core: number; cpus: number[]; node: number | null }[] },
      )
      .find(({ event }) => event === 'summary');

  test('the thread is where it was asked to be: the summary reads it back', () => {
    const { code, stderr } = laminar(['run', '--json', '--pin', '0', '-e', text], { input: '{"v":1}\n' });
    expect(summaryOf(stderr)?.cores).toMatchObject([{ core: 0, cpus: [0], node: null }]);
    expect(code).toBe(0);
  });

  test('--pin alone takes the CPUs that are allowed; --numa says which node gives the memory', () => {
    const { stderr } = laminar(['run', '--json', '--numa', '--pin', '-e', text], { input: '{"v":1}\n' });
    const [core] = summaryOf(stderr)?.cores ?? [];
    expect(core?.cpus).toHaveLength(1);
    expect(core?.node).toBe(0);
  });

  test('what the system refuses is said once, and the run goes on', () => {
    const { code, stdout, stderr } = laminar(['run', '--pin', '900', '-e', text], { input: '{"v":1}\n' });
    expect(stdout).toBe('{"v":1}\n');
    expect(stderr).toMatch(/^notice: a core cannot be pinned: sched_setaffinity: no such CPU or node\n/);
    expect(code).toBe(0);
  });

  test('what is no list of CPUs is a usage error', () => {
    const { code, stderr } = laminar(['run', '--pin', '1-', '-e', text]);
    expect(stderr).toContain('--pin 0,2');
    expect(code).toBe(2);
  });
});
