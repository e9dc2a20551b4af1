// A core beside the first at work: chunks of every source that all cores decode, and its part of an exchange. It sleeps
// when there is no chunk to take, or no room for what it has, and ends with the run.

import { LaminarError } from '../base/errors.ts';
import type { CoreLink } from './channels/core-link.ts';
import type { Control } from './control.ts';
import { CORE_MEMORY_BYTES } from './counters.ts';
import type { ExchangeGroup } from './exchange/exchange-group.ts';
import type { Feeder } from './feeder.ts';
import type { HeapGuard } from './heap-guard.ts';
import type { GivenTables } from './lookups/given-tables.ts';
import type { MemoryShare } from './memory-share.ts';
import type { Meter } from './meter.ts';
import { isOutOfMemory, outOfMemoryToDecode } from './out-of-memory.ts';
import { createDelays } from './test-delays.ts';
import type { Task } from './urgency.ts';

/** Longest sleep, ms: how soon records are seen that have become due by the clock. For all else its bell is rung. */
const WAIT_MILLIS = 200;

/** What a core beside the first has to do. */
export interface Feeders {
  feeders: Feeder[];
  link: CoreLink;
  meter: Meter;
  share: MemoryShare;
  exchanges: ExchangeGroup;
  /** Those that their chains look into; null: there are none. */
  tables: GivenTables | null;
  /** null: nobody asks for any. */
  taps: Task | null;
}

/** Feeds from every source until the run is over. @throws LMN-3101 when there is no memory left for it, LMN-3102 */
export function runFeeders(parts: Feeders, control: Control, guard: HeapGuard | null): void {
  const { feeders, link, meter, share, exchanges, tables, taps } = parts;
  if (guard !== null) meter.warm();
  const delay = createDelays(link.delays, link.core);
  try {
    while (!isOver(exchanges, control)) {
      const heard = link.bell.listen();
      share.update();
      taps?.run();
      delay?.();
      exchanges.tick(Date.now());
      const hasWorked = exchanges.work();
      const batches = feeds(exchanges, control) ? feedOnce(feeders) : 0;
      if (batches > 0) guard?.afterTurns(batches);
      if (batches > 0 || hasWorked) {
        link.bell.ignore();
        continue;
      }
      report(parts);
      meter.sleep();
      link.bell.sleep(heard, WAIT_MILLIS);
      meter.work();
    }
  } catch (error) {
    if (isOutOfMemory(error, share.memory)) throw outOfMemoryToDecode(share);
    throw error;
  } finally {
    for (const feeder of feeders) feeder.close();
    report(parts);
    tables?.close();
    meter.finish();
  }
}

function report({ meter, share, exchanges, tables }: Feeders): void {
  exchanges.report(meter.counters);
  tables?.report(meter.counters);
  meter.counters[CORE_MEMORY_BYTES] = share.memory.memory.buffer.byteLength;
}

/** In an exchange a core goes on until it has sent all that it owns, also after a request to stop. */
function isOver(exchanges: ExchangeGroup, control: Control): boolean {
  return control.isOver || (exchanges.isDone && (exchanges.takesSources || control.isStopping));
}

/** What core 0 reads is decoded for it until it is to stop. */
function feeds(exchanges: ExchangeGroup, control: Control): boolean {
  return exchanges.takesSources || !control.isStopping;
}

/** @returns how many batches all of them have sent. */
function feedOnce(feeders: readonly Feeder[]): number {
  let batches = 0;
  for (let i = 0; i < feeders.length; i++) batches += feed(feeders[i] as Feeder);
  return batches;
}

function feed(feeder: Feeder): number {
  try {
    return feeder.turn();
  } catch (error) {
    // What cannot be read here cannot be read by the first core either: it says so, after the rows before.
    if (!(error instanceof LaminarError)) throw error;
    feeder.stop();
    return 0;
  }
}
