// Rolled files as a user has them: names, ends of runs, what was there before, a full disk, a directory that is refused.

import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ending, laminar, scratchFolder, startLaminar } from '../support/program.ts';
import { canMount, mountSmall, unmount } from '../support/small-disk.ts';

let folder = '';
beforeEach(() => {
  folder = scratchFolder();
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const rows = (begin: number, end: number) =>
  Array.from({ length: end - begin }, (_, i) => `{"a":${begin + i}}\n`).join('');
const names = (directory = folder) =>
  fs
    .readdirSync(directory)
    .filter((name) => name.includes('o-'))
    .sort();
const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
const textOf = (options: string) =>
  `CREATE SOURCE t (a BIGINT) FROM FILE (path = 'in.ndjson'); CREATE SINK s FROM t INTO FILE (path = 'o.ndjson', ${options});`;
const run = (options: string, ...flags: string[]): Ending =>
  laminar(['run', '-q', '-e', textOf(options), ...flags], { cwd: folder });

/** Waits for four seconds at most. */
async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('check and explain', () => {
  test('say what files there will be', () => {
    fs.writeFileSync(path.join(folder, 'in.ndjson'), '');
    const explained = (...flags: string[]) =>
      laminar(['explain', '-e', `${flags.join(' ')} ${textOf(`roll_bytes = '1MB', roll_every = '1h'`)}`], {
        cwd: folder,
      }).stdout;
    expect(explained()).toContain(
      'files: o-000001.ndjson and so on; each ends when a row would make it larger than 1.0 MB, or 1h after its first row, and gets its name at its end',
    );
    expect(explained(`SET state_dir = 's';`)).toContain(
      'gets its name by the next checkpoint\n    delivery: exactly once',
    );
  });

  test.each([
    [`roll_bytes = '10'`, 'roll_bytes cannot be', 'a number of bytes'],
    [`roll_every = '0s'`, 'roll_every cannot be', 'at least 100ms'],
    [`roll_every = 'soon'`, 'roll_every cannot be', 'a length of time'],
    [`roll_size = '1MB'`, 'has no option roll_size', 'it takes'],
  ])('refuse %s', (options, message, hint) => {
    const { code, stderr } = laminar(['check', '-e', textOf(options)]);
    expect(code).toBe(78);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });
});

test("mode = 'new' of one file does not replace it, and goes on with its own", () => {
  fs.writeFileSync(path.join(folder, 'in.ndjson'), rows(0, 10));
  expect(run(`mode = 'new'`, '--state-dir', 'state', '--max-rows', '3')).toMatchObject({ code: 0 });
  expect(run(`mode = 'new'`, '--state-dir', 'state')).toMatchObject({ code: 0 });
  expect(read('o.ndjson')).toBe(rows(0, 10));
  const there = '-e: o.ndjson: error LMN-5032: o.ndjson is there already\n';
  for (const flags of [[], ['--state-dir', 'other'], ['--state-dir', 'state', '--fresh']]) {
    const { code, stderr } = run(`mode = 'new'`, ...flags);
    expect([code, stderr]).toEqual([74, expect.stringContaining(there)]);
  }
  expect(read('o.ndjson')).toBe(rows(0, 10));
});

test('a series is not replaced unasked; it is gone on with, or removed', () => {
  fs.writeFileSync(path.join(folder, 'in.ndjson'), rows(0, 300));
  expect(run(`roll_bytes = '1KB'`)).toMatchObject({ code: 0, stderr: '' });
  expect(names()).toEqual(['o-000001.ndjson', 'o-000002.ndjson', 'o-000003.ndjson']);
  expect(names().map(read).join('')).toBe(rows(0, 300));
  expect(run(`roll_bytes = '1KB'`).stderr).toContain('error LMN-5032: o-000001.ndjson is there already');
  fs.writeFileSync(path.join(folder, 'in.ndjson'), rows(0, 5));
  expect(run(`roll_bytes = '1KB', mode = 'append'`)).toMatchObject({ code: 0, stderr: '' });
  expect(read('o-000004.ndjson')).toBe(rows(0, 5));
  expect(run(`roll_bytes = '1KB', mode = 'overwrite'`)).toMatchObject({ code: 0, stderr: '' });
  expect(names()).toEqual(['o-000001.ndjson']);
});

describe('SIGTERM', () => {
  const text = (options: string) =>
    `SET checkpoint_interval = '100ms'; CREATE SOURCE t (a BIGINT) FROM STDIN; CREATE SINK s FROM t INTO FILE (path = 'o.ndjson', ${options});`;

  test('gives the last file its name', async () => {
    const running = startLaminar(['run', '-q', '-e', text(`roll_bytes = '1KB'`)], { cwd: folder });
    running.child.stdin.write(rows(0, 150));
    await until(() => names().length === 2);
    expect(names()).toEqual(['.o-000002.ndjson.inprogress', 'o-000001.ndjson']);
    running.child.kill('SIGTERM');
    expect(await running.ending()).toMatchObject({ code: 0, stderr: '' });
    expect(names()).toEqual(['o-000001.ndjson', 'o-000002.ndjson']);
    expect(names().map(read).join('')).toBe(rows(0, 150));
  });

  test('leaves it in progress where state is kept, and the next run goes on with it', async () => {
    const flags = ['run', '-q', '-e', text(`roll_bytes = '1KB'`), '--state-dir', 'state'];
    const running = startLaminar(flags, { cwd: folder });
    running.child.stdin.write(rows(0, 150));
    await until(() => names().includes('o-000001.ndjson'));
    running.child.kill('SIGTERM');
    expect(await running.ending()).toMatchObject({ code: 0, stderr: '' });
    expect(names()).toEqual(['.o-000002.ndjson.inprogress', 'o-000001.ndjson']);
    const rest = laminar(flags, { cwd: folder, input: rows(150, 300) });
    expect(rest).toMatchObject({ code: 0, stderr: '' });
    expect(names()).toEqual(['o-000001.ndjson', 'o-000002.ndjson', 'o-000003.ndjson']);
    expect(names().map(read).join('')).toBe(rows(0, 300));
    const sizes = names().map((name) => read(name).length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024);
  });

  test('after a silence: the time of a file was over', async () => {
    const running = startLaminar(['run', '-q', '-e', text(`roll_every = '200ms'`)], { cwd: folder });
    running.child.stdin.write(rows(0, 5));
    await until(() => names().includes('o-000001.ndjson'));
    expect(read('o-000001.ndjson')).toBe(rows(0, 5));
    running.child.stdin.write(rows(5, 7));
    await until(() => names().includes('o-000002.ndjson'));
    running.child.kill('SIGTERM');
    expect(await running.ending()).toMatchObject({ code: 0, stderr: '' });
    expect(names().map(read)).toEqual([rows(0, 5), rows(5, 7)]);
  });
});

test('--from an older checkpoint takes back what came later', () => {
  fs.writeFileSync(path.join(folder, 'in.ndjson'), rows(0, 400));
  const roll = `roll_bytes = '1KB'`;
  const step = (text: string, ...flags: string[]) =>
    laminar(['run', '-q', '-e', text, '--state-dir', 'state', ...flags], { cwd: folder });
  const slow = `SET checkpoint_interval = '100ms'; CREATE SOURCE t (a BIGINT) FROM GENERATOR (rows = 3000, rate = 2000, a.kind = 'sequence');
    CREATE SINK s FROM t INTO FILE (path = 'o.ndjson', ${roll});`;
  expect(step(slow, '--for', '700ms')).toMatchObject({ code: 0, stderr: '' });
  const { stdout } = laminar(['checkpoint', 'list', '-s', 'state', '--json'], { cwd: folder });
  const epochs = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).epoch as number);
  const oldest = Math.min(...epochs);
  const before = names();
  expect(step(slow, '--from', String(oldest), '--for', '1ms')).toMatchObject({ code: 0, stderr: '' });
  expect(names().length).toBeLessThanOrEqual(before.length);
  expect(step(slow)).toMatchObject({ code: 0, stderr: '' });
  const texts = names().map(read);
  const start = JSON.parse((texts[0] as string).slice(0, (texts[0] as string).indexOf('\n'))).a as number;
  expect(texts.join('')).toBe(rows(start, start + 3000));
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(1024);
}, 30_000);

describe('what the system refuses', () => {
  test('a directory that may not be written, or is not there', () => {
    fs.writeFileSync(path.join(folder, 'in.ndjson'), rows(0, 10));
    fs.chmodSync(folder, 0o755);
    const text = textOf(`roll_bytes = '1KB'`);
    if (process.getuid?.() === 0) {
      const { code, stderr } = laminar(['run', '-q', '-e', text], { cwd: folder, asNobody: true });
      expect([code, stderr]).toEqual([
        74,
        expect.stringContaining('error LMN-5030: cannot open .o-000001.ndjson.inprogress for writing: EACCES'),
      ]);
    }
    const gone = text.replace("'o.ndjson'", "'no/o.ndjson'");
    const { code, stderr } = laminar(['run', '-q', '-e', gone], { cwd: folder });
    expect([code, stderr]).toEqual([
      74,
      expect.stringContaining('error LMN-5030: cannot open no/o-000001.ndjson for writing: ENOENT'),
    ]);
    expect(stderr).toContain('does not exist: create it first');
  });

  test.skipIf(!canMount())(
    'a full disk: finished files stay, and the run goes on when there is room',
    () => {
      fs.writeFileSync(path.join(folder, 'in.ndjson'), rows(0, 60_000));
      const small = path.join(folder, 'small');
      fs.mkdirSync(small);
      mountSmall(small, '400k');
      try {
        const text = `SET checkpoint_interval = '100ms';
        CREATE SOURCE t (a BIGINT) FROM GENERATOR (rows = 60000, rate = 60000, a.kind = 'sequence');
        CREATE SINK s FROM t INTO FILE (path = 'small/o.ndjson', roll_bytes = '64KB');`;
        const start = (...flags: string[]) => laminar(['run', '-q', '-e', text, ...flags], { cwd: folder });
        const full = start();
        expect([full.code, full.stderr]).toEqual([
          74,
          '-e: small/.o-000007.ndjson.inprogress: error LMN-5031: cannot write small/.o-000007.ndjson.inprogress: no space left\nhint: free some space or write to another disk\n',
        ]);
        const there = names(small);
        expect(there).toEqual(['.o-000007.ndjson.inprogress', ...there.slice(1)]);
        for (const name of there) fs.rmSync(path.join(small, name));
        // Somebody takes finished files away, so that there is room: run by run the rest comes.
        let taken = '';
        for (let life = 0; life < 20; life++) {
          const { code, stderr } = start('--state-dir', 'state');
          for (const name of names(small).filter((file) => !file.startsWith('.'))) {
            taken += fs.readFileSync(path.join(small, name), 'utf8');
            fs.rmSync(path.join(small, name));
          }
          if (code === 0) break;
          expect(stderr).toContain('no space left');
        }
        expect(taken).toBe(rows(0, 60_000));
        expect(fs.readdirSync(small)).toEqual([]);
      } finally {
        unmount(small);
      }
    },
    60_000,
  );
});
