// The event time of a source: its watermark, and the options that say how time passes in it.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import { type DataType, TIMESTAMP, typeName } from '../../data/type.ts';
import { TIME_OPTIONS } from '../../plan/time-specs.ts';
import type { Expression, Span, WatermarkDefinition } from '../ast.ts';
import type { BoundEndpoint } from './endpoints.ts';
import type { SourceDefinition } from './logical.ts';
import { constantInterval } from './windows.ts';

/** A column of a source as declared. */
export interface SourceColumn {
  name: string;
  type: DataType;
  nullable: boolean;
  path: (string | number)[];
  span: Span;
}

type SourceTime = Pick<SourceDefinition, 'watermark' | 'splits' | 'idleTimeoutMicros'>;

/** Takes the options of time. @throws LMN-2003, LMN-2013, LMN-2022. */
export function bindSourceTime(
  definition: WatermarkDefinition | null,
  columns: readonly SourceColumn[],
  endpoint: BoundEndpoint,
): SourceTime {
  const watermark = watermarkOf(definition, columns) ?? impliedWatermark(endpoint.connector.kind, columns);
  if (watermark === null) refuseTimeOptions(endpoint);
  const options = endpoint.options.takeAll(TIME_OPTIONS, endpoint.span);
  const splits = options['splits'] as SourceDefinition['splits'];
  if (endpoint.connector.kind !== 'file' && splits !== 'auto') {
    throw new LaminarError('LMN-2013', `${endpoint.connector.kind.toUpperCase()} has no files to be read ${splits}`, {
      hint: 'the option splits is for FILE with a pattern',
      at: { span: endpoint.options.spanOf('splits') ?? endpoint.span },
    });
  }
  return {
    watermark: watermark === null ? null : { ...watermark, maxFutureMicros: options['max_future'] as number },
    splits,
    idleTimeoutMicros: options['idle_timeout'] as number,
  };
}

/** Without a watermark the options of time mean nothing. @throws LMN-2013 */
function refuseTimeOptions({ options }: BoundEndpoint): void {
  for (const { name } of TIME_OPTIONS) {
    const span = options.spanOf(name);
    if (span === null) continue;
    throw new LaminarError('LMN-2013', `${name} is set, but the source has no watermark`, {
      hint: "declare its event time: WATERMARK FOR ts AS ts - INTERVAL '5' SECOND",
      at: { span },
    });
  }
}

function watermarkOf(
  definition: WatermarkDefinition | null,
  columns: readonly SourceColumn[],
): { column: number; delayMicros: number } | null {
  if (definition === null) return null;
  const { name, span } = definition.column;
  const column = columns.findIndex((c) => c.name.toLowerCase() === name.toLowerCase());
  if (column < 0) {
    const nearest = nearestName(
      name,
      columns.map((c) => c.name),
    );
    throw new LaminarError('LMN-2003', `there is no column ${name}`, {
      hint: nearest === undefined ? `columns are ${columns.map((c) => c.name).join(', ')}` : `did you mean ${nearest}?`,
      at: { span },
    });
  }
  const { type } = columns[column] as SourceColumn;
  if (type.kind !== TIMESTAMP.kind) {
    throw new LaminarError('LMN-2022', `the watermark needs a TIMESTAMP column, ${name} is ${typeName(type)}`, {
      hint: `declare ${name} as TIMESTAMP; numbers are read as epochs (timestamp_unit = 's', 'ms', 'us' or 'ns')`,
      at: { span },
    });
  }
  return { column, delayMicros: definition.delay === null ? 0 : delayOf(definition.delay, name) };
}

/** NEXMark events come in the order of their time. */
function impliedWatermark(connector: string, columns: readonly SourceColumn[]) {
  if (connector !== 'nexmark') return null;
  const column = columns.findIndex(({ path, type }) => path[0] === 'dateTime' && type.kind === 'TIMESTAMP');
  return column < 0 ? null : { column, delayMicros: 0 };
}

/** `c` or `c - INTERVAL …`. */
function delayOf(delay: Expression, column: string): number {
  const isColumn = (e: Expression) =>
    e.kind === 'column' && e.path.length === 1 && e.path[0]?.name.toLowerCase() === column.toLowerCase();
  if (isColumn(delay)) return 0;
  if (delay.kind === 'binary' && delay.operator === '-' && isColumn(delay.left)) {
    const micros = constantInterval(delay.right, 'the delay of a watermark');
    if (micros >= 0) return micros;
  }
  throw new LaminarError('LMN-2022', 'a watermark is its column minus a delay', {
    hint: `write WATERMARK FOR ${column} AS ${column} - INTERVAL '5' SECOND`,
    at: { span: delay.span },
  });
}
