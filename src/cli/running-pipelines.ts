// The pipelines that run here, found by their control sockets and asked over them: HTTP, one request an answer.
//
// A socket without a process behind it is left over from one that was killed: it counts as gone. One that does not
// answer in time belongs to a process that hangs, or is stopped: it counts as gone as well, for as long as it does.

import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { RunProgress } from '../runtime/run.ts';
import type { Sample } from './dashboard/measure.ts';

/** How long a pipeline may take to answer. */
const ANSWER_MILLIS = 2000;

/** What /status says. */
export interface Status {
  pid: number;
  version: string;
  pipeline: string;
  startedAt: number;
  plan: { nodes: { id: string; kind: string; inputs: string[] }[] };
  progress: RunProgress;
  ending: string | null;
}

function socketFolder(): string {
  const runtime = process.env['XDG_RUNTIME_DIR'] || path.join(os.tmpdir(), `laminar-${process.getuid?.()}`);
  return path.join(runtime, 'laminar');
}

function pidsIn(folder: string): number[] {
  try {
    return fs.readdirSync(folder).flatMap((file) => (/^\d+\.sock$/.test(file) ? [Number.parseInt(file, 10)] : []));
  } catch {
    return [];
  }
}

function socketOf(pid: number): string {
  return path.join(socketFolder(), `${pid}.sock`);
}

export function sampleOf({ status, why }: Running): Sample {
  const { pipeline, pid, version, plan, progress, ending } = status;
  return { pipeline, pid, version, nodes: plan.nodes, progress, waits: why, ending };
}

export interface Running {
  status: Status;
  /** What holds its output back; null: nothing. */
  why: string | null;
}

/** All that answer, the oldest first. */
export async function findPipelines(): Promise<Running[]> {
  const pids = pidsIn(socketFolder());
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
