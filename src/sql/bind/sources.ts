// CREATE SOURCE: columns, watermark, connector, format and error policy become a scan.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import {
  CONNECTORS,
  GENERATOR_COLUMN_OPTIONS,
  type GeneratedColumn,
  NEXMARK_COLUMNS,
} from '../../plan/connector-specs.ts';
import { SOURCE_OPTIONS } from '../../plan/format-specs.ts';
import { generatorColumn } from '../../plan/generator-columns.ts';
import type { OptionScalar } from '../../plan/option-spec.ts';
import type { SourceField, SourceNode } from '../../plan/source-node.ts';
import type { ColumnDefinition, CreateSource } from '../ast.ts';
import { type BoundEndpoint, bindEndpoint } from './endpoints.ts';
import type { LogicalNode, RelationColumn, ScanNode, SourceDefinition } from './logical.ts';
import { parseFieldPath } from './paths.ts';
import type { FunctionCatalog } from './scope.ts';
import { firstColumn, recordColumns, recordForm, rowsOfRecords } from './source-changes.ts';
import { bindRecordTime, mayLackTime } from './source-changes-time.ts';
import type { SourceColumn } from './source-time.ts';
import { resolveType } from './types.ts';

/** A source as its rows, and the connector it reads. */
export interface BoundSource {
  node: LogicalNode;
  connector: string;
}

/** @throws LMN-20nn for the first thing wrong with it. */
export function bindSource(statement: CreateSource, functions: FunctionCatalog, id: string): BoundSource {
  const endpoint = bindEndpoint('source', statement.connector, statement);
  const declared = columnsOf(statement, endpoint);
  if (endpoint.connector.kind === 'generator') takeGeneratorColumns(declared, endpoint);
  const more = endpoint.options.takeAll(SOURCE_OPTIONS, endpoint.span);
  const form = recordForm(statement, declared, endpoint);
  const columns = recordColumns(declared, form);
  const time = bindRecordTime(statement, { declared, columns, form }, { endpoint, functions });
  const { watermark } = time;
  const isTimeChecked = !mayLackTime(form, watermark);
  endpoint.options.finish();
  const policy = errorPolicy(more, endpoint);
  const timestampUnit = more['timestamp_unit'] as SourceField['timestampUnit'];
  const fields = columns.map(
    (column, position): SourceField => ({
      path: column.path,
      notNull: !column.nullable || (watermark?.column === position && isTimeChecked),
      timestampUnit,
      position,
    }),
  );
  const { connector, format } = endpoint;
  checkPaths(columns, format.kind);
  const source: SourceDefinition = {
    name: statement.name.name,
    connector,
    format,
    fields,
    ...policy,
    maxRecordBytes: more['max_record_bytes'] as number,
    ...time,
    endless: isEndless(connector.kind, connector.options),
  };
  const relation = columns.map((column, index): RelationColumn => {
    const isTime = watermark?.column === index;
    return {
      name: column.name,
      type: column.type,
      nullable: column.nullable && !(isTime && isTimeChecked),
      time: isTime ? { perRow: true } : null,
      field: { source, index },
    };
  });
  const scan: ScanNode = { kind: 'scan', id, columns: relation, source };
  const timeColumn = watermark === null ? -1 : watermark.column - firstColumn(form);
  return {
    node: form === null ? scan : rowsOfRecords(scan, form, declared, timeColumn),
    connector: connector.kind,
  };
}

function columnsOf(statement: CreateSource, endpoint: BoundEndpoint): SourceColumn[] {
  const columns = declaredColumns(statement.columns);
  if (endpoint.connector.kind === 'nexmark') return nexmarkColumns(columns, statement, endpoint);
  if (columns.length > 0) return columns;
  throw new LaminarError('LMN-2015', `source ${statement.name.name} declares no columns`, {
    hint: `name those you need: CREATE SOURCE ${statement.name.name} (id BIGINT, ts TIMESTAMP, …)`,
    at: { span: statement.name.span },
  });
}

/** @throws LMN-2004 for a name that is there twice. */
export function declaredColumns(definitions: readonly ColumnDefinition[]): SourceColumn[] {
  const columns = definitions.map(declaredColumn);
  columns.forEach((column, index) => {
    const twin = columns.findIndex((other) => other.name.toLowerCase() === column.name.toLowerCase());
    if (twin === index) return;
    throw new LaminarError('LMN-2004', `column ${column.name} is declared twice`, { at: { span: column.span } });
  });
  return columns;
}

function declaredColumn(column: ColumnDefinition): SourceColumn {
  const type = resolveType(column.type);
  if (type.kind === 'INTERVAL') {
    throw new LaminarError('LMN-2005', 'a source has no INTERVAL columns', {
      hint: "read a number, and multiply it with an interval: n * INTERVAL '1' SECOND",
      at: { span: column.type.span },
    });
  }
  const { name } = column.name;
  const path = column.path === null ? [name] : parseFieldPath(column.path);
  return { name, type, nullable: !column.notNull, path, span: column.span };
}

/** Without declared columns an event's own; with them, those that are named. */
function nexmarkColumns(declared: SourceColumn[], statement: CreateSource, endpoint: BoundEndpoint): SourceColumn[] {
  const kind = endpoint.connector.options['kind'] as keyof typeof NEXMARK_COLUMNS;
  const known: readonly GeneratedColumn[] = NEXMARK_COLUMNS[kind];
  if (declared.length === 0) {
    return known.map(({ name, type, nullable }) => ({ name, type, nullable, path: [name], span: statement.span }));
  }
  for (const { path, span } of declared) {
    if (path.length === 1 && known.some(({ name }) => name === path[0])) continue;
    const nearest = nearestName(
      String(path[0]),
      known.map(({ name }) => name),
    );
    throw new LaminarError('LMN-2003', `NEXMARK events of kind ${kind} have no field ${path.join('.')}`, {
      hint:
        nearest === undefined ? `they have ${known.map(({ name }) => name).join(', ')}` : `did you mean ${nearest}?`,
      at: { span },
    });
  }
  return declared;
}

/** Options `COLUMN.option` of a GENERATOR, checked together with the column. */
function takeGeneratorColumns(columns: readonly SourceColumn[], { options, connector }: BoundEndpoint): void {
  for (const column of columns) {
    for (const spec of GENERATOR_COLUMN_OPTIONS) {
      const name = `${column.name.toLowerCase()}.${spec.name}`;
      const value = options.take({
        ...spec,
        name,
        type: spec.name === 'kind' || spec.name === 'null_rate' ? spec.type : { kind: 'text' },
      });
      if (value !== null) connector.options[name] = spec.name === 'values' ? value : numeric(value);
    }
    try {
      generatorColumn(column, connector.options);
    } catch (error) {
      if (!(error instanceof LaminarError)) throw error;
      throw new LaminarError(error.code, error.message, {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        at: { span: column.span },
      });
    }
  }
}

function numeric(value: OptionScalar): OptionScalar {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) && Number.isSafeInteger(Math.trunc(Number(value)))
    ? Number(value)
    : value;
}

/** What happens to bad records. @throws LMN-2013, LMN-2015 */
export function errorPolicy(
  options: Readonly<Record<string, OptionScalar>>,
  { options: reader, span }: BoundEndpoint,
): { onError: SourceNode['onError']; deadLetterPath: string | null } {
  const onError = options['on_error'] as SourceNode['onError'];
  const path = options['dead_letter'];
  if (onError === 'dead_letter' && path === undefined) {
    throw new LaminarError('LMN-2015', "on_error = 'dead_letter' needs the option dead_letter", {
      hint: "name the file for bad records: dead_letter = 'bad.ndjson'",
      at: { span: reader.spanOf('on_error') ?? span },
    });
  }
  if (onError !== 'dead_letter' && path !== undefined) {
    throw new LaminarError(
      'LMN-2013',
      `dead_letter is set, but bad records ${onError === 'fail' ? 'end the run' : 'do not go there'}`,
      {
        hint: "add on_error = 'dead_letter'",
        at: { span: reader.spanOf('dead_letter') ?? span },
      },
    );
  }
  return { onError, deadLetterPath: path === undefined ? null : String(path) };
}

/** Only JSON records have an inside. @throws LMN-2021 */
export function checkPaths(columns: readonly SourceColumn[], format: string): void {
  if (format === 'json' || format === 'debezium') return;
  for (const { path, span } of columns) {
    if (path.length === 1 && typeof path[0] === 'string') continue;
    throw new LaminarError(
      'LMN-2021',
      `a ${format} record has no field ${path.length === 0 ? "'$'" : path.join('.')}`,
      {
        hint: 'paths of several steps, and the whole record, are for JSON',
        at: { span },
      },
    );
  }
}

/** The source never ends by itself. */
function isEndless(kind: string, options: Readonly<Record<string, OptionScalar>>): boolean {
  const hasCount = CONNECTORS.find((c) => c.name === kind)?.source?.options.find(
    (o) => o.name === 'rows' || o.name === 'events',
  );
  return hasCount !== undefined && options[hasCount.name] === 0;
}
