// memory_limit over several cores: what one takes is not there for the others, and an error says whose it is.

import { expect, test } from 'vitest';
import type { LaminarError } from '../../src/base/errors.ts';
import { createLinearMemory } from '../../src/data/memory.ts';
import { loadKernelModule } from '../../src/platform/resources.ts';
import { CoreLink } from '../../src/runtime/channels/core-link.ts';
import { SharedLayout } from '../../src/runtime/channels/shared-layout.ts';
import { MemoryShare } from '../../src/runtime/memory-share.ts';
import { isOutOfMemory, outOfMemory, outOfMemoryToDecode } from '../../src/runtime/out-of-memory.ts';
import { compilePipeline } from '../../src/sql/compile.ts';

const MB = 2 ** 20;
const { plan } = compilePipeline("SET memory_limit = '64MB'; CREATE SOURCE t (n BIGINT); SELECT n FROM t;", {
  fileName: 'p.lsql',
  variables: {},
});
const module = loadKernelModule();

function cores(count: number): MemoryShare[] {
  const shared = new SharedLayout(plan, count).allocate();
  return Array.from({ length: count }, (_, core) => {
    const memory = createLinearMemory(module, plan.memoryBytes);
    const link = new CoreLink(plan, memory, {
      core,
      coreCount: count,
      shared,
      chunkBytes: MB,
      startedMillis: 0,
      exchangeBytes: 0,
      exchanged: [],
      delays: 0,
      pumps: false,
    });
    return new MemoryShare(memory, link, plan.memoryBytes);
  });
}

/** Takes memory a MiB at a time until there is none. @returns the bytes it has then, and the error of the kernels. */
function fill({ memory }: MemoryShare): { bytes: number; error: unknown } {
  for (;;) {
    try {
      memory.allocate(MB);
    } catch (error) {
      return { bytes: memory.memory.buffer.byteLength, error };
    }
  }
}

test('one core may take all of it, while no other has begun', () => {
  const [first] = cores(3) as [MemoryShare];
  first.update();
  const { bytes, error } = fill(first);
  expect(bytes).toBeGreaterThan(62 * MB);
  expect(isOutOfMemory(error, first.memory)).toBe(true);
  const { message } = outOfMemory(first, []) as LaminarError;
  expect(message).toMatch(/^out of memory: 6[234]\.\d MB are in use, and 1\.0 MB more are wanted$/);
});

test('what the others and the rings have taken is not there for it, and the error says so', () => {
  const [first, second] = cores(2) as [MemoryShare, MemoryShare];
  second.memory.allocate(20 * MB);
  second.update();
  first.update();
  const rings = new SharedLayout(plan, 2).bytes;
  const theirs = second.memory.memory.buffer.byteLength + rings;
  expect(first.othersBytes).toBe(theirs);
  const { bytes, error } = fill(first);
  expect(bytes + theirs).toBeLessThanOrEqual(64 * MB);
  expect(bytes + theirs).toBeGreaterThan(61 * MB);
  expect(isOutOfMemory(error, first.memory)).toBe(true);
  const { message, hint } = outOfMemory(first, []) as LaminarError;
  expect(message).toMatch(
    /^out of memory: 6\d\.\d MB are in use \(3\d\.\d MB by cores that decode\), and 1\.0 MB more/,
  );
  expect(hint).toContain('--cores 1');
});

test('a core that decodes is limited by what the first has taken', () => {
  const [first, second] = cores(2) as [MemoryShare, MemoryShare];
  first.memory.allocate(20 * MB);
  first.update();
  second.update();
  second.update();
  const { error } = fill(second);
  expect(isOutOfMemory(error, second.memory)).toBe(true);
  expect(outOfMemoryToDecode(second)).toMatchObject({
    code: 'LMN-3101',
    message: expect.stringContaining('decodes needs more'),
  });
});

test('what another core takes later is counted then', () => {
  const [first, second] = cores(2) as [MemoryShare, MemoryShare];
  second.update();
  first.update();
  const before = first.othersBytes;
  second.memory.allocate(10 * MB);
  second.update();
  first.update();
  expect(first.othersBytes - before).toBeGreaterThanOrEqual(10 * MB);
});
