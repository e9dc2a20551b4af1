// Where a decoder of Arrow streams is, so that another one can go on there: before a record batch, or behind some of
// its rows.
//
//   schema │ dictionary │ record batch │ record batch …
//                                      ▲ offset, and how many rows behind it have been used
//
// Whoever goes on needs the schema and the dictionaries before that place: they are kept, and go along. Another schema
// begins anew. A place may be in front of what ends a stream; what begins a file goes with its schema, by which it is known.

import { MessageHeader } from 'apache-arrow';
import type { ArrowMessage } from './arrow-framing.ts';

const FILE_MAGIC = Buffer.from('ARROW1\0\0');

interface Place {
  offset: number;
  row: number;
  /** What is before it that is needed: so many of these messages, as bytes of a stream. */
  messages: Uint8Array[];
  count: number;
}

interface PlaceText {
  row: number;
  /** In base64. */
  messages: string[];
}

export class ArrowPlaces {
  /** Bytes of the split that have been taken; where the last message begins and ends. */
  #taken = 0;
  #begin = 0;
  #end = 0;
  /** The schema and the dictionaries that are valid now. */
  #messages: Uint8Array[] = [];
  #settled: Place | null = null;

  reset(): void {
    this.#taken = 0;
    this.#begin = 0;
    this.#end = 0;
    this.#messages = [];
    this.#settled = null;
  }

  /** Bytes were taken, and the message is what they completed. */
  take(bytes: number, message: ArrowMessage | null, isFile: boolean): void {
    this.#taken += bytes;
    if (message === null) return;
    this.#begin = this.#end;
    this.#end = this.#taken;
    const { headerType } = message.message;
    if (headerType === MessageHeader.RecordBatch) return;
    if (headerType === MessageHeader.Schema) this.#messages = isFile ? [FILE_MAGIC] : [];
    this.#messages.push(Buffer.concat([message.metadata, message.body]));
  }

  /** @param row of the record batch in hand, or of the next one: those before it have been used. */
  settle(row: number, hasBatch: boolean): void {
    if (this.#messages.length === 0) return;
    const offset = hasBatch ? this.#begin : this.#end;
    this.#settled ??= { offset, row, messages: this.#messages, count: 0 };
    this.#settled.offset = offset;
    this.#settled.row = row;
    this.#settled.messages = this.#messages;
    this.#settled.count = this.#messages.length;
  }

  place(): { offset: number; text: string } | null {
    if (this.#settled === null) return null;
    const { offset, row, messages, count } = this.#settled;
    const encoded = messages.slice(0, count).map((message) => Buffer.from(message).toString('base64'));
    return { offset, text: JSON.stringify({ row, messages: encoded } satisfies PlaceText) };
  }

  /** @returns what `place` said, for a decoder that has been given nothing yet. */
  goOn(offset: number, text: string): { row: number; messages: Uint8Array[] } {
    const { row, messages } = JSON.parse(text) as PlaceText;
    this.#taken = offset;
    this.#begin = offset;
    this.#end = offset;
    this.#messages = messages.map((message) => Buffer.from(message, 'base64'));
    this.settle(row, false);
    return { row, messages: [...this.#messages] };
  }
}
