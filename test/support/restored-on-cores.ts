// The lives of restored.ts, each on another number of cores in the test's own thread, which exchange rows wherever the
// plan lets them: at a checkpoint their shares are put together, and the next life has other shares of the keys. In every
// other one images are made of copies of their memories.

import { ClosedOutput } from '../../src/connectors/connector.ts';
import type { TakenShare, TakenSnapshot } from '../../src/runtime/checkpointer.ts';
import type { Snapshot } from '../../src/state/snapshot.ts';
import { madeOf, makeCopy } from './copied-state.ts';
import { type CoresInput, openCores } from './cores.ts';
import { type PipelineResult, textsOf } from './pipeline.ts';
import { createRandom } from './random.ts';

export interface RestoredOnCoresInput extends Pick<CoresInput, 'text' | 'batchRows' | 'inputs' | 'now' | 'openTable'> {
  /** Decides when lives end, and on how many cores they are. */
  seed: number;
  lives?: number;
  coresMax?: number;
  /** Most turns of a life before its checkpoint. */
  turnsMax?: number;
}

export interface RestoredOnCores extends Omit<PipelineResult, 'progress'> {
  checkpoints: number;
  /** Those of which several cores had a share each. */
  shared: number;
}

/** Those that only have a share give it before another core is at its own: a copy for all of them will do. */
const copies = Promise.all([makeCopy(), makeCopy()]);

export async function runRestoredOnCores(given: RestoredOnCoresInput): Promise<RestoredOnCores> {
  const { lives = 4, coresMax = 5, turnsMax = 60, seed } = given;
  const random = createRandom(seed);
  const [first, rest] = await copies;
  const outputs: Record<string, string> = {};
  let restored: Snapshot | null = null;
  const counts = { checkpoints: 0, shared: 0 };
  for (let life = 1; ; life++) {
    let taken: TakenSnapshot | null = null;
    const shares: TakenShare[] = [];
    const cores = await openCores({
      ...given,
      cores: 1 + random.below(coresMax),
      chunkBytes: 100 + random.below(900),
      sharing: 'offset',
      seed: seed + life,
      exchangeBytes: random.below(4) === 0 ? 1 << 14 : 1 << 18,
      durable: {
        restored,
        logs: null,
        give: ({ snapshot, ...facts }) => {
          const operators = snapshot.operators.map((operator) => madeOf(operator, first));
          taken = { ...facts, snapshot: { ...structuredClone({ ...snapshot, operators: [] }), operators } };
        },
        ...(life % 2 === 0 ? { copy: first.shared } : {}),
      },
      shares: {
        restored,
        give: ({ operators, ...facts }) =>
          shares.push({ ...facts, operators: operators.map((operator) => madeOf(operator, rest)) }),
        ...(life % 2 === 0 ? { copy: rest.shared } : {}),
      },
    });
    const { core, control, plan } = cores;
    const hasEnded = (): boolean => core.hasEnded || core.parts.sinks.every(({ isFinished }) => isFinished);
    const keep = (bytesOf: (sink: string) => number): void => {
      for (const [name, text] of Object.entries(textsOf(cores.outputs))) {
        const before = outputs[name] ?? '';
        const count = bytesOf(name) - Buffer.byteLength(before);
        outputs[name] = before + Buffer.from(text).subarray(0, count).toString();
      }
    };
    let error: Error | null = null;
    const before = random.below(turnsMax);
    let left = 1 + random.below(30);
    if (life < lives) control.askForCheckpoint(life);
    try {
      for (let turn = 0; !hasEnded() && left > 0; turn++) {
        cores.turn();
        if (life === lives || turn < before) continue;
        if (taken === null) core.checkpoint();
        else left--;
      }
      if (life === lives) core.turn();
    } catch (e) {
      error = e as Error;
      for (const sink of core.parts.sinks) sink.finish(error instanceof ClosedOutput);
    }
    if (life === lives) {
      keep(() => Number.POSITIVE_INFINITY);
      return { plan, outputs, output: Object.values(outputs)[0] ?? '', error, ...counts };
    }
    // It ended before it came to it: the next one begins where this one did.
    const snapshot = taken as TakenSnapshot | null;
    if (snapshot === null || snapshot.isFinished) continue;
    if (shares.length !== snapshot.shareCount) throw new Error('every core gives its share');
    counts.checkpoints++;
    if (shares.length > 0) counts.shared++;
    const sinks = new Map(plan.nodes.flatMap((node) => (node.kind === 'sink' ? [[node.name, node.id] as const] : [])));
    keep((name) => snapshot.snapshot.sinks.find(({ id }) => id === sinks.get(name))?.bytes ?? 0);
    const operators = [...snapshot.snapshot.operators, ...shares.flatMap(({ operators }) => operators)];
    restored = { ...snapshot.snapshot, operators };
  }
}
