// V8 is told to compile or collect less only while nothing of the program is still being loaded, which would be refused.

import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { ReadyThreads } from '../../src/runtime/ready-threads.ts';

function watched(count: number, ahead: number): { threads: ReadyThreads; told: string[] } {
  const told: string[] = [];
  const threads = new ReadyThreads(count, ahead, {
    onReady: () => told.push('ready'),
    onEnded: () => told.push('ended'),
  });
  return { threads, told };
}

test('all are ready when the last one is, and that is said once', () => {
  const { threads, told } = watched(2, 2);
  threads.start();
  threads.tell();
  expect(told).toEqual([]);
  threads.tell();
  expect(told).toEqual(['ready']);
  threads.end();
  expect(told).toEqual(['ready', 'ended']);
});

test('a run that ends before it has started its other cores was never ready for good, but ends so', () => {
  const { threads, told } = watched(4, 1);
  threads.tell();
  threads.end();
  expect(told).toEqual(['ended']);
});

test('a core that is still loading when the run ends is left alone', () => {
  const { threads, told } = watched(3, 3);
  threads.start();
  threads.start();
  threads.tell();
  threads.tell();
  threads.end();
  expect(told).toEqual([]);
});

test('a thread that was started ahead for nothing may load at any time', () => {
  const { threads, told } = watched(1, 2);
  threads.tell();
  threads.end();
  expect(told).toEqual([]);
});

test('a thread that writes a log has to be ready like a core', () => {
  const { threads, told } = watched(1, 1);
  threads.expect();
  threads.tell();
  expect(told).toEqual([]);
  threads.tell();
  expect(told).toEqual(['ready']);
  threads.end();
  expect(told).toEqual(['ready', 'ended']);
});

test('a thread that was started for a log that there is not may load until it has ended', async () => {
  const { threads, told } = watched(1, 1);
  const thread = new Worker('require("node:worker_threads").parentPort.on("message", () => {})', { eval: true });
  threads.dismiss(thread);
  threads.tell();
  expect(told).toEqual([]);
  await once(thread, 'exit');
  await setImmediate();
  expect(told).toEqual(['ready']);
});
