// From a plan's endpoint to an open reader or writer: the one place that knows every connector by name.
//
// Option names are those of the pipeline text; the binder has checked them, so what is checked here again is only
// what a connector could not do without.

import { assert } from '../base/assert.ts';
import { LaminarError } from '../base/errors.ts';
import type { LinearMemory } from '../data/memory.ts';
import { isRolled } from '../plan/connector-specs.ts';
import type { EndpointSpec } from '../plan/node.ts';
import type { SourceNode } from '../plan/source-node.ts';
import { BlackholeWriter } from './blackhole.ts';
import type { ByteWriter, KeyedTable, SinkContext, SplitReader } from './connector.ts';
import { type CompressionOption, type FileMode, markFiles, openFiles, openFileWriter } from './file.ts';
import { FileTransactions } from './file-transactions.ts';
import { openGenerator } from './generator.ts';
import { openNexmark } from './nexmark.ts';
import { openPostgres, type TableContext } from './postgres/postgres-table.ts';
import { openRolled } from './rolled.ts';
import { RolledFiles } from './rolled-files.ts';
import { RolledTransactions } from './rolled-transactions.ts';
import { openStdin } from './stdin.ts';
import { openStdout } from './stdout.ts';
import type { SinkTransactions } from './transactions.ts';

/** Opens a source: one reader per split, in order. @throws LMN-50xx when the input is not there. */
export function openSource(spec: EndpointSpec, context: { node: SourceNode; memory: LinearMemory }): SplitReader[] {
  switch (spec.kind.toUpperCase()) {
    case 'STDIN':
      return [openStdin()];
    case 'FILE':
      return openFiles(text(spec, 'path'), choice<CompressionOption>(spec, 'compression', COMPRESSIONS));
    case 'GENERATOR':
      return [openGenerator(spec, { ...context, now })];
    case 'NEXMARK':
      return [openNexmark(spec, { ...context, now })];
    default:
      throw unknownConnector('read from', spec, context.node.name);
  }
}

/** Opens a lookup table whose rows are asked for by key. */
export function openTable(spec: EndpointSpec, context: TableContext): KeyedTable {
  if (spec.kind === 'postgres') return openPostgres(spec, context);
  throw unknownConnector('look into', spec, context.node.name);
}

/** What a source is like now: another text once it has changed; null: it is not there, or cannot be told. */
export function markOfSource(spec: EndpointSpec): string | null {
  return spec.kind.toUpperCase() === 'FILE' ? markFiles(text(spec, 'path')) : null;
}

/**
 * Opens a sink.
 * @throws LMN-5030 when the output cannot be opened, LMN-5032 when it may not be there and is, LMN-4005 when it is not what
 * the earlier run left.
 */
export function openSink(spec: EndpointSpec, context: SinkContext): ByteWriter {
  switch (spec.kind.toUpperCase()) {
    case 'STDOUT':
      return openStdout();
    case 'FILE':
      return openFileSink(spec, context);
    case 'BLACKHOLE':
      return new BlackholeWriter();
    default:
      throw unknownConnector('write to', spec, context.name);
  }
}

/** How what a sink has written counts exactly once; null: it is written at least once. */
export function openTransactions(spec: EndpointSpec): SinkTransactions | null {
  if (spec.kind.toUpperCase() !== 'FILE') return null;
  const [path, mode] = [text(spec, 'path'), choice<FileMode>(spec, 'mode', SINK_MODES)];
  return isRolled(spec) ? new RolledTransactions(new RolledFiles(path), mode) : new FileTransactions(path, mode);
}

/** The same for a file that begins empty with the first run. */
export function openFileTransactions(file: string): SinkTransactions {
  return new FileTransactions(file, 'overwrite');
}

function openFileSink(spec: EndpointSpec, context: SinkContext): ByteWriter {
  const [path, mode] = [text(spec, 'path'), choice<FileMode>(spec, 'mode', SINK_MODES)];
  const compression = choice<CompressionOption>(spec, 'compression', COMPRESSIONS);
  if (isRolled(spec)) {
    const { roll_bytes: bytes, roll_every: micros } = spec.options;
    const bytesMax = bytes === undefined ? Number.POSITIVE_INFINITY : Number(bytes);
    const millisMax = micros === undefined ? null : Number(micros) / 1000;
    return openRolled({ path, mode, compression, bytesMax, millisMax }, context);
  }
  // Its transactions have looked whether it is new, and may have made it since.
  const asked = mode === 'new' && context.isCommitted ? 'overwrite' : mode;
  return openFileWriter(path, asked, compression, context.resumeAt);
}

/** The clock of sources with a rate. */
const now = () => performance.now();

const SINK_MODES = ['overwrite', 'append', 'new'] as const;
const COMPRESSIONS = ['auto', 'none', 'gzip', 'zstd'] as const;

function text(spec: EndpointSpec, name: string): string {
  const value = spec.options[name];
  assert(value !== undefined, `the plan gives ${spec.kind} its option ${name}`);
  return String(value);
}

/** One of the words; the first when the option is not given. */
function choice<T extends string>(spec: EndpointSpec, name: string, words: readonly T[]): T {
  const value = spec.options[name];
  if (value === undefined) return words[0] as T;
  const word = words.find((w) => w === String(value).toLowerCase());
  if (word !== undefined) return word;
  throw new LaminarError('LMN-5040', `${spec.kind} option ${name} cannot be '${value}'`, {
    hint: `use one of ${words.map((w) => `'${w}'`).join(', ')}`,
  });
}

function unknownConnector(verb: string, spec: EndpointSpec, name: string): LaminarError {
  return new LaminarError('LMN-5041', `${name}: no connector ${spec.kind} to ${verb}`, { at: { name } });
}
