// The pipelines that run here, found by their control sockets and asked over them: HTTP, one request an answer.
//
// A socket without a process behind it is left over from one that was killed: it counts as gone. One that does not
// answer in time belongs to a process that hangs, or is stopped: it counts as gone as well, for as long as it does.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { Sample } from './dashboard/measure.ts';

/** How long a pipeline may take to answer. */
const ANSWER_MILLIS = 2000;

export interface Running {
  status: Status;
  /** What holds its output back; null: nothing. */
  why: string | null;
}

/** All that answer, the oldest first. */
export async function findPipelines(): Promise<Running[]> {
  const pids = socketFolder().flatMap(pidsIn);
  const answers = await Promise.all(pids.map(askPipeline));
  return answers.filter((answer) => answer !== null).sort((a, b) => a.status.startedAt - b.status.startedAt);
}

/** null: it is gone. */
export async function askPipeline(pid: number): Promise<Running | null> {
  const socketPath = socketOf(pid);
  try {
    const [status, why] = await Promise.all([get(socketPath, '/status'), get(socketPath, '/why')]);
    return { status: JSON.parse(status), why: why.trim() || null };
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Nobody listens, or nobody answers. */
const GONE = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'EACCES', 'ETIMEDOUT']);

function get(socketPath: string, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ socketPath, path: url, timeout: ANSWER_MILLIS, agent: false }, (response) => {
      text(response).then(resolve, reject);
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    request.on('error', reject);
  });
}
