// Runs one measured process: wall time, CPU time and peak resident memory of the whole of it.

import { spawn } from 'node:child_process';
import fs from 'node:fs';

export interface Measure {
  /** Wall time from start to exit, ms. */
  millis: number;
  /** User and system time, ms. */
  cpuMillis: number;
  /** Peak resident memory, bytes. */
  memoryBytes: number;
  stdout: string;
}

let runs = 0;

/** Runs a command under GNU time; `input` is a file piped in by cat. @throws when it exits with another code than 0. */
export function measure(command: string[], input: string | null = null): Promise<Measure> {
  return new Promise((resolve, reject) => {
    const report = `${process.env['TMPDIR'] ?? '/tmp'}/laminar-bench-${process.pid}-${runs++}.time`;
    const timed = ['/usr/bin/time', '-f', '%U %S %M', '-o', report, ...command];
    const cat = input === null ? null : spawn('cat', [input], { stdio: ['ignore', 'pipe', 'inherit'] });
    const started = performance.now();
    const child = spawn(timed[0] as string, timed.slice(1), { stdio: [cat?.stdout ?? 'ignore', 'pipe', 'pipe'] });
    cat?.stdout?.destroy();
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (text) => (stdout += text));
    child.stderr?.on('data', (text) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => {
      const millis = performance.now() - started;
      if (code !== 0) return reject(new Error(`${command.join(' ')} exited with ${code}:\n${stderr}`));
      const [user, system, kilobytes] = fs
        .readFileSync(report, 'utf8')
        .trim()
        .split('\n')
        .at(-1)!
        .split(' ')
        .map(Number);
      fs.rmSync(report);
      resolve({ millis, cpuMillis: (user! + system!) * 1000, memoryBytes: kilobytes! * 1024, stdout });
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}
