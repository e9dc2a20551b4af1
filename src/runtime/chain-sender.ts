// The end of a source's chain on a core that decodes for the first: rows go into its ring, encoded where a sink takes
// them as text.

import { BATCH_ROW_COUNT } from '../../kernels/layout.ts';
import type { LinearMemory } from '../data/memory.ts';
import type { Encoder } from '../formats/format.ts';
import type { BatchSender } from './channels/batch-channel.ts';
import { ROWS } from './channels/chunk-records.ts';
import type { Input } from './operators/operator.ts';

export interface ChainSenderParts {
  sender: BatchSender;
  /** null: rows are sent as columns. */
  encoder: Encoder | null;
  /** The shared memory. */
  words: Int32Array;
}

export class ChainSender implements Input {
  readonly #memory: LinearMemory;
  readonly #parts: ChainSenderParts;
  /** Rows encoded and not sent. */
  #rows = 0;
  /** Nobody wants any more. */
  isRefused = false;

  constructor(memory: LinearMemory, parts: ChainSenderParts) {
    this.#memory = memory;
    this.#parts = parts;
  }

  process(batch: number): void {
    const { sender, encoder } = this.#parts;
    if (encoder === null) {
      if (!sender.send(batch, ROWS)) this.isRefused = true;
      return;
    }
    encoder.encode(batch);
    this.#rows += this.#memory.load32(batch + BATCH_ROW_COUNT);
  }

  /** Sends what is encoded. */
  flush(): void {
    const { sender, encoder, words } = this.#parts;
    if (encoder === null || this.#rows === 0) return;
    if (!sender.sendText(encoder, this.#rows, words)) this.isRefused = true;
    encoder.clear();
    this.#rows = 0;
  }

  onWatermark(): void {}

  onIdle(): void {}

  onEnd(): void {}
}
