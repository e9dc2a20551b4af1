// Two samples of a run as what is shown of it: every counter with how fast it grows.
//
//   perSecond = (total now − total then) / (time now − time then); with one sample, since the start
//
// ns/row and busy are of the same interval: CPU time / rows in, and CPU time / time.

import type {
  CacheCounters,
  CoreCounters,
  NodeWork,
  OperatorCounters,
  RunProgress,
  SourceCounters,
  SplitProgress,
} from '../../runtime/run.ts';
import type { CacheLine, CoreLine, Frame, Meter, OperatorLine, SinkLine, SourceLine } from './frame.ts';

/** What a running pipeline says of itself at one moment. */
export interface Sample {
  pipeline: string;
  pid: number;
  version: string;
  /** Every node of the plan and what it reads. */
  nodes: readonly { id: string; kind: string; inputs: readonly string[] }[];
  progress: RunProgress;
  waits: string | null;
  ending: string | null;
}

/** @param then an earlier sample of the same run; null: rates are since its start. */
export function measure(then: Sample | null, now: Sample): Frame {
  const { pipeline, pid, version, progress, waits, ending } = now;
  const before = then?.progress ?? null;
  const millis = progress.elapsedMillis - (before?.elapsedMillis ?? 0);
  const meter = (total: number, earlier: number | undefined): Meter => ({
    total,
    perSecond: millis <= 0 ? 0 : (Math.max(total - (earlier ?? 0), 0) / millis) * 1000,
  });
  const interval: Interval = { before, millis, meter };
  const origins = sourcesByNode(now.nodes);
  const sources = progress.sources.flatMap((source) => {
    // Late rows are counted where windows are: they are this source's where no other source leads there.
    const own = progress.operators.filter(
      ({ id, watermark }) => watermark !== null && isOnly(origins.get(id), source.id),
    );
    const late = own.length === 0 ? null : own.reduce((sum, operator) => sum + operator.late, 0);
    const lines = sourceLines(source, late, interval);
    return ending === null ? lines : lines.map((line) => ({ ...line, state: 'finished' as const }));
  });
  const wholes = sources.filter(({ split }) => split === null);
  const sum = (meters: readonly Meter[]): Meter => ({
    total: meters.reduce((total, m) => total + m.total, 0),
    perSecond: meters.reduce((perSecond, m) => perSecond + m.perSecond, 0),
  });
  const sinks = progress.sinks.map((sink): SinkLine => {
    const earlier = before?.sinks.find(({ id }) => id === sink.id);
    const { id, name, latency } = sink;
    return { id, name, rows: meter(sink.rows, earlier?.rows), bytes: meter(sink.bytes, earlier?.bytes), latency };
  });
  return {
    pipeline,
    pid,
    version,
    uptimeMillis: progress.elapsedMillis,
    checkpoint: lastCheckpoint(progress),
    ending,
    rowsIn: sum(wholes.map(({ rows }) => rows)),
    bytesIn: sum(wholes.map(({ bytes }) => bytes)),
    rowsOut: sum(sinks.map(({ rows }) => rows)),
    late: progress.operators.reduce((late, operator) => late + operator.late, 0),
    bad: progress.sources.reduce((bad, { rejected }) => bad + rejected, 0),
    sources,
    operators: operatorLines(now, interval),
    cores: progress.cores.filter(({ state }) => state !== 'absent').map((core) => coreLine(core, interval)),
    sinks,
    waits,
  };
}

interface Interval {
  before: RunProgress | null;
  millis: number;
  meter(total: number, earlier: number | undefined): Meter;
}

function isOnly(set: ReadonlySet<string> | undefined, item: string): boolean {
  return set?.size === 1 && set.has(item);
}

function sourceLines(source: SourceCounters, late: number | null, { before, meter }: Interval): SourceLine[] {
  const earlier = before?.sources.find(({ id }) => id === source.id);
  const { id, name, sizeBytes, lagMillis, rejected, state, watermark, splits } = source;
  const whole: SourceLine = {
    ...{ id, source: name, split: null, sizeBytes, lagMillis, late, bad: rejected, state, watermark },
    rows: meter(source.rows, earlier?.rows),
    bytes: meter(source.bytes, earlier?.bytes),
  };
  if (splits.length < 2) return [whole];
  const folder = commonFolder(splits.map((split) => split.name));
  const lines = splits.map((split, n) => splitLine(split, whole, meter, earlier?.splits[n]));
  return [whole, ...lines.map((line) => ({ ...line, split: (line.split as string).slice(folder.length) }))];
}

function splitLine(
  split: SplitProgress,
  { id, source }: SourceLine,
  meter: Interval['meter'],
  earlier: SplitProgress | undefined,
): SourceLine {
  const { name, lagMillis, state, watermark } = split;
  return {
    ...{
      id: `${id}/${name}`,
      source,
      split: name,
      sizeBytes: null,
      lagMillis,
      late: null,
      bad: null,
      state,
      watermark,
    },
    rows: meter(split.rows, earlier?.rows),
    bytes: meter(split.bytes, earlier?.bytes),
  };
}

/** What all names begin with, up to a slash. */
function commonFolder(names: readonly string[]): string {
  let folder = (names[0] as string).replace(/[^/]*$/, '');
  while (!names.every((name) => name.startsWith(folder))) folder = folder.replace(/[^/]*\/$/, '');
  return folder;
}

/** Every node of the plan, in its order: reading and writing are work as well. */
function operatorLines({ nodes, progress }: Sample, { before, millis, meter }: Interval): OperatorLine[] {
  const now = worksOf(progress);
  const then = before === null ? undefined : worksOf(before);
  return nodes.flatMap(({ id, kind, inputs }): OperatorLine[] => {
    const work = now.get(id);
    if (work === undefined) return [];
    const earlier = then?.get(id);
    const rows = work.rowsIn - (earlier?.rowsIn ?? 0);
    const busyMillis = Math.max(work.busyMillis - (earlier?.busyMillis ?? 0), 0);
    const readers = nodes.filter((node) => node.inputs.includes(id)).map((node) => node.id);
    return [
      {
        ...{ id, name: id, kind, inputs: [...inputs], readers },
        rowsIn: meter(work.rowsIn, earlier?.rowsIn),
        rowsOut: meter(work.rowsOut, earlier?.rowsOut),
        nanosPerRow: rows > 0 ? (busyMillis * 1e6) / rows : work.nanosPerRow,
        nanosBudget: work.nanosBudget,
        overruns: work.overruns,
        busy: millis <= 0 ? null : busyMillis / millis,
        ...work.state,
        cache: work.cache === null ? null : cacheLine(work.cache, earlier?.cache ?? null, meter),
      },
    ];
  });
}

type State = Pick<OperatorLine, 'stateBytes' | 'keys' | 'late' | 'watermark' | 'openWindow'>;
type Work = Omit<NodeWork, 'busyShare'> & { rowsIn: number; state: State; cache: CacheCounters | null };

const STATELESS: State = { stateBytes: 0, keys: null, late: null, watermark: null, openWindow: null };

/** What each node has worked, by its id. */
function worksOf({ sources, operators, sinks }: RunProgress): Map<string, Work> {
  const works = new Map<string, Work>();
  for (const source of sources) {
    const { watermark } = source;
    works.set(source.id, { ...source, rowsIn: source.rows, state: { ...STATELESS, watermark }, cache: null });
  }
  for (const operator of operators) works.set(operator.id, { ...operator, state: stateOf(operator) });
  for (const sink of sinks) works.set(sink.id, { ...sink, rowsOut: sink.rows, state: STATELESS, cache: null });
  return works;
}

function stateOf({ stateBytes, keys, late, watermark, openWindow }: OperatorCounters): State {
  const isStateless = keys === null && watermark === null;
  return { stateBytes, keys, late: isStateless ? null : late, watermark, openWindow };
}

function cacheLine(now: CacheCounters, then: CacheCounters | null, meter: Interval['meter']): CacheLine {
  const { hits, waited, waiting, asked, questions, asking, answerMillis } = now;
  const [newHits, newWaited] = [hits - (then?.hits ?? 0), waited - (then?.waited ?? 0)];
  const hitShareOfAll = hits + waited === 0 ? null : hits / (hits + waited);
  const answered = questions - asking;
  return {
    hitShare: newHits + newWaited <= 0 ? hitShareOfAll : newHits / (newHits + newWaited),
    hitShareOfAll,
    waiting,
    asked: meter(asked, then?.asked),
    questions: meter(questions, then?.questions),
    asking,
    answerMillis: answered <= 0 ? null : answerMillis / answered,
  };
}

function coreLine(core: CoreCounters, { before, millis, meter }: Interval): CoreLine {
  const earlier = before?.cores.find((other) => other.core === core.core);
  const stalls = (rings: CoreCounters['rings']) => rings.reduce((sum, ring) => sum + ring.stalls, 0);
  return {
    core: core.core,
    rows: meter(core.rows, earlier?.rows),
    busy: millis <= 0 ? null : Math.min(Math.max(core.busyMillis - (earlier?.busyMillis ?? 0), 0) / millis, 1),
    ringFill: core.rings.length === 0 ? null : Math.max(...core.rings.map(({ fill }) => fill)),
    stalls: core.rings.length === 0 ? null : stalls(core.rings),
    memoryBytes: core.memoryBytes,
    pauseMillis: core.pauseMillis,
  };
}

/** The sources that each node is computed from; the nodes are in topological order. */
function sourcesByNode(nodes: Sample['nodes']): Map<string, ReadonlySet<string>> {
  const sources = new Map<string, ReadonlySet<string>>();
  for (const { id, kind, inputs } of nodes) {
    const above = inputs.flatMap((input) => [...(sources.get(input) ?? [])]);
    sources.set(id, new Set(kind === 'source' ? [id] : above));
  }
  return sources;
}

function lastCheckpoint({ checkpoints }: RunProgress): Frame['checkpoint'] {
  if (checkpoints === null || checkpoints.ageMillis === null) return null;
  return { epoch: checkpoints.epoch, ageMillis: checkpoints.ageMillis };
}
