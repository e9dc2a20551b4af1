// Bad records of a source: counted, routed by its policy, and judged against --max-errors.

import { LaminarError } from '../base/errors.ts';
import type { LinearMemory } from '../data/memory.ts';
import { type Reject, rejectError, rejectHint } from '../formats/rejects.ts';
import type { SourceNode } from '../plan/source-node.ts';
import { SOURCE_REJECTED, SOURCE_ROWS } from './counters.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { RunOptions } from './run.ts';
import type { Telemetry } from './telemetry.ts';

/** Records before a share of bad ones is judged while the run goes on: the first few say little. */
const SHARE_RECORDS_MIN = 1000;

/** Where a record stands in its split. */
export interface RecordPlace {
  split: string;
  /** 1-based. */
  line: number;
  /** Byte at which it begins in the (decompressed) split. */
  offset: number;
}

export interface BadRecordParts {
  deadLetters: DeadLetters | null;
  telemetry: Telemetry;
  maxErrors: RunOptions['maxErrors'];
}

export class BadRecords {
  readonly #memory: LinearMemory;
  readonly #node: SourceNode;
  readonly #parts: BadRecordParts;
  readonly #counters: Float64Array;
  readonly #place: number;

  constructor(memory: LinearMemory, node: SourceNode, parts: BadRecordParts) {
    this.#memory = memory;
    this.#node = node;
    this.#parts = parts;
    this.#counters = parts.telemetry.counters;
    this.#place = parts.telemetry.placeOf(node.id);
  }

  /**
   * Handles bad records, in their order.
   * @throws LaminarError for the first one when the policy is to fail, and when there are too many.
   */
  handle(rejects: readonly Reject[], placeOf: (reject: Reject) => RecordPlace): void {
    if (this.#node.onError === 'fail') throw this.#failure(rejects[0] as Reject, placeOf(rejects[0] as Reject));
    for (const reject of rejects) {
      this.#counters[this.#place + SOURCE_REJECTED]! += 1;
      if (this.#parts.deadLetters !== null) this.#writeDeadLetter(this.#parts.deadLetters, reject, placeOf(reject));
      this.#checkCount();
    }
    this.#checkShare(SHARE_RECORDS_MIN);
  }

  /** Counts and keeps what was asked of a table elsewhere, as text, and got no answer. @throws LMN-6090 when there are too many. */
  handleUnanswered(texts: readonly string[], split: string, { code, message }: LaminarError): void {
    for (const [index, text] of texts.entries()) {
      this.#counters[this.#place + SOURCE_REJECTED]! += 1;
      const place = { source: this.#node.name, split, line: index + 1, offset: 0 };
      this.#parts.deadLetters?.write({ ...place, code, error: message, column: null, raw: Buffer.from(text) });
      this.#checkCount();
    }
  }

  /** The source has ended: now even a few records say enough. @throws LMN-6090 */
  finish(): void {
    this.#checkShare(0);
  }

  #failure(reject: Reject, { split, line, offset }: RecordPlace): LaminarError {
    const { code, message } = rejectError(reject, this.#node);
    const hasLines = this.#node.format.kind !== 'arrow' && this.#node.format.kind !== 'parquet';
    const place = !hasLines ? `${split}, row ${line}` : `${split}, line ${line}, byte ${offset}`;
    const first = rejectHint(reject, this.#node);
    return new LaminarError(code, `${message} (${place})`, {
      hint: `${first === null ? '' : `${first}; or `}give the source on_error = 'skip', 'null' or 'dead_letter' to go on after bad records`,
      at: { name: `source ${this.#node.name}` },
    });
  }

  #writeDeadLetter(deadLetters: DeadLetters, reject: Reject, place: RecordPlace): void {
    const { code, message } = rejectError(reject, this.#node);
    deadLetters.write({
      source: this.#node.name,
      ...place,
      code,
      error: message,
      column: reject.column < 0 ? null : (this.#node.schema[reject.column]?.name ?? null),
      raw: this.#memory.u8.slice(reject.recordAddress, reject.recordAddress + reject.recordBytes),
    });
  }

  #checkCount(): void {
    const limit = this.#parts.maxErrors;
    const rejected = this.#counters[this.#place + SOURCE_REJECTED] as number;
    if (limit !== null && 'count' in limit && rejected > limit.count) {
      throw this.#tooMany(`more than ${limit.count} bad records`);
    }
  }

  #checkShare(recordsMin: number): void {
    const limit = this.#parts.maxErrors;
    if (limit === null || 'count' in limit) return;
    const rejected = this.#counters[this.#place + SOURCE_REJECTED] as number;
    const records = rejected + (this.#counters[this.#place + SOURCE_ROWS] as number);
    if (records < recordsMin || rejected <= limit.share * records) return;
    throw this.#tooMany(`${rejected} of ${records} records are bad, more than ${limit.share * 100} %`);
  }

  #tooMany(what: string): LaminarError {
    return new LaminarError('LMN-6090', what, {
      hint: "look at the dead letters (on_error = 'dead_letter'), or raise --max-errors",
      at: { name: `source ${this.#node.name}` },
    });
  }
}
