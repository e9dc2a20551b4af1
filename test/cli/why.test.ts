// laminar why against pipelines that really run, over their real sockets.

import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { laminar, type Running, scratchFolder, startLaminar } from '../support/program.ts';

const scratch = scratchFolder();
const env = { XDG_RUNTIME_DIR: path.join(scratch, 'run'), TMPDIR: scratch };
const running: Running[] = [];

/** Rows up to 12:00:30 of a window that ends at 12:01, and an input that stays open. */
function startWaiting(name: string): Running {
  const file = path.join(scratch, name);
  fs.writeFileSync(
    file,
    `CREATE SOURCE quotes (k VARCHAR, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND);
     CREATE SINK bars AS SELECT COUNT(*) AS n FROM quotes GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)
     INTO STDOUT (format = 'json');`,
  );
  const started = startLaminar(['run', '-q', file], { env });
  started.child.stdin.write('{"k":"a","ts":"2024-01-31T12:00:30Z"}\n');
  running.push(started);
  return started;
}

beforeAll(() => {
  fs.mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 });
});

afterAll(() => {
  for (const { child } of running) child.kill('SIGKILL');
  fs.rmSync(scratch, { recursive: true });
});

const SENTENCE = /no output yet: window \[12:00, 12:01\) waits for the watermark of source quotes, at 12:00:25/;

test('nothing runs, one runs, several run; each says which window waits, for which source and how far that is', async () => {
  const none = laminar(['why'], { env });
  expect(none.stderr).toContain('LMN-7010');
  expect(none.code).toBe(66);

  const first = startWaiting('first.lsql');
  await expect.poll(() => laminar(['why'], { env }).stdout, { timeout: 15_000, interval: 100 }).toMatch(SENTENCE);
  expect(laminar(['why', 'first'], { env }).stdout).toMatch(/^bars: no output yet/);
  expect(laminar(['why', 'other'], { env }).stderr).toContain('no pipeline other is running');

  const second = startWaiting('second.lsql');
  const lines = () => laminar(['why'], { env }).stdout.split('\n');
  await expect
    .poll(() => lines().filter((line) => SENTENCE.test(line)).length, { timeout: 15_000, interval: 100 })
    .toBe(2);
  expect(lines()[0]).toMatch(new RegExp(`^first.lsql \\(${first.child.pid}\\), for `));
  expect(lines()[1]).toMatch(/^ {2}bars: /);
  const { stdout } = laminar(['why', '--json', String(second.child.pid)], { env });
  expect(JSON.parse(stdout)).toMatchObject({
    pid: second.child.pid,
    pipeline: 'second.lsql',
    causes: [{ sink: 'bars', silentMillis: null }],
  });

  first.child.stdin.write('{"k":"a","ts":"2024-01-31T12:01:06Z"}\n');
  await once(first.child.stdout, 'data');
  expect(laminar(['why', 'first'], { env }).stdout).toMatch(
    /^bars: (rows come out|no output for .*: window \[12:01, 12:02\) waits for the watermark of source quotes, at 12:01:01)/,
  );
}, 60_000);
