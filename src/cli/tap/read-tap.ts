// A tap as it is read over the control socket of a run (serve-tap.ts): its head, then frames, one after another.
//
// The next frame is read from the socket only when it is asked for, so a reader that is slow slows nothing but itself.

import http from 'node:http';
import { text } from 'node:stream/consumers';
import { fromPlain, type LaminarError, PipelineErrors, type PlainError } from '../../base/errors.ts';
import type { TapFrame, TapHead, TapQuery } from './serve-tap.ts';

/** A frame with its rows. */
export interface TapRead {
  frame: TapFrame;
  /** Whole rows, each with its newline. */
  rows: Buffer;
}

export interface OpenedTap {
  head: TapHead;
  /** Ends after the last frame, or where the run is gone. */
  frames: AsyncGenerator<TapRead>;
}

/** @throws LaminarError, PipelineErrors: what the run says against it. */
export async function readTap(socketPath: string, { view, where, rowsMax, format }: TapQuery): Promise<OpenedTap> {
  const query = new URLSearchParams({ view, format });
  if (where !== null) query.set('where', where);
  if (rowsMax !== null) query.set('limit', String(rowsMax));
  const response = await get(socketPath, `/tap?${query}`);
  if (response.statusCode !== 200) throw refusalOf(await text(response));
  const bytes = new ByteReader(response);
  const head = JSON.parse((await bytes.line()) ?? '{}') as TapHead;
  return { head, frames: framesOf(bytes) };
}

async function* framesOf(bytes: ByteReader): AsyncGenerator<TapRead> {
  for (;;) {
    const line = await bytes.line();
    if (line === null) return;
    const frame = JSON.parse(line) as TapFrame;
    const rows = 'bytes' in frame ? await bytes.take(frame.bytes) : Buffer.alloc(0);
    if (rows === null) return;
    yield { frame, rows };
    if (!('bytes' in frame)) return;
  }
}

function get(socketPath: string, path: string): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    http.get({ socketPath, path, agent: false }, resolve).on('error', reject);
  });
}

function refusalOf(body: string): Error {
  const { errors = [] } = JSON.parse(body) as { errors?: PlainError[] };
  const [first, ...others] = errors.map(fromPlain);
  if (first === undefined) return new Error(`the run answers: ${body}`);
  return others.length === 0 ? first : new PipelineErrors([first, ...others] as LaminarError[]);
}

/** Lines and counted bytes of a stream. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Without its newline; null where the stream ends before one. */
  async line(): Promise<string | null> {
    for (let end = this.#rest.indexOf(10); ; end = this.#rest.indexOf(10)) {
      if (end >= 0) {
        const line = this.#rest.toString('utf8', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (!(await this.#more())) return null;
    }
  }

  /** null where the stream ends before. */
  async take(bytes: number): Promise<Buffer | null> {
    while (this.#rest.length < bytes) if (!(await this.#more())) return null;
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  async #more(): Promise<boolean> {
    try {
      const { done, value } = await this.#chunks.next();
      if (done === true) return false;
      this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
      return true;
    } catch {
      // The run was killed.
      return false;
    }
  }
}
