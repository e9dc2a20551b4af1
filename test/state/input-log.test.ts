// The log of inputs that cannot be read twice: what was appended comes back from any place, and damage is never read.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Environment } from '../../src/state/environment.ts';
import { InputLog, type LogOptions } from '../../src/state/input-log.ts';

let directory = '';
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-log-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

const losses: string[] = [];
const open = (options: Partial<LogOptions> = {}) =>
  InputLog.open(directory, { isSynced: false, isLenient: false, onLoss: (text) => losses.push(text), ...options });
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (parts: Iterable<Uint8Array>) => Buffer.concat([...parts]).toString();

/** Changes what is stored of the piece that begins at `offset`. */
async function damage(offset: number): Promise<void> {
  const environment = await Environment.open(directory, path.join(directory, 'wal-0'));
  const key = environment.keys('').find((name) => Number(name.split('/')[1]) === offset) as string;
  const bytes = environment.get(key) as Uint8Array;
  bytes[0] = (bytes[0] as number) ^ 1;
  await environment.write([{ key, bytes }]);
  await environment.close();
}

test('gives what was appended from any offset, also after it was cut and opened again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
      fc.nat(100),
      fc.nat(100),
      async (groups, at, cutAt) => {
        let log = await open();
        await log.clear();
        const all = Buffer.from(groups.flat().join(''));
        for (const parts of groups) await log.append('a/b', parts.map(bytesOf));
        expect(log.span('a/b')).toEqual({ begin: 0, end: all.length });
        const cut = Math.min(cutAt, all.length);
        await log.cut('a/b', cut);
        await log.close();
        log = await open();
        const { begin, end } = log.span('a/b');
        expect([begin <= cut, end]).toEqual([true, all.length]);
        const from = Math.min(Math.max(at, begin), end);
        expect(textOf(log.read('a/b', from))).toBe(all.subarray(from).toString());
        await log.close();
      },
    ),
    { numRuns: 20 },
  );
});

test('goes on where it ended once all of it is cut', async () => {
  const log = await open();
  await log.append('t', [bytesOf('abc'), bytesOf('def')]);
  await log.cut('t', 6);
  expect(log.span('t')).toEqual({ begin: 3, end: 6 });
  await log.append('t', [bytesOf('g')]);
  expect(textOf(log.read('t', 4))).toBe('efg');
  await log.close();
});

test('stops at a damaged piece, or leaves lines empty in its place and tells of it', async () => {
  let log = await open();
  await log.append('t', [bytesOf('one\n'), bytesOf('two\n'), bytesOf('three\n')]);
  await log.close();
  await damage(4);
  log = await open();
  expect(() => textOf(log.read('t', 0))).toThrow('bytes 4 to 8 of t are not what was read');
  await log.close();
  losses.length = 0;
  log = await open({ isLenient: true });
  expect(textOf(log.read('t', 0))).toBe('one\n\n\n\n\nthree\n');
  expect(losses).toEqual(['lost: bytes 4 to 8 of t, which are damaged in the log']);
  await log.close();
});

test('cuts a damaged piece off at the end, which nobody was promised', async () => {
  let log = await open();
  await log.append('t', [bytesOf('one\n'), bytesOf('two\n')]);
  await log.close();
  await damage(4);
  losses.length = 0;
  log = await open();
  expect(log.span('t')).toEqual({ begin: 0, end: 4 });
  expect(losses).toEqual(['the log of t ended in a damaged piece: it ends at byte 4 now']);
  await log.close();
});

test('begins where a checkpoint is that the log had not reached, and refuses one that it has left behind', async () => {
  const log = await open();
  await log.append('t', [bytesOf('abc'), bytesOf('def')]);
  await log.begin('t', 9);
  expect(log.span('t')).toEqual({ begin: 9, end: 9 });
  await log.append('t', [bytesOf('ghi')]);
  expect(log.span('t')).toEqual({ begin: 9, end: 12 });
  await expect(log.begin('t', 8)).rejects.toThrow('the log of t begins at byte 9, and 8 is wanted');
  await log.close();
});
