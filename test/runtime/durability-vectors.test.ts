// Acceptance vectors of durability and sinks, one each, in the order in which they were written down. What they are about
// is tested at length in input-log.test.ts, exactly-once.test.ts, crash.test.ts and wal.test.ts.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ByteRing } from '../../src/runtime/channels/byte-ring.ts';
import { SinkCommit } from '../../src/runtime/sink-commit.ts';
import { InputLog } from '../../src/state/input-log.ts';
import { HEADER_BYTES, PAGE_BYTES } from '../../src/state/log-record.ts';
import { LogWriter } from '../../src/state/log-writer.ts';
import { testMemory } from '../support/linear-memory.ts';
import { createRandom } from '../support/random.ts';
import { runLives } from '../support/transactional-run.ts';
import { type Fault, StoreSession, TransactionalStore } from '../support/transactional-store.ts';

let directory = '';
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-vectors-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

/** Each writer has another one. */
let seed = 1_234_567;
const open = () => InputLog.open(directory, { isLenient: false, onLoss: () => {} });
const textOf = (parts: Iterable<Uint8Array>) => Buffer.concat([...parts]).toString();

/** Each entry by itself, on the disk before the next, but for the last one. */
function append(source: string, entries: readonly string[]): void {
  const log = open();
  const onSegment = (segment: { begin: number; salt: number }) => log.extend(source, segment);
  const writer = new LogWriter({
    memory: testMemory(),
    folder: log.folder(source),
    end: log.span(source).end,
    seed: ++seed,
    onSegment,
  });
  for (const [index, text] of entries.entries()) {
    writer.write([new TextEncoder().encode(text)]);
    if (index + 1 < entries.length) writer.sync();
  }
}

function logFile(source: string): string {
  const folder = open().folder(source);
  return path.join(folder, fs.readdirSync(folder)[0] as string);
}

describe('log', () => {
  test('three entries, the last cut by one byte: two entries, and the log ends behind the second', () => {
    append('t', ['one\n', 'two\n', 'three\n']);
    fs.truncateSync(logFile('t'), 2 * PAGE_BYTES + HEADER_BYTES + 5);
    const log = open();
    expect(log.span('t')).toEqual({ begin: 0, end: 8 });
    expect(textOf(log.read('t', 0))).toBe('one\ntwo\n');
    append('t', ['3\n']);
    expect(textOf(open().read('t', 0))).toBe('one\ntwo\n3\n');
  });

  test('a byte of entry two is another one: replay stops behind entry one, says where, and does not go on', () => {
    append('t', ['one\n', 'two\n', 'three\n']);
    const file = fs.readFileSync(logFile('t'));
    file[PAGE_BYTES + HEADER_BYTES + 1]! ^= 1;
    fs.writeFileSync(logFile('t'), file);
    const read: string[] = [];
    const replay = () => {
      for (const piece of open().read('t', 0)) read.push(Buffer.from(piece).toString());
    };
    expect(replay).toThrow(expect.objectContaining({ code: 'LMN-4009' }));
    expect(replay).toThrow('bytes 4 to 8 of t are not what was read');
    expect(new Set(read)).toEqual(new Set(['one\n']));
  });

  test('entries of several inputs come back in the order of their bytes, each input by itself, whatever the clock says', () => {
    append('core 1', ['(1, 200)']);
    append('core 0', ['(1, 100)']);
    append('core 1', ['(2, 100)']);
    append('core 0', ['(2, 200)']);
    expect(textOf(open().read('core 0', 0))).toBe('(1, 100)(2, 200)');
    expect(textOf(open().read('core 1', 0))).toBe('(1, 200)(2, 100)');
  });
});

describe('sink', () => {
  test.each([
    'crash before',
    'crash after',
  ] as const)('%s a commit, the epoch is replayed: no row twice, and rows of the same time are both there', async (kind) => {
    const rows = ['{"n":1,"ts":1700000000000}', '{"n":2,"ts":1700000000000}', '{"n":2,"ts":1700000000000}'];
    const text = `CREATE SOURCE t (n INTEGER, ts TIMESTAMP) FROM STDIN (format = 'json');
        CREATE SINK a AS SELECT n FROM t INTO STDOUT (format = 'json');`;
    const stores = { a: new TransactionalStore([{ step: 'commit', call: 1, kind }], 1) };
    const given = { directory: path.join(directory, 'state'), text, stores, random: createRandom(1) };
    await runLives({ ...given, input: Buffer.from(`${rows.join('\n')}\n`) });
    expect(String(stores.a.committed)).toBe('{"n":1}\n{"n":2}\n{"n":2}\n');
  });
});

describe('two-phase commit', () => {
  const TIMES = { preCommitMillis: 20, commitMillis: 20, attempts: 3, pauseMillis: 1 };
  const states = ['a', 'b'].map((id) => ({ id, bytes: 0, openInputs: 1, isFinished: false }));

  /** Votes of two sinks, the second of which has these faults, and what it leads to. */
  async function vote(faults: Fault[]) {
    const stores = [new TransactionalStore([], 1), new TransactionalStore(faults, 40)] as const;
    const [a, b] = [new StoreSession('a', stores[0]), new StoreSession('b', stores[1])];
    const sinks = new SinkCommit(new Map([['a', a] as const, ['b', b] as const]), TIMES);
    const votes = await sinks.preCommit(1, states);
    const prepared = () => stores.map((store) => store.prepared.size);
    return { sinks, stores, votes, prepared };
  }

  test('yes and yes: commit', async () => {
    const { sinks, votes, stores } = await vote([]);
    expect(votes.isYes).toBe(true);
    await sinks.commit(1, votes.isYes ? votes.sinks : []);
    expect(stores.map(({ calls }) => [calls.commit, calls.abort])).toEqual([
      [1, 0],
      [1, 0],
    ]);
  });

  test.each(['no', 'hang'] as const)('yes and %s: abort', async (kind) => {
    const { votes, prepared, stores } = await vote([{ step: 'preCommit', call: 1, kind }]);
    expect([votes.isYes, prepared(), stores.map(({ calls }) => calls.commit)]).toEqual([false, [0, 0], [0, 0]]);
  });

  test('recovery of what was prepared and not decided: aborted, and nothing is committed', async () => {
    const { sinks, prepared, stores } = await vote([]);
    expect(prepared()).toEqual([1, 1]);
    const begun = { epoch: 0, bytes: 0, handle: null };
    await sinks.recover({ a: begun, b: begun });
    expect([prepared(), stores.map(({ calls }) => calls.commit)]).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test('what is decided is sent until it is acknowledged', async () => {
    const fails = [1, 2].map((call): Fault => ({ step: 'commit', call, kind: 'fail' }));
    const { sinks, votes, stores } = await vote(fails);
    await sinks.commit(1, votes.isYes ? votes.sinks : []);
    expect(stores[1].calls.commit).toBe(3);
  });
});

test('room is what bounds a writer: one that is ahead waits, and goes on once its reader has given some back', () => {
  const ring = new ByteRing(16);
  const bytes = new Uint8Array(16);
  expect(ring.write(bytes, 0, 14)).toBe(14);
  expect(ring.waitForRoom(3, 1)).toBe(false);
  // No byte is dropped for want of room: what did not fit is still the writer's.
  expect(ring.write(bytes, 0, 6)).toBe(2);
  ring.release(8);
  expect(ring.waitForRoom(3, 1)).toBe(true);
  expect([ring.filled, ring.free]).toEqual([8, 8]);
});
