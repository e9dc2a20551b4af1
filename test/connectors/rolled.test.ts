// Rolled files: their names, when they appear, and that a run which crashed anywhere leaves what the next one makes right.

import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LaminarError } from '../../src/base/errors.ts';
import type { FileMode } from '../../src/connectors/file.ts';
import { openRolled } from '../../src/connectors/rolled.ts';
import { RolledFiles } from '../../src/connectors/rolled-files.ts';
import { RolledTransactions } from '../../src/connectors/rolled-transactions.ts';
import type { EpochPart } from '../../src/connectors/transactions.ts';
import { TextParts } from '../../src/formats/text-parts.ts';
import { RolledName } from '../../src/plan/rolled-name.ts';
import { testMemory } from '../support/linear-memory.ts';
import { often } from '../support/random.ts';
import { temporaryDirectory } from './fixture.ts';

const runs = often(60);
const memory = testMemory();
let directory = '';
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

const at = (name: string) => path.join(directory, name);
const names = () => fs.readdirSync(directory).sort();
/** What readers of the series find, file by file. */
const finished = (): string[] =>
  names()
    .filter((name) => /^o-\d+\.txt$/.test(name))
    .map((name) => fs.readFileSync(at(name), 'utf8'));

function codeOf(act: () => unknown): { code: string; message: string } {
  try {
    act();
  } catch (error) {
    const { code, message } = error as LaminarError;
    return { code, message: message.replaceAll(`${directory}/`, '') };
  }
  throw new Error('expected an error');
}

interface Opened {
  mode?: FileMode;
  bytesMax?: number;
  millisMax?: number | null;
  now?: () => number;
  head?: string;
  isCommitted?: boolean;
  from?: EpochPart | null;
}

function open(given: Opened = {}) {
  const { mode = 'new', bytesMax = 10, millisMax = null, now = () => 0, head = '', isCommitted = false } = given;
  const text = Buffer.from(head);
  const cut = (most: number) =>
    new TextParts(memory, { bytesMax: most, head: memory.store(text), headBytes: text.length, quote: null });
  const from = given.from ?? null;
  return openRolled(
    { path: at('o.txt'), mode, compression: 'none', bytesMax, millisMax },
    { name: 'o', schema: [], resumeAt: from?.bytes ?? null, place: from?.place ?? null, isCommitted, cut, now },
  );
}

const page = memory.allocate(1 << 16);
function write(writer: ReturnType<typeof open>, text: string): void {
  const bytes = Buffer.from(text);
  memory.u8.set(bytes, page);
  writer.write(memory, page, bytes.length);
}

describe('names of a series', () => {
  it('have the number before the extension, and before that of a compression', () => {
    const of = (file: string) => new RolledName(file).of(7);
    expect(of('out/trades.ndjson')).toBe('trades-000007.ndjson');
    expect(of('trades.csv.gz')).toBe('trades-000007.csv.gz');
    expect(of('trades.ZST')).toBe('trades-000007.ZST');
    expect(of('my.trades.arrow')).toBe('my.trades-000007.arrow');
    expect(of('trades')).toBe('trades-000007');
    expect(of('.hidden')).toBe('.hidden-000007');
    expect(new RolledName('t.csv').of(1_234_567)).toBe('t-1234567.csv');
  });

  it('are known again, and no others are', () => {
    const name = new RolledName('t.csv.gz');
    const numbers = ['t-000012.csv.gz', 't-1234567.csv.gz'].map((file) => name.numberOf(file));
    expect(numbers).toEqual([12, 1_234_567]);
    const others = [
      't-12.csv.gz',
      't-000000.csv.gz',
      't-0000012.csv.gz',
      't-000012.csv',
      'u-000012.csv.gz',
      't.csv.gz',
    ];
    expect(others.map((file) => name.numberOf(file))).toEqual(others.map(() => null));
  });
});

describe('a rolled output', () => {
  it('begins a file with the row that would make the last one larger, and shows whole ones only', () => {
    const writer = open();
    write(writer, 'abc\nabcd\n');
    expect(names()).toEqual(['.o-000001.txt.inprogress']);
    write(writer, 'f\nlonger than a file\nx\n');
    expect(finished()).toEqual(['abc\nabcd\n', 'f\n', 'longer than a file\n']);
    write(writer, 'y\n');
    writer.endPart();
    writer.close();
    expect(finished()).toEqual(['abc\nabcd\n', 'f\n', 'longer than a file\n', 'x\ny\n']);
    expect(names()).toHaveLength(4);
  });

  it('fills a file to the last byte, and makes none without rows', () => {
    const writer = open();
    write(writer, 'abcdefghi\n');
    write(writer, 'a\n');
    writer.endPart();
    writer.endPart();
    writer.close();
    expect(finished()).toEqual(['abcdefghi\n', 'a\n']);
    fs.rmSync(at('o-000001.txt'));
    fs.rmSync(at('o-000002.txt'));
    const other = open();
    other.endPart();
    other.close();
    expect(names()).toEqual([]);
  });

  it('puts what begins each file into its size', () => {
    const writer = open({ head: 'h,i\n' });
    write(writer, 'a,b\nc,d\ne,f\nmuch too long\n');
    writer.endPart();
    expect(finished()).toEqual(['h,i\na,b\n', 'h,i\nc,d\n', 'h,i\ne,f\n', 'h,i\nmuch too long\n']);
  });

  it('ends a file when its time is over, by its own first row', () => {
    let time = 1000;
    const writer = open({ bytesMax: Number.POSITIVE_INFINITY, millisMax: 50, now: () => time });
    expect(writer.isPartOver()).toBe(false);
    time = 5000;
    write(writer, 'a\n');
    time = 5049;
    expect(writer.isPartOver()).toBe(false);
    time = 5050;
    expect(writer.isPartOver()).toBe(true);
    writer.endPart();
    expect(writer.isPartOver()).toBe(false);
    expect(finished()).toEqual(['a\n']);
    writer.close();
  });

  it('leaves a file in progress when the run fails, and does not take it for finished later', () => {
    const writer = open();
    write(writer, 'abc\nabcdefg\nrest\n');
    writer.close();
    expect(names()).toEqual(['.o-000003.txt.inprogress', 'o-000001.txt', 'o-000002.txt']);
    expect(codeOf(() => open())).toEqual({ code: 'LMN-5032', message: 'o-000001.txt is there already' });
    const more = open({ mode: 'append' });
    write(more, 'more\n');
    more.endPart();
    expect(names()).toEqual(['.o-000003.txt.inprogress', 'o-000001.txt', 'o-000002.txt', 'o-000004.txt']);
    const anew = open({ mode: 'overwrite' });
    expect(names()).toEqual([]);
    write(anew, 'new\n');
    anew.endPart();
    expect(finished()).toEqual(['new\n']);
  });

  it('is refused where only a file in progress was left, and where another run writes the same', () => {
    fs.writeFileSync(at('.o-000001.txt.inprogress'), 'x');
    expect(codeOf(() => open())).toEqual({
      code: 'LMN-5032',
      message: '.o-000001.txt.inprogress is there already, left by a run that did not come to its end',
    });
    fs.rmSync(at('.o-000001.txt.inprogress'));
    const [one, other] = [open(), open()];
    write(one, 'a\n');
    expect(codeOf(() => write(other, 'b\n')).code).toBe('LMN-5032');
    fs.writeFileSync(at('o-000001.txt'), 'theirs');
    expect(codeOf(() => one.endPart()).code).toBe('LMN-5033');
    expect(finished()).toEqual(['theirs']);
  });

  it('is no device and no directory', () => {
    const openAt = (file: string) =>
      openRolled(
        { path: file, mode: 'new', compression: 'none', bytesMax: 10, millisMax: null },
        { name: 'o', schema: [], resumeAt: null, place: null, isCommitted: false, cut: () => never(), now: () => 0 },
      );
    const never = () => {
      throw new Error('nothing is cut');
    };
    expect(codeOf(() => openAt('/dev/null'))).toEqual({
      code: 'LMN-5030',
      message: 'cannot write a series of files as /dev/null: it is no file',
    });
    expect(codeOf(() => openAt(at('.'))).message).toMatch(/: it is a directory$/);
  });

  it('names what it cannot do', () => {
    expect(codeOf(() => new RolledFiles(at('no/o.txt')).begin('new'))).toEqual({
      code: 'LMN-5030',
      message: 'cannot open no/o-000001.txt for writing: ENOENT',
    });
    const writer = open();
    write(writer, 'a\n');
    fs.rmSync(directory, { recursive: true });
    const { code, message } = codeOf(() => writer.endPart());
    expect([code, message]).toEqual([
      'LMN-5033',
      '.o-000001.txt.inprogress is finished, and cannot be called o-000001.txt: ENOENT',
    ]);
  });
});

/** One run after another over the same rows: each goes on from the last decided epoch. */
describe('a rolled output with transactions', () => {
  it('shows a file when the epoch is decided in which it ended', async () => {
    const transactions = new RolledTransactions(new RolledFiles(at('o.txt')), 'new');
    expect(await transactions.begin()).toBe(0);
    const writer = open({ isCommitted: true });
    write(writer, 'abc\nabcdefg\nrest\n');
    const part = { epoch: 1, bytes: writer.settle(), handle: null, place: writer.place() };
    expect(part.bytes).toBe(17);
    expect(await transactions.preCommit(part)).toEqual({ isYes: true, handle: null });
    expect(finished()).toEqual([]);
    await transactions.commit(part);
    expect(finished()).toEqual(['abc\n', 'abcdefg\n']);
    await transactions.commit(part);
    write(writer, 'lost with the run\n');
    writer.close();
    const later = new RolledTransactions(new RolledFiles(at('o.txt')), 'new');
    await later.recover(part);
    expect(names()).toEqual(['.o-000003.txt.inprogress', 'o-000001.txt', 'o-000002.txt']);
    expect(fs.readFileSync(at('.o-000003.txt.inprogress'), 'utf8')).toBe('rest\n');
  });

  it('does not vote for what the disk has lost, and does not go on from it', async () => {
    const transactions = new RolledTransactions(new RolledFiles(at('o.txt')), 'new');
    const writer = open({ isCommitted: true });
    write(writer, 'abc\nabcdefg\nrest\n');
    const part = { epoch: 1, bytes: writer.settle(), handle: null, place: writer.place() };
    fs.truncateSync(at('.o-000003.txt.inprogress'), 3);
    expect(await transactions.preCommit(part)).toMatchObject({ isYes: false });
    await expect(transactions.recover(part)).rejects.toMatchObject({ code: 'LMN-4005' });
    fs.rmSync(at('.o-000003.txt.inprogress'));
    await expect(transactions.recover(part)).rejects.toMatchObject({ code: 'LMN-4005' });
    fs.rmSync(at('.o-000001.txt.inprogress'));
    await expect(transactions.preCommit(part)).rejects.toMatchObject({ code: 'LMN-5031' });
  });

  it('does not commit over a file of somebody else', async () => {
    const transactions = new RolledTransactions(new RolledFiles(at('o.txt')), 'new');
    const writer = open({ isCommitted: true });
    write(writer, 'abc\nabcdefg\nrest\n');
    const part = { epoch: 1, bytes: writer.settle(), handle: null, place: writer.place() };
    await transactions.preCommit(part);
    fs.writeFileSync(at('o-000002.txt'), 'theirs');
    await expect(transactions.commit(part)).rejects.toMatchObject({ code: 'LMN-5033' });
    expect(finished()).toEqual(['abc\n', 'theirs']);
    fs.rmSync(at('o-000002.txt'));
    await transactions.commit(part);
    expect(finished()).toEqual(['abc\n', 'abcdefg\n']);
  });

  it('goes on when finished files have been moved away', async () => {
    const transactions = new RolledTransactions(new RolledFiles(at('o.txt')), 'new');
    const writer = open({ isCommitted: true });
    write(writer, 'abc\nabcdefg\nrest\n');
    const part = { epoch: 1, bytes: writer.settle(), handle: null, place: writer.place() };
    await transactions.preCommit(part);
    await transactions.commit(part);
    fs.rmSync(at('o-000001.txt'));
    fs.rmSync(at('o-000002.txt'));
    const later = new RolledTransactions(new RolledFiles(at('o.txt')), 'new');
    await later.recover(part);
    const again = open({ isCommitted: true, from: part });
    write(again, 'and more\n');
    again.endPart();
    const end = { epoch: 2, bytes: again.settle(), handle: null, place: again.place() };
    expect(end.bytes).toBe(26);
    await later.preCommit(end);
    await later.commit(end);
    expect(finished()).toEqual(['rest\n', 'and more\n']);
  });

  it('is after any crashes what it is without', { timeout: 60_000 }, async () => {
    const rowsOf = fc.array(fc.integer({ min: 0, max: 14 }), { minLength: 1, maxLength: 40 });
    const mode = fc.constantFrom<FileMode>('new', 'append', 'overwrite');
    await fc.assert(
      fc.asyncProperty(rowsOf, mode, fc.infiniteStream(fc.nat(99)), async (lengths, how, draws) => {
        fs.rmSync(directory, { recursive: true, force: true });
        fs.mkdirSync(directory);
        const rows = lengths.map((length, i) => `${String.fromCharCode(97 + (i % 26)).repeat(length)}\n`);
        const draw = (below: number) => (draws.next().value as number) % below;
        if (how !== 'new') fs.writeFileSync(at('o-000004.txt'), 'of an earlier output\n');
        await crashing(rows, how, draw);
        const whole = finished();
        const expected = cut(rows);
        if (how === 'append') expected.unshift('of an earlier output\n');
        expect(whole).toEqual(expected);
        expect(names()).toHaveLength(whole.length);
      }),
      { numRuns: runs },
    );
  });
});

/** The files that rows make, 10 bytes each at most. */
function cut(rows: readonly string[]): string[] {
  const files: string[] = [];
  for (const row of rows) {
    const last = files.at(-1);
    if (last === undefined || last.length + row.length > 10) files.push(row);
    else files[files.length - 1] = last + row;
  }
  return files;
}

/** Writes all rows in as many lives as it takes; each step may be the last one of its life. */
async function crashing(rows: readonly string[], mode: FileMode, draw: (below: number) => number): Promise<void> {
  let decided: (EpochPart & { row: number })[] = [];
  let begun: number | null = null;
  let epoch = 0;
  for (let life = 0; ; life++) {
    const isMortal = life < 12;
    const files = new BreakingFiles(at('o.txt'), () => isMortal && draw(12) === 0);
    const transactions = new RolledTransactions(files, mode);
    // Now and then a run goes back to an older checkpoint.
    if (isMortal && decided.length > 1 && draw(6) === 0) decided = decided.slice(0, 1 + draw(decided.length - 1));
    const from = decided.at(-1) ?? null;
    try {
      if (from !== null) await transactions.recover(from);
      else if (begun !== null) await transactions.recover({ epoch: 0, bytes: begun, handle: null });
      else begun = await transactions.begin();
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      continue;
    }
    const writer = open({ mode, isCommitted: true, from });
    let row = from?.row ?? 0;
    try {
      while (row < rows.length) {
        const end = Math.min(rows.length, row + 1 + draw(6));
        write(writer, rows.slice(row, end).join(''));
        row = end;
        if (row === rows.length) writer.endPart();
        if (isMortal && draw(8) === 0) throw new Broken();
        const part = { epoch: ++epoch, bytes: writer.settle(), handle: null, place: writer.place(), row };
        if (row < rows.length && draw(3) === 0) continue;
        expect(await transactions.preCommit(part)).toMatchObject({ isYes: true });
        if (isMortal && draw(8) === 0) throw new Broken();
        decided.push(part);
        await transactions.commit(part);
      }
      // All was written, and its life ended before it was all committed.
      if (decided.at(-1)?.row === rows.length) await transactions.commit(decided.at(-1) as EpochPart);
      writer.close();
      return;
    } catch (error) {
      writer.close();
      if (!(error instanceof Broken)) throw error;
    }
  }
}

class Broken extends Error {}

/** Files whose every change may be the last one, before or after it is made. */
class BreakingFiles extends RolledFiles {
  readonly #breaks: () => boolean;

  constructor(file: string, breaks: () => boolean) {
    super(file);
    this.#breaks = breaks;
  }

  override finish(number: number): void {
    this.#around(() => super.finish(number));
  }

  override takeBack(number: number): void {
    this.#around(() => super.takeBack(number));
  }

  override remove(file: string): void {
    this.#around(() => super.remove(file));
  }

  #around(work: () => void): void {
    if (this.#breaks()) throw new Broken();
    work();
    if (this.#breaks()) throw new Broken();
  }
}
