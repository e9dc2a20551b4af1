// The logs of a run's inputs, on the main thread: what cores read is taken from their rings into the log, and what an
// earlier run had read goes back to them.

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { PhysicalPlan } from '../plan/physical-plan.ts';
import type { InputLog } from '../state/input-log.ts';
import type { Manifest } from '../state/manifest.ts';
import type { Snapshot } from '../state/snapshot.ts';
import { ByteRing } from './channels/byte-ring.ts';
import type { LogRequest } from './logged-reader.ts';

/** Bytes that a core may be ahead of the log: what it reads in some ten milliseconds. */
const LOG_RING_BYTES = 1 << 24;
const REPLAY_RING_BYTES = 1 << 22;
/** Bytes of a piece of the log: a checksum each, and what is lost where it is damaged. */
const PIECE_BYTES = 1 << 16;
/** How often the log is written when it does not wait for the disk. */
const UNSYNCED_MILLIS = 10;

export interface InputLogParts {
  plan: PhysicalPlan;
  log: InputLog;
  restored: Snapshot | null;
  /** Takes the error that keeps the log from being written or read. */
  onFailure: (error: unknown) => void;
}

interface Logged {
  source: string;
  ring: ByteRing;
  replay: ByteRing;
  request: LogRequest;
}

/** Sources that cannot be read a second time. */
export function loggedSources({ nodes }: PhysicalPlan): string[] {
  return nodes.flatMap((node) => (node.kind === 'source' && node.connector.kind === 'stdin' ? [node.id] : []));
}

export class InputLogs {
  readonly #log: InputLog;
  readonly #logged: Logged[];
  readonly #delayMillis: number;
  readonly #onFailure: (error: unknown) => void;
  /** A transaction is under way or about to be, until nothing waits; for ever after one has failed. */
  #isWriting = false;
  #isEnding = false;
  /** How long the last transaction took. */
  syncMillis = 0;

  constructor({ plan, log, restored, onFailure }: InputLogParts) {
    const { walSync } = plan;
    this.#log = log;
    this.#onFailure = onFailure;
    this.#delayMillis = walSync === 'always' ? 0 : walSync === 'checkpoint' ? UNSYNCED_MILLIS : walSync / 1000;
    this.#logged = loggedSources(plan).map((source) => {
      const span = log.span(source);
      const [ring, replay] = [new ByteRing(LOG_RING_BYTES), new ByteRing(REPLAY_RING_BYTES)];
      const begin = placeIn(restored, source) ?? span.begin;
      const shared = { log: ring.buffer, replay: replay.buffer };
      const request = { ...shared, span: { begin, end: span.end }, isSynchronous: walSync === 'always' };
      return { source, ring, replay, request };
    });
    for (const logged of this.#logged) void this.#replay(logged).catch((error) => this.#fail(error));
  }

  /** What the core that reads them is given, by source. */
  get requests(): Record<string, LogRequest> {
    return Object.fromEntries(this.#logged.map(({ source, request }) => [source, request]));
  }

  /** Bytes in the log. */
  get bytes(): number {
    return this.#log.bytes;
  }

  /** A core has put something into its ring. */
  hear(): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    const done = () => {
      this.#isWriting = false;
    };
    this.#write().then(done, (error) => this.#fail(error));
  }

  /** What has been read so far is in the log. */
  async settle(): Promise<void> {
    const reached = this.#logged.map(({ source, ring }) => this.#log.span(source).end + ring.filled);
    const isBehind = ({ source, ring }: Logged, index: number): boolean =>
      !ring.isClosed && this.#log.span(source).end < (reached[index] as number);
    while (this.#logged.some(isBehind)) {
      this.hear();
      await sleep(1);
    }
  }

  /** A checkpoint is on the disk: what is before it is not needed any more. @throws LMN-4007 */
  async cut({ sources, isFinished }: Manifest): Promise<void> {
    if (isFinished) return this.#log.clear();
    for (const { source } of this.#logged) {
      const place = placeIn({ sources }, source);
      if (place !== null) await this.#log.cut(source, place);
    }
  }

  /** The core has ended: what it has read and not used is for the next run. */
  async finish(): Promise<void> {
    this.#isEnding = true;
    await this.settle();
    for (const { ring, replay } of this.#logged) {
      ring.close();
      replay.close();
    }
  }

  async #write(): Promise<void> {
    for (;;) {
      if (this.#delayMillis > 0 && !this.#isEnding) await sleep(this.#delayMillis);
      for (const { ring } of this.#logged) ring.hear();
      const waiting = this.#logged.filter(({ ring }) => ring.filled > 0);
      if (waiting.length === 0) return;
      for (const { source, ring } of waiting) await this.#append(source, ring);
    }
  }

  async #append(source: string, ring: ByteRing): Promise<void> {
    const whole = ring.peek(ring.filled);
    const started = performance.now();
    const parts: Uint8Array[] = [];
    for (let at = 0; at < whole.length; at += PIECE_BYTES) parts.push(whole.subarray(at, at + PIECE_BYTES));
    await this.#log.append(source, parts);
    this.syncMillis = performance.now() - started;
    ring.release(whole.length);
  }

  async #replay({ source, replay, request: { span } }: Logged): Promise<void> {
    for (const piece of this.#log.read(source, span.begin)) {
      for (let at = 0; at < piece.length; ) {
        const count = replay.write(piece, at, piece.length - at);
        at += count;
        if (replay.isClosed) return;
        if (count === 0) await sleep(1);
      }
      await nextTurn();
    }
  }

  #fail(error: unknown): void {
    for (const { ring, replay } of this.#logged) {
      ring.close();
      replay.close();
    }
    this.#onFailure(error);
  }
}

/** Where a source was; null when it had not begun. */
export function placeIn(snapshot: Pick<Snapshot, 'sources'> | null, source: string): number | null {
  const state = snapshot?.sources.find(({ id }) => id === source);
  if (state === undefined) return null;
  const [position] = state.positions;
  return position === undefined ? null : position.offset;
}
