import { beforeAll, describe, expect, it } from 'vitest';
import { BATCH_ROW_COUNT } from '../../../kernels/layout.ts';
import { columnData, createBatch, valueAt } from '../../../src/data/batch.ts';
import type { LinearMemory } from '../../../src/data/memory.ts';
import { WATERMARK_COLUMN } from '../../../src/data/schema.ts';
import { VARCHAR } from '../../../src/data/type.ts';
import { type CompiledMap, instantiateMaps } from '../../../src/runtime/compiled-maps.ts';
import { createHost } from '../../../src/runtime/host/host.ts';
import { compilePipeline } from '../../../src/sql/compile.ts';
import { functionNames, resolveFunction, scalarFunctions } from '../../../src/sql/functions/registry.ts';
import { Oracle } from '../../support/expression-oracle.ts';
import { testMemory } from '../../support/linear-memory.ts';

let memory: LinearMemory;
let oracle: Oracle;

beforeAll(async () => {
  memory = testMemory();
  oracle = await Oracle.create([{ name: 'id', type: { kind: 'INTEGER' }, nullable: false }], []);
});

/** Of streams: DuckDB has none. */
const OURS: ReadonlySet<string> = new Set(['proctime', 'watermark']);

/** The value of an expression without columns as text, through the whole compiler. */
function textOf(sql: string): unknown {
  const text = `CREATE SOURCE t (x INTEGER, ts TIMESTAMP, WATERMARK FOR ts); SELECT CAST((${sql}) AS VARCHAR) AS v FROM t;`;
  const { plan } = compilePipeline(text, { fileName: 'example', variables: {} });
  const map = plan.nodes.find((node) => node.kind === 'map');
  const source = plan.nodes.find((node) => node.kind === 'source');
  if (map?.kind !== 'map' || source === undefined) throw new Error('the plan has a source and a map');
  const host = createHost(plan.hostFunctions, memory);
  const compute = instantiateMaps(plan.code, plan.literals, memory, { host })[map.function] as CompiledMap;
  const input = createBatch(memory, source.schema, 1);
  memory.store32(input + BATCH_ROW_COUNT, 1);
  const carried = source.schema.findIndex(({ name }) => name === WATERMARK_COLUMN);
  if (carried >= 0) memory.i64[columnData(memory, input, carried) >>> 3] = -(2n ** 63n);
  const output = createBatch(memory, map.schema, 1);
  if (compute(input, output) !== 1) throw new Error(`${sql} fails`);
  memory.refresh();
  return valueAt(memory, output, { column: 0, row: 0, type: VARCHAR });
}

describe('the example of every function gives what its documentation says', () => {
  for (const { name, example } of scalarFunctions()) {
    it(name, async () => {
      expect(textOf(example.sql)).toBe(example.result);

      if (!OURS.has(name) && !DIFFERENT.has(name)) expect(await oracle.textOf(example.sql)).toBe(example.result);
    });
  }
});

/** What DuckDB has not, or prints otherwise: its intervals keep days apart from hours, its times may have a zone. */
const DIFFERENT: ReadonlySet<string> = new Set([
  'to_days',
  'to_weeks',
  'to_timestamp',
  'regexp_count',
  'to_char',
  'json_extract_all',
  'json_extract_all_string',
  'json_array_elements',
  'json_array_elements_text',
  'json_each',
  'width_bucket',
  'initcap',
  'sha512',
  'crc32',
  'unhex',
  'encode',
  'decode',
  'strptime',
  'timezone',
  'from_utc_timestamp',
  'to_utc_timestamp',
]);

describe('the registry', () => {
  it('has unique ids and names', () => {
    const ids = scalarFunctions().flatMap((f) => f.overloads.map((o) => o.id));
    expect(new Set(ids).size).toBe(ids.length);
    const names = scalarFunctions().flatMap((f) => [f.name, ...f.aliases]);
    expect(new Set(names).size).toBe(names.length);
    expect(functionNames()).toEqual(names);
  });

  it('chooses the overload with the least widening', () => {
    const idOf = (name: string, ...kinds: string[]): string => {
      const found = resolveFunction(
        name,
        kinds.map((kind) => ({ kind }) as never),
      );
      return 'overload' in found ? found.overload.id : found.error;
    };
    expect(idOf('+', 'TINYINT', 'SMALLINT')).toBe('+(INTEGER,INTEGER)');
    expect(idOf('+', 'INTEGER', 'BIGINT')).toBe('+(BIGINT,BIGINT)');
    expect(idOf('+', 'BIGINT', 'DOUBLE')).toBe('+(DOUBLE,DOUBLE)');
    expect(idOf('/', 'INTEGER', 'INTEGER')).toBe('/(DOUBLE,DOUBLE)');
    expect(idOf('-', 'TIMESTAMP', 'DATE')).toBe('-(TIMESTAMP,TIMESTAMP)');
    expect(idOf('-', 'DATE', 'DATE')).toBe('-(DATE,DATE)');
    expect(idOf('ABS', 'NULL')).toBe('abs(INTEGER)');
    expect(idOf('concat', 'INTEGER', 'DATE')).toBe('concat(VARCHAR,…)');
    expect(idOf('upper', 'INTEGER')).toBe('arguments');
    expect(idOf('round', 'DOUBLE', 'BIGINT')).toBe('arguments');
    expect(idOf('nonesuch')).toBe('unknown');
  });

  it('lets the name of a field decide the type', () => {
    const types = [VARCHAR, { kind: 'TIMESTAMP' as const }];
    expect(resolveFunction('date_part', types, 'EPOCH')).toMatchObject({ overload: { result: { kind: 'DOUBLE' } } });
    expect(resolveFunction('date_part', types, 'year')).toMatchObject({ overload: { result: { kind: 'BIGINT' } } });
    expect(resolveFunction('date_part', types)).toMatchObject({ overload: { result: { kind: 'BIGINT' } } });
  });
});
