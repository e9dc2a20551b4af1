// What a person at a terminal sees: progress, hints and colours; and that nothing of it is left behind.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { PROGRAM, scratchFolder } from '../support/program.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const scratch = scratchFolder();
afterAll(() => fs.rmSync(scratch, { recursive: true }));

const SOURCE = 'CREATE SOURCE t (a BIGINT) FROM';
/** Return to the first column and erase the line, as the text of the terminal shows it. */
const ERASE = '<erase>';

type Stdio = 'pipe' | 'terminal';

function start(args: string[], [stdin, stdout, stderr]: [Stdio, Stdio, Stdio]) {
  const terminal = openTerminal();
  const end = (kind: Stdio) => (kind === 'pipe' ? 'pipe' : terminal.descriptor);
  const child = spawn(PROGRAM[0], [...PROGRAM.slice(1), ...args], {
    stdio: [end(stdin), end(stdout), end(stderr)],
    env: { PATH: process.env['PATH'] ?? '', HOME: scratch, TERM: 'xterm' },
  });
  return { child, terminal };
}

async function shown(terminal: Terminal, part: string | RegExp, seconds = 15): Promise<string> {
  const deadline = performance.now() + seconds * 1000;
  while (terminal.text().search(part) < 0) {
    if (performance.now() > deadline) throw new Error(`the terminal shows ${JSON.stringify(terminal.text())}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return terminal.text();
}

test('a file is a bar that is erased before the summary', async () => {
  const input = path.join(scratch, 'in.ndjson');
  fs.writeFileSync(input, '{"a":1}\n'.repeat(500_000));
  const { child, terminal } = start(
    ['run', '-e', `${SOURCE} FILE (path = '${input}'); SELECT a FROM t;`],
    ['pipe', 'pipe', 'terminal'],
  );
  // Nobody reads the output yet, so the run stands still in the middle.
  await shown(terminal, /<erase>\[█*░+\] \d+ % {2}[\d,]+ rows {2}/);
  const [out, [code]] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  const seen = await shown(terminal, /0 bad, 0 late\r\n/);
  terminal.close();
  expect(seen.slice(seen.lastIndexOf(ERASE) + ERASE.length)).toMatch(/^500,000 rows \(3\.8 MB\) in .*\r\n$/);
  expect(out.length).toBe(8 * 500_000);
  expect(code).toBe(0);
});

test('a pipe is a status line, drawn at once', async () => {
  const { child, terminal } = start(['run', '-e', `${SOURCE} STDIN; SELECT a FROM t;`], ['pipe', 'pipe', 'terminal']);
  await shown(terminal, /^<erase>0\.\d+ s {2}0 rows/);
  child.stdin!.end('{"a":1}\n');
  const [out] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  await shown(terminal, /<erase>1 row .*\r\n$/);
  terminal.close();
  expect(out).toBe('{"a":1}\n');
});

test('rows on the same terminal are not torn by progress', async () => {
  const { child, terminal } = start(
    ['run', '-e', `${SOURCE} STDIN; SELECT a FROM t;`],
    ['pipe', 'terminal', 'terminal'],
  );
  child.stdin!.end('{"a":1}\n{"a":2}\n');
  await once(child, 'exit');
  const seen = await shown(terminal, /late\r\n$/);
  terminal.close();
  expect(seen).toMatch(/^\{"a":1\}\r\n\{"a":2\}\r\n2 rows .*\r\n$/);
});

test('a run that reads the keyboard says so', async () => {
  const { child, terminal } = start(
    ['run', '-e', `${SOURCE} STDIN; SELECT a FROM t;`],
    ['terminal', 'pipe', 'terminal'],
  );
  await shown(terminal, 'reading source t from the terminal; Ctrl-D ends the input');
  terminal.type('{"a":1}\n\u0004');
  const [out, [code]] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  terminal.close();
  expect(out).toBe('{"a":1}\n');
  expect(code).toBe(0);
});

test('Ctrl-C says what happens now', async () => {
  const { child, terminal } = start(['run', '-e', `${SOURCE} STDIN; SELECT a FROM t;`], ['pipe', 'pipe', 'terminal']);
  await shown(terminal, '0 rows');
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  const seen = await shown(terminal, '(stopped)');
  terminal.close();
  expect(seen).toContain('stopping: finishing what is open; Ctrl-C again to quit at once\r\n');
  expect(code).toBe(0);
});

test('errors are coloured', async () => {
  const { child, terminal } = start(['check', '-e', 'SELECT'], ['pipe', 'pipe', 'terminal']);
  await once(child, 'exit');
  const seen = await shown(terminal, 'LMN-1001');
  terminal.close();
  expect(seen).toContain('\u001B[1;31merror LMN-1001:');
});

test('a run that says nothing for ten seconds is explained: the window, the source and the file it waits for', {
  timeout: 40_000,
}, async () => {
  const files = ['ahead.fifo', 'behind.fifo'].map((name) => path.join(scratch, name));
  execFileSync('mkfifo', files);
  const query = `CREATE SOURCE quotes (n BIGINT, ts TIMESTAMP, WATERMARK FOR ts) FROM FILE (path = '${scratch}/*.fifo');
    SELECT SUM(n) AS n FROM quotes GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);`;
  const { child, terminal } = start(['run', '-e', query], ['pipe', 'pipe', 'terminal']);
  // Opened for both directions, a pipe does not wait for its reader.
  const [ahead, behind] = files.map((file) => fs.openSync(file, fs.constants.O_RDWR)) as [number, number];
  fs.writeSync(behind, '{"n":1,"ts":"2024-01-31T11:59:20Z"}\n');
  fs.writeSync(ahead, '{"n":1,"ts":"2024-01-31T11:59:30Z"}\n{"n":2,"ts":"2024-01-31T12:05:00Z"}\n');
  const seen = await shown(terminal, /no output for 10\.0 s: .*\r\n/, 35);
  for (const descriptor of [ahead, behind]) fs.closeSync(descriptor);
  const [out] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  terminal.close();
  expect(seen).toMatch(
    /window \[11:59, 12:00\) waits for the watermark of source quotes, split [^ ]*behind\.fifo, at 11:59:20, silent for \d+\.\d s\r\n/,
  );
  expect(out).toBe('{"n":2}\n{"n":2}\n');
});
