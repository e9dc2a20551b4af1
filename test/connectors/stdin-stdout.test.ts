import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from './fixture.ts';

const program = (name: string) => path.join(import.meta.dirname, `programs/${name}.ts`);
let directory: string;
const at = (name: string) => path.join(directory, name);

beforeAll(() => {
  directory = temporaryDirectory();
  fs.writeFileSync(at('big'), 'x'.repeat(79).concat('\n').repeat(300_000));
});
afterAll(() => fs.rmSync(directory, { recursive: true }));

interface Report {
  waited: string[];
  bytes: number;
  size: number | null;
  koffi: boolean;
}

/** Runs a shell line with $COPY as the program; the report is what the program wrote to stderr. */
async function shell(line: string): Promise<{ report: Report; out: string }> {
  const child = spawn('bash', ['-c', line], {
    cwd: directory,
    env: { ...process.env, COPY: `${process.execPath} ${program('copy')}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let report = '';
  child.stdout.on('data', (bytes) => {
    out += bytes;
  });
  child.stderr.on('data', (bytes) => {
    report += bytes;
  });
  await new Promise((resolve) => child.on('close', resolve));
  return { report: JSON.parse(report) as Report, out };
}

describe('stdin and stdout', () => {
  it('copies a pipe and a redirected file byte by byte, the file without loading koffi', async () => {
    const piped = await shell('cat big | $COPY | cmp - big && echo same');
    expect(piped).toMatchObject({ out: 'same\n', report: { bytes: 24_000_000, size: null, koffi: true } });
    const redirected = await shell('$COPY < big | cmp - big && echo same');
    expect(redirected).toMatchObject({
      out: 'same\n',
      report: { bytes: 24_000_000, size: 24_000_000, waited: [], koffi: false },
    });
  });

  // Again when it fails: on a busy machine the program may begin to read after both lines have come.
  it('never blocks in read: it says there is nothing, and the wait ends when bytes arrive', { retry: 3 }, async () => {
    const { report, out } = await shell('(sleep 1; echo one; sleep 0.2; echo two) | $COPY');
    expect(out).toBe('one\ntwo\n');
    expect(report.waited.length).toBeGreaterThanOrEqual(2);
    expect(report.waited.every((ready) => ready === 'true')).toBe(true);
  });

  it('ends on an empty or closed input', async () => {
    expect((await shell('$COPY < /dev/null')).report.bytes).toBe(0);
    expect((await shell('true | $COPY')).report.bytes).toBe(0);
    expect((await shell('$COPY <&-')).report.bytes).toBe(0);
  });

  it('notices that the reader has gone away, as in `| head -1`', async () => {
    const { report, out } = await shell('yes | $COPY | head -1');
    expect(out).toBe('y\n');
    expect(report.waited.at(-1)).toBe('closed');
  });

  it('refuses a directory', () => {
    expect(() =>
      execFileSync('bash', ['-c', `${process.execPath} ${program('copy')} < .`], { cwd: directory, stdio: 'pipe' }),
    ).toThrow(/LMN-5002|is a directory/);
  });

  // Again when it fails: on a busy machine a compilation may still fall into the measurement.
  it('makes no garbage per read, and none of its own per write, from a file and from a pipe', { retry: 3 }, () => {
    for (const line of ['< big', '< <(cat big)']) {
      const out = execFileSync('bash', ['-c', `${process.execPath} ${program('allocation')} ${line}`], {
        cwd: directory,
      });
      const { write, ...reads } = JSON.parse(out.toString()) as Record<string, number>;
      // Of 200 calls; the smallest object takes 12 bytes, so less than that per call is none.
      for (const [source, bytes] of Object.entries(reads)) expect(bytes, source).toBeLessThan(200 * 12);
      // fs.writeSync makes one empty object (56 bytes) of its own, and that is all a write may cost.
      expect(write).toBeLessThan(200 * (56 + 12));
    }
  });
});
