// CREATE LOOKUP TABLE: a table by key that joins look into. It is read as a source is, but by nobody else.

import { LaminarError } from '../../base/errors.ts';
import { isNested, typeName } from '../../data/type.ts';
import { SOURCE_OPTIONS } from '../../plan/format-specs.ts';
import type { LookupCache } from '../../plan/lookup-node.ts';
import type { SourceField } from '../../plan/source-node.ts';
import type { CreateLookup, Span } from '../ast.ts';
import { type BoundEndpoint, bindEndpoint } from './endpoints.ts';
import type { LogicalNode, LookupDefinition, RelationColumn, ScanNode, SourceDefinition } from './logical.ts';
import { keyColumns } from './source-changes.ts';
import type { SourceColumn } from './source-time.ts';
import { checkPaths, declaredColumns, errorPolicy } from './sources.ts';

/** @throws LMN-20nn, LMN-2160 */
export function bindLookupTable(statement: CreateLookup, id: string): ScanNode {
  const endpoint = bindEndpoint('lookup', statement.connector, statement);
  const declared = declaredColumns(statement.columns);
  const key = keyColumns(statement, declared);
  if (key.length === 0) {
    throw new LaminarError('LMN-2160', `lookup table ${statement.name.name} does not say what its rows are found by`, {
      hint: `add it behind the columns: PRIMARY KEY (${declared[0]?.name})`,
      at: { span: statement.name.span },
    });
  }
  const more = endpoint.options.takeAll(SOURCE_OPTIONS, endpoint.span);
  endpoint.options.finish();
  const policy = errorPolicy(more, endpoint);
  const { connector, format } = endpoint;
  if (format.options['changelog'] !== undefined || format.kind === 'debezium') {
    throw new LaminarError('LMN-2160', 'the rows of a lookup table are no changes', {
      hint: 'declare a source of the changes, and join it FOR SYSTEM_TIME AS OF a time',
      at: { span: endpoint.options.spanOf('changelog') ?? endpoint.span },
    });
  }
  const columns = declared.map((column, index) => (key.includes(index) ? { ...column, nullable: false } : column));
  checkPaths(columns, format.kind);
  const { lookup, options } = lookupDefinition(endpoint, key);
  if (lookup.cache !== null) checkFetched(columns, endpoint, key);
  const source: SourceDefinition = {
    name: statement.name.name,
    connector: { ...connector, options },
    format,
    fields: columns.map(
      ({ path, nullable }, position): SourceField => ({
        path,
        notNull: !nullable,
        timestampUnit: more['timestamp_unit'] as SourceField['timestampUnit'],
        position,
      }),
    ),
    ...policy,
    maxRecordBytes: more['max_record_bytes'] as number,
    watermark: null,
    splits: 'sequential',
    idleTimeoutMicros: 0,
    alignment: null,
    endless: false,
    lookup,
  };
  const relation = columns.map(({ name, type, nullable }, index): RelationColumn => {
    return { name, type, nullable, time: null, field: { source, index } };
  });
  return { kind: 'scan', id, columns: relation, source };
}

/** How a table is read, or asked, and the options that are left for its connector. */
function lookupDefinition({ connector }: BoundEndpoint, key: number[]) {
  if (connector.kind !== 'postgres') {
    const { refresh, ttl, ...options } = connector.options;
    const age = { refreshMicros: Number(refresh ?? 0), ttlMicros: Number(ttl ?? 0) };
    return { lookup: { key, ...age, cache: null } satisfies LookupDefinition, options };
  }
  const { ttl, negative_ttl: missing, cache_size: rows, batch_size: keys, ...options } = connector.options;
  const cache: LookupCache = {
    ttlMicros: Number(ttl),
    missingTtlMicros: Number(missing),
    rowsMax: Number(rows),
    batchKeys: Number(keys),
  };
  return { lookup: { key, refreshMicros: 0, ttlMicros: 0, cache } satisfies LookupDefinition, options };
}

/** Of a table whose rows are fetched by key. @throws LMN-2160 */
function checkFetched(columns: readonly SourceColumn[], endpoint: BoundEndpoint, key: readonly number[]): void {
  const { table, query } = endpoint.connector.options;
  if ((table === undefined) === (query === undefined)) {
    throw new LaminarError(
      'LMN-2160',
      `it is ${table === undefined ? 'neither a table nor a query' : 'a table and a query'}`,
      {
        hint: "say table = 'name', or query = 'SELECT …'",
        at: { span: endpoint.options.spanOf('query') ?? endpoint.span },
      },
    );
  }
  for (const [index, { name, type, path, span }] of columns.entries()) {
    if (typeof path[0] !== 'string') {
      throw new LaminarError('LMN-2160', `column ${name} is the whole record, which a row of a table is not`, {
        hint: `name the column of the table: FROM '$.name'`,
        at: { span },
      });
    }
    const isKey = key.includes(index);
    if (!isKey || (path.length === 1 && type.kind !== 'JSON' && type.kind !== 'INTERVAL' && !isNested(type))) continue;
    throw new LaminarError('LMN-2160', `rows cannot be asked for by ${name} ${typeName(type)}`, {
      hint: 'the columns of the key are numbers, text, booleans, times and dates of the table itself',
      at: { span },
    });
  }
}

/** What a node is if it is a lookup table, null for any other. */
export function lookupOf(node: LogicalNode): LookupDefinition | null {
  return node.kind === 'scan' ? (node.source.lookup ?? null) : null;
}

/** Whether a lookup table gives the same rows as long as the run lasts. */
export function staysAsItIs(table: LogicalNode): boolean {
  const lookup = lookupOf(table);
  return lookup !== null && lookup.refreshMicros === 0 && lookup.ttlMicros === 0 && lookup.cache === null;
}

/** @throws LMN-2161 for a lookup table that is read otherwise than by a join. */
export function refuseLookup(node: LogicalNode, name: string, span: Span): void {
  if (lookupOf(node) === null) return;
  throw new LaminarError('LMN-2161', `${name} is a lookup table, and only joins look into it`, {
    hint: `write FROM stream JOIN ${name} ON …`,
    at: { span },
  });
}
