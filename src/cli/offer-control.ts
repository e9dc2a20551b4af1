// Opens the control socket of a run that lasts: one that is over at once is nobody's to watch, and starts no slower.

import path from 'node:path';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import type { RunHandle, RunSummary } from '../runtime/run.ts';
import type { BoundPipeline } from '../sql/bind/pipeline.ts';
import type { ControlSocket } from './control-socket.ts';
import { type RunStatus, STATUS_FORM } from './run-status.ts';
import { PACKAGE } from './version.ts';
import { explainSilence, explainSinks } from './waiting.ts';

/** How old a run is when it can be watched, in ms. */
const OPEN_MILLIS = 200;

/** How long the counters may take to be brought up to date, in ms: a core that sleeps is woken, or looks every 50 ms. */
const REPORT_MILLIS = 60;

const ENDINGS: Record<RunSummary['reason'], string> = {
  end: 'end of input',
  limit: 'limit reached',
  stopped: 'stopped',
  closed: 'output closed',
};

export interface OfferedRun {
  /** As given on the command line. */
  fileName: string;
  plan: PhysicalPlan;
  handle: RunHandle;
  bound: BoundPipeline;
  /** Where it keeps its state; null: nowhere. */
  stateDirectory: string | null;
  /** Told when the run cannot be watched. */
  onProblem(text: string): void;
}

/** @returns what must be called, and waited for, when the run has ended: with how it ended, or what ended it. */
export function offerControl({ fileName, plan, bound, handle, stateDirectory, onProblem }: OfferedRun) {
  const startedAt = Date.now();
  const file = fileName === '-e' ? null : path.resolve(fileName);
  const nodes = plan.nodes.map(({ id, kind, inputs }) => ({ id, kind, inputs }));
  const views = bound.views.map(({ name, kind }) => ({ name, kind }));
  const status = (ending: string | null): RunStatus => {
    const progress = handle.progress();
    return {
      form: STATUS_FORM,
      pid: process.pid,
      version: PACKAGE.version,
      pipeline: file === null ? fileName : path.basename(file),
      path: file,
      startedAt,
      nodes,
      views,
      progress,
      why: explainSilence(plan, progress),
      causes: explainSinks(plan, progress),
      stateDirectory,
      ending,
    };
  };
  let opening: Promise<ControlSocket | null> = Promise.resolve(null);
  const open = async (): Promise<ControlSocket | null> => {
    try {
      const { openControlSocket } = await import('./control-socket.ts');
      return await openControlSocket({
        status: () => status(null),
        report: () => handle.snapshot(REPORT_MILLIS),
        stop: () => handle.stop(),
        tap: async ({ view, where, ...how }) => {
          const { compileTap } = await import('../sql/tap.ts');
          const tapPlan = compileTap({ bound, plan }, { view, where });
          return { plan: tapPlan, tap: handle.tap(tapPlan, how) };
        },
        checkpoint: async (name) => (await handle.checkpoint(name)).epoch,
      });
    } catch (error) {
      onProblem(`laminar top does not see this run: ${(error as Error).message}`);
      return null;
    }
  };
  const timer = setTimeout(() => {
    opening = open();
  }, OPEN_MILLIS);
  return async (end: { reason: RunSummary['reason'] } | { error: unknown }): Promise<void> => {
    clearTimeout(timer);
    const socket = await opening;
    if (socket === null) return;
    const ending = 'reason' in end ? ENDINGS[end.reason] : `failed: ${messageOf(end.error)}`;
    await socket.close(ending, () => status(ending));
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] as string) : String(error);
}
