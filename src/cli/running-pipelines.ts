// The pipelines that run here, found by their control sockets and asked over them (control-socket.ts).
//
// A socket without a process behind it is left over from one that was killed: it counts as gone. One that does not
// answer in time belongs to a process that hangs, or is stopped: it counts as gone as well, for as long as it does.
//
// A pipeline may be run by a program of another version. What that says besides is left alone; where it says things in
// another form (STATUS_FORM) it cannot be shown, and whoever asks for it is told so.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { LaminarError } from '../base/errors.ts';
import { nearestName } from '../base/names.ts';
import { runtimeDirectories } from '../platform/runtime-directory.ts';
import { printNotice } from './notice.ts';
import { type RunStatus, STATUS_FORM } from './run-status.ts';
import { PACKAGE } from './version.ts';

/** How long a pipeline may take to answer, in ms. */
const ANSWER_MILLIS = 2000;

export interface RunningPipeline {
  status: RunStatus;
  /** Its control socket. */
  socket: string;
}

/** All that answer and are understood, the oldest first. */
export async function findPipelines(): Promise<RunningPipeline[]> {
  return (await findAll()).filter(isUnderstood);
}

/**
 * Those of a process id or name, or all of them; what is left out is told on stderr.
 * @throws LMN-7010 when there is none, LMN-7018 when it is not understood
 */
export async function choosePipelines(wanted: string | undefined, json = false): Promise<RunningPipeline[]> {
  const all = await findAll();
  const running = all.filter(isUnderstood);
  const strangers = all.filter((other) => !isUnderstood(other));
  const asked = strangers.filter(({ status }) => wanted === undefined || isCalled(status, wanted));
  const isKnown = running.some(({ status }) => wanted === undefined || isCalled(status, wanted));
  if (asked[0] !== undefined && !isKnown) throw notUnderstood(asked[0].status);
  for (const { status } of asked) printNotice(`left out: ${notUnderstood(status).message}`, json);
  if (running.length === 0) {
    const hint = 'start one with laminar run; pipelines of other users are not seen';
    throw new LaminarError('LMN-7010', 'no pipeline is running', { hint });
  }
  if (wanted === undefined) return running;
  const found = running.filter(({ status }) => isCalled(status, wanted));
  if (found.length > 0) return found;
  const nearest = nearestName(
    wanted,
    running.map(({ status }) => status.pipeline),
  );
  const list = running.map(({ status }) => `${status.pipeline} (${status.pid})`).join(', ');
  const hint = nearest === undefined ? `these run: ${list}` : `did you mean ${nearest}?`;
  throw new LaminarError('LMN-7010', `no pipeline ${wanted} is running`, { hint });
}

async function findAll(): Promise<RunningPipeline[]> {
  const answers = await Promise.all(runtimeDirectories().flatMap(socketsIn).map(askSocket));
  return answers.filter((answer) => answer !== null).sort((a, b) => a.status.startedAt - b.status.startedAt);
}

function isUnderstood({ status }: RunningPipeline): boolean {
  return status.form === STATUS_FORM;
}

/** Of a status of another form, the little that every form has. */
function notUnderstood({ pid, pipeline, version }: RunStatus): LaminarError {
  const what = `${pipeline} (${pid}) is run by laminar ${version}, which tells of itself in another way than ${PACKAGE.version}`;
  return new LaminarError('LMN-7018', what, { hint: `ask for it with laminar ${version}` });
}

/** By its process id, its path, its name, or its name without the extension. */
function isCalled({ pid, pipeline, path }: RunStatus, wanted: string): boolean {
  return [String(pid), path, pipeline, pipeline.replace(/\.l?sql$/, '')].includes(wanted);
}

/** The pipeline behind a socket; null: it is gone. */
export async function askSocket(socket: string): Promise<RunningPipeline | null> {
  const status = await get(socket, '/status', ANSWER_MILLIS);
  // A run of an older program says nothing of its streams.
  return status === null ? null : { status: { ...status, views: status.views ?? [] }, socket };
}

/** Waits until the run has ended. @returns its last status; null: it is gone without a word. */
export function awaitEnd(socket: string): Promise<RunStatus | null> {
  return get(socket, '/end', 0);
}

function socketsIn(folder: string): string[] {
  try {
    const files = fs.readdirSync(folder).filter((file) => file.endsWith('.sock'));
    return files.map((file) => path.join(folder, file));
  } catch {
    // Nothing has ever run here, or it is not ours to look into.
    return [];
  }
}

/** Nobody listens, nobody answers, or nobody lets us: whatever is there cannot be watched. */
const GONE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EACCES', 'ENOENT', 'ENOTSOCK', 'EPIPE', 'ETIMEDOUT']);

/** @param timeout in ms, 0: for ever. @returns null when it is gone. */
async function get(socketPath: string, url: string, timeout: number): Promise<RunStatus | null> {
  try {
    return JSON.parse(await request(socketPath, url, timeout)) as RunStatus;
  } catch (error) {
    // An answer that breaks off is no JSON.
    if (error instanceof SyntaxError || GONE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Has a run take a checkpoint. @returns its number. @throws Error with what the run says against it. */
export async function askForCheckpoint(socket: string, url: string): Promise<number> {
  const answer = JSON.parse(await request(socket, url, 0, 'POST')) as { epoch?: number; error?: string };
  if (answer.epoch === undefined) throw new Error(answer.error);
  return answer.epoch;
}

function request(socketPath: string, url: string, timeout: number, method = 'GET'): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = http.request({ method, socketPath, path: url, timeout, agent: false }, (response) => {
      text(response).then(resolve, reject);
    });
    sent.on('timeout', () => sent.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    sent.on('error', reject);
    sent.end();
  });
}
