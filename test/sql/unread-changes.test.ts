// EMIT CHANGES that only final tables read: the changes are not made, and nothing else is taken for that.

import { describe, expect, test } from 'vitest';
import { compilePipeline } from '../../src/sql/compile.ts';
import { runPipeline } from '../support/pipeline.ts';

const SOURCE = 'CREATE SOURCE e (k VARCHAR, v BIGINT, s VARCHAR);';
const TOTALS = 'CREATE STREAM totals AS SELECT k, COUNT(*) AS n, SUM(v) AS v FROM e GROUP BY k EMIT CHANGES;';
const FINAL = 'SELECT n, COUNT(*) AS c, SUM(v) AS v FROM totals GROUP BY n EMIT FINAL;';

/** When the groups of `totals` come out. */
function emitOf(text: string): unknown {
  const { plan } = compilePipeline(text, { fileName: 'test', variables: {} });
  const node = plan.nodes.find(({ id }) => id === 'totals.aggregate');
  return node?.kind === 'aggregate' ? node.emit : undefined;
}

const UNREAD = { on: 'close', isUnread: true };
const CHANGES = { on: 'update' };

describe('changes are not made', () => {
  test.each([
    ['for a final table', `${SOURCE}${TOTALS}${FINAL}`],
    [
      'through a filter and UNION ALL',
      `${SOURCE}${TOTALS}
      CREATE STREAM some AS SELECT n, v FROM totals WHERE n > 1 UNION ALL SELECT v, n FROM totals;
      SELECT n, MAX(v) AS v FROM some GROUP BY n EMIT FINAL;`,
    ],
    [
      'where a sink that writes no changes asks for a table',
      `${SOURCE}${TOTALS}
      SELECT n, COUNT(*) AS c FROM totals GROUP BY n;`,
    ],
    [
      'through changes that are not made either',
      `${SOURCE}${TOTALS}
      CREATE STREAM sizes AS SELECT n, COUNT(*) AS c FROM totals GROUP BY n EMIT CHANGES;
      SELECT c, COUNT(*) AS n FROM sizes GROUP BY c EMIT FINAL;`,
    ],
    [
      'for either side of a join without bounds',
      `${SOURCE}${TOTALS}
      SELECT a.n, COUNT(b.k) AS c FROM totals a LEFT JOIN totals b ON a.n = b.v GROUP BY a.n EMIT FINAL;`,
    ],
    ['for rows in order', `${SOURCE}${TOTALS} SELECT k, n FROM totals ORDER BY n, k EMIT FINAL;`],
  ])('%s', (_, text) => expect(emitOf(text)).toEqual(UNREAD));
});

describe('changes are made', () => {
  test.each([
    ['for a sink of its own', `${SOURCE}${TOTALS} CREATE SINK all_of_them FROM totals INTO STDOUT; ${FINAL}`],
    [
      'for changes of changes',
      `${SOURCE}${TOTALS}
      SELECT n, COUNT(*) AS c FROM totals GROUP BY n EMIT CHANGES;`,
    ],
    [
      'for a sink that wants changes of what could be a table',
      `${SOURCE}${TOTALS}
      CREATE STREAM sizes AS SELECT n, COUNT(*) AS c FROM totals GROUP BY n;
      CREATE SINK s FROM sizes INTO STDOUT (changelog = 'debezium');`,
    ],
    [
      'where the order of rows counts',
      `${SOURCE}${TOTALS}
      SELECT n, LAST_VALUE(k) AS k FROM totals GROUP BY n EMIT FINAL;`,
    ],
    [
      'where the clock is asked for',
      `${SOURCE}${TOTALS}
      SELECT n, COUNT(*) AS c FROM totals WHERE PROCTIME() > TIMESTAMP '2020-01-01' GROUP BY n EMIT FINAL;`,
    ],
    [
      'for the first rows of an order, whose ties go by it',
      `${SOURCE}${TOTALS}
      SELECT k, n FROM totals ORDER BY n LIMIT 3 EMIT FINAL;`,
    ],
    [
      'where rows of joins go by the clock',
      `SET state_ttl = '1h'; ${SOURCE}${TOTALS}
      SELECT a.n, COUNT(*) AS c FROM totals a JOIN totals b ON a.n = b.v GROUP BY a.n EMIT FINAL;`,
    ],
    [
      'of a source that never ends',
      `CREATE SOURCE e (k VARCHAR, v BIGINT) FROM GENERATOR (rate = '10');
      ${TOTALS} ${FINAL}`,
    ],
  ])('%s', (_, text) => expect(emitOf(text)).toEqual(CHANGES));
});

test('a final table of changes that are not made is what it is of the changes', async () => {
  const input = Array.from({ length: 200 }, (_, i) => `{"k":"k${(i * 7) % 23}","v":${i % 5}}\n`).join('');
  const seen = "CREATE SINK seen FROM totals INTO FILE (path = '/dev/null', format = 'json');";
  const [without, made] = await Promise.all(
    [FINAL, `${seen} CREATE SINK out AS ${FINAL.replace(';', '')} INTO STDOUT;`].map((query) =>
      runPipeline({ text: `${SOURCE}${TOTALS}${query}`, input }),
    ),
  );
  expect(without?.outputs['stdout'] ?? without?.output).toBe(made?.outputs['out']);
  expect(made?.outputs['out']).toContain('"n":9,');
});
