// The taps of a run, on the main thread: asked for, read, and taken off again.
//
// Each core has a port, also one that has not started yet: what is sent waits there. Rows come by the rings of a tap's
// share (tap-share.ts), which whoever reads the tap looks into.

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { fromPlain } from '../../base/errors.ts';
import type { TapPlan } from '../../plan/tap-plan.ts';
import type { RingConsumer } from '../channels/ring.ts';
import type { Control } from '../control.ts';
import type { TapFormat } from './core-tap.ts';
import type { TapFailed, TapMessage } from './core-taps.ts';
import { TAP_HEADER_BYTES, TapShare } from './tap-share.ts';

export interface TapOptions {
  format: TapFormat;
  /** Most rows of all cores together; null: no limit. */
  rowsMax: number | null;
}

/** What has come of a tap since it was last read. */
export interface TapChunk {
  /** Whole rows, each with its newline. */
  text: Buffer;
  rows: number;
}

export interface RunningTap {
  /** What has come, at most about so many bytes; null: nothing. */
  read(bytesMax: number): TapChunk | null;
  /** Rows of the stream that went by unread, since the tap began. */
  readonly missed: number;
  /** No more rows will come than there are to read now: the stream has ended. */
  readonly hasEnded: boolean;
  /** Why it cannot go on; null while it can. */
  readonly failure: Error | null;
  close(): void;
}

export class RunTaps {
  readonly #control: Control;
  readonly #coreCount: number;
  readonly #ports: MessagePort[] = [];
  readonly #attached = new Map<number, { message: TapMessage; fail: (error: Error) => void }>();
  #lastId = 0;

  constructor(control: Control, coreCount: number) {
    this.#control = control;
    this.#coreCount = coreCount;
  }

  /** The end of a new port that a core is given. */
  open(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#ports.push(port1);
    port1.on('message', ({ id, error }: TapFailed) => this.#attached.get(id)?.fail(fromPlain(error)));
    // A run does not wait for taps.
    port1.unref();
    for (const { message } of this.#attached.values()) port1.postMessage(message);
    return port2;
  }

  attach(plan: TapPlan, { format, rowsMax }: TapOptions): RunningTap {
    const id = ++this.#lastId;
    const share = TapShare.create(this.#coreCount, rowsMax);
    const tap = new SharedTap(share, () => this.#detach(id));
    const message: TapMessage = { kind: 'attach', id, plan, format, share: share.buffer };
    const fail = (error: Error): void => {
      tap.failure ??= error;
    };
    this.#attached.set(id, { message, fail });
    this.#send(message);
    return tap;
  }

  /** The run has ended. */
  close(): void {
    for (const port of this.#ports) port.close();
  }

  #detach(id: number): void {
    if (this.#attached.delete(id)) this.#send({ kind: 'detach', id });
  }

  #send(message: TapMessage): void {
    for (const port of this.#ports) port.postMessage(message);
    this.#control.tellTaps();
  }
}

class SharedTap implements RunningTap {
  failure: Error | null = null;
  readonly close: () => void;
  readonly #share: TapShare;
  readonly #rings: readonly RingConsumer[];

  constructor(share: TapShare, close: () => void) {
    this.#share = share;
    this.close = close;
    this.#rings = Array.from({ length: share.coreCount }, (_, core) => share.consumer(core));
  }

  get missed(): number {
    return this.#share.missed;
  }

  get hasEnded(): boolean {
    return this.#share.hasEnded;
  }

  read(bytesMax: number): TapChunk | null {
    const { words, bytes } = this.#share;
    const parts: Uint8Array[] = [];
    let length = 0;
    let rows = 0;
    for (const ring of this.#rings) {
      for (let at = length < bytesMax ? ring.next() : -1; at >= 0; at = length < bytesMax ? ring.next() : -1) {
        rows += words[at >>> 2] as number;
        parts.push(bytes.slice(at + TAP_HEADER_BYTES, at + ring.bytes));
        length += ring.bytes - TAP_HEADER_BYTES;
        ring.release();
      }
    }
    return parts.length === 0 ? null : { text: Buffer.concat(parts), rows };
  }
}
