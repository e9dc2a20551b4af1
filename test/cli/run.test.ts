// laminar run as its users see it: what comes out where, and with which exit code.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { laminar, PROGRAM, scratchFolder } from '../support/program.ts';

const scratch = scratchFolder();
afterAll(() => fs.rmSync(scratch, { recursive: true }));

const SOURCE = 'CREATE SOURCE t (k VARCHAR, a BIGINT);';
const DOUBLED = `${SOURCE} SELECT k, a * 2 AS b FROM t WHERE a > 1;`;
const ROWS = '{"k":"x","a":1}\n{"k":"y","a":2}\n{"k":"z","a":3}\n';

function file(name: string, text: string): string {
  const where = path.join(scratch, name);
  fs.writeFileSync(where, text);
  return where;
}

describe('output', () => {
  test('rows go to stdout, one summary line to stderr', () => {
    const { code, stdout, stderr } = laminar(['run', '-e', DOUBLED], { input: ROWS });
    expect(stdout).toBe('{"k":"y","b":4}\n{"k":"z","b":6}\n');
    expect(stderr).toMatch(/^3 rows \(48 B\) in \d\.\d+ s \(\S+( k)? rows\/s\) → 2 rows \(32 B\); 0 bad, 0 late\n$/);
    expect(code).toBe(0);
  });

  test('a pipeline file gives the same as its text', () => {
    const pipeline = file('doubled.lsql', DOUBLED);
    expect(laminar(['run', pipeline, '-q'], { input: ROWS })).toEqual(
      laminar(['run', '-qe', DOUBLED], { input: ROWS }),
    );
  });

  test('-q leaves stderr empty', () => {
    expect(laminar(['run', '-q', '-e', DOUBLED], { input: ROWS })).toMatchObject({ code: 0, stderr: '' });
  });

  test('-v adds a table of sources and sinks', () => {
    const { stderr } = laminar(['run', '-v', '-e', DOUBLED], { input: ROWS });
    expect(stderr).toMatch(/^t +3 +48 B +0/m);
    expect(stderr).toMatch(/^sink +rows +bytes +ns\/row/m);
    expect(stderr).toContain('3 rows (48 B)');
  });

  test('--json makes stderr JSON lines that end with the summary', () => {
    const { stdout, stderr } = laminar(['run', '--json', '-e', DOUBLED], { input: ROWS });
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({
      event: 'summary',
      reason: 'end',
      rowsIn: 3,
      rowsOut: 2,
      rejected: 0,
      late: 0,
    });
    expect(stdout).toBe('{"k":"y","b":4}\n{"k":"z","b":6}\n');
  });

  test('an empty input is a run like any other', () => {
    expect(laminar(['run', '-e', DOUBLED])).toMatchObject({ code: 0, stdout: '' });
  });

  test('stdin belongs to the pipeline: its first byte is not lost to the argument parser', () => {
    const input = Array.from({ length: 5000 }, (_, i) => `{"k":"k","a":${i + 2}}\n`).join('');
    const { stdout } = laminar(['run', '-q', '-e', DOUBLED], { input });
    expect(stdout.split('\n').length - 1).toBe(5000);
    expect(stdout.slice(0, stdout.indexOf('\n'))).toBe('{"k":"k","b":4}');
  });
});

describe('variables', () => {
  const filtered = `${SOURCE} SELECT a FROM t WHERE k = '\${wanted:-x}';`;

  test('--set wins over the environment, which wins over the default', () => {
    const run = (args: string[], env = {}) =>
      laminar(['run', '-q', '-e', filtered, ...args], { input: ROWS, env }).stdout;
    expect(run([])).toBe('{"a":1}\n');
    expect(run([], { wanted: 'y' })).toBe('{"a":2}\n');
    expect(run(['--set', 'wanted=z'], { wanted: 'y' })).toBe('{"a":3}\n');
    expect(run(['--set', 'wanted=a=b'])).toBe('');
  });

  test('--set sets settings too, and wins over SET', () => {
    const set = ['run', '-e', `SET batch_size = 7; ${DOUBLED}`];
    expect(laminar([...set, '-q', '--set', 'batch_size=1'], { input: ROWS })).toMatchObject({ code: 0, stderr: '' });
    expect(laminar([...set, '--set', 'batch_size=none'])).toMatchObject({ code: 78 });
  });

  test('--set of something that nothing uses is said', () => {
    const { code, stderr } = laminar(['run', '-e', filtered, '--set', 'wnated=z'], { input: ROWS });
    expect(stderr).toContain('notice: --set wnated has no effect');
    expect(stderr).toContain('did you mean wanted?');
    expect(code).toBe(0);
  });

  test('a missing variable is an error of the pipeline', () => {
    const { code, stderr } = laminar(['run', '-e', `${SOURCE} SELECT a FROM t WHERE k = '\${nowhere}';`]);
    expect(stderr).toContain('nowhere');
    expect(code).toBe(78);
  });

  test('PIPELINE_DIR is the folder of the pipeline file, wherever it is run from', () => {
    file('data.csv', 'a\n7\n');
    const pipeline = file(
      'from-file.lsql',
      `CREATE SOURCE c (a BIGINT) FROM FILE (path = '\${PIPELINE_DIR}/data.csv'); SELECT a FROM c;`,
    );
    expect(laminar(['run', '-q', pipeline], { cwd: '/' })).toMatchObject({ code: 0, stdout: '{"a":7}\n' });
  });
});

describe('limits', () => {
  test('--max-rows stops after so many rows, exactly', () => {
    const endless = "CREATE SOURCE g (n BIGINT) FROM GENERATOR (n.kind = 'sequence'); SELECT n FROM g;";
    const { code, stdout, stderr } = laminar(['run', '-e', endless, '--max-rows', '3000']);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).n),
    ).toEqual(Array.from({ length: 3000 }, (_, i) => i));
    expect(stderr).toContain('→ 3,000 rows');
    expect(stderr).toContain('(limit reached)');
    expect(code).toBe(0);
  });

  test('--for stops an endless run, flushed, with 0', () => {
    const counted =
      "CREATE SOURCE g (n BIGINT) FROM GENERATOR (n.kind = 'sequence', rate = 1000); SELECT COUNT(*) AS c FROM g;";
    const { code, stdout } = laminar(['run', '-q', '-e', counted, '--for', '300ms']);
    expect(JSON.parse(stdout).c).toBeGreaterThan(10);
    expect(code).toBe(0);
  });

  const skipping = `CREATE SOURCE t (a BIGINT) FROM STDIN (on_error = 'skip'); SELECT a FROM t;`;
  const input = '{"a":1}\nnonsense\n{"a":2}\n{"a":"many"}\n';

  test('bad records are counted', () => {
    const { code, stdout, stderr } = laminar(['run', '-e', skipping], { input });
    expect(stdout).toBe('{"a":1}\n{"a":2}\n');
    expect(stderr).toContain('; 2 bad, 0 late');
    expect(code).toBe(0);
  });

  test.each([
    ['1', 65],
    ['2', 0],
    ['10%', 65],
    ['50%', 0],
  ])('--max-errors %s with 2 bad records of 4 answers %d', (limit, code) => {
    const ending = laminar(['run', '-e', skipping, '--max-errors', limit], { input });
    if (code === 65) expect(ending.stderr).toContain('raise --max-errors');
    expect(ending.code).toBe(code);
  });
});

describe('--max-errors without a policy of the source', () => {
  const strict = 'CREATE SOURCE t (a BIGINT); SELECT a FROM t;';
  const input = '{"a":1}\nnonsense\n{"a":2}\n';

  test('tolerates so many bad records instead of failing at the first', () => {
    expect(laminar(['run', '-q', '-e', strict, '--max-errors', '1'], { input })).toEqual({
      code: 0,
      signal: null,
      stdout: '{"a":1}\n{"a":2}\n',
      stderr: '',
    });
    expect(laminar(['run', '-e', strict, '--max-errors', '0'], { input }).code).toBe(65);
    expect(laminar(['run', '-e', strict], { input }).code).toBe(1);
  });
});

describe('failures', () => {
  test('a pipeline file that is not there answers 66', () => {
    const { code, stdout, stderr } = laminar(['run', 'nowhere.lsql']);
    expect(stderr).toContain("error LMN-7003: cannot read the pipeline file 'nowhere.lsql': there is no such file");
    expect({ code, stdout }).toEqual({ code: 66, stdout: '' });
  });

  test('an input file that is not there answers 66', () => {
    const { code, stderr } = laminar([
      'run',
      '-e',
      "CREATE SOURCE c (a BIGINT) FROM FILE (path = 'nowhere.csv'); SELECT a FROM c;",
    ]);
    expect(stderr).toContain('nowhere.csv');
    expect(code).toBe(66);
  });

  test('an output that cannot be opened answers 74', () => {
    const { code, stderr } = laminar([
      'run',
      '-e',
      `${SOURCE} CREATE SINK s FROM t INTO FILE (path = '/nowhere/out.csv');`,
    ]);
    expect(stderr).toContain('/nowhere/out.csv');
    expect(code).toBe(74);
  });

  test.each([
    'run',
    'check',
  ])('%s shows a wrong pipeline with file, line, column, caret and hint, and answers 78', (verb) => {
    const pipeline = file('wrong.lsql', `${SOURCE}\nSELECT k,\n  ab FROM t;\n`);
    const { code, stdout, stderr } = laminar([verb, pipeline]);
    expect(stderr).toMatch(new RegExp(`^${pipeline}:3:3: error LMN-2\\d\\d\\d: `));
    expect(stderr).toContain(' 3 |   ab FROM t;\n   |   ^~');
    expect(stderr).toContain('hint: ');
    expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
  });

  test('independent errors are reported together', () => {
    const { code, stderr } = laminar([
      'run',
      '-e',
      `${SOURCE} SELECT nope FROM t; CREATE SINK s FROM nowhere INTO STDOUT;`,
    ]);
    expect(stderr.match(/^-e:1:\d+: error LMN-2\d\d\d/gm)?.length).toBe(2);
    expect(code).toBe(78);
  });

  test('a failure of an expression names its place in the pipeline and answers 1', () => {
    const { code, stdout, stderr } = laminar(['run', '-e', `${SOURCE} SELECT a, a * 4 AS b FROM t;`], {
      input: '{"a":1}\n{"a":9223372036854775807}\n',
    });
    expect(stdout).toBe('{"a":1,"b":4}\n');
    expect(stderr).toMatch(/^-e:1:\d+: error LMN-3\d\d\d: /);
    expect(stderr).toMatch(/\^~/);
    expect(code).toBe(1);
  });

  test('a bad record under on_error fail answers 1 and says where it is', () => {
    const { code, stderr } = laminar(['run', '-e', DOUBLED], { input: '{"k":"x","a":5}\n{"a":"many"}\n' });
    expect(stderr).toMatch(/error LMN-6\d\d\d: /);
    expect(stderr).toContain('line 2');
    expect(code).toBe(1);
  });
});

describe('colour', () => {
  const wrong = ['run', '-e', 'SELECT'];
  const isColored = (args: string[], env = {}) => laminar(args, { env }).stderr.includes('\u001B[');

  test('a pipe gets none unless FORCE_COLOR asks for it', () => {
    expect(isColored(wrong)).toBe(false);
    expect(isColored(wrong, { FORCE_COLOR: '1' })).toBe(true);
  });

  test('NO_COLOR and --no-color win', () => {
    expect(isColored(wrong, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(isColored([...wrong, '--no-color'], { FORCE_COLOR: '1' })).toBe(false);
    expect(isColored(['--no-color', ...wrong], { FORCE_COLOR: '1' })).toBe(false);
  });
});

test('a file that is read is not written, standard input included, and nothing is touched', () => {
  const rows = file('rows.ndjson', ROWS);
  const into = `${SOURCE} CREATE SINK s AS SELECT k FROM t INTO FILE (path = '${rows}', format = 'json');`;
  const [command, ...first] = PROGRAM;
  const stdin = fs.openSync(rows, 'r');
  const { status, stderr } = spawnSync(command, [...first, 'run', '-e', into], {
    stdio: [stdin, 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  fs.closeSync(stdin);
  expect(stderr).toBe(
    `-e: error LMN-5034: sink s writes ${rows}, which source t reads\nhint: write another file, and rename it when the run has ended\n`,
  );
  expect(status).toBe(78);
  expect(fs.readFileSync(rows, 'utf8')).toBe(ROWS);
});
