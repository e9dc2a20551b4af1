// The control socket of a run: HTTP on a Unix socket that only this user can open.
//
//   GET  /status   what the run is and every counter, as JSON (run-status.ts)
//   GET  /end      the same, once the run has ended: the answer waits for it
//   GET  /why      what the output waits for, as a line of text for each sink
//   GET  /metrics  the counters as text for Prometheus
//   GET  /tap      rows of a stream as they pass (tap/serve-tap.ts)
//   POST /checkpoint?name=NAME   takes a checkpoint now, and gives it that name: { epoch }
//   POST /stop     stops the sources; what is open is finished, as on SIGTERM
//
//   curl --unix-socket $XDG_RUNTIME_DIR/laminar/4711.sock http://run/status
//
// The socket of a process that was killed stays behind; whoever opens one removes those at which nobody listens.

import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { makeRuntimeDirectory } from '../platform/runtime-directory.ts';
import { METRICS_CONTENT_TYPE, renderMetrics } from './metrics/metric-text.ts';
import type { RunStatus } from './run-status.ts';
import { type OpenTap, plainErrors, ServedTap, tapQueryOf } from './tap/serve-tap.ts';
import { renderCause } from './waiting.ts';

/** The run behind a socket. */
export interface ControlledRun {
  status(): RunStatus;
  /** Has the run bring its counters up to date; settles when it has, or takes too long. */
  report(): Promise<unknown>;
  stop(): void;
  tap: OpenTap;
  /** Takes a checkpoint that gets a name. @returns its number. @throws when it keeps nothing. */
  checkpoint(name: string): Promise<number>;
}

export interface ControlSocket {
  readonly path: string;
  /** Tells those who wait how the run ended, and takes the socket away. `last` is asked only if somebody waits. */
  close(ending: string, last: () => RunStatus): Promise<void>;
}

/** How long those who wait may take to read the last status, in ms. */
const FAREWELL_MILLIS = 200;

/** Listens. @throws Error when there is no folder for a socket, or it cannot be opened. */
export async function openControlSocket(run: ControlledRun): Promise<ControlSocket> {
  const folder = makeRuntimeDirectory();
  await removeStale(folder);
  const file = path.join(folder, `${process.pid}.sock`);
  const waiting = new Set<http.ServerResponse>();
  const taps = new Set<ServedTap>();
  const server = http.createServer((request, response) => answer(run, request, response, { waiting, taps }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(file, resolve);
  });
  fs.chmodSync(file, 0o600);
  const remove = () => fs.rmSync(file, { force: true });
  process.once('exit', remove);
  return {
    path: file,
    close: async (ending, last) => {
      const text = waiting.size === 0 ? '' : JSON.stringify(last());
      const sent = [...waiting].map((response) => new Promise<void>((resolve) => response.end(text, resolve)));
      sent.push(...[...taps].map((tap) => tap.finish(ending)));
      const patience = new Promise((resolve) => setTimeout(resolve, FAREWELL_MILLIS).unref());
      if (sent.length > 0) await Promise.race([Promise.all(sent), patience]);
      server.close();
      server.closeAllConnections();
      remove();
      process.off('exit', remove);
    },
  };
}

function answer(
  run: ControlledRun,
  { method, url = '' }: http.IncomingMessage,
  response: http.ServerResponse,
  { waiting, taps }: { waiting: Set<http.ServerResponse>; taps: Set<ServedTap> },
): void {
  const json = { 'content-type': 'application/json' };
  const text = { 'content-type': 'text/plain; charset=utf-8' };
  if (method === 'GET' && url.startsWith('/tap?')) {
    void serveTap(run, new URLSearchParams(url.slice(5)), response, taps);
    return;
  }
  const [route, query = ''] = url.split('?');
  switch (`${method} ${route}`) {
    case 'GET /status':
      void run.report().then(() => response.writeHead(200, json).end(JSON.stringify(run.status())));
      return;
    case 'GET /end':
      response.writeHead(200, json).flushHeaders();
      waiting.add(response);
      response.once('close', () => waiting.delete(response));
      return;
    case 'GET /why':
      void run.report().then(() => response.writeHead(200, text).end(whyText(run.status())));
      return;
    case 'GET /metrics': {
      const metrics = { 'content-type': METRICS_CONTENT_TYPE };
      void run.report().then(() => response.writeHead(200, metrics).end(renderMetrics(run.status())));
      return;
    }
    case 'POST /checkpoint':
      run.checkpoint(new URLSearchParams(query).get('name') ?? '').then(
        (epoch) => response.writeHead(200, json).end(JSON.stringify({ epoch })),
        (error: Error) => response.writeHead(409, json).end(JSON.stringify({ error: error.message })),
      );
      return;
    case 'POST /stop':
      run.stop();
      response.writeHead(202, json).end('{}');
      return;
    default:
      response.writeHead(404, json).end(JSON.stringify({ error: 'not found', known: ROUTES }));
  }
}

async function serveTap(
  run: ControlledRun,
  parameters: URLSearchParams,
  response: http.ServerResponse,
  taps: Set<ServedTap>,
): Promise<void> {
  try {
    const query = tapQueryOf(parameters);
    const opened = await run.tap(query);
    const served = new ServedTap(response, { ...opened, rowsMax: query.rowsMax }, () => taps.delete(served));
    taps.add(served);
  } catch (error) {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: plainErrors(error) }));
  }
}

const ROUTES = [
  'GET /status',
  'GET /end',
  'GET /why',
  'GET /metrics',
  'GET /tap?view=NAME',
  'POST /checkpoint?name=NAME',
  'POST /stop',
];

function whyText({ causes }: RunStatus): string {
  return causes.map((cause) => `${cause.sink}: ${renderCause(cause)}\n`).join('');
}

/** Removes the sockets at which nobody listens. */
async function removeStale(folder: string): Promise<void> {
  const sockets = fs.readdirSync(folder).filter((file) => file.endsWith('.sock'));
  await Promise.all(
    sockets.map(async (name) => {
      const file = path.join(folder, name);
      if (await isRefused(file)) fs.rmSync(file, { force: true });
    }),
  );
}

function isRefused(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = net.connect(file);
    const settle = (refused: boolean) => {
      connection.destroy();
      resolve(refused);
    };
    connection.once('connect', () => settle(false));
    connection.once('error', ({ code }: NodeJS.ErrnoException) => settle(code === 'ECONNREFUSED'));
  });
}
