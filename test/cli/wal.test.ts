// Standard input with a state directory: a run that is killed goes on with what it had read, and a feeder that goes on at
// the byte that the log wants gets the output of a run that was never killed.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputLog } from '../../src/state/input-log.ts';
import { laminar, startLaminar } from '../support/program.ts';

/** Each starts some processes, on whatever the machine is busy with. */
const timeout = 120_000;

let directory = '';
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-wal-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

const INPUT = Buffer.from(
  Array.from(
    { length: 60_000 },
    (_, n) => `${JSON.stringify({ k: `k${n % 13}`, v: n % 7, ts: 1.7e12 + n * 100 })}\n`,
  ).join(''),
);

const pipeline = (sync: string) => `SET wal_sync = '${sync}'; SET checkpoint_interval = '100ms';
  CREATE SOURCE t (k VARCHAR, v INTEGER, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '3' SECOND) FROM STDIN;
  CREATE SINK out AS SELECT k, window_start, COUNT(*) AS n, SUM(v) AS s FROM t
  GROUP BY k, TUMBLE(ts, INTERVAL '20' SECOND) INTO FILE (path = 'out.ndjson', format = 'json');`;

/** The byte that the log wants next. */
const wanted = () => InputLog.spans(path.join(directory, 'state')).get('t')?.end ?? 0;

/** Feeds from the byte that is wanted up to `end`, and kills the run once it knows all of that; ends the input at its end. */
async function life(text: string, end: number, cores: number, flags: readonly string[] = []) {
  const from = wanted();
  const running = startLaminar(['run', '-e', text, '--state-dir', 'state', '--cores', String(cores), ...flags], {
    cwd: directory,
  });
  running.child.stdin.write(INPUT.subarray(from, end));
  if (end === INPUT.length) running.child.stdin.end();
  else {
    for (let i = 0; i < 1000 && wanted() < end; i++) await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill('SIGKILL');
  }
  return running.ending();
}

/** A run that is stopped at once, with a checkpoint of all that the log has; its input stays open. */
async function stopAtOnce(text: string): Promise<void> {
  const running = startLaminar(['run', '-e', text, '--state-dir', 'state', '--for', '10ms'], { cwd: directory });
  expect(await running.ending()).toMatchObject({ code: 0 });
}

test.each(['always', '10ms', 'checkpoint'])('is read again from its log after kill -9, wal_sync %s', {
  timeout,
}, async (sync) => {
  const text = pipeline(sync);
  expect(laminar(['run', '-e', text], { cwd: directory, input: INPUT }).code).toBe(0);
  const whole = fs.readFileSync(path.join(directory, 'out.ndjson'), 'utf8');
  fs.rmSync(path.join(directory, 'out.ndjson'));
  const third = Math.floor(INPUT.length / 3);
  expect((await life(text, third, 1)).signal).toBe('SIGKILL');
  const { stdout } = laminar(['state', 'ls', '--json', '--state-dir', 'state'], { cwd: directory });
  expect(stdout).toMatch(new RegExp(`^\\{"source":"t","logBegin":0,"logEnd":${third}\\}$`, 'm'));
  expect((await life(text, 2 * third, 2)).signal).toBe('SIGKILL');
  const last = await life(text, INPUT.length, 3);
  expect(last).toMatchObject({ code: 0 });
  expect(last.stderr).toContain(`the first ${2 * third} bytes of t are known: give what follows them`);
  expect(fs.readFileSync(path.join(directory, 'out.ndjson'), 'utf8')).toBe(whole);
  expect(laminar(['run', '-e', text, '--state-dir', 'state'], { cwd: directory, input: '' }).stderr).toContain(
    'has come to its end',
  );
});

test('goes on from an older checkpoint with what came after it', { timeout }, async () => {
  const text = pipeline('10ms');
  expect(laminar(['run', '-e', text], { cwd: directory, input: INPUT }).code).toBe(0);
  const whole = fs.readFileSync(path.join(directory, 'out.ndjson'), 'utf8');
  const quarter = Math.floor(INPUT.length / 4);
  for (const part of [1, 2, 3]) {
    expect((await life(text, part * quarter, 1)).signal).toBe('SIGKILL');
    await stopAtOnce(text);
  }
  const { stdout } = laminar(['checkpoint', 'list', '--json', '--state-dir', 'state'], { cwd: directory });
  const [oldest = ''] = stdout.split('\n');
  const from = String(JSON.parse(oldest).epoch);
  const last = await life(text, INPUT.length, 2, ['--from', from]);
  expect(last).toMatchObject({ code: 0 });
  expect(last.stderr).toContain(`the first ${3 * quarter} bytes of t are known`);
  expect(fs.readFileSync(path.join(directory, 'out.ndjson'), 'utf8')).toBe(whole);
});

test('a checkpoint that the log does not reach is refused, and the last one stays the last', { timeout }, async () => {
  const text = pipeline('10ms');
  await life(text, 100, 1);
  const kept = ['--state-dir', 'state'];
  await stopAtOnce(text);
  laminar(['checkpoint', 'create', 'early', ...kept], { cwd: directory });
  await life(text, 20_000, 1);
  await stopAtOnce(text);
  const folder = path.join(directory, 'state/wal-0/t.wal');
  // As if so much had come since that the log was cut.
  for (const file of fs.readdirSync(folder).sort().slice(0, -1)) fs.rmSync(path.join(folder, file));
  const refused = laminar(['run', '-e', text, ...kept, '--from', 'early'], { cwd: directory });
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('LMN-4010') });
  expect(laminar(['run', '-e', text, ...kept], { cwd: directory, input: INPUT.subarray(20_000) }).code).toBe(0);
});
