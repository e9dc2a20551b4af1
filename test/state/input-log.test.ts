// The log of inputs that cannot be read twice: what was written comes back from any place, and damage is never read.

import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadKernelModule } from '../../src/platform/resources.ts';
import { InputLog, type LogOptions } from '../../src/state/input-log.ts';
import { HEADER_BYTES, PAGE_BYTES, RECORD_BYTES_MAX, recordSpan } from '../../src/state/log-record.ts';
import { LogSums } from '../../src/state/log-sums.ts';
import { LogWriter } from '../../src/state/log-writer.ts';
import { testMemory } from '../support/linear-memory.ts';
import { quickFolder } from '../support/quick-folder.ts';

let directory = '';
beforeEach(() => {
  directory = quickFolder('laminar-log-');
  losses.length = 0;
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

const losses: string[] = [];
const memory = testMemory();
/** Each writer has another one. */
let seed = 1_234_567;
const sums = new LogSums(loadKernelModule);
/** Gives back the memory of the last writer: there is one at a time. */
let release = () => {};
const open = (options: Partial<LogOptions> = {}) =>
  InputLog.open(directory, { isLenient: false, onLoss: (text) => losses.push(text), sums, ...options });
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (parts: Iterable<Uint8Array>) => Buffer.concat([...parts]).toString();

/** A writer that goes on where the log ends, as a run has it. */
function writerOf(log: InputLog, source: string, segmentBytes?: number): LogWriter {
  const onSegment = (segment: { begin: number; salt: number }) => log.extend(source, segment);
  const parts = {
    memory,
    folder: log.folder(source),
    end: log.span(source).end,
    seed: ++seed,
    onSegment,
    segmentBytes,
  };
  release();
  const lent = memory.lend(() => new LogWriter(parts));
  release = lent.release;
  return lent.made;
}

/** Writes each group by itself, on the disk before the next, and leaves the file as a run that is killed does. */
function append(source: string, groups: readonly string[], { isSynced = true } = {}): void {
  const writer = writerOf(open(), source);
  for (const text of groups) {
    writer.write([bytesOf(text)]);
    if (isSynced) writer.sync();
  }
}

/** The only file of the log of `t`. */
function fileOf(): string {
  const folder = open().folder('t');
  const [name = '', ...more] = fs.readdirSync(folder);
  expect(more).toEqual([]);
  return path.join(folder, name);
}

function flip(position: number): void {
  const file = fileOf();
  const bytes = fs.readFileSync(file);
  bytes[position] = (bytes[position] as number) ^ 1;
  fs.writeFileSync(file, bytes);
}

test('gives what was written from any offset, also after it was cut and opened again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
      fc.nat(100),
      fc.nat(100),
      fc.nat(5),
      async (groups, at, cutAt, again) => {
        let log = open();
        await log.clear();
        const all = Buffer.from(groups.flat().join(''));
        // Files that hold a page or two.
        let writer = writerOf(log, 'a/b', 2 * PAGE_BYTES);
        for (const [index, parts] of groups.entries()) {
          if (index === again) {
            log = open();
            writer = writerOf(log, 'a/b', 2 * PAGE_BYTES);
          }
          writer.write(parts.map(bytesOf));
        }
        expect(log.span('a/b').begin).toBe(0);
        log = open();
        expect(log.span('a/b')).toEqual({ begin: 0, end: all.length });
        const cut = Math.min(cutAt, all.length);
        await log.cut('a/b', { needed: cut, wanted: cut });
        log = open();
        const { begin, end } = log.span('a/b');
        expect([begin <= cut, end]).toEqual([true, all.length]);
        const from = Math.min(Math.max(at, begin), end);
        expect(textOf(log.read('a/b', from))).toBe(all.subarray(from).toString());
        expect(losses).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

test('cuts what is longer than a record into records', () => {
  const all = Buffer.alloc(3 * RECORD_BYTES_MAX + 17, 'abcdefg');
  const writer = writerOf(open(), 't');
  writer.write([all.subarray(0, 100_000), all.subarray(100_000)]);
  expect(Buffer.concat([...open().read('t', 5)]).equals(all.subarray(5))).toBe(true);
});

test('goes on where it ended once all of it is cut', async () => {
  append('t', ['abc', 'def']);
  const log = open();
  await log.cut('t', { needed: 6, wanted: 6 });
  expect(log.span('t')).toEqual({ begin: 0, end: 6 });
  append('t', ['g']);
  expect(textOf(open().read('t', 4))).toBe('efg');
});

test('stops at damaged bytes, or leaves lines empty in their place and tells of it', () => {
  append('t', ['one\n', 'two\n', 'three\n']);
  flip(PAGE_BYTES + HEADER_BYTES + 1);
  const log = open();
  expect(() => textOf(log.read('t', 0))).toThrow('bytes 4 to 8 of t are not what was read');
  expect(textOf(open({ isLenient: true }).read('t', 0))).toBe('one\n\n\n\n\nthree\n');
  expect(losses).toEqual(['lost: bytes 4 to 8 of t, which are damaged in the log']);
});

test('takes no damage in the middle for the end, also where no header says what was there', () => {
  append('t', ['one\n', 'two\n', 'three\n', 'four\n']);
  for (const position of [PAGE_BYTES, 2 * PAGE_BYTES + 9]) flip(position);
  const log = open();
  expect(log.span('t')).toEqual({ begin: 0, end: 19 });
  expect(() => textOf(log.read('t', 0))).toThrow('bytes 4 to 14 of t are not what was read');
  expect(textOf(open({ isLenient: true }).read('t', 0))).toBe(`one\n${'\n'.repeat(10)}four\n`);
});

test('cuts a damaged piece off at the end, which nobody was promised', () => {
  append('t', ['one\n', 'two\n']);
  flip(PAGE_BYTES + HEADER_BYTES);
  expect(open().span('t')).toEqual({ begin: 0, end: 4 });
  expect(losses).toEqual(['the log of t ended in a damaged piece: it ends at byte 4 now']);
  losses.length = 0;
  append('t', ['TWO\n']);
  expect(textOf(open().read('t', 0))).toBe('one\nTWO\n');
  expect(losses).toEqual([]);
});

test('ends before a gap in what the disk had not taken, whichever of it did come there', () => {
  append('t', ['one\n']);
  append('t', ['two\n', 'three\n', 'four\n'], { isSynced: false });
  const folder = open().folder('t');
  const [, name = ''] = fs.readdirSync(folder).sort();
  // The system wrote the second page and not the first.
  const file = fs.openSync(path.join(folder, name), 'r+');
  fs.writeSync(file, new Uint8Array(PAGE_BYTES), 0, PAGE_BYTES, 0);
  fs.closeSync(file);
  expect(open().span('t')).toEqual({ begin: 0, end: 4 });
  expect(losses).toEqual(['the log of t ended in a damaged piece: it ends at byte 4 now']);
  append('t', ['2\n']);
  expect(textOf(open().read('t', 0))).toBe('one\n2\n');
});

test('takes an input that looks like a record for none', () => {
  append('t', ['one\n']);
  const record = fs.readFileSync(fileOf()).subarray(0, recordSpan(4));
  const hidden = Buffer.concat([Buffer.alloc(PAGE_BYTES - HEADER_BYTES), record]);
  fs.rmSync(path.join(directory, 'wal-0'), { recursive: true });
  const writer = writerOf(open(), 't');
  for (const part of [hidden, bytesOf('end\n')]) {
    writer.write([part]);
    writer.sync();
  }
  flip(0);
  expect(() => textOf(open().read('t', 0))).toThrow(`bytes 0 to ${hidden.length} of t`);
});

test('never gives wrong bytes, whatever becomes of its files', () => {
  const groups = ['first line\n', 'x'.repeat(9000), '\nthird\n', 'y'.repeat(70_000), '\nlast\n'];
  const whole = groups.join('');
  append('t', groups);
  const file = fileOf();
  const intact = fs.readFileSync(file);
  const isUsed = (position: number) => intact[position] !== 0;
  fc.assert(
    fc.property(fc.nat(intact.length - 1), fc.nat(7), fc.boolean(), (position, bit, isCut) => {
      const bytes = Buffer.from(isCut ? intact.subarray(0, position) : intact);
      if (!isCut) bytes[position] = (bytes[position] as number) ^ (1 << bit);
      fs.writeFileSync(file, bytes);
      losses.length = 0;
      const log = open();
      let found = '';
      try {
        found = textOf(log.read('t', 0));
      } catch (error) {
        expect((error as Error).message).toContain('are not what was read');
        return;
      }
      expect(whole.startsWith(found)).toBe(true);
      expect(log.span('t').end).toBe(found.length);
      if (found.length < whole.length && !isCut && isUsed(position)) expect(losses).toHaveLength(1);
      fs.mkdirSync(path.dirname(file), { recursive: true });
    }),
    { numRuns: 150 },
  );
});

test('begins where a checkpoint is that the log had not reached, and refuses one that it has left behind', async () => {
  append('t', ['abc', 'def']);
  const log = open();
  await log.begin('t', 9);
  expect(log.span('t')).toEqual({ begin: 9, end: 9 });
  writerOf(log, 't').write([bytesOf('ghi')]);
  expect(open().span('t')).toEqual({ begin: 9, end: 12 });
  await expect(open().begin('t', 8)).rejects.toThrow('the log of t begins at byte 9, and 8 is wanted');
});

test('refuses a log of another format', () => {
  fs.mkdirSync(path.join(directory, 'wal-0'));
  fs.writeFileSync(path.join(directory, 'wal-0/data.mdb'), '');
  expect(() => open()).toThrow('is of another format');
});
