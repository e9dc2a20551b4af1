// laminar top against pipelines that really run, over their real sockets.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { laminar, type Running, root, scratchFolder, startLaminar } from '../support/program.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const scratch = scratchFolder();
afterAll(() => fs.rmSync(scratch, { recursive: true }));

/** A runtime directory of its own: other pipelines of this machine are none of the test's business. */
const env = { XDG_RUNTIME_DIR: scratch };

let running: Running[] = [];
afterEach(async () => {
  const exits = running.map(({ child }) => (child.exitCode === null ? once(child, 'exit') : undefined));
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(exits);
  running = [];
});

/** Starts an endless pipeline and waits until it has a socket and rows. */
async function endless(name: string, options: string[] = []): Promise<Running> {
  const file = path.join(scratch, name);
  fs.writeFileSync(
    file,
    `CREATE SOURCE bids FROM NEXMARK (kind = 'bid', rate = 20000);
     CREATE STREAM per_auction AS SELECT auction, window_end, COUNT(*) AS bids FROM bids
     GROUP BY auction, TUMBLE("dateTime", INTERVAL '1' HOUR);
     CREATE SINK hot FROM per_auction INTO BLACKHOLE (format = 'json');`,
  );
  const run = startLaminar(['run', '-q', ...options, file], { env });
  running.push(run);
  const pid = run.child.pid as number;
  await expect.poll(() => rowsOf(pid), { timeout: 15_000, interval: 200 }).toBeGreaterThan(0);
  return run;
}

function rowsOf(pid: number): number {
  const { code, stdout } = laminar(['top', String(pid), '--json'], { env });
  return code === 0 ? JSON.parse(stdout).progress.sources[0].rows : 0;
}

describe('what runs', () => {
  test('is printed as text, with rates, where stdout is no terminal', async () => {
    const { child } = await endless('bids.lsql');
    const { code, stdout, stderr } = laminar(['top'], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(new RegExp(`^laminar top  bids\\.lsql · pid ${child.pid} · up \\d+\\.\\d s · 1 core$`));
    expect(lines[1]).toMatch(/^\d+\.\d k rows\/s +\S+ KB\/s in · 0 rows\/s out · 0 late · 0 bad$/);
    const row = (name: string, title: string) => {
      const from = lines.findIndex((line) => line.startsWith(title));
      return lines.slice(from).find((line) => line.startsWith(`  ${name} `));
    };
    expect(row('bids', 'SOURCES')).toMatch(/ k +\S+ KB +\S+ d +0 +0 {2}ACTIVE {4}2015-07-15 00:0\d:\d\d$/);
    expect(row('per_auction.aggregate', 'OPERATORS')).toMatch(
      / k +0 +\d+ ns +\d+ % +\S+ .B +\S+.* 0 {2}.* {2}aggregate$/,
    );
    expect(row('core 0', 'CORES')).toMatch(/% +- +- +\S+ MB$/);
    expect(row('hot', 'SINKS')).toMatch(/ 0 +0 B +- +- +-$/);
    expect(stdout).toMatch(/^waits: window \[/m);
  });

  test('is printed as a line of JSON for each pipeline, the oldest first', async () => {
    const first = await endless('a.lsql');
    const second = await endless('b.lsql');
    const { code, stdout } = laminar(['top', '--json'], { env });
    const documents = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(documents.map(({ pid }) => pid)).toEqual([first.child.pid, second.child.pid]);
    expect(documents[0].progress.operators.map(({ id }: { id: string }) => id)).toContain('per_auction.aggregate');
  });

  test.each(['b', 'b.lsql', 'pid'])('is found by %s', async (name) => {
    await endless('a.lsql');
    const { child } = await endless('b.lsql');
    const { code, stdout } = laminar(['top', name === 'pid' ? String(child.pid) : name, '--once'], { env });
    expect(code).toBe(0);
    expect(stdout).toContain(`b.lsql · pid ${child.pid} `);
    expect(stdout).not.toContain('a.lsql');
  });
});

describe('what does not run', () => {
  test('is said to be so, with what to do', () => {
    const { code, stdout, stderr } = laminar(['top'], { env });
    expect({ code, stdout }).toEqual({ code: 66, stdout: '' });
    expect(stderr).toContain('no pipeline is running');
    expect(stderr).toContain('hint: start one with laminar run');
    expect(laminar(['top', '--json'], { env })).toMatchObject({ code: 66, stdout: '' });
  });

  test('is not found by a name that is almost right', async () => {
    await endless('bids.lsql');
    const { code, stderr } = laminar(['top', 'bid.lsql'], { env });
    expect(code).toBe(66);
    expect(stderr).toContain('no pipeline bid.lsql is running');
    expect(stderr).toContain('did you mean bids.lsql?');
  });

  test('leaves a socket behind when it is killed, which nobody takes for a pipeline', async () => {
    const { child } = await endless('bids.lsql');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(laminar(['top'], { env }).code).toBe(66);
  });
});

describe('on a terminal', () => {
  function watch(args: string[], extra: Record<string, string> = {}) {
    const terminal = openTerminal();
    const child = spawn(process.execPath, [path.join(root, 'bin/run.js'), 'top', ...args], {
      stdio: [terminal.descriptor, terminal.descriptor, terminal.descriptor],
      env: { PATH: process.env['PATH'] ?? '', HOME: scratch, TERM: 'xterm', ...env, ...extra },
    });
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    return { terminal, child, ended };
  }

  const shows = (terminal: Terminal, part: string | RegExp) =>
    expect.poll(() => terminal.text(), { timeout: 15_000 }).toMatch(part);

  const SECOND_SCREEN = '\u001B[?1049h';
  const FIRST_SCREEN = '\u001B[?1049l';
  const CURSOR_SHOWN = '\u001B[?25h';

  test('draws on the second screen, and q gives the first one back', async () => {
    await endless('bids.lsql');
    const { terminal, ended } = watch([]);
    await shows(terminal, /bids\.lsql/);
    await shows(terminal, /per_auction\.aggregate/);
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
    const { child } = await endless('bids.lsql');
    const { terminal, ended } = watch([], { NO_COLOR: '1' });
    await shows(terminal, /ACTIVE/);
    child.kill('SIGINT');
    await shows(terminal, /ENDED: stopped/);
    terminal.type('q');
    expect(await ended).toEqual([0, null]);
    terminal.close();
    const left = terminal.text().slice(terminal.text().lastIndexOf(FIRST_SCREEN));
    expect(left).toMatch(/bids\.lsql .* ENDED: stopped\r\n\S+ k rows +/);
    expect(terminal.text()).not.toMatch(/\[3\dm/);
  });

  test('lets choose among several', async () => {
    await endless('a.lsql');
    await endless('b.lsql');
    const { terminal, ended } = watch([]);
    await shows(terminal, /which pipeline\?/);
    await shows(terminal, /b\.lsql/);
    terminal.type('\r');
    await shows(terminal, /a\.lsql.* · pid /);
    terminal.type('q');
    expect(await ended).toEqual([0, null]);
    terminal.close();
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('gives the screen back on %s', async (signal) => {
    await endless('bids.lsql');
    const { terminal, child, ended } = watch([]);
    await shows(terminal, /SOURCES/);
    child.kill(signal);
    await ended;
    await shows(terminal, FIRST_SCREEN);
    terminal.close();
  });
});
