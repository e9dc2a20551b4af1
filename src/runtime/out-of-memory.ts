// A core that may not take more memory: which error that is, and who holds the most.
//
// The allocator traps (kernels/memory.ts), which leaves memory as it was between two allocations: counters can be read,
// and what was encoded before can be written.

import { formatBytes } from '../base/bytes.ts';
import { LaminarError } from '../base/errors.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Stateful } from './operators/operator.ts';

/** Whether the kernels trapped because memory was refused. */
export function isOutOfMemory(error: unknown, memory: LinearMemory): boolean {
  return error instanceof WebAssembly.RuntimeError && memory.kernels.memoryRefused() !== 0;
}

/** The error of a core that needed more than its limit. Afterwards it may take more, to write what it has. */
export function outOfMemory(memory: LinearMemory, operators: readonly Stateful[]): LaminarError {
  const wanted = memory.kernels.memoryRefused() >>> 0;
  const used = memory.memory.buffer.byteLength;
  memory.kernels.memoryLimit(0);
  memory.refresh();
  const sizes = operators.map((operator) => ({ id: operator.id, bytes: operator.stateBytes() }));
  const largest = sizes.sort((a, b) => b.bytes - a.bytes)[0];
  const holder = largest === undefined || largest.bytes === 0 ? null : largest;
  const held = holder === null ? '' : `; ${holder.id} keeps the most, ${formatBytes(holder.bytes)}`;
  const total = `${formatBytes(used)} are in use, and ${formatBytes(wanted)} more are wanted`;
  return new LaminarError('LMN-3101', `out of memory: ${total}${held}`, {
    hint: `${holder === null ? 'Shorten records' : 'Bound what it keeps: a window in GROUP BY, a shorter window, lateness or watermark delay, fewer keys'}; or allow more: SET memory_limit = '4GB' is the most.`,
    ...(holder === null ? {} : { at: { name: holder.id } }),
  });
}
