// laminar top against pipelines that really run, over their real sockets.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { laminar, PROGRAM, type Running, scratchFolder, startLaminar } from '../support/program.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const scratch = scratchFolder();
const running: Running['child'][] = [];

type Place = { XDG_RUNTIME_DIR: string; TMPDIR: string };

/** Runtime directories of its own: other pipelines of this machine are none of the test's business. */
function place(name: string): Place {
  const folder = path.join(scratch, name);
  fs.mkdirSync(folder, { recursive: true });
  return { XDG_RUNTIME_DIR: folder, TMPDIR: folder };
}

const one = place('one');
const two = place('two');

/** Starts an endless pipeline and waits until it has a socket and rows. @returns its process. */
async function endless(name: string, env: Place): Promise<Running['child']> {
  const file = path.join(env.XDG_RUNTIME_DIR, name);
  fs.writeFileSync(
    file,
    `CREATE SOURCE bids FROM NEXMARK (kind = 'bid', rate = 20000);
     CREATE STREAM per_auction AS SELECT auction, window_end, COUNT(*) AS bids FROM bids
     GROUP BY auction, TUMBLE("dateTime", INTERVAL '1' HOUR);
     CREATE SINK hot FROM per_auction INTO BLACKHOLE (format = 'json');`,
  );
  const { child } = startLaminar(['run', '-q', file], { env });
  running.push(child);
  const deadline = performance.now() + 15_000;
  while (rowsOf(child, env) === 0) {
    if (performance.now() > deadline) throw new Error(`${name} does not start`);
  }
  return child;
}

function rowsOf({ pid }: Running['child'], env: Record<string, string>): number {
  const { code, stdout } = laminar(['top', String(pid), '--json'], { env });
  return code === 0 ? JSON.parse(stdout).progress.sources[0].rows : 0;
}

let bids: Running['child'];
let first: Running['child'];
let second: Running['child'];

beforeAll(async () => {
  bids = await endless('bids.lsql', one);
  first = await endless('a.lsql', two);
  second = await endless('b.lsql', two);
});

afterAll(async () => {
  const alive = running.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const exits = alive.map((child) => once(child, 'exit'));
  for (const child of alive) child.kill('SIGKILL');
  await Promise.all(exits);
  fs.rmSync(scratch, { recursive: true });
});

describe('what runs', () => {
  test('is printed as text, with rates, where stdout is no terminal', async () => {
    const { code, stdout, stderr } = laminar(['top'], { env: one });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(new RegExp(`^laminar top  bids\\.lsql · pid ${bids.pid} · up \\d+\\.\\d s · 1 core$`));
    expect(lines[1]).toMatch(/^\d+\.\d k rows\/s +\S+ KB\/s in · 0 rows\/s out · 0 late · 0 bad$/);
    const row = (name: string, title: string) => {
      const from = lines.findIndex((line) => line.startsWith(title));
      return lines.slice(from).find((line) => line.startsWith(`  ${name} `));
    };
    expect(row('bids', 'SOURCES')).toMatch(/ k +\S+ KB +\S+ d +0 +0 {2}ACTIVE {4}2015-07-15 00:0\d:\d\d$/);
    expect(row('per_auction.aggregate', 'OPERATORS')).toMatch(
      / k +0 +[\d.]+ [nµ]s +500 ns +\d+ % +\S+ .B +\S+ k +0 {2}2015-07-15 00:0\d:\d\d +aggregate$/,
    );
    expect(row('core 0', 'CORES')).toMatch(/% +- +- +\S+ MB$/);
    expect(row('hot', 'SINKS')).toMatch(/ 0 +0 B +- +- +-$/);
    expect(stdout).toMatch(/^waits: window \[/m);
  });

  test('is printed as a line of JSON for each pipeline, the oldest first', async () => {
    const { code, stdout } = laminar(['top', '--json'], { env: two });
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(documents.map(({ pid }) => pid)).toEqual([first.pid, second.pid]);
    expect(laminar(['top', '--once', '--json', 'a'], { env: two }).stdout).toContain(`{"form":1,"pid":${first.pid},`);
    expect(documents[0].progress.operators.map(({ id }: { id: string }) => id)).toContain('per_auction.aggregate');
  });

  test('is found by process id, and by name with or without extension and folder', () => {
    const file = path.join(two.XDG_RUNTIME_DIR, 'b.lsql');
    for (const name of [String(second.pid), 'b', 'b.lsql', file]) {
      const { code, stdout } = laminar(['top', name, '--json'], { env: two });
      expect({ name, code, pid: JSON.parse(stdout).pid }).toEqual({ name, code: 0, pid: second.pid });
    }
  });
});

describe('what another version runs', () => {
  const env = place('versions');
  const folder = path.join(env.XDG_RUNTIME_DIR, 'laminar');
  let server: http.Server | null = null;
  afterEach(() => server?.close());

  /** Answers as a program would that differs in this. */
  async function stranger(differs: Record<string, unknown>): Promise<void> {
    const real = JSON.parse(laminar(['top', '--json'], { env: one }).stdout);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    server = http.createServer((_, response) => response.end(JSON.stringify({ ...real, ...differs })));
    server.listen(path.join(folder, '1.sock'));
    await once(server, 'listening');
  }

  test('is shown where it only says more', async () => {
    await stranger({ version: '9.9.9', moods: ['calm'], pipeline: 'newer.lsql' });
    const { code, stdout, stderr } = await startLaminar(['top', '--once'], { env }).ending();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('laminar top  newer.lsql');
    expect(stdout).toContain('per_auction.aggregate');
  });

  test('is said to be so where it says it in another form', async () => {
    await stranger({ version: '9.9.9', form: 99, pipeline: 'newer.lsql', progress: 'fine', causes: undefined });
    for (const args of [['top', '--once'], ['top', '--json', 'newer'], ['why']]) {
      const { code, stdout, stderr } = await startLaminar(args, { env }).ending();
      expect({ code, stdout }).toEqual({ code: 66, stdout: '' });
      expect(stderr).toContain('newer.lsql (');
      expect(stderr).toContain('is run by laminar 9.9.9, which tells of itself in another way than 0.1.0');
    }
  });
});

describe('what does not run', () => {
  test('is said to be so, with what to do', () => {
    const env = place('none');
    const { code, stdout, stderr } = laminar(['top'], { env });
    expect({ code, stdout }).toEqual({ code: 66, stdout: '' });
    expect(stderr).toContain('no pipeline is running');
    expect(stderr).toContain('hint: start one with laminar run');
    expect(laminar(['top', '--json'], { env })).toMatchObject({ code: 66, stdout: '' });
  });

  test('is not found by a name that is almost right', () => {
    const { code, stderr } = laminar(['top', 'bid.lsql'], { env: one });
    expect(code).toBe(66);
    expect(stderr).toContain('no pipeline bid.lsql is running');
    expect(stderr).toContain('did you mean bids.lsql?');
  });

  test('leaves a socket behind when it is killed, which is no pipeline, and which the next run removes', async () => {
    const env = place('killed');
    const child = await endless('bids.lsql', env);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const sockets = () => fs.readdirSync(path.join(env.XDG_RUNTIME_DIR, 'laminar'));
    expect(sockets()).toEqual([`${child.pid}.sock`]);
    expect(laminar(['top'], { env }).code).toBe(66);
    const next = await endless('bids.lsql', env);
    expect(sockets()).toEqual([`${next.pid}.sock`]);
    next.kill('SIGTERM');
    await once(next, 'exit');
    expect(sockets()).toEqual([]);
  });
});

describe('on a terminal', () => {
  function watch(env: Place, extra: Record<string, string> = {}) {
    const terminal = openTerminal();
    const child = spawn(PROGRAM[0], [...PROGRAM.slice(1), 'top'], {
      stdio: [terminal.descriptor, terminal.descriptor, terminal.descriptor],
      env: { PATH: process.env['PATH'] ?? '', HOME: scratch, TERM: 'xterm', ...env, ...extra },
    });
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    return { terminal, child, ended };
  }

  const shows = (terminal: Terminal, part: string | RegExp) =>
    expect.poll(() => terminal.text(), { timeout: 8000 }).toMatch(part);

  const SECOND_SCREEN = '\u001B[?1049h';
  const FIRST_SCREEN = '\u001B[?1049l';
  /** Written to the first screen. */
  const FIGURES_LEFT = /\[\?1049l[\s\S]*bids\.lsql .* ENDED: stopped\r\n\S+ k rows +/;
  const CURSOR_SHOWN = '\u001B[?25h';

  test('draws on the second screen, and q gives the first one back', async () => {
    const { terminal, ended } = watch(one);
    await shows(terminal, /bids\.lsql/);
    await shows(terminal, /ion\.aggregate/);
    terminal.type('q');
    expect(await ended).toEqual([0, null]);
    await shows(terminal, FIRST_SCREEN);
    terminal.close();
    const text = terminal.text();
    expect(text.indexOf(SECOND_SCREEN)).toBeGreaterThanOrEqual(0);
    expect(text.lastIndexOf(CURSOR_SHOWN)).toBeGreaterThan(text.indexOf(SECOND_SCREEN));
    expect(text).toContain('\u001B[36m');
  });

  test('says that the pipeline has ended, with its last figures, and keeps them when it leaves', async () => {
    const env = place('ending');
    const child = await endless('bids.lsql', env);
    const { terminal, ended } = watch(env, { NO_COLOR: '1' });
    await shows(terminal, /ACTIVE/);
    child.kill('SIGINT');
    await shows(terminal, /ENDED: stopped/);
    terminal.type('q');
    expect(await ended).toEqual([0, null]);
    await shows(terminal, FIGURES_LEFT);
    terminal.close();
    expect(terminal.text()).not.toMatch(/\[3\dm/);
  });

  test('lets choose among several', async () => {
    const { terminal, ended } = watch(two);
    await shows(terminal, /which pipeline\?/);
    await shows(terminal, /b\.lsql/);
    terminal.type('\r');
    await shows(terminal, /a\.lsql.* · pid /);
    terminal.type('q');
    expect(await ended).toEqual([0, null]);
    terminal.close();
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('gives the screen back on %s', async (signal) => {
    const { terminal, child, ended } = watch(one);
    await shows(terminal, /SOURCES/);
    child.kill(signal);
    await ended;
    await shows(terminal, FIRST_SCREEN);
    terminal.close();
  });
});
