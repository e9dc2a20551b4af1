// The thread that speaks with a PostgreSQL server for one lookup table: questions in, answers out, in their order.

import { workerData } from 'node:worker_threads';
import { LaminarError, toPlain } from '../../base/errors.ts';
import { ring } from '../../platform/poll.ts';
import type { KeyedAnswer } from '../connector.ts';
import { PostgresClient } from './postgres-client.ts';
import { failureOf } from './postgres-errors.ts';
import type { Question, ThreadRequest } from './postgres-table.ts';

const { table, port, answers, bell } = workerData as ThreadRequest;
const counter = new Int32Array(answers);

function give(answer: KeyedAnswer): void {
  const moved = answer.kind === 'rows' ? [answer.records.buffer as ArrayBuffer] : [];
  port.postMessage(answer, moved);
  Atomics.add(counter, 0, 1);
  Atomics.notify(counter, 0);
  ring(bell);
}

function giveFailure(error: unknown): void {
  const failure = error instanceof LaminarError ? error : failureOf(error, table);
  give({ kind: 'failed', error: toPlain(failure) });
}

// Nobody hears of a thread that ends: whoever waits for it is told.
process.on('uncaughtException', giveFailure);

const client = new PostgresClient(table, (text) => give({ kind: 'notice', text }));
/** Questions are answered one after another. */
let last: Promise<void> = client.open().then(() => give({ kind: 'ready' }), giveFailure);

port.on('message', (question: Question) => {
  if (question.kind === 'hurry') client.hurry();
  else if (question.kind === 'close') {
    client.close();
    port.close();
  } else {
    const { keys } = question;
    last = last.then(async () => give({ kind: 'rows', records: await client.ask(keys) })).catch(giveFailure);
  }
});
