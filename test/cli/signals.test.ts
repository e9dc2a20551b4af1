// How a run ends when someone else decides: Ctrl-C, a service manager, a reader that leaves.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type Running, shell, startLaminar } from '../support/program.ts';

const COUNTS = `CREATE SOURCE t (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts) FROM STDIN;
SELECT k, COUNT(*) AS n FROM t GROUP BY k, TUMBLE(ts, INTERVAL '1' MINUTE);`;
const ECHO = 'CREATE SOURCE t (a BIGINT); SELECT a FROM t;';

/** Writes a line and waits for what it leads to on stdout. */
async function echoed(run: Running, line: string): Promise<string> {
  const answer = once(run.child.stdout, 'data');
  run.child.stdin.write(line);
  return String((await answer)[0]);
}

/** Waits until output has come that nobody reads, and a little for the pipe to fill. */
async function isBlocked(run: Running): Promise<void> {
  await once(run.child.stdout, 'readable');
  await new Promise((resolve) => setTimeout(resolve, 300));
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s', (signal) => {
  test('stops the input, flushes open windows, prints the summary, answers 0', async () => {
    const pipeline = `${COUNTS} CREATE SINK live AS SELECT k FROM t INTO STDOUT;`
      .replace('SELECT k, COUNT', 'CREATE SINK windows AS SELECT k, COUNT')
      .replace('MINUTE);', 'MINUTE) INTO STDOUT;');
    const run = startLaminar(['run', '-e', pipeline]);
    expect(await echoed(run, '{"k":"a","ts":"2024-01-31T12:00:00Z"}\n')).toBe('{"k":"a"}\n');
    run.child.kill(signal);
    const { code, stdout, stderr } = await run.ending();
    expect(stdout).toBe('{"k":"a","n":1}\n');
    expect(stderr).toMatch(/1 rows? .* → 2 rows .*\(stopped\)\n$/);
    expect(code).toBe(0);
  });
});

test('a row is answered while the input stays open, not at its end', async () => {
  const run = startLaminar(['run', '-q', '-e', ECHO]);
  for (const a of [1, 2, 3]) expect(await echoed(run, `{"a":${a}}\n`)).toBe(`{"a":${a}}\n`);
  run.child.stdin.end();
  expect(await run.ending()).toMatchObject({ code: 0, stderr: '' });
});

test('a second SIGINT ends a run that cannot drain, with 130', async () => {
  // Nobody reads: the core hangs in a write to a full pipe.
  const run = startLaminar([
    'run',
    '-q',
    '-e',
    "CREATE SOURCE g (n BIGINT) FROM GENERATOR (n.kind = 'sequence'); SELECT n FROM g;",
  ]);
  await isBlocked(run);
  run.child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(run.child.exitCode).toBeNull();
  run.child.kill('SIGINT');
  expect(await once(run.child, 'exit')).toEqual([130, null]);
});

test('SIGTERM gives up on a run that does not drain in --shutdown-timeout', async () => {
  const run = startLaminar([
    ...['run', '--shutdown-timeout', '200ms', '-e'],
    "CREATE SOURCE g (n BIGINT) FROM GENERATOR (n.kind = 'sequence'); SELECT n FROM g;",
  ]);
  await isBlocked(run);
  run.child.kill('SIGTERM');
  const [code] = await once(run.child, 'exit');
  expect(code).toBe(1);
});

describe('a reader that leaves ends the run at once, quietly, with 0', () => {
  test.each([
    ['an endless input', `yes '{"a":1}' | laminar run -e '${ECHO}' | head -3`, '{"a":1}\n'.repeat(3)],
    ['a reader that takes nothing', `yes '{"a":1}' | laminar run -e '${ECHO}' | true`, ''],
    [
      'a generator',
      `laminar run -e 'CREATE SOURCE g (n BIGINT) FROM GENERATOR; SELECT n FROM g;' | head -1`,
      '{"n":0}\n',
    ],
  ])('%s', (_, line, output) => {
    // The exit code of laminar itself; `yes` dies of SIGPIPE.
    const { code, stdout, stderr } = shell(`${line}; codes=("\${PIPESTATUS[@]}"); exit "\${codes[-2]}"`);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: output, stderr: '' });
  });

  test('explain and help too', () => {
    expect(shell(`laminar explain -e '${ECHO}' | true; exit "\${PIPESTATUS[0]}"`)).toMatchObject({
      code: 0,
      stderr: '',
    });
  });
});
