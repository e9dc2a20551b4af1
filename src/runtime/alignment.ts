// Alignment: sources of a group stay within a drift of each other in event time.
//
//   drift of a source = its watermark − the least watermark of the other members
//
// Members count while they are active and have a watermark; idle and finished ones hold nobody back, and neither does
// one that has given nothing yet. A source that is ahead by more than its max drift
//
//   pause   is not read until the others have come near;
//   warn    goes on: each such batch is counted, and the first is told;
//   drop    goes on without the rows that are too far ahead, which are counted.
//
// The source that is furthest behind is never ahead of anyone, so a group cannot come to a stop. Sources are compared
// between batches: one may be ahead by a batch more. Where any of a group drops rows, all of it take turns row by row, so
// that what is dropped does not depend on batches.

import { PROGRESS_ACTIVE } from '../../kernels/layout-time.ts';

interface Member {
  state: number;
  /** µs, NaN before there is one. */
  watermark: number;
}

export class AlignmentGroup {
  readonly #members: Member[] = [];

  /** A source joins. @returns its number in the group. */
  join(): number {
    return this.#members.push({ state: PROGRESS_ACTIVE, watermark: Number.NaN }) - 1;
  }

  /** What a member has reached. @param micros NaN for no watermark */
  report(member: number, micros: number): void {
    (this.#members[member] as Member).watermark = micros;
  }

  /** @param state PROGRESS_* */
  setState(member: number, state: number): void {
    (this.#members[member] as Member).state = state;
  }

  /** The least watermark of the other members, µs; NaN when none counts. */
  othersOf(member: number): number {
    let least = Number.NaN;
    for (let other = 0; other < this.#members.length; other++) {
      const { state, watermark } = this.#members[other] as Member;
      if (other === member || state !== PROGRESS_ACTIVE || Number.isNaN(watermark)) continue;
      if (!(watermark >= least)) least = watermark;
    }
    return least;
  }

  /** How far a member is ahead of the others, µs; NaN while that cannot be said. */
  driftOf(member: number): number {
    return (this.#members[member] as Member).watermark - this.othersOf(member);
  }
}
