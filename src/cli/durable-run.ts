// The state directory of a run: opened before it starts, and compared with the pipeline.
//
// What was saved is gone on with where its part of the pipeline still means the same. Where it does not, the run is
// refused, or that part is dropped when the user says so; a part that is new begins with what comes now.

import path from 'node:path';
import { LaminarError } from '../base/errors.ts';
import { fingerprints } from '../plan/fingerprint.ts';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import type { DurableRun } from '../runtime/engine.ts';
import { loggedSources, placeIn } from '../runtime/input-logs.ts';
import { SinkCommit, transactionsOf } from '../runtime/sink-commit.ts';
import { BlockRoom } from '../state/block-room.ts';
import { InputLog } from '../state/input-log.ts';
import type { Manifest } from '../state/manifest.ts';
import type { Snapshot } from '../state/snapshot.ts';
import { StateDirectory } from '../state/state-directory.ts';
import { recoverSinks } from './recover-sinks.ts';
import { UsageError } from './usage-error.ts';

export interface DurableOptions {
  /** From the command line; null: the pipeline or the environment may say. */
  stateDirectory: string | null;
  /** What is there is left out. */
  isFresh: boolean;
  /** Savepoint or checkpoint to go on from; null: the last. */
  from: string | null;
  /** State that does not fit the pipeline is dropped. */
  dropsIncompatible: boolean;
  /** What is damaged in the log of an input is left out. */
  isLenient: boolean;
}

export interface DurableContext extends DurableOptions {
  /** The pipeline's file. */
  fileName: string;
  verify: boolean;
  onNotice: (text: string) => void;
}

/**
 * Opens the state directory, if there is to be one. @returns null: nothing is kept; `finished`: the pipeline has come
 * to its end in an earlier run. @throws UsageError, LMN-40xx
 */
export async function openDurable(
  plan: PhysicalPlan,
  context: DurableContext,
): Promise<DurableRun | null | 'finished'> {
  const { fileName, verify, onNotice } = context;
  const name = stateDirectoryOf(plan, context.stateDirectory);
  if (name === null) {
    if (context.isFresh || context.from !== null || context.isLenient || context.dropsIncompatible) {
      const flags = '--fresh, --from, --lenient and --on-incompatible drop';
      throw new UsageError(`${flags} are about a state directory`, 'say which: --state-dir DIR');
    }
    return null;
  }
  if (verify) throw new UsageError('--verify watches a run that keeps no state', 'leave out --state-dir');
  const directory = context.isFresh ? await openFresh(name, onNotice) : await StateDirectory.open(name);
  try {
    const manifest = context.from === null ? directory.newest : directory.find(context.from);
    if (manifest?.isFinished === true) {
      if (!directory.isAcknowledged) await finishSinks(plan, directory, manifest);
      onNotice(`${fileName} has come to its end (${manifest.time}): nothing is left to do; --fresh begins again`);
      await directory.close();
      return 'finished';
    }
    const nodes = fingerprints(plan);
    const facts = { pipeline: path.basename(fileName), nodes };
    const room = new BlockRoom();
    const restored = manifest === null ? null : await restoreWhatFits(directory, manifest, { ...context, nodes, room });
    const log = await openLog(plan, restored, { ...context, name });
    // Nothing refuses it any more: it is the last one from here on.
    const last = manifest === null ? null : await directory.goBackTo(manifest);
    if (last !== null) onNotice(`going on from checkpoint ${last.epoch} of ${last.time} in ${name}`);
    const kept = new Set(restored?.sinks.map(({ id }) => id));
    const sinks = new SinkCommit(transactionsOf(plan));
    await recoverSinks(sinks, directory, { manifest: last, restored: kept });
    return { directory, facts, restored, room, sinks, log };
  } catch (error) {
    await directory.close();
    throw error;
  }
}

async function openFresh(name: string, onNotice: DurableContext['onNotice']): Promise<StateDirectory> {
  const { opened, aside } = await StateDirectory.openFresh(name);
  if (aside !== null) onNotice(`what was in ${name} cannot be read: it is in ${aside} now`);
  return opened;
}

/** The last epoch was decided, and the process ended before all sinks had committed it. */
async function finishSinks(plan: PhysicalPlan, directory: StateDirectory, manifest: Manifest): Promise<void> {
  const nodes = fingerprints(plan);
  const kept = manifest.sinks.map(({ id }) => id).filter((id) => nodes[id] === manifest.nodes[id]);
  await recoverSinks(new SinkCommit(transactionsOf(plan)), directory, { manifest, restored: new Set(kept) });
  await directory.retire();
}

/** The log of the inputs that cannot be read a second time; null when there are none. @throws LMN-4003, LMN-4007 */
async function openLog(
  plan: PhysicalPlan,
  restored: Snapshot | null,
  { name, isFresh, isLenient, onNotice }: DurableContext & { name: string },
): Promise<InputLog | null> {
  const sources = loggedSources(plan);
  if (sources.length === 0) return null;
  const log = InputLog.open(name, { isLenient, onLoss: onNotice });
  if (isFresh) await log.clear();
  for (const source of sources) {
    const place = placeIn(restored, source);
    if (place !== null) await log.begin(source, place);
    const { end } = log.span(source);
    if (end > 0) onNotice(`the first ${end} bytes of ${source} are known: give what follows them`);
  }
  return log;
}

/** The directory that is named first: by the command line, the pipeline, the environment; null: by none. */
export function stateDirectoryOf(plan: PhysicalPlan, given: string | null): string | null {
  return given ?? plan.stateDirectory ?? (process.env['LAMINAR_STATE_DIR'] || null);
}

/** @throws LMN-4006 when something does not fit and may not be dropped, LMN-4003 */
async function restoreWhatFits(
  directory: StateDirectory,
  manifest: Manifest,
  { nodes, room, dropsIncompatible, onNotice }: DurableContext & { nodes: Record<string, string>; room: BlockRoom },
): Promise<Snapshot> {
  await room.reserve(manifest.bytes);
  const saved = new Set([...manifest.sources, ...manifest.operators, ...manifest.sinks].map(({ id }) => id));
  const misfits = [...saved].filter((id) => nodes[id] !== manifest.nodes[id]);
  if (misfits.length === 0) return directory.restore(manifest, room);
  const list = misfits.map((id) => `${id} (${nodes[id] === undefined ? 'is gone' : 'has changed'})`).join(', ');
  if (!dropsIncompatible) {
    throw new LaminarError('LMN-4006', `the state in ${directory.directory} does not fit the pipeline: ${list}`, {
      hint: '--on-incompatible drop goes on without that part of it, --fresh begins again',
    });
  }
  onNotice(`dropped from the state: ${list}`);
  const fits = <T extends { id: string }>(states: T[]): T[] => states.filter(({ id }) => !misfits.includes(id));
  const { sources, operators, sinks } = manifest;
  return directory.restore(
    { ...manifest, sources: fits(sources), operators: fits(operators), sinks: fits(sinks) },
    room,
  );
}
