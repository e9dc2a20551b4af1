import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { runPipeline } from '../../support/pipeline.ts';
import { often } from '../../support/random.ts';

let ask: (sql: string) => Promise<unknown[][]>;

beforeAll(async () => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  ask = async (sql) => (await connection.runAndReadAll(sql)).getRows() as unknown[][];
});

const DOCUMENTS = [
  '{"a":1,"b":{"c":[10,20,{"d":"x"}]},"s":"t\\"ext\\u00e9","n":null,"t":true,"f":-2.5,"e":{},"l":[]}',
  '{"a":[1,2,3],"a.b":7,"b":"plain","":"empty name","a b":[[]],"big":18446744073709551615,"neg":-5}',
  '[1,[2,3],{"a":"deep"},null,"text",1.5e3,false]',
  '"just text"',
  '12',
  'null',
  '[]',
  '{}',
  '{ "a" : [ 1 , 2 ] , "b" : { "c" : { "d" : 18446744073709551616 } } }',
];

const PATHS = [
  ...['a', 'b', 'a.b', '', 'a b', 'nothing', 'n', 's', 'big', 'neg', 'é'],
  ...['$', '$.a', '$.b.c', '$.b.c[0]', '$.b.c[2].d', '$[0]', '$[1][1]', '$[-1]', '$[#-1]', '$[#-2]', '$[99]', '$[#]'],
  ...['$."a b"', '$.s', '$.n', '$.a[1]', '$.b.c.d', '$."a.b"', '$.t'],
  ...['/', '/a', '/b/c/0', '/b/c/2/d', '/1/1', '/2/a', '/a b', '/x/y', '/b/c/d'],
];
const INDEXES = [0, 1, 2, 6, 7, -1, -2, -7, -8];

/** What DuckDB makes of JSON values is compact. */
const compact = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.stringify(JSON.parse(value));
  } catch {
    return value;
  }
};

/** Rows of an expression over the documents, as columns of JSON and as VARCHAR. */
async function ours(expressions: readonly string[], type: 'JSON' | 'VARCHAR'): Promise<unknown[][]> {
  const items = expressions.map((sql, i) => `${sql} AS x${i}`);
  const text = `CREATE SOURCE t (id INTEGER, j ${type}); SELECT ${items.join(', ')} FROM t;`;
  const field = (document: string): string => (type === 'JSON' ? document : JSON.stringify(document));
  const input = DOCUMENTS.map((document, id) => `{"id":${id},"j":${field(document)}}\n`).join('');
  const { output, error } = await runPipeline({ text, input, batchRows: 4 });
  if (error !== null) throw error;
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => Object.values(JSON.parse(line) as object));
}

describe('JSON functions equal DuckDB', () => {
  const expressions = [
    ...PATHS.flatMap((path) => [
      `CAST(j -> '${path}' AS VARCHAR)`,
      `j ->> '${path}'`,
      `CAST(json_value(j, '${path}') AS VARCHAR)`,
      `json_exists(j, '${path}')`,
      `json_type(j, '${path}')`,
      `CAST(json_array_length(j, '${path}') AS VARCHAR)`,
    ]),
    ...INDEXES.flatMap((index) => [`CAST(j -> ${index} AS VARCHAR)`, `j ->> ${index}`]),
    'json_type(j)',
    'CAST(json_array_length(j) AS VARCHAR)',
    "(j -> 'b') ->> 'c'",
    "TRY_CAST(j -> 'a' AS BIGINT)",
    "TRY_CAST(j -> 'n' AS BIGINT)",
    "TRY_CAST(j ->> 't' AS BOOLEAN)",
    "TRY_CAST(j -> 'f' AS DOUBLE)",
  ];

  for (const type of ['JSON', 'VARCHAR'] as const) {
    it(`of a ${type} column, for every kind of path`, async () => {
      // A null in the field of a column is NULL before any function sees it.
      const rows = DOCUMENTS.map((document, id) => {
        const value = type === 'JSON' && document === 'null' ? 'NULL' : `'${document.replaceAll("'", "''")}'::JSON`;
        return `(${id}, ${value})`;
      });
      const expected = await ask(
        `SELECT ${expressions.join(', ')} FROM (VALUES ${rows.join(', ')}) t(id, j) ORDER BY id`,
      );

      const actual = await ours(expressions, type);

      const differences = expressions.flatMap((sql, e) =>
        DOCUMENTS.flatMap((document, row) => {
          const [a, b] = [compact(actual[row]?.[e]), compact(plain(expected[row]?.[e]))];
          return a === b ? [] : [`${sql} of ${document}: ${String(a)}, DuckDB ${String(b)}`];
        }),
      );
      expect(differences).toEqual([]);
    });
  }
});

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

describe('JSON', () => {
  it('is read at random paths as JavaScript reads it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(randomCase, { minLength: 1, maxLength: 20 }), async (cases) => {
        const text = 'CREATE SOURCE t (j JSON, p VARCHAR); SELECT j -> p AS v, j ->> p AS s FROM t;';
        const input = cases.map(({ json, path }) => `${JSON.stringify({ j: json, p: path })}\n`).join('');

        const { output, error } = await runPipeline({ text, input, batchRows: 3 });

        expect(error).toBe(null);
        const rows = output
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line));
        expect(rows).toEqual(cases.map(({ json, steps }) => expectedAt(json, steps)));
      }),
      { numRuns: often(60) },
    );
  });

  it('is taken as it was written, spaces and all, and written nested', async () => {
    const text = `CREATE SOURCE t (j JSON); SELECT j -> 'a' AS a, j -> 'a' ->> 1 AS b FROM t;`;

    const { output } = await runPipeline({ text, input: '{"j": {"a": [ 1,  {"x": 2} ]}}\n' });

    expect(output).toBe('{"a":[ 1,  {"x": 2} ],"b":"{\\"x\\": 2}"}\n');
  });

  it('finds the last of duplicate keys, as reading does', async () => {
    const text = `CREATE SOURCE t (j JSON); SELECT j ->> 'a' AS a, j ->> '$.a.b' AS b FROM t;`;

    const { output } = await runPipeline({ text, input: '{"j":{"a":{"b":1},"\\u0061":{"b":2,"b":3}}}\n' });

    expect(output).toBe('{"a":"{\\"b\\":2,\\"b\\":3}","b":"3"}\n');
  });

  it('in a VARCHAR may have line ends and space around it', async () => {
    const text = `CREATE SOURCE t (v VARCHAR); SELECT v ->> 'a' AS a, v -> 'b' AS b, CAST(v AS JSON) AS j FROM t;`;
    const v = '\n { "a" :\r\n 1, "b": [1,\n2] }\n';

    const { output, error } = await runPipeline({ text, input: `${JSON.stringify({ v })}\n` });

    expect(error).toBe(null);
    expect(output).toBe('{"a":"1","b":[1, 2],"j":{ "a" :   1, "b": [1, 2] }}\n');
  });

  it('that is malformed fails with the expression, and can be guarded', async () => {
    const source = 'CREATE SOURCE t (v VARCHAR);';
    const input = '{"v":"{\\"a\\":1}"}\n{"v":"{\\"a\\":"}\n';

    const failed = await runPipeline({ text: `${source} SELECT v ->> 'a' AS a FROM t;`, input });
    const guarded = await runPipeline({
      text: `${source} SELECT CASE WHEN json_valid(v) THEN v ->> 'a' END AS a FROM t;`,
      input,
    });

    expect(failed.error).toMatchObject({ code: 'LMN-3002', message: expect.stringContaining("v ->> 'a'") });
    expect(failed.output).toBe('{"a":"1"}\n');
    expect(guarded.output).toBe('{"a":"1"}\n{"a":null}\n');
  });

  it('refuses a path that is none, before the run where it is written', async () => {
    const paths = ['$x', '$.', '$[', '$[a]', '$..a', '$[0', '$."a', '$.a.', '$[-]', '$[#1]', "$['a"];
    for (const path of paths) {
      const text = path.replaceAll("'", "''");
      const written = runPipeline({ text: `CREATE SOURCE t (j JSON); SELECT j ->> '${text}' AS a FROM t;`, input: '' });
      await expect(written, path).rejects.toMatchObject({ code: 'LMN-2021' });

      const { error } = await runPipeline({
        text: 'CREATE SOURCE t (j JSON, p VARCHAR); SELECT j ->> p AS a FROM t;',
        input: `${JSON.stringify({ j: {}, p: path })}\n`,
      });
      expect(error, path).toMatchObject({ code: 'LMN-3003' });
    }
  });

  it('takes the same paths written and from a column', async () => {
    const paths = [
      '$',
      '$.a',
      '$.a*',
      '$.*a',
      '$."x.y"[0]',
      "$['a']",
      '$["a"].b',
      '$[-1]',
      '$[#-2]',
      '$[#]',
      '$.é',
      '$.a b',
    ];
    for (const path of paths) {
      const text = path.replaceAll("'", "''");
      const { output, error } = await runPipeline({
        text: `CREATE SOURCE t (j JSON, p VARCHAR); SELECT (j -> '${text}') IS NULL AS a, (j -> p) IS NULL AS b FROM t;`,
        input: `${JSON.stringify({ j: { a: { b: 1 }, 'a*': 1, '*a': 2, é: 3, 'a b': 4 }, p: path })}\n`,
      });
      expect(error, path).toBe(null);
      const row = JSON.parse(output);
      expect(row.a, path).toBe(row.b);
    }
  });
});

type Step = string | number;

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'long key beyond sixteen bytes', 'é"\\', ''),
  fc.string({ maxLength: 4 }),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.string({ maxLength: 20 }), fc.constantFrom(1.5, -1e300)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

const quoted = (name: string): string => `."${name.replace(/["\\]/g, '\\$&')}"`;

const randomCase = fc
  .tuple(fc.dictionary(key, json, { maxKeys: 4, noNullPrototype: true }), fc.array(fc.nat(), { maxLength: 4 }))
  .map(([value, choices]) => {
    // A walk that mostly stays inside of the value.
    const steps: Step[] = [];
    let at: unknown = value;
    for (const choice of choices) {
      if (typeof at !== 'object' || at === null) steps.push(choice % 2 === 0 ? 'a' : 0);
      else if (Array.isArray(at)) steps.push((choice % (at.length + 1)) - (choice % 3 === 0 ? at.length : 0));
      else steps.push(Object.keys(at)[choice % (Object.keys(at).length + 1)] ?? 'missing');
      at = stepInto(at, steps.at(-1) as Step);
    }
    const path = `$${steps.map((step) => (typeof step === 'number' ? `[${step}]` : quoted(step))).join('')}`;
    return { json: value, steps, path };
  });

function stepInto(value: unknown, step: Step): unknown {
  if (typeof step === 'number') return Array.isArray(value) ? value.at(step) : undefined;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
}

function expectedAt(value: unknown, steps: readonly Step[]): { v: unknown; s: string | null } {
  const found = steps.reduce(stepInto, value);
  if (found === undefined || found === null) return { v: null, s: null };
  return { v: found, s: typeof found === 'string' ? found : JSON.stringify(found) };
}
