// One run from plan to exit code: notices, progress, signals, summary.
//
// Signals. The first SIGINT, SIGTERM or SIGHUP stops the sources; the run drains and ends like any other, with 0. A
// second SIGINT ends the process at once with 130, unless it comes too soon to be another key press: what runs a program
// in its own process group (timeout, npm) passes on the signal that the group had. A drain asked for by SIGTERM or
// SIGHUP may last --shutdown-timeout.

import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import { quitAtOnce } from '../platform/quit.ts';
import type { StartedAhead } from '../platform/started-ahead.ts';
import { optimiseLater, stopCollecting } from '../platform/v8-flags.ts';
import { startRun } from '../runtime/engine.ts';
import { requireOwnOutputs } from '../runtime/own-outputs.ts';
import type { RunHandle, RunOptions, RunSummary } from '../runtime/run.ts';
import type { BoundPipeline } from '../sql/bind/pipeline.ts';
import { renderDetails } from './details.ts';
import { type DurableOptions, openDurable } from './durable-run.ts';
import { ExitCode } from './exit-codes.ts';
import type { MetricsAddress } from './metrics/metrics-address.ts';
import type { OfferedMetrics } from './metrics/offer-metrics.ts';
import { printNotice } from './notice.ts';
import { offerControl } from './offer-control.ts';
import { ERASE_LINE, showProgress } from './progress.ts';
import { formatMillis } from './quantities.ts';
import { isTerminal, printError, writeFully } from './standard-streams.ts';
import { describeSummary, renderHeap, renderSummary } from './summary.ts';
import { watchSilence } from './waiting.ts';

export interface SessionOptions extends RunOptions, DurableOptions {
  quiet: boolean;
  verbose: boolean;
  /** Notices and summary as JSON lines. */
  json: boolean;
  shutdownMillis: number;
  /** The pipeline's file, as given on the command line; `-e` for a query given there. */
  fileName: string;
  /** What the plan was made of. */
  bound: BoundPipeline;
  /** Where metrics are served; null: nowhere. */
  metrics: MetricsAddress | null;
}

/** Runs the plan to its end. @throws what ended the run. */
export async function runSession(
  plan: PhysicalPlan,
  notices: readonly string[],
  options: SessionOptions,
  ahead: StartedAhead,
): Promise<void> {
  if (!options.quiet) for (const notice of notices) printNotice(notice, options.json);
  if (!options.quiet && !options.json) hintAtTerminalInput(plan);
  const { maxRows, maxMillis, maxErrors, cores, startsAllCores, placement, verify } = options;
  const limits = { maxRows, maxMillis, maxErrors, cores, startsAllCores, placement, verify };
  const onNotice = (notice: string) => showNotice(notice, options);
  requireOwnOutputs(plan);
  const durable = await openDurable(plan, { ...options, onNotice });
  if (durable === 'finished') {
    await stopThreads(ahead.log === null ? ahead.threads : [...ahead.threads, ahead.log]);
    return;
  }
  const metrics = await startMetrics(options);
  // The user's own functions run per row; and whoever verifies looks for objects that optimised code does not make.
  const runsPerBatch = plan.hostFunctions.every(({ body }) => body === null);
  const onReady = runsPerBatch && !verify ? optimiseLater : () => {};
  const handle = startRun(plan, limits, { ahead, onNotice, durable, onReady, onEnded: stopCollecting });
  metrics?.begin(handle);
  // Signals first: whoever sees progress may press Ctrl-C.
  let endFeedback = () => {};
  const releaseSignals = catchSignals(handle, options, () => endFeedback());
  endFeedback = startFeedback(plan, handle, options);
  const stateDirectory = durable === null ? null : path.resolve(durable.directory.directory);
  const onProblem = (text: string) => (options.verbose ? showNotice(text, options) : undefined);
  const control = { fileName: options.fileName, bound: options.bound, plan, handle, stateDirectory, onProblem };
  const endControl = offerControl(control);
  let summary: RunSummary;
  try {
    summary = await handle.done;
    await endControl(summary);
  } catch (error) {
    await endControl({ error });
    throw error;
  } finally {
    endFeedback();
    releaseSignals();
    metrics?.close();
    await durable?.directory.close();
  }
  printSummary(summary, options);
}

/** Nothing is to be run. */
async function stopThreads(threads: readonly Worker[]): Promise<void> {
  await Promise.all(threads.map((thread) => thread.terminate()));
}

/** @throws LMN-7013 */
async function startMetrics(options: SessionOptions): Promise<OfferedMetrics | null> {
  if (options.metrics === null) return null;
  const { offerMetrics } = await import('./metrics/offer-metrics.ts');
  const metrics = await offerMetrics(options.metrics, options.fileName);
  showNotice(`metrics at ${metrics.url}`, options);
  return metrics;
}

/** Something learned during the run, above the line of progress if there is one. */
function showNotice(notice: string, { quiet, json }: SessionOptions): void {
  if (quiet) return;
  if (!json && isTerminal(2)) printError(`${ERASE_LINE}notice: ${notice}`);
  else printNotice(notice, json);
}

/** A reader of output who has left wants silence; so does -q. */
function printSummary(summary: RunSummary, options: SessionOptions): void {
  if (options.quiet) return;
  if (options.json) {
    printError(JSON.stringify(describeSummary(summary)));
    return;
  }
  if (options.verbose) printError(`${renderDetails(summary)}\n`);
  if (options.verbose || summary.reason !== 'closed') printError(renderSummary(summary));
  for (const heap of summary.heaps) printError(renderHeap(heap));
}

/** Someone who starts a run that reads the keyboard should know that it does. */
function hintAtTerminalInput(plan: PhysicalPlan): void {
  if (!isTerminal(0)) return;
  const source = plan.nodes.find((node) => node.kind === 'source' && node.connector.kind === 'stdin');
  if (source !== undefined) printError(`reading source ${source.id} from the terminal; Ctrl-D ends the input`);
}

/** Progress, and why there is none, for a person at a terminal; until the returned function is called. */
function startFeedback(plan: PhysicalPlan, handle: RunHandle, options: SessionOptions): () => void {
  if (options.quiet || options.json || !isTerminal(2)) return () => {};
  // Rows on the same terminal are progress enough, and a line redrawn between them would tear them.
  const rowsOnTerminal =
    isTerminal(1) && plan.nodes.some((node) => node.kind === 'sink' && node.connector.kind === 'stdout');
  const hasLine = process.env['TERM'] !== 'dumb' && !rowsOnTerminal;
  const write = (text: string) => writeFully(2, Buffer.from(text));
  const hideLine = hasLine ? showProgress(handle, { write, columns: process.stderr.columns ?? 80 }) : () => {};
  const stopWatching = watchSilence(plan, handle, (text) => write(`${hasLine ? ERASE_LINE : ''}${text}\n`));
  let isEnded = false;
  return () => {
    if (isEnded) return;
    isEnded = true;
    hideLine();
    stopWatching();
  };
}

/** Two of a signal within this time are one that came twice. */
const SAME_SIGNAL_MILLIS = 50;

function catchSignals(handle: RunHandle, options: SessionOptions, endFeedback: () => void): () => void {
  const isKept = handle.progress().checkpoints !== null;
  let stoppedAt: number | null = null;
  const stop = () => {
    stoppedAt ??= performance.now();
    handle.stop();
  };
  const onInterrupt = () => {
    if (stoppedAt !== null) {
      if (performance.now() - stoppedAt < SAME_SIGNAL_MILLIS) return;
      endFeedback();
      quitAtOnce(ExitCode.interrupted);
    }
    stop();
    if (isTerminal(2) && !options.json) {
      endFeedback();
      printError(`\nstopping: ${isKept ? 'keeping' : 'finishing'} what is open; Ctrl-C again to quit at once`);
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const onTerminate = () => {
    stop();
    timer ??= setTimeout(() => {
      endFeedback();
      printError(`laminar: not drained within ${formatMillis(options.shutdownMillis)}: giving up`);
      quitAtOnce(ExitCode.failed);
    }, options.shutdownMillis);
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onTerminate);
  return () => {
    clearTimeout(timer);
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onTerminate);
  };
}
