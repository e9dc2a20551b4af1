// Runs a pipeline whose sinks are transactional stores (transactional-store.ts) in as many lives as it takes: each ends
// with the pipeline, or by a crash of a sink. Everything but the process is what `laminar run --state-dir` has.

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { recoverSinks } from '../../src/cli/recover-sinks.ts';
import { CheckpointCoordinator } from '../../src/runtime/checkpoint-coordinator.ts';
import type { TakenSnapshot } from '../../src/runtime/checkpointer.ts';
import { SinkCommit, transactionsOf } from '../../src/runtime/sink-commit.ts';
import { compilePipeline } from '../../src/sql/compile.ts';
import { StateDirectory } from '../../src/state/state-directory.ts';
import { BytesReader, preparePipeline } from './pipeline.ts';
import type { Random } from './random.ts';
import { StoreSession, type TransactionalStore } from './transactional-store.ts';

/** How long votes and commits are waited for here. */
export const ANSWER_MILLIS = 25;
const TIMES = { preCommitMillis: ANSWER_MILLIS, commitMillis: ANSWER_MILLIS, attempts: 3, pauseMillis: 1 };

export interface TransactionalRun {
  directory: string;
  text: string;
  input: Buffer;
  /** By the name of their sink. */
  stores: Record<string, TransactionalStore>;
  random: Random;
}

export interface LivesReport {
  lives: number;
  abandoned: number;
  notices: string[];
  errors: unknown[];
}

/** @throws after so many lives that something must be wrong. */
export async function runLives(given: TransactionalRun, livesMax = 30): Promise<LivesReport> {
  const report: LivesReport = { lives: 0, abandoned: 0, notices: [], errors: [] };
  while (!(await runLife(given, report))) {
    if (++report.lives === livesMax) throw new Error(`no end after ${livesMax} lives: ${String(report.errors.at(-1))}`);
  }
  return report;
}

/** @returns whether everything is done: the pipeline has come to its end, and all sinks have committed it. */
async function runLife({ text, input, stores, random, ...given }: TransactionalRun, report: LivesReport) {
  const directory = await StateDirectory.open(given.directory);
  let coordinator: CheckpointCoordinator | null = null;
  try {
    const manifest = directory.newest;
    if (manifest?.isFinished === true && directory.isAcknowledged) return true;
    const sessions = new Map(Object.entries(stores).map(([name, store]) => [name, new StoreSession(name, store)]));
    const restored = manifest === null ? null : directory.restore(manifest);
    const gives: TakenSnapshot[] = [];
    const give = (taken: TakenSnapshot) => gives.push(structuredClone(taken));
    const { plan } = compilePipeline(text, { fileName: 'test.lsql', variables: {} });
    const sinks = new SinkCommit(new Map([...transactionsOf(plan), ...sessions]), TIMES);
    await recoverSinks(sinks, directory, { manifest, restored: new Set(restored?.sinks.map(({ id }) => id)) });
    if (manifest?.isFinished === true) {
      await directory.retire();
      return true;
    }
    const { core, control } = await preparePipeline({
      text,
      readers: { t: () => [new BytesReader(input, () => 1 + random.below(400))] },
      openSink: (name) => sessions.get(name) ?? null,
      batchRows: 4,
      durable: { restored, logs: null, give },
    });
    plan.checkpointMicros = 1000;
    let failure: unknown = null;
    coordinator = new CheckpointCoordinator({
      ...{
        directory,
        plan,
        control,
        sinks,
        logs: null,
        places: [],
        copiedBytes: Number.POSITIVE_INFINITY,
        facts: { pipeline: 'p.lsql', nodes: {} },
      },
      sizes: () => ({ stateBytes: 0, memoryBytes: [] }),
      onNotice: (notice) => report.notices.push(notice),
      onFailure: (error) => {
        failure ??= error;
      },
    });
    const epochs = random.below(8);
    let answered = 0;
    for (let n = 0; n < epochs && failure === null && !core.hasEnded; n++) {
      for (let turn = random.below(6); turn >= 0 && !core.hasEnded; turn--) core.turn();
      while (control.checkpoint === answered && failure === null) await sleep(1);
      while (!core.hasEnded && !core.checkpoint()) core.turn();
      const { count, abandoned } = coordinator.counters;
      if (gives.length === 0) break;
      answered = control.checkpoint;
      for (const taken of gives.splice(0)) coordinator.take(taken);
      const isOpen = () => coordinator?.counters.count === count && coordinator.counters.abandoned === abandoned;
      // Now and then the core goes on while votes are out.
      if (random.below(3) > 0) while (isOpen() && failure === null) await nextTurn();
    }
    if (failure === null) core.run();
    for (const taken of gives.splice(0)) coordinator.take(taken);
    await coordinator.finish();
    report.abandoned += coordinator.counters.abandoned;
    if (failure === null) return true;
    throw failure;
  } catch (error) {
    report.errors.push(error);
    await coordinator?.finish();
    return false;
  } finally {
    await directory.close();
  }
}
