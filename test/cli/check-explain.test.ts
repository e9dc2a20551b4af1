// laminar check and explain: the pipeline is looked at, never run.

import { describe, expect, test } from 'vitest';
import { laminar } from '../support/program.ts';

const BARS = `CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  FROM FILE (path = 'is-not-there.ndjson');
CREATE STREAM bars AS SELECT symbol, window_end, MAX(price) AS high FROM trades GROUP BY symbol, TUMBLE(ts, INTERVAL '1' MINUTE);
CREATE SINK out FROM bars INTO FILE (path = '/nowhere/bars.csv');`;

describe('check', () => {
  test('a good pipeline answers 0, and touches neither input nor output', () => {
    expect(laminar(['check', '-e', BARS])).toEqual({
      code: 0,
      signal: null,
      stdout: '-e: ok (1 source, 1 sink)\n',
      stderr: '',
    });
  });

  test('--json reports errors with their places', () => {
    const { code, stdout, stderr } = laminar([
      'check',
      '--json',
      '-e',
      'CREATE SOURCE t (a BIGINT);\nSELECT b FROM t;',
    ]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ ok: false, file: '-e', errors: [{ event: 'error', line: 2, column: 8 }] });
    expect({ code, stderr }).toEqual({ code: 78, stderr: '' });
  });

  test('--json on a good pipeline', () => {
    const { code, stdout } = laminar(['check', '--json', '-e', BARS]);
    expect(JSON.parse(stdout)).toEqual({ ok: true, file: '-e', errors: [], notices: [] });
    expect(code).toBe(0);
  });

  test('what a run would warn of is a notice on stderr', () => {
    const waits =
      "CREATE SOURCE t (ts TIMESTAMP); SELECT COUNT(*) AS n FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);";
    expect(laminar(['check', '-e', waits])).toMatchObject({ code: 0, stderr: expect.stringMatching(/^notice: /) });
  });
});

describe('explain', () => {
  test('prints the plan as a tree with types, keys, window and watermark', () => {
    const { code, stdout, stderr } = laminar(['explain', '-e', BARS]);
    for (const part of ['trades', 'symbol', 'VARCHAR', 'TIMESTAMP', '1m', '5s', 'out']) expect(stdout).toContain(part);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('--json is one object', () => {
    const { code, stdout } = laminar(['explain', '--json', '-e', BARS]);
    expect(JSON.parse(stdout)).toMatchObject({});
    expect(code).toBe(0);
  });

  test('a wrong pipeline answers 78', () => {
    expect(laminar(['explain', '-e', 'SELECT 1 FROM nowhere;'])).toMatchObject({ code: 78, stdout: '' });
  });
});
