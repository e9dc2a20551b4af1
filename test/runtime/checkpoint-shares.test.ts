// Shares of a checkpoint come from other threads in any order, and may never come.

import { afterEach, expect, test, vi } from 'vitest';
import { CheckpointShares } from '../../src/runtime/checkpoint-shares.ts';
import type { TakenShare, TakenSnapshot } from '../../src/runtime/checkpointer.ts';

afterEach(() => vi.useRealTimers());

const share = (asked: number, core: number): TakenShare => ({
  asked,
  operators: [{ id: 'a', core, cores: 3, keys: null, openStart: null, blocks: [] }],
  pauseMillis: core * 10,
});

const taken = (asked: number): TakenSnapshot => ({
  asked,
  snapshot: { sources: [], operators: share(asked, 0).operators, sinks: [] },
  isFinished: false,
  pauseMillis: 4,
  corePauses: [4],
  shareCount: 2,
});

test('a checkpoint has the shares of all cores, in their order, whenever they came, and the longest pause', async () => {
  const shares = new CheckpointShares();
  shares.take(share(6, 1));
  shares.take(share(7, 2));
  const whole = shares.complete(taken(7));
  shares.take(share(8, 1));
  shares.take(share(7, 1));
  const { snapshot, ...facts } = (await whole) as TakenSnapshot;
  expect(snapshot.operators.map(({ core }) => core)).toEqual([0, 1, 2]);
  expect(facts).toMatchObject({ asked: 7, pauseMillis: 20, corePauses: [4, 10, 20] });
  // What came for the next one is still there.
  shares.take(share(8, 2));
  expect((await shares.complete(taken(8)))?.snapshot.operators).toHaveLength(3);
});

test('a checkpoint of which a core gives no share is not taken', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const shares = new CheckpointShares();
  shares.take(share(7, 1));
  const whole = shares.complete(taken(7));
  await vi.advanceTimersByTimeAsync(6000);
  expect(await whole).toBeNull();
});
