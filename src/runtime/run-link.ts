// What a run's options make of its plan: how many cores take part, what they share, and which nodes all of them compute.

import {
  EXCHANGE_BYTES,
  HELPER_MEMORY_BYTES,
  HELPER_MEMORY_SHARE,
  READ_BYTES,
  VERIFY_BATCH_ROWS,
  VERIFY_CHUNK_BYTES,
} from '../base/limits.ts';
import { exchangeableOf, exchangedOn } from '../plan/fed-exchange.ts';
import type { PhysicalPlan, PlanNode } from '../plan/physical-plan.ts';
import { type LinkRequest, layoutOf } from './channels/core-link.ts';
import { Doorbell } from './channels/doorbell.ts';
import { SharedLayout } from './channels/shared-layout.ts';
import type { RunOptions } from './run.ts';
import { testHooks } from './test-delays.ts';

/** Memory for as many cores as can help: none when no source can be decoded by several. */
export function linkOf(plan: PhysicalPlan, options: RunOptions): LinkRequest | null {
  const { verify } = options;
  const test = testHooks();
  const wanted = exchanges(plan, options, test.exchangeBytes);
  const wantedBytes = wanted.length > 0 ? test.exchangeBytes || EXCHANGE_BYTES : 0;
  const coreCount = coresWithin(plan, options.cores, { capacity: wantedBytes, exchanged: wanted });
  const exchangeBytes = coreCount === 1 ? 0 : wantedBytes;
  const exchanged = coreCount === 1 ? [] : wanted;
  const layout = new SharedLayout(plan, coreCount, exchangeBytes, exchanged);
  if (layout.sources.size === 0 && layout.exchanges.size === 0) return null;
  const chunkBytes = verify ? VERIFY_CHUNK_BYTES : READ_BYTES;
  return {
    core: 0,
    coreCount,
    shared: layout.allocate(),
    chunkBytes,
    startedMillis: Date.now(),
    exchangeBytes,
    exchanged,
    delays: test.delays,
    pumps: options.startsAllCores,
  };
}

/** Rings every core's bell: one that sleeps looks what the main thread wants. */
export function waker(plan: PhysicalPlan, link: LinkRequest): () => void {
  const words = new Int32Array(link.shared.buffer);
  const { bells } = layoutOf(plan, link);
  const doorbells = bells.map((address) => new Doorbell(words, address));
  return () => {
    for (const bell of doorbells) bell.ring();
  };
}

/** The plan as the options change it. Small batches are many turns: less input is enough to verify. */
export function planFor(given: PhysicalPlan, { maxErrors, verify }: RunOptions): PhysicalPlan {
  const plan = maxErrors === null ? given : tolerate(given);
  return verify ? { ...plan, batchRows: Math.min(plan.batchRows, VERIFY_BATCH_ROWS) } : plan;
}

/** At most so many cores that what they share leaves most of the memory to the one that computes. */
function coresWithin(
  plan: PhysicalPlan,
  wanted: number,
  { capacity, exchanged }: { capacity: number; exchanged: readonly string[] },
): number {
  for (let count = wanted; count > 1; count--) {
    const { bytes } = new SharedLayout(plan, count, capacity, exchanged);
    if (bytes + (count - 1) * HELPER_MEMORY_BYTES <= plan.memoryBytes * HELPER_MEMORY_SHARE) return count;
  }
  return 1;
}

/**
 * The nodes that all cores compute: those with which one would not keep up, of so many as were asked for. A limit of errors
 * stops at a record, which cores that are ahead would not; and whoever watches the heap watches one core that
 * computes.
 */
function exchanges(plan: PhysicalPlan, options: RunOptions, testBytes: number): string[] {
  const { cores, startsAllCores, maxErrors, verify } = options;
  if (!startsAllCores || maxErrors !== null || verify || cores === 1) return [];
  return testBytes > 0 ? exchangeableOf(plan) : exchangedOn(plan, cores);
}

/** A limit of errors replaces "fail at the first": such sources leave bad records out until the limit is crossed. */
function tolerate(plan: PhysicalPlan): PhysicalPlan {
  const nodes = plan.nodes.map(
    (node): PlanNode => (node.kind === 'source' && node.onError === 'fail' ? { ...node, onError: 'skip' } : node),
  );
  return { ...plan, nodes };
}
