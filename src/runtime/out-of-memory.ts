// A core that may not take more memory: which error that is, and who holds the most.
//
// The allocator traps (kernels/memory.ts), which leaves memory as it was between two allocations: counters can be read,
// and what was encoded before can be written.

import { formatBytes } from '../base/bytes.ts';
import { LaminarError } from '../base/errors.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { MemoryShare } from './memory-share.ts';
import type { Stateful } from './operators/operator.ts';

/** Whether the kernels trapped because memory was refused. */
export function isOutOfMemory(error: unknown, memory: LinearMemory): boolean {
  return error instanceof WebAssembly.RuntimeError && memory.kernels.memoryRefused() !== 0;
}

/** The error of a core that decodes for the first, where there was no room for what that takes. */
export function outOfMemoryToDecode(share: MemoryShare): LaminarError {
  const used = formatBytes(share.memory.memory.buffer.byteLength + share.othersBytes);
  return new LaminarError('LMN-3101', `out of memory: a core that decodes needs more, and ${used} are in use`, {
    hint: 'run it with --cores 1, or allow more: SET memory_limit',
  });
}

/** The error of a core that needed more than its share. Afterwards it may take more, to write what it has. */
export function outOfMemory(share: MemoryShare, operators: readonly Stateful[]): LaminarError {
  const { memory } = share;
  const wanted = memory.kernels.memoryRefused() >>> 0;
  const others = share.othersBytes;
  const used = memory.memory.buffer.byteLength + others;
  memory.kernels.memoryLimit(0);
  memory.refresh();
  const sizes = operators.map((operator) => ({ id: operator.id, bytes: operator.stateBytes() }));
  const largest = sizes.sort((a, b) => b.bytes - a.bytes)[0];
  const holder = largest === undefined || largest.bytes === 0 ? null : largest;
  const held = holder === null ? '' : `; ${holder.id} keeps the most, ${formatBytes(holder.bytes)}`;
  const ofOthers = others === 0 ? '' : ` (${formatBytes(others)} by cores that decode)`;
  const total = `${formatBytes(used)} are in use${ofOthers}, and ${formatBytes(wanted)} more are wanted`;
  return new LaminarError('LMN-3101', `out of memory: ${total}${held}`, {
    hint: `${holder === null ? 'Shorten records' : 'Bound what it keeps: a window in GROUP BY, a shorter window, lateness or watermark delay, fewer keys'}; or allow more: SET memory_limit = '4GB' is the most${others === 0 ? '' : ', and --cores 1 leaves one core all of it'}.`,
    ...(holder === null ? {} : { at: { name: holder.id } }),
  });
}
