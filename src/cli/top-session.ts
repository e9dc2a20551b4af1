// One `laminar top` from what is asked for to the end: which pipelines, then text, JSON or the dashboard.

import { LaminarError } from '../base/errors.ts';
import { nearestName } from '../base/names.ts';
import { measure, type Sample } from './dashboard/measure.ts';
import { renderPlain } from './dashboard/plain.ts';
import { paint } from './dashboard/text.ts';
import { askPipeline, findPipelines, type Running, sampleOf } from './running-pipelines.ts';
import { isTerminal, printOut, wantsColor } from './standard-streams.ts';

export interface TopOptions {
  once: boolean;
  json: boolean;
}

/** How long apart two samples are from which rates are printed. */
const SAMPLE_MILLIS = 500;

/** @param wanted pid or name; undefined: whatever runs. @throws LMN-7010 when nothing of that runs. */
export async function topSession(wanted: string | undefined, { once, json }: TopOptions): Promise<void> {
  const running = choose(await findPipelines(), wanted);
  if (json) {
    for (const { status, why } of running) printOut(JSON.stringify({ ...status, why }));
    return;
  }
  const canDraw = isTerminal(0) && isTerminal(1) && process.env['TERM'] !== 'dumb';
  if (once || !canDraw) await printOnce(running);
  else await draw(running);
}

/** @throws LMN-7010 */
function choose(running: Running[], wanted: string | undefined): Running[] {
  if (running.length === 0) {
    const hint = 'start one with laminar run; pipelines of other users are not seen';
    throw new LaminarError('LMN-7010', 'no pipeline is running', { hint });
  }
  if (wanted === undefined) return running;
  const found = running.filter(({ status }) => isCalled(status, wanted));
  if (found.length > 0) return found;
  const names = running.map(({ status }) => status.pipeline);
  const nearest = nearestName(wanted, names);
  const list = running.map(({ status }) => `${status.pid} ${status.pipeline}`).join(', ');
  const hint = nearest === undefined ? `these run: ${list}` : `did you mean ${nearest}?`;
  throw new LaminarError('LMN-7010', `no pipeline ${wanted} is running`, { hint });
}

/** By its process id, its name, or its name without the extension or the folder. */
function isCalled({ pid, pipeline }: Running['status'], wanted: string): boolean {
  if (/^\d+$/.test(wanted)) return pid === Number(wanted);
  const file = pipeline.replace(/^.*\//, '');
  return [pipeline, file, file.replace(/\.l?sql$/, '')].includes(wanted);
}

async function printOnce(running: readonly Running[]): Promise<void> {
  const before = running.map(sampleOf);
  await new Promise((resolve) => setTimeout(resolve, SAMPLE_MILLIS));
  const texts = await Promise.all(
    before.map(async (then) => {
      const now = await askPipeline(then.pid);
      return renderPlain(now === null ? measure(null, then) : measure(then, sampleOf(now)));
    }),
  );
  printOut(texts.join('\n\n\n'));
}

async function draw(running: readonly Running[]): Promise<void> {
  // Ink and React are loaded here, and by nothing else.
  const [{ showDashboard }, { Dashboard }, { watch }] = await Promise.all([
    import('./dashboard/app.ts'),
    import('./dashboard/dashboard.ts'),
    import('./dashboard/watch.ts'),
  ]);
  const [only, ...others] = running as [Running, ...Running[]];
  const dashboard = new Dashboard(others.length === 0 ? only.status.pid : null);
  const failed = new AbortController();
  const pipelines = {
    list: async (): Promise<Sample[]> => (await findPipelines()).map(sampleOf),
    sample: async (pid: number) => {
      const now = await askPipeline(pid);
      return now === null ? null : sampleOf(now);
    },
  };
  const endWatch = watch(dashboard, pipelines, (error) => failed.abort(error));
  const terminal = { stdin: process.stdin, stdout: process.stdout, hasColor: wantsColor(1) };
  try {
    await showDashboard(dashboard, terminal, failed.signal);
  } finally {
    endWatch();
  }
  failed.signal.throwIfAborted();
  for (const line of dashboard.farewell(process.stdout.columns)) printOut(paint(line, terminal.hasColor));
}
