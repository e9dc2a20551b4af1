// Random changelogs for the oracle: rows that are inserted, deleted and updated, duplicates too, and the records that say so
// in each of the forms that sources read.

import fc from 'fast-check';

export interface Row {
  id: number;
  n: number;
  s: number | null;
  x: number | null;
  m: string | null;
}

export type Change = { before: Row | null; after: Row | null };

export interface Changelog {
  changes: Change[];
  /** What they add up to. */
  rows: Row[];
}

const texts = ['a', 'b', '', 'naïve', 'longer than twelve bytes', 'longer than twelve bytes, much'];

export const row: fc.Arbitrary<Row> = fc.record({
  id: fc.integer({ min: 0, max: 6 }),
  n: fc.integer({ min: 0, max: 4 }),
  s: fc.option(fc.integer({ min: -3, max: 3 }), { freq: 6 }),
  x: fc.option(
    fc.integer({ min: -20, max: 20 }).map((n) => n / 8),
    { freq: 6 },
  ),
  m: fc.option(fc.constantFrom(...texts), { freq: 6 }),
});

const step = fc.record({ row, at: fc.nat(), what: fc.constantFrom('insert', 'insert', 'again', 'delete', 'update') });

/** `byKey`: no two rows that are there at a time have the same id. */
export function changelog(byKey: boolean): fc.Arbitrary<Changelog> {
  return fc.array(step, { maxLength: 40 }).map((steps) => {
    const rows: Row[] = [];
    const changes: Change[] = [];
    for (const { row: drawn, at, what } of steps) {
      const index = rows.length === 0 ? -1 : at % rows.length;
      const old = rows[index] ?? null;
      const isInsertion = old === null || what === 'insert' || what === 'again';
      const next =
        what === 'again' && old !== null && !byKey ? old : byKey && !isInsertion ? { ...drawn, id: old.id } : drawn;
      if (isInsertion) {
        if (byKey && rows.some(({ id }) => id === next.id)) continue;
        rows.push(next);
        changes.push({ before: null, after: next });
      } else if (what === 'delete') {
        rows.splice(index, 1);
        changes.push({ before: old, after: null });
      } else {
        rows[index] = next;
        changes.push({ before: old, after: next });
      }
    }
    return { changes, rows };
  });
}

export type Form = 'weight' | 'debezium' | 'debezium by key' | 'upsert';

export const OPTIONS: Record<Form, string> = {
  weight: "changelog = 'weight'",
  debezium: "format = 'debezium'",
  'debezium by key': "format = 'debezium'",
  upsert: "changelog = 'upsert', op_column = 'kind'",
};

export function recordsOf(form: Form, { before, after }: Change): object[] {
  switch (form) {
    case 'weight':
      if (before === null) return [{ op: '+I', ...after }];
      return after === null
        ? [{ op: '-D', ...before }]
        : [
            { op: '-U', ...before },
            { ...after, op: '+U' },
          ];
    case 'debezium':
      return [{ op: before === null ? 'c' : after === null ? 'd' : 'u', before, after, ts_ms: 1 }];
    case 'debezium by key': {
      const known = before === null || after !== null ? null : { id: before.id };
      return [{ op: before === null ? 'r' : after === null ? 'd' : 'u', before: known, after }];
    }
    case 'upsert':
      return [after === null ? { kind: '-D', id: before?.id } : { ...after }];
  }
}

export const forms: fc.Arbitrary<{ form: Form; log: Changelog }> = fc
  .constantFrom<Form>('weight', 'weight', 'debezium', 'debezium by key', 'upsert')
  .chain((form) => changelog(keyIn(form) !== '').map((log) => ({ form, log })));

/** Columns of a source in one of the forms. */
export function columnsIn(form: Form): string {
  return `(id BIGINT NOT NULL, n BIGINT, s BIGINT, x DOUBLE, m VARCHAR${keyIn(form)})`;
}

export function keyIn(form: Form): string {
  return form === 'upsert' || form === 'debezium by key' ? ', PRIMARY KEY (id)' : '';
}

/** Statements that make a table of rows in DuckDB. */
export function tableOf(name: string, rows: readonly Row[]): string {
  const values = rows.map(({ id, n, s, x, m }) => `(${[id, n, s, x, m].map(literal).join(', ')})`);
  const insertion = values.length === 0 ? '' : `INSERT INTO ${name} VALUES ${values.join(', ')};`;
  return `CREATE OR REPLACE TABLE ${name} (id BIGINT, n BIGINT, s BIGINT, x DOUBLE, m VARCHAR); ${insertion}`;
}

function literal(value: string | number | null): string {
  return value === null ? 'NULL' : typeof value === 'string' ? `'${value}'` : String(value);
}
