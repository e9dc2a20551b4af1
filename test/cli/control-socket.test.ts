// The socket over which a run is watched and stopped: who may open it, what it answers, what it leaves behind.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ControlSocket, openControlSocket } from '../../src/cli/control-socket.ts';
import { type RunStatus, STATUS_FORM } from '../../src/cli/run-status.ts';
import { askSocket, awaitEnd, findPipelines } from '../../src/cli/running-pipelines.ts';
import { makeRuntimeDirectory } from '../../src/platform/runtime-directory.ts';
import { parseExposition } from '../support/exposition.ts';
import { scratchFolder } from '../support/program.ts';
import { sampleAt } from './dashboard/samples.ts';

const scratch = scratchFolder();
afterAll(() => fs.rmSync(scratch, { recursive: true }));

function status(second: number, ending: string | null = null): RunStatus {
  const { nodes, progress, pid, version } = sampleAt(second);
  const plain = nodes.map(({ id, kind, inputs }) => ({ id, kind, inputs: [...inputs] }));
  return {
    form: STATUS_FORM,
    pid,
    version,
    pipeline: 'a.lsql',
    path: null,
    startedAt: 7,
    nodes: plain,
    views: [{ name: 'a', kind: 'source' }],
    progress,
    why: 'a window',
    causes: [
      { sink: 'out', silentMillis: 12_000, why: 'a window' },
      { sink: 'all', silentMillis: 10, why: '' },
    ],
    stateDirectory: null,
    ending,
  };
}

let stops = 0;
let reports = 0;
let socket: ControlSocket;

beforeEach(async () => {
  const folder = fs.mkdtempSync(path.join(scratch, 'run-'));
  vi.stubEnv('XDG_RUNTIME_DIR', folder);
  vi.stubEnv('TMPDIR', folder);
  stops = 0;
  reports = 0;
  socket = await openControlSocket({
    status: () => status(10),
    report: async () => {
      reports++;
    },
    stop: () => {
      stops++;
    },
    tap: () => expect.unreachable(),
    checkpoint: async () => 12,
  });
});

afterEach(async () => {
  await socket.close('stopped', () => status(11, 'stopped'));
  vi.unstubAllEnvs();
});

function ask(method: string, url: string): Promise<{ code: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath: socket.path, method, path: url, agent: false }, async (response) =>
      resolve({ code: response.statusCode, body: await text(response) }),
    );
    request.on('error', reject).end();
  });
}

describe('a socket', () => {
  test('is named for its process, in a folder that only this user can enter', () => {
    expect(socket.path).toBe(path.join(process.env['XDG_RUNTIME_DIR'] ?? '', 'laminar', `${process.pid}.sock`));
    expect(fs.statSync(socket.path).mode & 0o777).toBe(0o600);
    expect(fs.statSync(path.dirname(socket.path)).mode & 0o777).toBe(0o700);
  });

  test('answers with counters, the cause of waiting, and stops the run', async () => {
    expect(JSON.parse((await ask('GET', '/status')).body)).toEqual(status(10));
    expect(await ask('GET', '/why')).toEqual({
      code: 200,
      body: 'out: no output for 12.0 s: a window\nall: rows come out\n',
    });
    expect(await ask('POST', '/stop')).toEqual({ code: 202, body: '{}' });
    expect(stops).toBe(1);
    // Counters that a core tells seldom are asked for first.
    expect(reports).toBe(2);
  });

  test('gives metrics that a strict reader takes', async () => {
    const { code, body } = await ask('GET', '/metrics');
    expect(code).toBe(200);
    expect(parseExposition(body).get('laminar_build_info')?.samples[0]?.labels['pipeline']).toBe('a.lsql');
  });

  test('knows nothing else, and does not stop for those who only look', async () => {
    expect((await ask('GET', '/stop')).code).toBe(404);
    expect((await ask('GET', '/../status')).code).toBe(404);
    expect(JSON.parse((await ask('POST', '/status')).body).known).toContain('GET /status');
    expect(stops).toBe(0);
  });

  test('tells all who wait how the run ended, and is gone', async () => {
    const ends = [awaitEnd(socket.path), awaitEnd(socket.path)];
    await expect.poll(() => askSocket(socket.path)).not.toBeNull();
    await socket.close('end of input', () => status(12, 'end of input'));
    expect(await Promise.all(ends)).toEqual([status(12, 'end of input'), status(12, 'end of input')]);
    expect(fs.readdirSync(path.dirname(socket.path))).toEqual([]);
    expect(await askSocket(socket.path)).toBeNull();
    expect(await awaitEnd(socket.path)).toBeNull();
  });
});

describe('finding pipelines', () => {
  test('passes over sockets at which nobody listens, and files that are none', async () => {
    const folder = path.dirname(socket.path);
    fs.writeFileSync(path.join(folder, '1.sock'), 'not a socket');
    fs.writeFileSync(path.join(folder, 'notes.txt'), '');
    expect((await findPipelines()).map((found) => found.socket)).toEqual([socket.path]);
  });

  test('passes over those who answer nonsense', async () => {
    const file = path.join(path.dirname(socket.path), '2.sock');
    const server = http.createServer((_, response) => response.end('{"pid":'));
    await new Promise<void>((resolve) => server.listen(file, resolve));
    expect(await findPipelines()).toHaveLength(1);
    server.close();
  });
});

describe('the runtime directory', () => {
  test('is one that nobody else can write to, or another', () => {
    const own = path.join(process.env['XDG_RUNTIME_DIR'] ?? '', 'laminar');
    fs.chmodSync(own, 0o777);
    const other = makeRuntimeDirectory();
    expect(other).not.toBe(own);
    expect(fs.statSync(other).mode & 0o777).toBe(0o700);
    fs.chmodSync(own, 0o700);
    expect(makeRuntimeDirectory()).toBe(own);
  });

  test('is one in the temporary directory where the user has none', () => {
    vi.stubEnv('XDG_RUNTIME_DIR', '/nowhere/at/all');
    expect(makeRuntimeDirectory()).toBe(path.join(process.env['TMPDIR'] ?? '', `laminar-${process.getuid?.()}`, 'run'));
  });

  test('is none where a stranger has prepared the folder above it', () => {
    vi.stubEnv('XDG_RUNTIME_DIR', '');
    const above = path.join(process.env['TMPDIR'] ?? '', `laminar-${process.getuid?.()}`);
    fs.mkdirSync(above, { recursive: true });
    fs.chmodSync(above, 0o777);
    expect(() => makeRuntimeDirectory()).toThrow('is not private to this user');
  });
});
