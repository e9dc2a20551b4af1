// Asks compiled code and DuckDB the same expression over the same rows.
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { CELL_ERROR_CODE, CELL_ERROR_SITE } from '../../kernels/layout.ts';
import { createBatch, fillBatch, type Value, valueAt } from '../../src/data/batch.ts';
import type { LinearMemory } from '../../src/data/memory.ts';
import type { Schema } from '../../src/data/schema.ts';
import { type DataType, typeName } from '../../src/data/type.ts';
import { type CompiledMap, instantiateMaps } from '../../src/runtime/compiled-maps.ts';
import { createHost } from '../../src/runtime/host/host.ts';
import { generateModule } from '../../src/sql/codegen/module.ts';
import type { BoundExpression, LiteralValue } from '../../src/sql/expression.ts';
import { edgeValues, literalSql, type Twin } from './expressions.ts';
import { testMemory } from './linear-memory.ts';

export type Row = Value[];
/** What an expression gave for a row. */
export type Outcome = Value | { error: number; site: number };

/** The same numbers for a seed. */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Rows of edge values, a fifth of them NULL where a column may be; column 0 counts. */
export function randomRows(schema: Schema, count: number, seed = 1): Row[] {
  const next = random(seed);
  return Array.from({ length: count }, (_, id) =>
    schema.map((column, index) => {
      if (index === 0) return id;
      const values = edgeValues(column.type);
      if (column.nullable && next() < 0.2) return null;
      return values[Math.floor(next() * values.length)] as Value;
    }),
  );
}

/** Compiles expressions as columns of one map, and evaluates them over rows. */
export class Compiled {
  readonly #memory: LinearMemory;
  readonly #schema: Schema;

  constructor(schema: Schema) {
    this.#memory = testMemory();
    this.#schema = schema;
  }

  get memory(): LinearMemory {
    return this.#memory;
  }

  compile(expression: BoundExpression): CompiledMap {
    const output = { name: 'x', expression, nullable: expression.nullable, type: expression.type };
    const module = generateModule([{ inputSchema: this.#schema, filter: null, outputs: [output] }]);
    const host = createHost(module.hostFunctions, this.#memory);
    return instantiateMaps(module.code, module.literals, this.#memory, { nowMicros: 0n, host }).map0 as CompiledMap;
  }

  /** One outcome a row: after a failure the rest goes on in a new batch. */
  evaluate(expression: BoundExpression, rows: readonly Row[]): Outcome[] {
    if (expression.kind === 'column') return rows.map((row) => row[expression.index] as Value);
    const compute = this.compile(expression);
    const memory = this.#memory;
    const outputSchema = [{ name: 'x', type: expression.type, nullable: expression.nullable }];
    const output = createBatch(memory, outputSchema, Math.max(rows.length, 1));
    const outcomes: Outcome[] = [];
    while (outcomes.length < rows.length) {
      // After a failure, single rows: many may fail.
      const part = rows.slice(outcomes.length, outcomes.length === 0 ? rows.length : outcomes.length + 1);
      const input = createBatch(memory, this.#schema, part.length);
      fillBatch(memory, input, { schema: this.#schema, rows: part });
      const written = compute(input, output);
      memory.refresh();
      for (let row = 0; row < written; row++) {
        outcomes.push(valueAt(memory, output, { column: 0, row, type: expression.type }));
      }
      const error = memory.load32(CELL_ERROR_CODE);
      if (error !== 0) outcomes.push({ error, site: memory.load32(CELL_ERROR_SITE) });
      else if (written !== part.length) throw new Error(`${written} rows of ${part.length} without an error`);
    }
    return outcomes;
  }
}

/** DuckDB with the rows as table `t`. */
export class Oracle {
  readonly #connection: DuckDBConnection;

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  static async create(schema: Schema, rows: readonly Row[]): Promise<Oracle> {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    // As written: a rewritten expression may no longer fail where it did.
    await connection.run("SET disabled_optimizers = 'expression_rewriter'");
    await connection.run(`CREATE TABLE t (${schema.map((c) => `${c.name} ${typeName(c.type)}`).join(', ')})`);
    for (let start = 0; start < rows.length; start += 100) {
      const tuples = rows
        .slice(start, start + 100)
        .map((row) => `(${schema.map((c, i) => literalSql(row[i] as LiteralValue, c.type)).join(', ')})`);
      await connection.run(`INSERT INTO t VALUES ${tuples.join(', ')}`);
    }
    return new Oracle(connection);
  }

  /** Values of expressions over all rows; a row where one fails has NULL there. */
  async values(expressions: readonly Twin[]): Promise<Value[][]> {
    return this.#select(expressions, (sql) => `TRY(${sql})`, '');
  }

  /** As `values`, for any expression: TRY of a large one brings DuckDB 1.5 down, so rows are asked one by one. */
  async valuesByRow(expressions: readonly Twin[], rowCount: number): Promise<Value[][]> {
    const rows: Value[][] = Array.from({ length: rowCount }, () => []);
    for (const [e, expression] of expressions.entries()) {
      const all = await this.#selectOrNull(expression, '');
      for (const [id, row] of rows.entries()) {
        row[e] =
          all === null ? ((await this.#selectOrNull(expression, `WHERE id = ${id}`))?.[0] ?? null) : (all[id] ?? null);
      }
    }
    return rows;
  }

  async #selectOrNull(expression: Twin, where: string): Promise<Value[] | null> {
    try {
      return (await this.#select([expression], (sql) => sql, where)).map((row) => row[0] as Value);
    } catch {
      return null;
    }
  }

  async #select(expressions: readonly Twin[], wrap: (sql: string) => string, where: string): Promise<Value[][]> {
    const list = expressions.map(({ sql, bound }) => wrap(`CAST(${sql} AS ${typeName(bound.type)})`)).join(', ');
    const reader = await this.#connection.runAndReadAll(`SELECT ${list} FROM t ${where} ORDER BY id`);
    return reader.getRows().map((row) => row.map((v, i) => plain(v, (expressions[i] as Twin).bound.type)));
  }

  /** Whether DuckDB fails on an expression in the row with this id. */
  async fails(expression: Twin, id: number): Promise<boolean> {
    try {
      await this.#connection.runAndReadAll(`SELECT ${expression.sql} FROM t WHERE id = ${id}`);
      return false;
    } catch {
      return true;
    }
  }

  /** The one value of a query, as text. */
  async textOf(sql: string): Promise<string | null> {
    const reader = await this.#connection.runAndReadAll(`SELECT CAST(${sql} AS VARCHAR)`);
    return reader.getRows()[0]?.[0] as string | null;
  }
}

function plain(value: unknown, type: DataType): Value {
  if (value === null) return null;
  switch (type.kind) {
    case 'TIMESTAMP':
      return (value as { micros: bigint }).micros;
    case 'DATE':
      return (value as { days: number }).days;
    case 'INTERVAL': {
      const { months, days, micros } = value as { months: number; days: number; micros: bigint };
      return BigInt(months * 30 + days) * 86_400_000_000n + micros;
    }
    default:
      return value as Value;
  }
}

/** Whether two outcomes are the same value; doubles up to the last digits. */
export function sameValue(a: Outcome, b: Outcome): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    if (!Number.isFinite(a) || !Number.isFinite(b)) return Object.is(a, b);
    return a === b || Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
  }
  return a === b;
}

/** Asks both about expressions over the rows, and lists where they differ, readably. */
export async function differences(
  twins: readonly Twin[],
  rows: readonly Row[],
  engines: { compiled: Compiled; oracle: Oracle },
): Promise<string[]> {
  return compareAll(twins, rows, { ...engines, expected: await engines.oracle.values(twins) });
}

/** As `differences`, for expressions of any size. */
export async function differencesByRow(
  twins: readonly Twin[],
  rows: readonly Row[],
  engines: { compiled: Compiled; oracle: Oracle },
): Promise<string[]> {
  return compareAll(twins, rows, { ...engines, expected: await engines.oracle.valuesByRow(twins, rows.length) });
}

async function compareAll(
  twins: readonly Twin[],
  rows: readonly Row[],
  engines: { compiled: Compiled; oracle: Oracle; expected: Value[][] },
): Promise<string[]> {
  const found: string[] = [];
  for (const [t, twin] of twins.entries()) {
    // DuckDB evaluates AND and OR in an order of its own, and what it knows to be NULL or TRUE not at all: which operand
    // fails first, or whether any does, differs; values do not.
    const mayFailElsewhere = /\b(and|or|IN|IS|TRY_CAST)\b|%|\/\//.test(twin.sql);
    let isFirstFailure = true;
    for (const [r, outcome] of engines.compiled.evaluate(twin.bound, rows).entries()) {
      const value = engines.expected[r]?.[t] as Value;
      const isFailure = typeof outcome === 'object' && outcome !== null;
      if (!isFailure && sameValue(outcome, value)) continue;
      if (mayFailElsewhere && (isFailure || (await engines.oracle.fails(twin, r)))) continue;
      const isAgreed = isFailure && value === null && (!isFirstFailure || (await engines.oracle.fails(twin, r)));
      if (isFailure) isFirstFailure = false;
      if (isAgreed) continue;
      const ours = isFailure ? `error ${(outcome as { error: number }).error}` : String(outcome);
      found.push(`${twin.sql} row ${r}: ${ours}, DuckDB ${String(value)}`);
    }
  }
  return found;
}
