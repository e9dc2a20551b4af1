// POSTGRES: a table of a PostgreSQL server, asked by key. This is the core's end; a thread of its own speaks with the server.
//
//   core ── questions ─► port ─► thread (postgres-thread.ts) ─► server
//        ◄─ answers ──── port ◄─
//
// A core never awaits, so answers are counted in shared memory: it looks there between two batches, and a sleeping core is
// woken by its bell.

import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import type { Column } from '../../data/schema.ts';
import type { EndpointSpec } from '../../plan/node.ts';
import type { SourceNode } from '../../plan/source-node.ts';
import type { Wake } from '../../platform/poll.ts';
import { spawnPostgres } from '../../platform/resources.ts';
import type { KeyedAnswer, KeyedTable } from '../connector.ts';
import type { TableColumn, TableRequest } from './postgres-query.ts';

export interface TableContext {
  /** The lookup table. */
  node: SourceNode;
  /** Columns of its schema by which rows are asked for, in the order of the keys. */
  keys: readonly number[];
  bell: Wake;
}

/** What the thread is started with. */
export interface ThreadRequest {
  table: TableRequest;
  port: MessagePort;
  /** One word: answers so far. */
  answers: SharedArrayBuffer;
  bell: Wake;
}

/** To the thread. */
export type Question = { kind: 'ask'; keys: string[][] } | { kind: 'hurry' } | { kind: 'close' };

export function openPostgres(spec: EndpointSpec, context: TableContext): KeyedTable {
  return new PostgresTable(requestOf(spec, context), context.bell);
}

function requestOf({ options }: EndpointSpec, { node, keys }: TableContext): TableRequest {
  const text = (name: string) => (options[name] === undefined ? null : String(options[name]));
  const visible = node.schema.filter(({ hidden }) => hidden !== true);
  return {
    name: node.name,
    url: text('url'),
    table: text('table'),
    query: text('query'),
    timeoutMillis: Math.ceil(Number(options['timeout']) / 1000),
    retryMillis: Math.ceil(Number(options['retry_for']) / 1000),
    columns: visible.map((column: Column, index): TableColumn => {
      const { path } = node.fields[index] as SourceNode['fields'][number];
      return { name: column.name, type: column.type, source: String(path[0]), isPart: path.length > 1 };
    }),
    keys: [...keys],
  };
}

class PostgresTable implements KeyedTable {
  readonly #port: MessagePort;
  readonly #thread: Worker;
  readonly #answers = new Int32Array(new SharedArrayBuffer(4));
  #taken = 0;

  constructor(table: TableRequest, bell: Wake) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const request: ThreadRequest = { table, port: port2, answers: this.#answers.buffer as SharedArrayBuffer, bell };
    this.#thread = spawnPostgres({ workerData: request, transferList: [port2] });
    // A run that has ended does not wait for the server.
    this.#thread.unref();
    this.#port.unref();
  }

  ask(keys: string[][]): void {
    this.#port.postMessage({ kind: 'ask', keys } satisfies Question);
  }

  take(): KeyedAnswer | null {
    if (Atomics.load(this.#answers, 0) === this.#taken) return null;
    this.#taken++;
    return receiveMessageOnPort(this.#port)?.message as KeyedAnswer;
  }

  wait(millis: number): void {
    Atomics.wait(this.#answers, 0, this.#taken, millis);
  }

  hurry(): void {
    this.#port.postMessage({ kind: 'hurry' } satisfies Question);
  }

  close(): void {
    this.#port.postMessage({ kind: 'close' } satisfies Question);
  }
}
