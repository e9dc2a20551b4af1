// Runs the built program as a child process, the way a user's shell does. LAMINAR_EXECUTABLE names another one to run
// (`npm run test:executable`: the single executable).

import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

export const root = path.resolve(import.meta.dirname, '../..');
const executable = process.env['LAMINAR_EXECUTABLE'];
/** What `laminar` is: a command and its first arguments. */
export const PROGRAM: readonly [string, ...string[]] =
  executable === undefined ? [process.execPath, path.join(root, 'bin/run.js')] : [path.resolve(root, executable)];

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Surroundings {
  input?: string | Buffer;
  cwd?: string;
  env?: Record<string, string>;
  /** As a user who may do nothing. */
  asNobody?: boolean;
}

const NOBODY = 65_534;

/** What the child's environment is: nothing of the test runner's own, which switches colours on. */
function environment(extra: Record<string, string> = {}): Record<string, string> {
  const { PATH = '', HOME = os.tmpdir() } = process.env;
  return { PATH, HOME, ...extra };
}

/** Runs `laminar ARGS` to its end. */
export function laminar(args: readonly string[], around: Surroundings = {}): Ending {
  const [command, ...first] = PROGRAM;
  const { status, signal, stdout, stderr, error } = spawnSync(command, [...first, ...args], {
    input: around.input ?? '',
    cwd: around.cwd ?? root,
    env: environment(around.env),
    ...(around.asNobody === true && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}),
    encoding: 'utf8',
    timeout: 20_000,
    maxBuffer: 1 << 26,
  });
  // It may end before it has read all of its input.
  if (error !== undefined && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  return { code: status, signal, stdout, stderr };
}

export interface Running {
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Reads what there is to read, until the program has ended. Before the call nobody reads: a full pipe blocks it. */
  ending(): Promise<Ending>;
}

/** Starts `laminar ARGS` with open pipes. */
export function startLaminar(args: readonly string[], around: Omit<Surroundings, 'input'> = {}): Running {
  const [command, ...first] = PROGRAM;
  const child = spawn(command, [...first, ...args], {
    cwd: around.cwd ?? root,
    env: environment(around.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  const exit = new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject).once('exit', (code, signal) => resolve([code, signal]));
  });
  const ending = async (): Promise<Ending> => {
    const [[code, signal], stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
    return { code, signal, stdout, stderr };
  };
  return { child, ending };
}

/** Runs a line of shell in which `laminar` is the program. */
export function shell(line: string, around: Surroundings = {}): Ending {
  const script = `laminar() { ${PROGRAM.map((word) => `'${word}'`).join(' ')} "$@"; }\n${line}`;
  const { status, signal, stdout, stderr, error } = spawnSync('bash', ['-c', script], {
    input: around.input ?? '',
    cwd: around.cwd ?? root,
    env: environment(around.env),
    encoding: 'utf8',
    timeout: 20_000,
    maxBuffer: 1 << 26,
  });
  // It may end before it has read all of its input.
  if (error !== undefined && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  return { code: status, signal, stdout, stderr };
}

/** An empty folder for one test file. */
export function scratchFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-test-'));
}
