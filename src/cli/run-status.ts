// What a running pipeline says of itself over its control socket.

import type { View } from '../plan/tap-plan.ts';
import type { RunProgress } from '../runtime/run.ts';
import type { SinkCause } from './waiting.ts';

/**
 * What the status of a run is made of: goes up when something is left out or means something else, not when more is said.
 * Programs of another number are not understood; what is new to a program of the same one is left alone.
 */
export const STATUS_FORM = 1;

export interface RunStatus {
  /** STATUS_FORM of the program that runs it. */
  form: number;
  pid: number;
  version: string;
  /** File of the pipeline, without its folder; `-e` for a query given there. */
  pipeline: string;
  /** The file with its folder; null for a query. */
  path: string | null;
  /** ms since the epoch. */
  startedAt: number;
  /** Every node of the plan, in topological order, and what it reads. */
  nodes: { id: string; kind: string; inputs: string[] }[];
  /** What laminar tap can read. */
  views: Pick<View, 'name' | 'kind'>[];
  progress: RunProgress;
  /** What its output waits for. */
  why: string;
  /** The same of each sink by itself, and since when. */
  causes: SinkCause[];
  /** Where it keeps its state; null: nowhere. */
  stateDirectory: string | null;
  /** How it ended; null while it runs. */
  ending: string | null;
}
