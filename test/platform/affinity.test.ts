// CPU affinity and NUMA: set, read back from the system, and refused with a reason.

import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { allowedCpus, numaNodes, parseCpuList, pinThread, Refused } from '../../src/platform/affinity.ts';
import { cpuFor } from '../../src/runtime/placement.ts';

test('lists of CPUs are read as the kernel writes them', () => {
  expect(parseCpuList('0-3,8\n')).toEqual([0, 1, 2, 3, 8]);
  expect(parseCpuList('5')).toEqual([5]);
  for (const wrong of ['', 'a', '1,,2', '3-', '-1', '0-99999']) expect(parseCpuList(wrong), wrong).toEqual([]);
});

test('a pinned thread may run where it was pinned, as the kernel says too', () => {
  const before = allowedCpus();
  const [first] = before as [number];
  try {
    pinThread([first]);
    expect(allowedCpus()).toEqual([first]);
    const status = fs.readFileSync('/proc/thread-self/status', 'utf8');
    expect(status).toMatch(new RegExp(`^Cpus_allowed_list:\\s*${first}$`, 'm'));
  } finally {
    pinThread(before);
  }
  expect(allowedCpus()).toEqual(before);
});

test('a CPU that is not there is refused with a reason', () => {
  expect(() => pinThread([1000])).toThrow(Refused);
  expect(() => pinThread([1000])).toThrow(/no such CPU/);
});

test('the nodes of this machine have its CPUs', () => {
  const cpus = numaNodes().flatMap((node) => node.cpus);
  if (cpus.length > 0) expect(cpus).toEqual(expect.arrayContaining(allowedCpus()));
});

describe('which CPU a core gets', () => {
  const nodes = [
    { node: 0, cpus: [0, 1, 2, 3] },
    { node: 1, cpus: [4, 5, 6, 7] },
  ];
  const placed = (pin: readonly number[], numa: boolean) =>
    [0, 1, 2, 3, 4].map((core) => cpuFor(core, { pin, numa }, nodes));

  test('the given ones in order, then again from the first', () => {
    expect(placed([6, 2, 4], false)).toEqual([6, 2, 4, 6, 2]);
  });

  test('with --numa one of every node, then the next of every node', () => {
    expect(placed([0, 1, 2, 4, 5], true)).toEqual([0, 4, 1, 5, 2]);
    expect(placed([1, 2], true)).toEqual([1, 2, 1, 2, 1]);
  });
});
