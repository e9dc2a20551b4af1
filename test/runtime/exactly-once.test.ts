// Outputs count exactly once: two-phase commit with a durable decision, over sinks that say no, do not answer, or crash at
// any step; after however many lives what they have committed is the output of a run without faults. More with
// LAMINAR_TIMES=20.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SinkCommit } from '../../src/runtime/sink-commit.ts';
import { StateDirectory } from '../../src/state/state-directory.ts';
import { runPipeline } from '../support/pipeline.ts';
import { createRandom, often, pick, type Random } from '../support/random.ts';
import { ANSWER_MILLIS, type LivesReport, runLives } from '../support/transactional-run.ts';
import { type Fault, type Step, StoreSession, TransactionalStore } from '../support/transactional-store.ts';

const RUNS = often(12);
const TIMES = { preCommitMillis: 20, commitMillis: 20, attempts: 3, pauseMillis: 1 };

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-once-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Two stores, and a file beside them. */
const textOf = (file: string): string => `
  CREATE SOURCE t (k VARCHAR, n INTEGER, ts TIMESTAMP NOT NULL, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
    FROM STDIN (format = 'json');
  CREATE SINK a AS SELECT k, window_start, COUNT(*) AS c, SUM(n) AS s FROM t GROUP BY k, TUMBLE(ts, INTERVAL '5' SECOND)
    INTO STDOUT (format = 'json');
  CREATE SINK b AS SELECT k, n, ts FROM t WHERE n % 3 <> 0 INTO STDOUT (format = 'csv');
  CREATE SINK c AS SELECT n FROM t INTO FILE (path = '${file}', format = 'json');`;

function inputOf(random: Random, rows = 80): Buffer {
  const lines = Array.from({ length: rows }, (_, i) =>
    JSON.stringify({ k: `k${random.below(4)}`, n: random.below(50), ts: 1.7e12 + i * 500 }),
  );
  return Buffer.from(`${lines.join('\n')}\n`);
}

interface Committed {
  /** Faults that have come. */
  met: number;
  outputs: Record<string, string>;
  report: LivesReport;
}

/** @returns what readers of the stores and of the file see in the end. */
async function committedWith(
  seed: number,
  faults: Record<string, Fault[]>,
): Promise<Committed & { whole: Record<string, string> }> {
  const random = createRandom(seed);
  const input = inputOf(random);
  const [wholeFile, file] = [path.join(folder, `whole${seed}`), path.join(folder, `file${seed}`)];
  const whole = await runPipeline({ text: textOf(wholeFile), input });
  const stores = Object.fromEntries(
    ['a', 'b'].map((name) => [name, new TransactionalStore(faults[name] ?? [], ANSWER_MILLIS * 2)]),
  );
  const directory = path.join(folder, `state${seed}`);
  const report = await runLives({ directory, text: textOf(file), input, stores, random });
  const outputs = Object.fromEntries(Object.entries(stores).map(([name, { committed }]) => [name, String(committed)]));
  outputs['c'] = fs.readFileSync(file, 'utf8');
  for (const store of Object.values(stores)) expect(store.prepared.size).toBe(0);
  const expected = { ...whole.outputs, c: fs.readFileSync(wholeFile, 'utf8') };
  const met = Object.values(stores).reduce((sum, store) => sum + store.met, 0);
  return { outputs, report, met, whole: expected };
}

const STEPS: Step[] = ['begin', 'preCommit', 'commit', 'abort', 'recover'];
const KINDS: Record<Step, Fault['kind'][]> = {
  begin: ['crash before', 'crash after'],
  preCommit: ['no', 'hang', 'late', 'crash before', 'crash after'],
  commit: ['fail', 'hang', 'late', 'crash before', 'crash after'],
  abort: ['fail', 'hang', 'crash before', 'crash after'],
  recover: ['crash before', 'crash after'],
};

describe('what two stores and a file have committed is the output of a run without faults, exactly once', () => {
  test.each(
    STEPS.flatMap((step) => KINDS[step].map((kind) => [kind, step] as const)),
  )('one store: %s at %s', async (kind, step) => {
    const first: Fault = { step, call: step === 'preCommit' || step === 'commit' ? 2 : 1, kind };
    // Someone has to abort, or to recover.
    const cause: Fault[] = step === 'abort' ? [{ step: 'preCommit', call: 1, kind: 'no' }] : [];
    if (step === 'recover') cause.push({ step: 'commit', call: 1, kind: 'crash before' });
    const { outputs, whole, met } = await committedWith(11, { a: [...cause, first], b: [] });
    expect(outputs).toEqual(whole);
    expect(met).toBe(1 + cause.length);
  });

  test('both stores, any faults at random steps', async () => {
    let all = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const random = createRandom(seed * 7919);
      const faults = (): Fault[] =>
        Array.from({ length: random.below(5) }, () => {
          const step = pick(random, STEPS);
          return { step, call: 1 + random.below(5), kind: pick(random, KINDS[step]) };
        });
      const { outputs, whole, met } = await committedWith(seed, { a: faults(), b: faults() });
      expect(outputs, `seed ${seed}`).toEqual(whole);
      all += met;
    }
    expect(all).toBeGreaterThan(RUNS / 2);
  });

  test('rows that are equal, also in their time, are all there once after a crash', async () => {
    const row = '{"k":"same","n":1,"ts":1700000000000}\n';
    const file = path.join(folder, 'c');
    const store = () => new TransactionalStore([{ step: 'commit', call: 1, kind: 'crash after' }], 1);
    const stores = { a: store(), b: store() };
    const directory = path.join(folder, 'state');
    const given = { directory, text: textOf(file), input: Buffer.from(row.repeat(7)), stores, random: createRandom(4) };
    await runLives(given);
    expect(String(stores.b.committed)).toBe(`k,n,ts\n${'same,1,2023-11-14T22:13:20Z\n'.repeat(7)}`);
    expect(fs.readFileSync(file, 'utf8')).toBe('{"n":1}\n'.repeat(7));
  });

  test('a sink that says no has its epoch abandoned, is told about, and has the rows in the next one', async () => {
    const { outputs, whole, report } = await committedWith(3, { a: [{ step: 'preCommit', call: 1, kind: 'no' }] });
    expect(outputs).toEqual(whole);
    expect(report.lives).toBe(0);
    expect(report.abandoned).toBe(report.notices.length);
    expect(report.notices[0]).toMatch(/^checkpoint 1 is abandoned, the next one covers it: (.*, )?a: it may not$/);
  });

  test('a sink that gives no answer likewise, and what it says later does not count', async () => {
    const { outputs, whole, report } = await committedWith(3, { b: [{ step: 'preCommit', call: 1, kind: 'late' }] });
    expect(outputs).toEqual(whole);
    expect(report.notices[0]).toMatch(/^checkpoint 1 is abandoned, .*b gave no answer for 0\.025 s$/);
  });

  test('a sink that never says yes ends the run with an error at last, and nothing of it counts', async () => {
    const never = Array.from({ length: 99 }, (_, n): Fault => ({ step: 'preCommit', call: n + 1, kind: 'no' }));
    const stores = { a: new TransactionalStore(never, 1), b: new TransactionalStore([], 1) };
    const directory = path.join(folder, 'state');
    const input = inputOf(createRandom(1));
    const given = { directory, text: textOf(path.join(folder, 'c')), input, stores, random: createRandom(1) };
    await expect(runLives(given, 1)).rejects.toThrow('the last checkpoint is not taken: a: it may not');
    expect([stores.a.committed.length, stores.b.committed.length, stores.b.prepared.size]).toEqual([0, 0, 0]);
  });
});

/** Two sinks with these faults, and what they have prepared and committed. */
function twoSinks(faults: Fault[] = []) {
  const stores = [new TransactionalStore([], 40), new TransactionalStore(faults, 40)] as const;
  const [a, b] = stores.map((store, n) => new StoreSession('ab'[n] as string, store)) as [StoreSession, StoreSession];
  const sinks = new SinkCommit(new Map([['a', a] as const, ['b', b] as const]), TIMES);
  const states = ['a', 'b'].map((id) => ({ id, bytes: 0, openInputs: 1, isFinished: false }));
  const prepared = () => stores.map((store) => [...store.prepared.keys()]);
  return { sinks, states, stores, prepared };
}

describe('votes and decisions', () => {
  test('yes and yes: all are committed', async () => {
    const { sinks, states, stores, prepared } = twoSinks();
    const votes = await sinks.preCommit(1, states);
    expect(votes).toMatchObject({ isYes: true, sinks: [{ handle: 'a 1' }, { handle: 'b 1' }] });
    expect(prepared()).toEqual([[1], [1]]);
    await sinks.commit(1, votes.isYes ? votes.sinks : []);
    expect(prepared()).toEqual([[], []]);
    expect(stores.map(({ calls }) => calls.abort)).toEqual([0, 0]);
  });

  test('yes and no, and yes and silence: both are aborted', async () => {
    for (const kind of ['no', 'hang', 'late'] as const) {
      const { sinks, states, stores, prepared } = twoSinks([{ step: 'preCommit', call: 1, kind }]);
      expect((await sinks.preCommit(1, states)).isYes).toBe(false);
      expect(prepared()).toEqual([[], []]);
      expect(stores.map(({ calls }) => calls.abort)).toEqual([1, 1]);
    }
  });

  test('a commit is repeated until it is acknowledged, and an error names a sink that never does', async () => {
    const fails = (count: number) =>
      Array.from(
        { length: count },
        (_, n): Fault => ({ step: 'commit', call: n + 1, kind: n === 0 ? 'hang' : 'fail' }),
      );
    const patient = twoSinks(fails(2));
    const votes = await patient.sinks.preCommit(1, patient.states);
    await patient.sinks.commit(1, votes.isYes ? votes.sinks : []);
    expect(patient.stores[1].calls.commit).toBe(3);
    const never = twoSinks(fails(3));
    await never.sinks.preCommit(1, never.states);
    await expect(never.sinks.commit(1, never.states)).rejects.toMatchObject({
      code: 'LMN-4022',
      message: 'b has not committed epoch 1: it fails',
    });
  });

  test('what was prepared and not decided is aborted by recovery; what was decided is committed by it, also twice', async () => {
    const { sinks, states, prepared } = twoSinks();
    await sinks.preCommit(4, states);
    await sinks.recover({ a: { epoch: 3, bytes: 0, handle: null }, b: { epoch: 3, bytes: 0, handle: null } });
    expect(prepared()).toEqual([[], []]);
    await sinks.preCommit(5, states);
    const decided = { epoch: 5, bytes: 0, handle: 'a 5' };
    for (let again = 0; again < 2; again++) await sinks.recover({ a: decided });
    expect(prepared()).toEqual([[], [5]]);
  });

  test('the number of an epoch that left nothing behind is not used again, whatever ended the run', async () => {
    const name = path.join(folder, 'state');
    const first = await StateDirectory.open(name);
    await first.begin({});
    const prepared = first.nextEpoch();
    // As a crash leaves it.
    fs.cpSync(name, path.join(folder, 'crashed'), { recursive: true });
    await first.close();
    const crashed = await StateDirectory.open(path.join(folder, 'crashed'));
    expect(crashed.nextEpoch()).toBeGreaterThan(prepared);
    await crashed.close();
    const again = await StateDirectory.open(name);
    expect(again.nextEpoch()).toBe(prepared + 1);
    await again.close();
  });
});
