// A terminal for a child process: a pseudo-terminal whose other end the test holds.

import fs from 'node:fs';
import tty from 'node:tty';
import koffi from 'koffi';

export interface Terminal {
  /** For a child's `stdio`. */
  descriptor: number;
  /** Everything written to it so far; erasing a line is shown as `<erase>`. */
  text(): string;
  /** As if typed. */
  type(keys: string): void;
  close(): void;
}

/** Opens a terminal of 80 × 24 cells. */
export function openTerminal(): Terminal {
  const openpty = koffi
    .load('libc.so.6')
    .func('int openpty(_Out_ int *own, _Out_ int *other, void *name, void *modes, void *size)');
  const own: [number] = [0];
  const other: [number] = [0];
  // struct winsize: rows, columns, and two sizes in pixels.
  const size = Buffer.from(new Uint16Array([24, 80, 0, 0]).buffer);
  if (openpty(own, other, null, null, size) !== 0) throw new Error('openpty failed');
  const stream = new tty.ReadStream(own[0]);
  let text = '';
  stream.on('data', (bytes) => {
    text += String(bytes);
  });
  // The last writer closing its end reads as an error.
  stream.on('error', () => {});
  return {
    descriptor: other[0],
    text: () => text.replaceAll('\r\u001B[K', '<erase>'),
    type: (keys) => fs.writeSync(own[0], keys),
    close: () => {
      fs.closeSync(other[0]);
      stream.destroy();
    },
  };
}
