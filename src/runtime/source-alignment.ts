// A source's place in its alignment group, and what becomes of it when it is ahead (alignment.ts).

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import { PROGRESS_ACTIVE, PROGRESS_FINISHED, PROGRESS_IDLE } from '../../kernels/layout-time.ts';
import { assert } from '../base/assert.ts';
import { formatDuration } from '../base/duration.ts';
import { columnData, columnValidity, rowCountOf } from '../data/batch.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import type { SourceAlignment, SourceNode, SourceWatermark } from '../plan/source-node.ts';
import type { AlignmentGroup } from './alignment.ts';
import { SOURCE_AHEAD, SOURCE_DROPPED, SOURCE_IS_PAUSED } from './counters.ts';
import { watermarkMicros } from './split-watermark.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * Whether a source is read row by row, in turn with the others of its group. Where one of them drops rows, which rows are
 * too far ahead must not depend on how many are decoded at once, or by whom.
 */
export function takesTurnsByRow({ nodes }: PhysicalPlan, { alignment }: SourceNode): boolean {
  if (alignment === null) return false;
  return nodes.some(
    (node) => node.kind === 'source' && node.alignment?.group === alignment.group && node.alignment.mode === 'drop',
  );
}

export interface AlignmentParts {
  alignment: SourceAlignment;
  watermark: SourceWatermark;
  group: AlignmentGroup;
  telemetry: Telemetry;
  /** Tells the user something once. */
  notify: (text: string) => void;
}

export class SourceInGroup {
  readonly #memory: LinearMemory;
  readonly #node: SourceNode;
  readonly #parts: AlignmentParts;
  readonly #member: number;
  readonly #counters: Float64Array;
  readonly #place: number;
  #isPaused = false;
  #hasWarned = false;

  constructor(memory: LinearMemory, node: SourceNode, parts: AlignmentParts) {
    this.#memory = memory;
    this.#node = node;
    this.#parts = parts;
    this.#member = parts.group.join();
    this.#counters = parts.telemetry.counters;
    this.#place = parts.telemetry.placeOf(node.id);
  }

  /** Whether the source may not be read now. */
  mustWait(): boolean {
    const { alignment, group } = this.#parts;
    const isAhead = alignment.mode === 'pause' && group.driftOf(this.#member) > alignment.maxDriftMicros;
    if (isAhead === this.#isPaused) return isAhead;
    this.#isPaused = isAhead;
    this.#counters[this.#place + SOURCE_IS_PAUSED] = isAhead ? 1 : 0;
    if (isAhead) this.#counters[this.#place + SOURCE_AHEAD]! += 1;
    return isAhead;
  }

  /** Leaves out the row that was decoded if it is too far ahead. */
  dropAhead(batch: number): void {
    const { alignment, watermark, group } = this.#parts;
    if (alignment.mode !== 'drop') return;
    assert(rowCountOf(this.#memory, batch) === 1, 'a source that drops rows is read row by row');
    const validity = columnValidity(this.#memory, batch, watermark.column);
    // A deletion may have no time: it is not ahead.
    if (validity !== 0 && this.#memory.u8[validity] === 0) return;
    const time = watermarkMicros(this.#memory, columnData(this.#memory, batch, watermark.column));
    const limit = group.othersOf(this.#member) + alignment.maxDriftMicros + watermark.delayMicros;
    // A limit of NaN: there is nobody to be ahead of.
    if (!(time > limit)) return;
    this.#memory.store32(batch + BATCH_ROW_COUNT, 0);
    this.#counters[this.#place + SOURCE_DROPPED]! += 1;
  }

  /** The source has passed on a batch. @param micros its watermark, NaN for none */
  advance(micros: number): void {
    const { alignment, group } = this.#parts;
    group.report(this.#member, micros);
    group.setState(this.#member, PROGRESS_ACTIVE);
    if (alignment.mode === 'warn' && group.driftOf(this.#member) > alignment.maxDriftMicros) this.#warn();
  }

  idle(): void {
    this.#parts.group.setState(this.#member, PROGRESS_IDLE);
  }

  finish(): void {
    this.#parts.group.setState(this.#member, PROGRESS_FINISHED);
    this.#counters[this.#place + SOURCE_IS_PAUSED] = 0;
  }

  #warn(): void {
    const { alignment, group, notify } = this.#parts;
    this.#counters[this.#place + SOURCE_AHEAD]! += 1;
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const drift = formatDuration(Math.round(group.driftOf(this.#member) / 1000) * 1000);
    const most = formatDuration(alignment.maxDriftMicros);
    notify(
      `source ${this.#node.name} is ${drift} ahead of the others in alignment group ${alignment.group}, more than ${most}`,
    );
  }
}
