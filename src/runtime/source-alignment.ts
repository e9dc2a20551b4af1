// A source's place in its alignment group, and what becomes of it when it is ahead (alignment.ts).

import { PROGRESS_ACTIVE, PROGRESS_FINISHED, PROGRESS_IDLE } from '../../kernels/layout-time.ts';
import { formatDuration } from '../base/duration.ts';
import type { LinearMemory } from '../data/memory.ts';
import { bytesOf } from '../data/type.ts';
import type { SourceAlignment, SourceNode, SourceWatermark } from '../plan/source-node.ts';
import type { AlignmentGroup } from './alignment.ts';
import { storeMicros } from './split-watermark.ts';
import { SOURCE_AHEAD, SOURCE_DROPPED, SOURCE_IS_PAUSED, type Telemetry } from './telemetry.ts';

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
  /** For `drop`: bytes of a value of each column, and the cell of the limit. */
  readonly #sizes: number;
  readonly #limit: number;
  #isPaused = false;
  #hasWarned = false;

  constructor(memory: LinearMemory, node: SourceNode, parts: AlignmentParts) {
    this.#memory = memory;
    this.#node = node;
    this.#parts = parts;
    this.#member = parts.group.join();
    this.#counters = parts.telemetry.counters;
    this.#place = parts.telemetry.placeOf(node.id);
    this.#limit = memory.allocate(8);
    this.#sizes = memory.allocate(node.schema.length * 4);
    node.schema.forEach(({ type }, column) => {
      memory.store32(this.#sizes + column * 4, bytesOf(type));
    });
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

  /** Leaves out of a decoded batch what is too far ahead. */
  dropAhead(batch: number): void {
    const { alignment, watermark, group } = this.#parts;
    if (alignment.mode !== 'drop') return;
    const others = group.othersOf(this.#member);
    if (Number.isNaN(others)) return;
    storeMicros(this.#memory, this.#limit, others + alignment.maxDriftMicros + watermark.delayMicros);
    const dropped = this.#memory.kernels.alignDrop(batch, this.#sizes, watermark.column, this.#limit);
    if (dropped > 0) this.#counters[this.#place + SOURCE_DROPPED]! += dropped;
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
