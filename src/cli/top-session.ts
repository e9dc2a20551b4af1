// One `laminar top` from what is asked for to the end: which pipelines, then text, JSON or the dashboard.

import { measure, type Sample } from './dashboard/measure.ts';
import { renderPlain } from './dashboard/plain.ts';
import { paint } from './dashboard/text.ts';
import type { Pipelines } from './dashboard/watch.ts';
import type { RunStatus } from './run-status.ts';
import { askSocket, awaitEnd, choosePipelines, findPipelines, type RunningPipeline } from './running-pipelines.ts';
import { isTerminal, printOut, wantsColor } from './standard-streams.ts';

export interface TopOptions {
  once: boolean;
  json: boolean;
}

/** How long apart two samples are from which rates are printed. */
const SAMPLE_MILLIS = 500;

/** @param wanted pid or name; undefined: whatever runs. @throws LMN-7010 when nothing of that runs. */
export async function topSession(wanted: string | undefined, { once, json }: TopOptions): Promise<void> {
  const running = await choosePipelines(wanted, json);
  const canDraw = isTerminal(0) && isTerminal(1) && process.env['TERM'] !== 'dumb';
  if (json) for (const { status } of running) printOut(JSON.stringify(status));
  else if (once || !canDraw) await printOnce(running);
  else await draw(running);
}

function sampleOf({ why, ...status }: RunStatus): Sample {
  return { ...status, waits: why };
}

async function printOnce(running: readonly RunningPipeline[]): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SAMPLE_MILLIS));
  const texts = await Promise.all(
    running.map(async ({ status, socket }) => {
      const now = await askSocket(socket);
      const then = sampleOf(status);
      return renderPlain(now === null ? measure(null, then) : measure(then, sampleOf(now.status)));
    }),
  );
  printOut(texts.join('\n\n\n'));
}

async function draw(running: readonly RunningPipeline[]): Promise<void> {
  // Ink and React are loaded here, and by nothing else.
  const [{ showDashboard }, { Dashboard }, { watch }] = await Promise.all([
    import('./dashboard/app.ts'),
    import('./dashboard/dashboard.ts'),
    import('./dashboard/watch.ts'),
  ]);
  const [only, ...others] = running as [RunningPipeline, ...RunningPipeline[]];
  const dashboard = new Dashboard(others.length === 0 ? only.status.pid : null);
  const failed = new AbortController();
  const endWatch = watch(dashboard, pipelinesOf(running), (error) => failed.abort(error));
  const terminal = { stdin: process.stdin, stdout: process.stdout, hasColor: wantsColor(1) };
  try {
    await showDashboard(dashboard, terminal, failed.signal);
  } finally {
    endWatch();
  }
  failed.signal.throwIfAborted();
  for (const line of dashboard.farewell(process.stdout.columns)) printOut(paint(line, terminal.hasColor));
}

/** The pipelines over their sockets. Of the one that is watched, the end is awaited: its last status is the final one. */
function pipelinesOf(known: readonly RunningPipeline[]): Pipelines {
  const sockets = new Map(known.map(({ status, socket }) => [status.pid, socket]));
  const ends = new Map<number, Promise<RunStatus | null>>();
  return {
    list: async () => {
      const running = await findPipelines();
      for (const { status, socket } of running) sockets.set(status.pid, socket);
      return running.map(({ status }) => sampleOf(status));
    },
    sample: async (pid) => {
      const socket = sockets.get(pid);
      if (socket === undefined) return null;
      const end = ends.get(pid) ?? awaitEnd(socket);
      ends.set(pid, end);
      const now = (await askSocket(socket))?.status ?? (await end);
      return now === null ? null : sampleOf(now);
    },
  };
}
