// Every metric of a running pipeline, for Prometheus; also the source of docs/metrics.md.
//
// Names follow https://prometheus.io/docs/practices/naming/: base units (seconds, bytes), `_total` on what only grows.

import type {
  CheckpointCounters,
  CoreCounters,
  NodeWork,
  OperatorCounters,
  RunProgress,
  SinkCounters,
  SourceCounters,
  SplitProgress,
} from '../../runtime/run.ts';

/** What metrics are made of. */
export interface MeasuredRun {
  version: string;
  pipeline: string;
  /** ms since the epoch. */
  startedAt: number;
  progress: RunProgress;
}

export type Labels = Readonly<Record<string, string>>;

export interface Metric {
  name: string;
  type: 'counter' | 'gauge';
  help: string;
  labels: readonly string[];
  /** A value for each combination of labels; those without a value are left out. */
  read(run: MeasuredRun): [labels: Labels, value: number | null][];
}

/** Splits shown of one source: a pattern may match thousands of files. */
const SPLITS_MAX = 200;
const MICROS_PER_SECOND = 1e6;
const MILLIS_PER_SECOND = 1e3;
const STATES = ['active', 'idle', 'finished', 'paused'] as const;

export const METRICS: readonly Metric[] = [
  {
    name: 'laminar_build_info',
    type: 'gauge',
    help: 'Always 1; the labels say which version runs which pipeline.',
    labels: ['version', 'pipeline'],
    read: ({ version, pipeline }) => [[{ version, pipeline }, 1]],
  },
  run('laminar_start_time_seconds', 'gauge', 'When the run began, in seconds since 1970.', ({ startedAt }) => {
    return startedAt / MILLIS_PER_SECOND;
  }),
  run('laminar_elapsed_seconds', 'gauge', 'How long the run has lasted.', ({ progress }) => {
    return progress.elapsedMillis / MILLIS_PER_SECOND;
  }),
  source('laminar_source_rows_total', 'counter', 'Rows that a source gave.', (s) => s.rows),
  source('laminar_source_bytes_total', 'counter', 'Raw bytes read.', (s) => s.bytes),
  source('laminar_source_size_bytes', 'gauge', 'Raw size of the input, where it is known.', (s) => s.sizeBytes),
  source('laminar_source_rejected_total', 'counter', 'Bad records left out.', (s) => s.rejected),
  source('laminar_source_nulled_fields_total', 'counter', 'Bad fields turned into NULL.', (s) => s.nulled),
  source(
    'laminar_source_future_rows_total',
    'counter',
    'Rows too far in the future to move the watermark.',
    (s) => s.future,
  ),
  source('laminar_source_ahead_total', 'counter', 'Times it was too far ahead of its alignment group.', (s) => s.ahead),
  source('laminar_source_dropped_rows_total', 'counter', 'Rows dropped because of that.', (s) => s.dropped),
  source('laminar_source_watermark_seconds', 'gauge', 'Its watermark, in seconds since 1970.', ({ watermark }) => {
    return seconds(watermark, MICROS_PER_SECOND);
  }),
  source('laminar_source_lag_seconds', 'gauge', 'How far that is behind the clock.', ({ lagMillis }) => {
    return seconds(lagMillis, MILLIS_PER_SECOND);
  }),
  {
    name: 'laminar_source_state',
    type: 'gauge',
    help: 'Whether a source is in a state: 1 for active, idle, finished or paused, 0 for the others.',
    labels: ['source', 'state'],
    read: ({ progress }) =>
      progress.sources.flatMap(({ name, state: now }) =>
        STATES.map((state): [Labels, number] => [{ source: name, state }, state === now ? 1 : 0]),
      ),
  },
  split('laminar_split_rows_total', 'counter', 'Rows of one file or other split.', (s) => s.rows),
  split('laminar_split_bytes_total', 'counter', 'Its raw bytes read.', (s) => s.bytes),
  split('laminar_split_watermark_seconds', 'gauge', 'Its own watermark, in seconds since 1970.', ({ watermark }) => {
    return seconds(watermark, MICROS_PER_SECOND);
  }),
  split('laminar_split_silent_seconds', 'gauge', 'How long it has given nothing, while it does.', (s) => {
    return seconds(s.silentMillis, MILLIS_PER_SECOND);
  }),
  operator('laminar_operator_rows_in_total', 'counter', 'Rows that went into an operator.', (o) => o.rowsIn),
  operator('laminar_operator_rows_out_total', 'counter', 'Rows that came out of it.', (o) => o.rowsOut),
  operator('laminar_operator_late_rows_total', 'counter', 'Rows dropped because they came too late.', (o) => o.late),
  operator('laminar_operator_state_bytes', 'gauge', 'Bytes of its state.', (o) => o.stateBytes),
  operator('laminar_operator_keys', 'gauge', 'Groups, partitions or rows that it keeps.', (o) => o.keys),
  operator('laminar_lookup_hits_total', 'counter', 'Rows that a lookup answered from its cache.', (o) => {
    return o.cache?.hits ?? null;
  }),
  operator('laminar_lookup_waited_rows_total', 'counter', 'Rows that waited for an answer of the table.', (o) => {
    return o.cache?.waited ?? null;
  }),
  operator('laminar_lookup_waiting_rows', 'gauge', 'Rows that wait now.', (o) => o.cache?.waiting ?? null),
  operator('laminar_lookup_asked_keys_total', 'counter', 'Keys that it asked the table for.', (o) => {
    return o.cache?.asked ?? null;
  }),
  operator(
    'laminar_lookup_questions_total',
    'counter',
    'Questions in which it did.',
    (o) => o.cache?.questions ?? null,
  ),
  operator('laminar_lookup_open_questions', 'gauge', 'Questions without an answer.', (o) => o.cache?.asking ?? null),
  operator('laminar_lookup_answer_seconds_total', 'counter', 'Time from question to answer.', (o) => {
    return seconds(o.cache?.answerMillis ?? null, MILLIS_PER_SECOND);
  }),
  operator('laminar_operator_watermark_seconds', 'gauge', 'The watermark that came last.', ({ watermark }) => {
    return seconds(watermark, MICROS_PER_SECOND);
  }),
  {
    name: 'laminar_node_busy_seconds_total',
    type: 'counter',
    help: 'CPU time of a source, operator or sink by itself, over all cores.',
    labels: ['node'],
    read: ({ progress: { sources, operators, sinks } }) =>
      [...sources, ...operators, ...sinks].map(({ id, busyMillis }: NodeWork): [Labels, number] => [
        { node: id },
        busyMillis / MILLIS_PER_SECOND,
      ]),
  },
  sink('laminar_sink_rows_total', 'counter', 'Rows written.', (s) => s.rows),
  sink('laminar_sink_bytes_total', 'counter', 'Bytes written.', (s) => s.bytes),
  core('laminar_core_busy_seconds_total', 'counter', 'Time in which a core worked.', (c) => c.busyMillis / 1000),
  core('laminar_core_spin_seconds_total', 'counter', 'Time in which it looked for work of other cores.', (c) => {
    return c.spinMillis / MILLIS_PER_SECOND;
  }),
  core('laminar_core_sleep_seconds_total', 'counter', 'Time in which it slept.', (c) => c.sleepMillis / 1000),
  core('laminar_core_turns_total', 'counter', 'Turns with something to do.', (c) => c.turns),
  core('laminar_core_rows_total', 'counter', 'Rows that its sources passed on, or that it decoded.', (c) => c.rows),
  core('laminar_core_memory_bytes', 'gauge', 'Its linear memory.', (c) => c.memoryBytes),
  core('laminar_core_checkpoint_pause_seconds', 'gauge', 'How long it stood still for the last checkpoint.', (c) => {
    return seconds(c.pauseMillis, MILLIS_PER_SECOND);
  }),
  ring('laminar_ring_fill_ratio', 'gauge', 'Share of a ring between two cores that is in use.', (r) => r.fill),
  ring('laminar_ring_stalls_total', 'counter', 'Times its writer waited for room.', (r) => r.stalls),
  checkpoint(
    'laminar_checkpoints_total',
    'counter',
    'Checkpoints written, of a run that keeps its state.',
    (c) => c.count,
  ),
  checkpoint(
    'laminar_checkpoints_abandoned_total',
    'counter',
    'Checkpoints given up since a sink did not vote.',
    (c) => {
      return c.abandoned;
    },
  ),
  checkpoint('laminar_checkpoint_age_seconds', 'gauge', 'How long ago the last one was taken.', ({ ageMillis }) => {
    return seconds(ageMillis, MILLIS_PER_SECOND);
  }),
  checkpoint('laminar_checkpoint_duration_seconds', 'gauge', 'How long the last one took until it counted.', (c) => {
    return c.durationMillis / MILLIS_PER_SECOND;
  }),
  checkpoint('laminar_checkpoint_state_bytes', 'gauge', 'Bytes of state in the last one.', (c) => c.bytes),
  checkpoint('laminar_checkpoint_written_bytes', 'gauge', 'Bytes written for it.', (c) => c.bytesWritten),
  checkpoint(
    'laminar_checkpoint_pause_seconds',
    'gauge',
    'How long a core stood still for it, at the longest.',
    (c) => {
      return c.pauseMillis / MILLIS_PER_SECOND;
    },
  ),
  checkpoint('laminar_wal_bytes', 'gauge', 'Bytes in the log of standard input.', (c) => c.logBytes),
  checkpoint('laminar_wal_sync_seconds', 'gauge', 'How long the last write of that log took.', (c) => {
    return c.logMillis / MILLIS_PER_SECOND;
  }),
  checkpoint('laminar_checkpoint_pause_seconds_max', 'gauge', 'The longest time it stood still for one.', (c) => {
    return c.pauseMillisMax / MILLIS_PER_SECOND;
  }),
];

/** The one histogram. */
export const LATENCY_METRIC = {
  name: 'laminar_emit_latency_seconds',
  help: 'From reading the bytes of a row to having written what it caused, per row written.',
  labels: ['sink'],
};

type MetricType = Metric['type'];

function run(name: string, type: MetricType, help: string, value: (run: MeasuredRun) => number): Metric {
  return { name, type, help, labels: [], read: (of) => [[{}, value(of)]] };
}

function source(name: string, type: MetricType, help: string, value: (s: SourceCounters) => number | null): Metric {
  const read: Metric['read'] = ({ progress }) => progress.sources.map((s) => [{ source: s.name }, value(s)]);
  return { name, type, help, labels: ['source'], read };
}

function split(name: string, type: MetricType, help: string, value: (s: SplitProgress) => number | null): Metric {
  const read: Metric['read'] = ({ progress }) =>
    progress.sources.flatMap(({ name: of, splits }) =>
      splits.slice(0, SPLITS_MAX).map((s): [Labels, number | null] => [{ source: of, split: s.name }, value(s)]),
    );
  return { name, type, help, labels: ['source', 'split'], read };
}

function operator(name: string, type: MetricType, help: string, value: (o: OperatorCounters) => number | null): Metric {
  const read: Metric['read'] = ({ progress }) =>
    progress.operators.map((o) => [{ operator: o.id, kind: o.kind }, value(o)]);
  return { name, type, help, labels: ['operator', 'kind'], read };
}

function sink(name: string, type: MetricType, help: string, value: (s: SinkCounters) => number): Metric {
  const read: Metric['read'] = ({ progress }) => progress.sinks.map((s) => [{ sink: s.name }, value(s)]);
  return { name, type, help, labels: ['sink'], read };
}

function core(name: string, type: MetricType, help: string, value: (c: CoreCounters) => number | null): Metric {
  const read: Metric['read'] = ({ progress }) => started(progress).map((c) => [{ core: String(c.core) }, value(c)]);
  return { name, type, help, labels: ['core'], read };
}

function ring(
  name: string,
  type: MetricType,
  help: string,
  value: (r: CoreCounters['rings'][number]) => number,
): Metric {
  const read: Metric['read'] = ({ progress }) =>
    started(progress).flatMap(({ core: from, rings }) =>
      rings.map((r): [Labels, number] => [{ from: String(from), to: String(r.to), node: r.id }, value(r)]),
    );
  return { name, type, help, labels: ['from', 'to', 'node'], read };
}

function checkpoint(
  name: string,
  type: MetricType,
  help: string,
  value: (c: CheckpointCounters) => number | null,
): Metric {
  const read: Metric['read'] = ({ progress: { checkpoints } }) =>
    checkpoints === null ? [] : [[{}, value(checkpoints)]];
  return { name, type, help, labels: [], read };
}

function started({ cores }: RunProgress): CoreCounters[] {
  return cores.filter(({ state }) => state !== 'absent');
}

function seconds(value: number | null, perSecond: number): number | null {
  return value === null ? null : value / perSecond;
}
