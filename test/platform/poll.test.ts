import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clearWake,
  growPipe,
  isReadable,
  openWake,
  ringWake,
  waitReadable,
  waitWritable,
} from '../../src/platform/poll.ts';

let directory: string;
let pipes: number[];

beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'laminar-poll-'));
  pipes = ['a', 'b'].map((name) => {
    execFileSync('mkfifo', [path.join(directory, name)]);
    return fs.openSync(path.join(directory, name), fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  });
});
afterAll(() => {
  for (const pipe of pipes) fs.closeSync(pipe);
  fs.rmSync(directory, { recursive: true });
});

describe('poll', () => {
  it('sees bytes on any of several descriptors and times out without', () => {
    const [a, b] = pipes as [number, number];
    expect(isReadable(a)).toBe(false);
    const started = performance.now();
    expect(waitReadable([a, b], 30)).toBe(false);
    expect(performance.now() - started).toBeGreaterThan(25);
    fs.writeSync(b, 'x');
    expect(waitReadable([a, b], -1)).toBe(true);
    expect([isReadable(a), isReadable(b)]).toEqual([false, true]);
    fs.readSync(b, Buffer.alloc(8), 0, 8, null);
    expect(isReadable(b)).toBe(false);
  });

  it('a wake descriptor ends a wait for others, once for any number of rings', () => {
    const [a] = pipes as [number, number];
    const wake = openWake();
    expect(waitReadable([a, wake], 5)).toBe(false);
    ringWake(wake);
    ringWake(wake);
    expect(waitReadable([a, wake], -1)).toBe(true);
    clearWake(wake);
    clearWake(wake);
    expect(waitReadable([a, wake], 5)).toBe(false);
    fs.closeSync(wake);
  });

  it('waits for time alone when there is no descriptor', () => {
    const started = performance.now();
    expect(waitReadable([], 20)).toBe(false);
    expect(performance.now() - started).toBeGreaterThan(15);
  });

  it('sees room for writing, and a pipe grow', () => {
    const [a] = pipes as [number];
    const fill = () => {
      let total = 0;
      try {
        for (;;) total += fs.writeSync(a, Buffer.alloc(4096));
      } catch {
        return total;
      }
    };
    const small = fill();
    expect(waitWritable(a, 0)).toBe(false);
    growPipe(a, 1 << 20);
    expect(waitWritable(a, 0)).toBe(true);
    expect(small + fill()).toBe(1 << 20);
  });

  it('leaves descriptors alone that are no pipes', () => {
    const file = fs.openSync(path.join(directory, 'file'), 'w');
    growPipe(file, 1 << 20);
    expect(waitWritable(file, 0)).toBe(true);
    fs.closeSync(file);
  });
});
