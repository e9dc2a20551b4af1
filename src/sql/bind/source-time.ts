// The event time of a source: its watermark, and the options that say how time passes in it.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import { type DataType, TIMESTAMP, typeName } from '../../data/type.ts';
import { generatorColumn } from '../../plan/generator-columns.ts';
import type { EndpointSpec } from '../../plan/node.ts';
import type { OptionScalar } from '../../plan/option-spec.ts';
import type { KeyedWatermark, SourceAlignment } from '../../plan/source-node.ts';
import { ALIGNMENT_OPTIONS, KEYED_OPTIONS, TIME_OPTIONS } from '../../plan/time-specs.ts';
import type { CreateSource, Span, WatermarkDefinition } from '../ast.ts';
import type { Expression } from '../ast-expression.ts';
import type { BoundExpression } from '../expression.ts';
import type { BoundEndpoint } from './endpoints.ts';
import { bindExpression } from './expressions.ts';
import type { SourceDefinition } from './logical.ts';
import { refuseMisplaced } from './misplaced.ts';
import { type FunctionCatalog, relationColumn } from './scope.ts';
import { constantInterval } from './windows.ts';

/** A column of a source as declared. */
export interface SourceColumn {
  name: string;
  type: DataType;
  nullable: boolean;
  path: (string | number)[];
  span: Span;
}

export type SourceTime = Pick<SourceDefinition, 'watermark' | 'splits' | 'idleTimeoutMicros' | 'alignment'>;

export interface SourceContext {
  endpoint: BoundEndpoint;
  functions: FunctionCatalog;
}

interface Strategy {
  column: number;
  delayMicros: number;
  mark: BoundExpression | null;
}

/** Takes the options of time. @throws LMN-2003, LMN-2013, LMN-2015, LMN-2022. */
export function bindSourceTime(
  statement: CreateSource,
  columns: readonly SourceColumn[],
  context: SourceContext,
): SourceTime {
  const { endpoint, functions } = context;
  const strategy = watermarkOf(statement, columns, functions) ?? impliedWatermark(endpoint.connector, columns);
  if (strategy === null) refuseTimeOptions(endpoint);
  const options = endpoint.options.takeAll(TIME_OPTIONS, endpoint.span);
  const splits = options['splits'] as SourceDefinition['splits'];
  if (endpoint.connector.kind !== 'file' && splits !== 'auto') {
    throw new LaminarError('LMN-2013', `${endpoint.connector.kind.toUpperCase()} has no files to be read ${splits}`, {
      hint: 'the option splits is for FILE with a pattern',
      at: { span: endpoint.options.spanOf('splits') ?? endpoint.span },
    });
  }
  const perKey = keyedWatermark(options['watermark'] === 'per_key', columns, endpoint);
  if (perKey !== null && strategy?.mark) throw markPerKey(strategy.mark.span);
  const maxFutureMicros = options['max_future'] as number;
  const hasMarkRecords = options['watermark_records'] === true;
  if (hasMarkRecords) checkMarkRecords(strategy, endpoint);
  return {
    watermark: strategy === null ? null : { ...strategy, maxFutureMicros, perKey, hasMarkRecords },
    splits,
    idleTimeoutMicros: options['idle_timeout'] as number,
    alignment: alignmentOf(endpoint),
  };
}

/** @throws LMN-2013 for options of alignment without a group. */
function alignmentOf({ options, span }: BoundEndpoint): SourceAlignment | null {
  const values: Record<string, OptionScalar> = options.takeAll(ALIGNMENT_OPTIONS, span);
  const group = values['alignment_group'];
  if (group !== undefined) {
    return {
      group: String(group),
      maxDriftMicros: values['alignment_max_drift'] as number,
      mode: values['alignment_mode'] as SourceAlignment['mode'],
    };
  }
  const given = ALIGNMENT_OPTIONS.find(({ name }) => options.spanOf(name) !== null);
  if (given === undefined) return null;
  throw new LaminarError('LMN-2013', `${given.name} is set, but the source is in no alignment group`, {
    hint: "name the group: alignment_group = 'orders', in each of its sources",
    at: { span: options.spanOf(given.name) ?? span },
  });
}

/** Without a watermark the options of time mean nothing. @throws LMN-2013 */
function refuseTimeOptions({ options }: BoundEndpoint): void {
  for (const { name } of [...TIME_OPTIONS, ...KEYED_OPTIONS, ...ALIGNMENT_OPTIONS]) {
    const span = options.spanOf(name);
    if (span === null) continue;
    throw new LaminarError('LMN-2013', `${name} is set, but the source has no watermark`, {
      hint: "declare its event time: WATERMARK FOR ts AS ts - INTERVAL '5' SECOND",
      at: { span },
    });
  }
}

/** @throws LMN-2013 where records cannot be watermarks alone. */
function checkMarkRecords(strategy: Strategy | null, { format, options, span }: BoundEndpoint): void {
  if (format.kind === 'json' && strategy?.mark?.kind === 'column') return;
  throw new LaminarError('LMN-2013', 'watermark_records needs JSON, and a watermark that is a column', {
    hint: 'declare the column of the watermark, and that it is one: WATERMARK FOR ts AS wm',
    at: { span: options.spanOf('watermark_records') ?? span },
  });
}

/** @throws LMN-2003, LMN-2013, LMN-2015 for options of a watermark by key that do not fit. */
function keyedWatermark(
  isPerKey: boolean,
  columns: readonly SourceColumn[],
  { options, span }: BoundEndpoint,
): KeyedWatermark | null {
  const at = (name: string) => ({ span: options.spanOf(name) ?? span });
  const values: Record<string, OptionScalar> = options.takeAll(KEYED_OPTIONS, span);
  if (!isPerKey) {
    const given = KEYED_OPTIONS.find(({ name }) => options.spanOf(name) !== null);
    if (given === undefined) return null;
    throw new LaminarError('LMN-2013', `${given.name} is set, but the watermark is not by key`, {
      hint: "add watermark = 'per_key'",
      at: at(given.name),
    });
  }
  const key = values['watermark_key'];
  if (key === undefined) {
    throw new LaminarError('LMN-2015', "watermark = 'per_key' needs the option watermark_key", {
      hint: "name the column of the key: watermark_key = 'device'",
      at: at('watermark'),
    });
  }
  return {
    columns: String(key)
      .split(',')
      .map((name) => keyColumn(name.trim(), columns, at('watermark_key').span)),
    keysMax: values['watermark_keys_max'] as number,
    eviction: values['watermark_key_eviction'] as KeyedWatermark['eviction'],
    idleMicros: values['watermark_key_idle'] as number,
  };
}

function markPerKey(span: Span): LaminarError {
  return new LaminarError('LMN-2022', 'a watermark by key is its column minus a delay', {
    hint: "leave out watermark = 'per_key': what this computes speaks for all keys",
    at: { span },
  });
}

function keyColumn(name: string, columns: readonly SourceColumn[], span: Span): number {
  const column = columnNamed(name, columns, span);
  const { type } = columns[column] as SourceColumn;
  if (type.kind !== 'LIST' && type.kind !== 'STRUCT') return column;
  throw new LaminarError('LMN-2013', `the key of a watermark cannot be ${name}, a ${typeName(type)}`, {
    hint: "declare a column for the part of it that tells the keys apart: device VARCHAR FROM '$.device.id'",
    at: { span },
  });
}

function columnNamed(name: string, columns: readonly SourceColumn[], span: Span): number {
  const column = columns.findIndex((c) => c.name.toLowerCase() === name.toLowerCase());
  if (column >= 0) return column;
  const names = columns.map((c) => c.name);
  const nearest = nearestName(name, names);
  throw new LaminarError('LMN-2003', `there is no column ${name}`, {
    hint: nearest === undefined ? `columns are ${names.join(', ')}` : `did you mean ${nearest}?`,
    at: { span },
  });
}

function watermarkOf(
  { watermark: definition, name: source }: CreateSource,
  columns: readonly SourceColumn[],
  functions: FunctionCatalog,
): Strategy | null {
  if (definition === null) return null;
  const { name, span } = definition.column;
  const column = columnNamed(name, columns, span);
  const { type } = columns[column] as SourceColumn;
  if (type.kind !== TIMESTAMP.kind) {
    throw new LaminarError('LMN-2022', `the watermark needs a TIMESTAMP column, ${name} is ${typeName(type)}`, {
      hint: `declare ${name} as TIMESTAMP; numbers are read as epochs (timestamp_unit = 's', 'ms', 'us' or 'ns')`,
      at: { span },
    });
  }
  const delayMicros = delayOf(definition);
  if (delayMicros !== null) return { column, delayMicros, mark: null };
  const relation = {
    name: source.name,
    columns: columns.map((c) => ({ name: c.name, type: c.type, nullable: c.nullable, time: null, field: null })),
  };
  const place = 'a watermark';
  const mark = bindExpression(definition.delay as Expression, {
    functions,
    place,
    intercept: (expression) => refuseWatermarkCall(expression) ?? refuseMisplaced(expression, place),
    column: (path, at) => relationColumn(relation, path, at),
  });
  if (mark.type.kind === TIMESTAMP.kind) return { column, delayMicros: 0, mark };
  throw new LaminarError('LMN-2022', `a watermark is a TIMESTAMP, this is ${typeName(mark.type)}`, {
    hint: `write WATERMARK FOR ${name} AS ${name} - INTERVAL '5' SECOND`,
    at: { span: mark.span },
  });
}

/** @throws LMN-2022 for a watermark of itself. */
function refuseWatermarkCall(expression: Expression): null {
  if (expression.kind !== 'call' || expression.name.name.toLowerCase() !== 'watermark') return null;
  throw new LaminarError('LMN-2022', 'a watermark cannot be made from itself', {
    hint: 'it is made from the columns of the source, and never goes back anyway',
    at: { span: expression.span },
  });
}

/** Events of NEXMARK come in the order of their time, and so do rows whose only ascending time is a sequence. */
function impliedWatermark(connector: EndpointSpec, columns: readonly SourceColumn[]): Strategy | null {
  const isAscending = ({ path, type, ...column }: SourceColumn): boolean => {
    if (type.kind !== 'TIMESTAMP') return false;
    if (connector.kind === 'nexmark') return path[0] === 'dateTime';
    const { recipe, nullRate } = generatorColumn({ ...column, type }, connector.options);
    return recipe.kind === 'sequence' && recipe.step >= 0n && nullRate === 0;
  };
  if (connector.kind !== 'nexmark' && connector.kind !== 'generator') return null;
  const ascending = columns.flatMap((column, index) => (isAscending(column) ? [index] : []));
  return ascending.length === 1 ? { column: ascending[0] as number, delayMicros: 0, mark: null } : null;
}

/** µs of `c` or `c - INTERVAL …`, null for anything else. @throws LMN-2022 for a watermark ahead of its column. */
function delayOf({ column, delay }: WatermarkDefinition): number | null {
  const isColumn = (e: Expression) =>
    e.kind === 'column' && e.path.length === 1 && e.path[0]?.name.toLowerCase() === column.name.toLowerCase();
  if (delay === null || isColumn(delay)) return 0;
  if (delay.kind !== 'binary' || !isColumn(delay.left)) return null;
  const isInterval = delay.right.kind === 'interval' || delay.right.kind === 'unary';
  if (!isInterval || (delay.operator !== '-' && delay.operator !== '+')) return null;
  const micros = constantInterval(delay.right, 'the delay of a watermark') * (delay.operator === '-' ? 1 : -1);
  if (micros >= 0) return micros;
  throw new LaminarError('LMN-2022', 'a watermark is not ahead of its column', {
    hint: `write WATERMARK FOR ${column.name} AS ${column.name} - INTERVAL '5' SECOND`,
    at: { span: delay.span },
  });
}
