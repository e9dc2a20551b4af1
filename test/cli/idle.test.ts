// Named pipes that give nothing for a while: who is waited for, and for how long.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { scratchFolder, startLaminar } from '../support/program.ts';

const scratch = scratchFolder();
afterAll(() => fs.rmSync(scratch, { recursive: true }));

test('a silent pipe holds the windows of another one back for the idle timeout only', async () => {
  const [a, b] = ['a.fifo', 'b.fifo'].map((name) => path.join(scratch, name)) as [string, string];
  execFileSync('mkfifo', [a, b]);
  const { child, ending } = startLaminar([
    'run',
    '-q',
    '-e',
    `CREATE SOURCE e (n BIGINT, ts TIMESTAMP, WATERMARK FOR ts)
     FROM FILE (path = '${scratch}/*.fifo', idle_timeout = '300ms');
     SELECT window_start AS s, SUM(n) AS n FROM e GROUP BY TUMBLE(ts, INTERVAL '1' SECOND);`,
  ]);
  // Opened for both directions, a pipe does not wait for its reader.
  const writers = [a, b].map((file) => fs.openSync(file, fs.constants.O_RDWR));
  const started = performance.now();
  fs.writeSync(writers[0] as number, '{"n":1,"ts":0}\n{"n":2,"ts":5000}\n');
  const first = await new Promise<string>((resolve) => child.stdout.once('data', (bytes) => resolve(String(bytes))));
  expect(first).toBe('{"s":"1970-01-01T00:00:00Z","n":1}\n');
  expect(performance.now() - started).toBeGreaterThan(300);
  // Rows of the pipe that wakes up are late where the window has closed.
  fs.writeSync(writers[1] as number, '{"n":4,"ts":100}\n{"n":8,"ts":5100}\n');
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (const writer of writers) fs.closeSync(writer);
  const { code, stdout } = await ending();
  expect(stdout).toBe('{"s":"1970-01-01T00:00:05Z","n":10}\n');
  expect(code).toBe(0);
});
