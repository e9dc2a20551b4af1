// Of a plan: a source, what moves its watermark, and how it keeps near to others.

import type { LookupAge, LookupCache } from './lookup-node.ts';
import type { EndpointSpec, Node } from './node.ts';

/** Bytes in, batches out: connector, decoder, error policy, watermark. */
export interface SourceNode extends Node {
  kind: 'source';
  /** The source's name in the pipeline. */
  name: string;
  connector: EndpointSpec;
  format: EndpointSpec;
  /** One per visible column of `schema`, in order; only columns the plan needs are here. */
  fields: SourceField[];
  onError: 'fail' | 'skip' | 'null' | 'dead_letter';
  /** File of the dead letters; set iff onError is `dead_letter`. */
  deadLetterPath: string | null;
  maxRecordBytes: number;
  /** How several splits are read; auto: merged unless they are too many. Merged ones carry the running watermark. */
  splits: 'sequential' | 'merged' | 'auto';
  /** How long a split may give nothing before it is idle; 0: for ever. */
  idleTimeoutMicros: number;
  watermark: SourceWatermark | null;
  /** How it keeps near to other sources. */
  alignment: SourceAlignment | null;
  /** It is a lookup table: read before the first row of any other source, and again as this says. */
  lookup?: LookupAge;
  /** The rows of the lookup table are never read as a whole, but fetched by their key when they are wanted. */
  cache?: LookupCache;
}

export interface SourceAlignment {
  /** Sources with the same name are one group. */
  group: string;
  /** How far the watermark may be ahead of the least of the others. */
  maxDriftMicros: number;
  /** When it is further: is not read, is told, or leaves out the rows that are. */
  mode: 'pause' | 'warn' | 'drop';
}

export interface SourceWatermark {
  /** Column of the event time. */
  column: number;
  delayMicros: number;
  /** Event times further ahead of the wall clock do not move the watermark; 0 = no guard. */
  maxFutureMicros: number;
  /** Column of `schema` for the running watermark (WATERMARK_COLUMN), null when nobody asks. */
  output: number | null;
  /** What moves the watermark instead of the event time. */
  mark: WatermarkMark | null;
  /** A watermark for each key. */
  perKey: KeyedWatermark | null;
  /** Records without event time that have a mark, which is a column, are watermarks and no rows. */
  hasMarkRecords: boolean;
}

/** A TIMESTAMP of the record, or computed from it: the watermark is the greatest of them; NULL moves nothing. */
export type WatermarkMark =
  | { kind: 'column'; column: number; text: string }
  /** Export of `plan.code`, as of a map: its output is one TIMESTAMP column that can be NULL. */
  | { kind: 'computed'; function: string; text: string };

export interface KeyedWatermark {
  /** Columns of the key. */
  columns: number[];
  keysMax: number;
  /** Which key is forgotten when there are too many; none: the run fails. */
  eviction: 'least_recent' | 'lowest' | 'none';
  /** A key so far behind the foremost one is forgotten; 0: however far it is. */
  idleMicros: number;
}

export interface SourceField {
  /** Where the value is in the record: `['user', 'id']`, `['list', 0]`; empty is the whole record. */
  path: (string | number)[];
  /** As declared, or the event-time column. */
  notNull: boolean;
  timestampUnit: 's' | 'ms' | 'us' | 'ns';
  /** CSV: 0-based position of the declared column when there is no header. */
  position: number;
}

/** Records that have visible ends, read from where several cores can read, or made where they are decoded. */
export function isCuttable({ connector, format, lookup }: SourceNode): boolean {
  if (lookup !== undefined) return false;
  return (format.kind === 'json' || format.kind === 'csv') && (isMade(connector) || SHAREABLE.has(connector.kind));
}

/** The source makes its records, each from its number. */
export function isMade({ kind }: EndpointSpec): boolean {
  return kind === 'generator' || kind === 'nexmark';
}

const SHAREABLE: ReadonlySet<string> = new Set(['stdin', 'file']);

/** Its splits may be several, and are merged by event time then. */
export function mayMerge({ connector, splits, watermark }: SourceNode): boolean {
  if (connector.kind !== 'file' || splits === 'sequential') return false;
  return watermark !== null && watermark.output !== null && PATTERN.test(String(connector.options['path']));
}

/** What makes a path a pattern (src/connectors/file.ts). */
const PATTERN = /[*?[{]/;
