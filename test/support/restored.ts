// Runs a pipeline inside the test's own thread in several lives: each ends without notice some turns after a checkpoint,
// and the next one, with a core of its own, goes on from that. What counts of their outputs is, put together, that of a
// run that was never cut off. Images are made in a copy of the core's memory, and have to be those that the core itself makes.

import type { Snapshot } from '../../src/state/snapshot.ts';
import { madeOfAll, makeCopy } from './copied-state.ts';
import { BytesReader, type PipelineInput, type PipelineResult, preparePipeline, textsOf } from './pipeline.ts';
import { createRandom } from './random.ts';

export interface RestoredInput extends PipelineInput {
  /** Of every source. */
  splits: Record<string, Uint8Array>;
  /** Decides when lives end. */
  seed: number;
  /** How many lives there are at most. */
  lives?: number;
  /** Most turns of a life before its checkpoint. */
  turnsMax?: number;
}

const copies = makeCopy();

/** @returns as `runPipeline` does, but that only operators' counters go on from one life to the next */
export async function runRestored(given: RestoredInput): Promise<PipelineResult & { checkpoints: number }> {
  const random = createRandom(given.seed);
  const below = (limit: number): number => random.below(limit);
  const { splits, lives = 3, turnsMax = 14 } = given;
  const longest = Math.max(2, Math.ceil(Math.max(...Object.values(splits).map(({ length }) => length)) / 4));
  const outputs: Record<string, string> = {};
  const copy = await copies;
  let restored: Snapshot | null = null;
  let checkpoints = 0;
  for (let life = 1; ; life++) {
    let taken: Snapshot | null = null;
    const prepared = await preparePipeline({
      ...given,
      readers: Object.fromEntries(
        Object.entries(splits).map(([name, bytes]) => [
          name,
          () => [new BytesReader(bytes, () => given.cut?.() ?? 1 + below(longest))],
        ]),
      ),
      // In every other run nearly every turn is over before what it causes has been passed on.
      turnMicros: given.seed % 2,
      durable: {
        restored,
        logs: null,
        copy: copy.shared,
        give: ({ snapshot }) => (taken = madeOfAll(snapshot, copy, prepared.core)),
      },
    });
    const { core, control, plan, telemetry } = prepared;
    const written = (): Record<string, string> => textsOf(prepared.outputs);
    const keep = (bytesOf: (sink: string) => number): void => {
      for (const [name, text] of Object.entries(written())) {
        const before = outputs[name] ?? '';
        const count = bytesOf(name) - Buffer.byteLength(before);
        outputs[name] = before + Buffer.from(text).subarray(0, count).toString();
      }
    };
    if (life === lives) {
      let error: Error | null = null;
      try {
        core.run();
      } catch (e) {
        error = e as Error;
      }
      keep(() => Number.POSITIVE_INFINITY);
      const progress = telemetry.progress(0);
      return { plan, outputs, output: Object.values(outputs)[0] ?? '', progress, error, checkpoints };
    }
    // Before the checkpoint, and after it.
    const before = below(turnsMax);
    let left = 1 + below(6);
    control.askForCheckpoint(life);
    try {
      for (let turn = 0; left > 0; turn++) {
        core.turn();
        const { sources, sinks } = core.parts;
        if (core.hasEnded || sources.every(({ isEnded }) => isEnded) || sinks.every((sink) => sink.isFinished)) break;
        if (turn < before) continue;
        if (taken === null) core.checkpoint();
        if (taken !== null) left--;
        if (turn > turnsMax + 1000) break;
      }
    } catch {
      // It comes again in the next life.
    }
    const snapshot = taken as Snapshot | null;
    if (snapshot === null) continue;
    checkpoints++;
    const sinks = new Map(plan.nodes.flatMap((node) => (node.kind === 'sink' ? [[node.name, node.id] as const] : [])));
    keep((name) => snapshot.sinks.find(({ id }) => id === sinks.get(name))?.bytes ?? 0);
    restored = snapshot;
  }
}
