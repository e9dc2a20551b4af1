// Why a run is silent: what a person at a terminal is told when no row has come out for ten seconds.
//
// Said once per silence, on the line above the progress; the next row that comes out starts the wait anew.

import type { AggregateNode, PhysicalPlan } from '../plan/physical-plan.ts';
import type { RunHandle, RunProgress } from '../runtime/run.ts';
import { formatInstant, formatMillis } from './quantities.ts';
import { totalsOf } from './summary.ts';

/** How long a silence lasts before it is explained, in ms. */
const SILENCE_MILLIS = 10_000;
const LOOK_MILLIS = 1000;

/** Watches a run until the returned function is called. */
export function watchSilence(plan: PhysicalPlan, handle: RunHandle, say: (text: string) => void): () => void {
  let rowsOut = -1;
  let since = 0;
  let isSaid = false;
  const look = () => {
    const progress = handle.progress();
    const rows = totalsOf(progress).rowsOut;
    if (rows !== rowsOut) {
      rowsOut = rows;
      since = progress.elapsedMillis;
      isSaid = false;
    } else if (!isSaid && progress.elapsedMillis - since >= SILENCE_MILLIS) {
      isSaid = true;
      say(`no output for ${formatMillis(SILENCE_MILLIS)}: ${explainSilence(plan, progress)}`);
    }
  };
  const timer = setInterval(look, LOOK_MILLIS);
  return () => clearInterval(timer);
}

/** What the run waits for, as the plan and the counters tell. */
export function explainSilence(plan: PhysicalPlan, progress: RunProgress): string {
  const starving = progress.sources.filter((source) => source.rows + source.rejected === 0);
  if (starving.length > 0) return `nothing has come from source ${starving.map((source) => source.name).join(', ')}`;
  const order = explainOrder(plan, progress);
  if (order !== null) return order;
  const aggregates = plan.nodes.filter((node): node is AggregateNode => node.kind === 'aggregate');
  if (aggregates.some((node) => node.window === null)) {
    return 'the result comes at the end of the input, or on Ctrl-C';
  }
  if (aggregates.length === 0) return 'no row passes the filters, or no input comes';
  const watermarks = progress.sources.map(({ name, watermark }) =>
    watermark === null
      ? `source ${name} has none, so its windows come out at the end of the input`
      : `source ${name} is at ${formatInstant(watermark)}`,
  );
  return `windows wait for the watermark to pass their end; ${watermarks.join(', ')}`;
}

/** What rows wait for that ORDER BY or OVER keeps; null where neither is what all wait for. */
function explainOrder(plan: PhysicalPlan, progress: RunProgress): string | null {
  const nodes = plan.nodes.filter((node) => node.kind === 'sort' || node.kind === 'over');
  if (nodes.some(({ time }) => time === null)) return 'the result comes at the end of the input, or on Ctrl-C';
  if (nodes.length === 0 || plan.nodes.some(({ kind }) => kind === 'aggregate')) return null;
  const sources = progress.sources.map(({ name, watermark }) => {
    return watermark === null ? `source ${name} has none yet` : `source ${name} is at ${formatInstant(watermark)}`;
  });
  return `rows wait for the watermark to pass them; ${sources.join(', ')}`;
}
