// Why a run is silent: what a person at a terminal is told when no row has come out for ten seconds.
//
//   window [12:00, 12:01) waits for the watermark of source quotes, split b.ndjson, at 11:58:40, silent for 9.0 s
//
// Said once per silence, on the line above the progress; the next row that comes out starts the wait anew.

import type { AggregateNode } from '../plan/aggregate-node.ts';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import type { SourceNode } from '../plan/source-node.ts';
import type { OperatorCounters, RunHandle, RunProgress, SourceCounters, SplitProgress } from '../runtime/run.ts';
import { formatClock, formatInstant, formatMillis } from './quantities.ts';
import { totalsOf } from './summary.ts';

/** How long a silence lasts before it is explained, in ms. */
const SILENCE_MILLIS = 10_000;
const LOOK_MILLIS = 1000;
/** A split that gave nothing for a shorter time is not silent. */
const PAUSE_MILLIS = 1000;

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

/** How a sink does: what it waits for, and since when. */
export interface SinkCause {
  sink: string;
  /** How long ago rows were written last; null before the first. */
  silentMillis: number | null;
  why: string;
}

/** As `explainSilence`, of each sink by itself: one may wait while others do not. */
export function explainSinks(plan: PhysicalPlan, progress: RunProgress): SinkCause[] {
  return progress.sinks.map(({ id, name, silentMillis }) => {
    const needed = neededBy(plan, id);
    const sources = progress.sources.filter((source) => needed.has(source.id));
    const nodes = plan.nodes.filter((node) => needed.has(node.id));
    return { sink: name, silentMillis, why: explainSilence({ ...plan, nodes }, { ...progress, sources }) };
  });
}

/** The ids of a node and of all that it is computed from. */
function neededBy(plan: PhysicalPlan, id: string): Set<string> {
  const needed = new Set([id]);
  for (const node of plan.nodes.toReversed()) {
    if (needed.has(node.id)) for (const input of node.inputs) needed.add(input);
  }
  return needed;
}

/** `rows come out`, or `no output for 12.0 s: ` and why. */
export function renderCause({ silentMillis, why }: SinkCause): string {
  if (silentMillis === null) return `no output yet: ${why}`;
  if (silentMillis < PAUSE_MILLIS) return 'rows come out';
  return `no output for ${formatMillis(silentMillis)}: ${why}`;
}

/** What the run waits for, as the plan and the counters tell. */
export function explainSilence(plan: PhysicalPlan, progress: RunProgress): string {
  const starving = progress.sources.filter((source) => source.rows + source.rejected === 0);
  if (starving.length > 0) return `nothing has come from source ${starving.map((source) => source.name).join(', ')}`;
  const order = explainOrder(plan, progress);
  if (order !== null) return order;
  const aggregates = plan.nodes.filter((node): node is AggregateNode => node.kind === 'aggregate');
  if (aggregates.some((node) => node.window === null && node.emit.on === 'close')) {
    return 'the result comes at the end of the input, or on Ctrl-C';
  }
  const [first] = aggregates.filter(({ window, emit }) => window !== null && emit.on !== 'update');
  const [timed] = aggregates.flatMap(({ emit }) => (emit.on === 'tick' ? [emit] : []));
  if (timed !== undefined) return `results that have changed come out every ${formatMillis(timed.everyMicros / 1000)}`;
  if (first === undefined) return pausedSource(progress) ?? 'no row passes the filters, or no input comes';
  const waiting = aggregates.find((node) => openWindowOf(node, progress) !== null) ?? first;
  return explainWindow(plan, waiting, progress);
}

function explainWindow(plan: PhysicalPlan, node: AggregateNode, progress: RunProgress): string {
  const open = openWindowOf(node, progress);
  if (node.window?.closesAtEnd === true) {
    return 'no watermark speaks about the time of the windows, so they come out at the end of the input';
  }
  const sources = progress.sources.filter(({ name }) => sourcesOf(plan, node).some((s) => s.name === name));
  const slowest = slowestOf(sources);
  const late = progress.operators.find(({ id }) => id === node.id)?.late ?? 0;
  if (open === null && late > 0) return `no window is open, and ${late} rows were too late for theirs; ${at(slowest)}`;
  const day = [open?.end, slowest?.watermark].find((micros) => micros != null) ?? 0;
  const subject =
    open === null ? 'a window' : `window [${formatClock(open.start, day)}, ${formatClock(open.end, day)})`;
  if (node.window?.byClock === true) return `${subject} is closed by the clock`;
  const lateness = (node.window?.latenessMicros ?? 0) / 1000;
  const patience = lateness === 0 ? '' : ` and ${formatMillis(lateness)} more, for late rows,`;
  return `${subject} waits${patience} for the watermark of ${at(slowest, day)}`;
}

function openWindowOf(node: AggregateNode, progress: RunProgress): OperatorCounters['openWindow'] {
  return progress.operators.find(({ id }) => id === node.id)?.openWindow ?? null;
}

/** The sources that a node is computed from. */
function sourcesOf(plan: PhysicalPlan, node: PhysicalPlan['nodes'][number]): SourceNode[] {
  if (node.kind === 'source') return [node];
  return plan.nodes.filter(({ id }) => node.inputs.includes(id)).flatMap((input) => sourcesOf(plan, input));
}

/** Of the sources that can still give something, the one whose watermark holds the others back. */
function slowestOf(sources: readonly SourceCounters[]): SourceCounters | undefined {
  const open = sources.filter(({ splits }) => splits.length === 0 || splits.some(({ state }) => state !== 'finished'));
  const active = open.filter(({ splits }) => splits.some(({ state }) => state === 'active'));
  return [...(active.length > 0 ? active : open)].sort(byWatermark)[0] ?? sources[0];
}

function byWatermark(a: { watermark: number | null }, b: { watermark: number | null }): number {
  return (a.watermark ?? Number.NEGATIVE_INFINITY) - (b.watermark ?? Number.NEGATIVE_INFINITY);
}

/** Which source, which of its splits, how far they are, and why they go no further. */
function at(source: SourceCounters | undefined, day = 0): string {
  if (source === undefined) return 'its source';
  const { name, splits, watermark } = source;
  const pending = splits.filter(({ state }) => state === 'pending').length;
  if (pending > 0) {
    const read = splits.length - pending;
    return `source ${name}: file ${read} of ${splits.length} is being read, and windows close while the last one is (splits = 'merged' reads them together)`;
  }
  const split = splits.length > 1 ? heldBackBy(splits) : undefined;
  const reached = split === undefined ? watermark : split.watermark;
  const where = split === undefined ? '' : `, split ${split.name}`;
  const time = reached === null ? 'which has none yet' : `at ${formatClock(reached, day === 0 ? reached : day)}`;
  return [`source ${name}${where}, ${time}`, ...reasonsOf(source, split ?? splits[0])].join(', ');
}

function reasonsOf(source: SourceCounters, split: SplitProgress | undefined): string[] {
  if (source.state === 'paused') return ['which is paused: it is ahead of its alignment group'];
  if (split?.silentMillis == null || split.silentMillis < PAUSE_MILLIS) return [];
  const state = split.state === 'idle' ? 'idle' : 'silent';
  return [`${state} for ${formatMillis(split.silentMillis)}`];
}

/** The active split that is furthest behind; when all are idle, the one furthest ahead. */
function heldBackBy(splits: readonly SplitProgress[]): SplitProgress | undefined {
  const active = splits.filter(({ state }) => state === 'active').sort(byWatermark);
  return (
    active[0] ??
    splits
      .filter(({ state }) => state === 'idle')
      .sort(byWatermark)
      .at(-1)
  );
}

function pausedSource({ sources }: RunProgress): string | null {
  const paused = sources.find(({ state }) => state === 'paused');
  return paused === undefined ? null : `source ${paused.name} is paused: it is ahead of its alignment group`;
}

/** What rows wait for that ORDER BY or OVER keeps; null where neither is what all wait for. */
function explainOrder(plan: PhysicalPlan, progress: RunProgress): string | null {
  const ordered = plan.nodes.filter((node) => node.kind === 'sort' || node.kind === 'over');
  if (ordered.some(({ time }) => time === null)) return 'the result comes at the end of the input, or on Ctrl-C';
  const nodes = [...ordered, ...plan.nodes.filter((node) => node.kind === 'join' && node.time !== null)];
  if (nodes.length === 0 || plan.nodes.some(({ kind }) => kind === 'aggregate')) return null;
  const sources = progress.sources.map(({ name, watermark }) => {
    return watermark === null ? `source ${name} has none yet` : `source ${name} is at ${formatInstant(watermark)}`;
  });
  return `rows wait for the watermark to pass them; ${sources.join(', ')}`;
}
