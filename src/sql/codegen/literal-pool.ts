// The bytes of all string literals of a plan. Equal strings are stored once.

const encoder = new TextEncoder();

export class LiteralPool {
  readonly #places = new Map<string, { offset: number; length: number }>();
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  /** Where the UTF-8 bytes of a text are, relative to the literals' base. */
  place(text: string): { offset: number; length: number } {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const bytes = encoder.encode(text);
    const place = { offset: this.#bytes, length: bytes.length };
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    this.#places.set(text, place);
    return place;
  }

  /** Where bytes that are no text are. */
  placeBytes(bytes: Uint8Array): number {
    // No text has a lone surrogate before it.
    const key = `\ud800${bytes.join()}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known.offset;
    const place = { offset: this.#bytes, length: bytes.length };
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    this.#places.set(key, place);
    return place.offset;
  }

  finish(): Uint8Array {
    const all = new Uint8Array(this.#bytes);
    let offset = 0;
    for (const part of this.#parts) {
      all.set(part, offset);
      offset += part.length;
    }
    return all;
  }
}
