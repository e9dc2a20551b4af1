// Where the rows of a chain go on that another core ran: behind its maps, on the core that uses them.
//
// The rows' running watermark is that of their chunk alone: it is raised to what the chunks before have produced.

import type { Edge } from './edge.ts';
import type { Sink } from './operators/sink.ts';
import type { SplitWatermark } from './split-watermark.ts';

export interface ChainEndParts {
  /** Column with the running watermark, null without. */
  watermarkColumn: number | null;
  /** Behind the last map. */
  output: Edge;
  /** Takes rows as text; null when it gets them as columns. */
  sink: Sink | null;
}

export class ChainEnd {
  readonly #parts: ChainEndParts;
  readonly #watermark: SplitWatermark | null;

  /** `watermark`: that of the split. */
  constructor(parts: ChainEndParts, watermark: SplitWatermark | null) {
    this.#parts = parts;
    this.#watermark = watermark;
  }

  /** @throws what the operators behind it throw. */
  takeRows(batch: number): void {
    const { watermarkColumn, output } = this.#parts;
    if (watermarkColumn !== null) this.#watermark?.running.raise(batch, watermarkColumn);
    output.passOn(batch);
  }

  /** @throws ClosedOutput */
  takeText(address: number, bytes: number, rows: number): void {
    this.#parts.sink?.takeText(address, bytes, rows);
  }

  /** All rows of the source up to here have been taken; their own watermark is the i64 of these words. */
  advance(low: number, high: number): void {
    this.#watermark?.running.advance(low, high);
  }
}
