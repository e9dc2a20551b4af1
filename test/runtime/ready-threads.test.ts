// V8 is told to compile or collect less only while nothing of the program is still being loaded, which would be refused.

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
