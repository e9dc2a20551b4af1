// The query that fetches rows by key, and whether the table's columns fit the declared ones.
//
//   SELECT row_to_json(r) FROM (
//     SELECT k.c0 AS "id", t."name" AS "name"
//     FROM unnest($1::int8[]) AS k(c0) JOIN public.customers AS t ON t."id" = k.c0) AS r
//
// The server writes rows as JSON, so every value comes through as exactly as it is written there: numbers with all their
// digits, times in UTC. Of the key comes what was asked for, by which it is known again: the table may have it with another
// spelling (character(n), citext, 1.0 for 1). Keys are parameters of a type that the column's index can be used with.

import { LaminarError } from '../../base/errors.ts';
import { nearestName } from '../../base/names.ts';
import { type DataType, typeName } from '../../data/type.ts';

export interface TableRequest {
  /** Of the lookup table, for messages. */
  name: string;
  /** null: what the environment says. */
  url: string | null;
  /** One of the two is given. */
  table: string | null;
  query: string | null;
  timeoutMillis: number;
  retryMillis: number;
  columns: TableColumn[];
  /** Columns by which rows are asked for. */
  keys: number[];
}

export interface TableColumn {
  name: string;
  type: DataType;
  /** What the table calls it. */
  source: string;
  /** It is a part of that, which is JSON. */
  isPart: boolean;
}

/** What the server says of a column of the table. */
export interface ServerColumn {
  name: string;
  /** `int4`; of an enumeration its own name. */
  type: string;
  /** typcategory of pg_type: N numbers, S text, E enumerations, A arrays, C composites, … */
  category: string;
  /** As SQL writes it. */
  formatted: string;
}

/** @param from what stands behind FROM. @throws LMN-5062 for a column that is missing, LMN-5063 for one that does not fit. */
export function lookupQuery(request: TableRequest, from: string, server: readonly ServerColumn[]): string {
  const found = request.columns.map((column) => {
    const other = server.find(({ name }) => name === column.source);
    if (other === undefined) throw missing(request, column, server);
    if (!fits(column, other)) throw unfit(request, column, other);
    return other;
  });
  const keys = request.keys.map((index) => keyOf(request.columns[index] as TableColumn, found[index] as ServerColumn));
  const names = keys.map((_, i) => `c${i}`);
  const shown = new Map(request.columns.map(({ source }) => [source, `t.${quoted(source)}`]));
  request.keys.forEach((index, i) => {
    shown.set((request.columns[index] as TableColumn).source, `k.${names[i]}`);
  });
  const selected = [...shown].map(([source, value]) => `${value} AS ${quoted(source)}`);
  const parameters = keys.map(({ parameter }, i) => `$${i + 1}::${parameter}[]`);
  const on = keys.map(({ value, column }, i) => `${column} = ${value(`k.${names[i]}`)}`);
  return `SELECT row_to_json(r)::text AS r FROM (SELECT ${selected.join(', ')} FROM unnest(${parameters.join(', ')}) AS k(${names.join(', ')}) JOIN ${from} AS t ON ${on.join(' AND ')}) AS r`;
}

/** Texts that cannot be a key of the column, and would be an error where it is cast. */
export function cannotBe(column: ServerColumn, text: string): boolean {
  return column.type === 'uuid' && !UUID.test(text);
}

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

// --- types ---

const INTEGERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8']);
const FLOATS: ReadonlySet<string> = new Set(['float4', 'float8']);
const TEXTS: ReadonlySet<string> = new Set(['text', 'varchar', 'bpchar', 'name', 'citext']);
const JSONS: ReadonlySet<string> = new Set(['json', 'jsonb']);
const TIMES: ReadonlySet<string> = new Set(['timestamp', 'timestamptz', 'date']);

/** Whether what row_to_json makes of a column can be read as the declared type. */
function fits({ type, isPart }: TableColumn, { type: server, category }: ServerColumn): boolean {
  const isComposite = category === 'C' || server === 'record';
  if (isPart) return JSONS.has(server) || isComposite || category === 'A';
  switch (type.kind) {
    case 'BOOLEAN':
      return server === 'bool';
    case 'TINYINT':
    case 'SMALLINT':
    case 'INTEGER':
    case 'BIGINT':
      return INTEGERS.has(server) || server === 'numeric';
    case 'DOUBLE':
    case 'DECIMAL':
      return INTEGERS.has(server) || FLOATS.has(server) || server === 'numeric';
    case 'TIMESTAMP':
      return TIMES.has(server) || INTEGERS.has(server);
    case 'DATE':
      return server === 'date';
    case 'VARCHAR':
      return !JSONS.has(server) && !'NBACP'.includes(category);
    case 'JSON':
      return JSONS.has(server) || category === 'A' || isComposite;
    case 'LIST':
      return JSONS.has(server) || category === 'A';
    case 'STRUCT':
      return JSONS.has(server) || isComposite;
    default:
      return false;
  }
}

interface Key {
  /** Type of the parameter. */
  parameter: string;
  /** What a value of it is compared as, and what with. */
  value: (parameter: string) => string;
  column: string;
}

function keyOf({ type, source }: TableColumn, { type: server, formatted }: ServerColumn): Key {
  const column = `t.${quoted(source)}`;
  const as = (parameter: string): Key => ({ parameter, value: (value) => value, column });
  switch (type.kind) {
    case 'BOOLEAN':
      return as('bool');
    case 'DOUBLE':
      return as('float8');
    case 'DECIMAL':
      return as('numeric');
    case 'DATE':
      return as('date');
    case 'TIMESTAMP':
      return as(server === 'timestamptz' ? 'timestamptz' : 'timestamp');
    case 'VARCHAR':
      // As it is written, `character` would be one character.
      if (TEXTS.has(server)) return as(server === 'citext' ? formatted : server);
      if (server === 'uuid') return { parameter: 'text', value: (value) => `${value}::uuid`, column };
      return { parameter: 'text', value: (value) => value, column: `${column}::text` };
    default:
      return as(server === 'numeric' ? 'numeric' : 'int8');
  }
}

function missing({ name }: TableRequest, column: TableColumn, server: readonly ServerColumn[]): LaminarError {
  const names = server.map((other) => other.name);
  const nearest = nearestName(column.source, names);
  const hint = nearest === undefined ? `it has ${names.join(', ')}` : `did you mean ${nearest}?`;
  const message = `there is no column ${column.source} in what lookup table ${name} reads`;
  return new LaminarError('LMN-5062', message, { hint, at: { name: `lookup table ${name}` } });
}

function unfit({ name }: TableRequest, column: TableColumn, { formatted }: ServerColumn): LaminarError {
  const declared = column.isPart ? 'read from a part of it, as if it were JSON' : typeName(column.type);
  const message = `column ${column.name} of lookup table ${name} is ${declared}, in PostgreSQL it is ${formatted}`;
  return new LaminarError('LMN-5063', message, {
    hint: `declare it with a type that fits, or cast it there: query = 'SELECT …, ${column.source}::text FROM …'`,
    at: { name: `lookup table ${name}` },
  });
}
