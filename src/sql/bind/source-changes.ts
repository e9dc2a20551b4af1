// Sources whose records are changes: with a PRIMARY KEY, with the option `changelog`, or in Debezium's envelopes.
//
//   PRIMARY KEY                          every record is the row of its key
//   PRIMARY KEY, changelog = 'upsert'    the same, and -D with the key of a row that is gone
//   changelog = 'weight'                 whole rows, with +I, -U, +U or -D
//   format = 'debezium'                  rows before and after; with a PRIMARY KEY those before need not be there
//
// A source with a key is a table: the last row of each key is kept, and what comes out are insertions, updates and
// deletions of whole rows.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import { JSON_TYPE, VARCHAR } from '../../data/type.ts';
import { OP_COLUMN_DEFAULT } from '../../plan/format-specs.ts';
import type { CreateSource } from '../ast.ts';
import type { BoundEndpoint } from './endpoints.ts';
import type { ChangesNode, LogicalNode, RelationColumn, ScanNode } from './logical.ts';
import type { SourceColumn } from './source-time.ts';

export interface RecordForm {
  form: ChangesNode['form'];
  /** Field of the kind of change; null: every record is an upsert. */
  op: string | null;
  /** Of the declared columns; empty without a key. */
  key: readonly number[];
}

/** How the records of a source are changes; null: they are rows. @throws LMN-2003, LMN-2004, LMN-2012, LMN-2013, LMN-2015 */
export function recordForm(
  statement: CreateSource,
  columns: readonly SourceColumn[],
  endpoint: BoundEndpoint,
): RecordForm | null {
  const key = keyColumns(statement, columns);
  const { format, options } = endpoint;
  const changelog = format.options['changelog'];
  const given = options.spanOf('op_column');
  if (changelog === undefined && given !== null) {
    throw new LaminarError('LMN-2012', 'op_column says nothing without changelog', {
      hint: "add changelog = 'weight', or 'upsert' and a PRIMARY KEY",
      at: { span: given },
    });
  }
  if (format.kind === 'debezium') return { form: 'envelope', op: 'op', key };
  if (changelog === undefined) return key.length === 0 ? null : { form: 'upsert', op: null, key };
  const at = { span: options.spanOf('changelog') ?? endpoint.span };
  if (changelog === 'weight' && key.length > 0) {
    throw new LaminarError('LMN-2013', "with changelog = 'weight' rows come and go as they are: a key says nothing", {
      hint: "leave PRIMARY KEY out, or write changelog = 'upsert'",
      at,
    });
  }
  if (changelog === 'upsert' && key.length === 0) {
    throw new LaminarError('LMN-2015', "changelog = 'upsert' needs the key that names a row", {
      hint: `add it behind the columns: PRIMARY KEY (${columns[0]?.name})`,
      at,
    });
  }
  const op = String(format.options['op_column'] ?? OP_COLUMN_DEFAULT);
  const clash = columns.find(({ name }) => name.toLowerCase() === op.toLowerCase());
  if (clash === undefined) return { form: changelog === 'weight' ? 'weight' : 'upsert', op, key };
  throw new LaminarError('LMN-2004', `column ${clash.name} says what kind of change a record is already`, {
    hint: "leave it out, or name the other field: op_column = 'kind'",
    at: { span: clash.span },
  });
}

/** Columns that PRIMARY KEY names. @throws LMN-2003 */
export function keyColumns(
  { primaryKey }: Pick<CreateSource, 'primaryKey'>,
  columns: readonly SourceColumn[],
): number[] {
  const names = columns.map(({ name }) => name);
  return (primaryKey?.columns ?? []).map(({ name, span }) => {
    const index = names.findIndex((other) => other.toLowerCase() === name.toLowerCase());
    if (index >= 0) return index;
    const nearest = nearestName(name, names);
    throw new LaminarError('LMN-2003', `there is no column ${name}`, {
      hint: nearest === undefined ? `columns are ${names.join(', ')}` : `did you mean ${nearest}?`,
      at: { span },
    });
  });
}

/** What is decoded of each record: the kind of change first. */
export function recordColumns(columns: readonly SourceColumn[], form: RecordForm | null): SourceColumn[] {
  if (form === null) return [...columns];
  const { form: kind, op, key } = form;
  const span = (columns[0] as SourceColumn).span;
  const field = (name: string, nullable: boolean) => ({ name, type: VARCHAR, nullable, path: [name], span });
  if (kind === 'envelope') {
    const side = (name: string) => ({ name, type: JSON_TYPE, nullable: true, path: [name], span });
    const of = (name: string) =>
      columns.map((column) => ({
        ...column,
        name: `${name}.${column.name}`,
        nullable: true,
        path: [name, ...column.path],
      }));
    return [field('op', false), side('after'), side('before'), ...of('after'), ...of('before')];
  }
  const keyed = columns.map((column, index) => (key.includes(index) ? { ...column, nullable: false } : column));
  if (op === null) return keyed;
  if (kind === 'weight') return [field(op, false), ...keyed];
  // A deletion has nothing but its key.
  const loose = keyed.map((column, index) => (key.includes(index) ? column : { ...column, nullable: true }));
  return [field(op, true), ...loose];
}

/** Columns of an envelope that are not NULL where it has the row after, and before. */
export const ENVELOPE_AFTER = 1;
const ENVELOPE_BEFORE = 2;

/** Where the declared columns begin among those that are decoded. */
export function firstColumn(form: RecordForm | null): number {
  return form === null || form.op === null ? 0 : form.form === 'envelope' ? 3 : 1;
}

/** The rows of a source whose records are changes. `time`: the declared column with the event time, −1 without. */
export function rowsOfRecords(
  scan: ScanNode,
  form: RecordForm,
  declared: readonly SourceColumn[],
  time: number,
): LogicalNode {
  const { form: kind, op, key } = form;
  const first = firstColumn(form);
  const count = declared.length;
  const isEnvelope = kind === 'envelope';
  const columns = declared.map(({ name, type, nullable }, index): RelationColumn => {
    const isNullable = nullable && !key.includes(index) && index !== time;
    return { name, type, nullable: isNullable, time: index === time ? { perRow: true } : null, field: null };
  });
  const isTable = key.length > 0;
  const changes: ChangesNode = {
    kind: 'changes',
    id: isTable ? `${scan.id}.upserts` : scan.id,
    input: { ...scan, id: `${scan.id}.records` },
    form: kind,
    op: op === null ? null : 0,
    sides: columns.map(({ nullable }, index) => ({
      after: first + index,
      before: isEnvelope ? first + count + index : null,
      notNull: !nullable,
    })),
    present: isEnvelope ? { after: ENVELOPE_AFTER, before: ENVELOPE_BEFORE } : null,
    key,
    onError: scan.source.onError === 'fail' ? 'fail' : 'skip',
    // Of a row that is gone there may be nothing but its key.
    columns: isTable ? columns.map((column, index) => ({ ...column, nullable: !key.includes(index) })) : columns,
  };
  return isTable ? { kind: 'table', id: scan.id, input: changes, key, columns } : changes;
}
