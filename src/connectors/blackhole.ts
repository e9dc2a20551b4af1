// BLACKHOLE: a sink that takes everything and keeps nothing, for measuring.

import type { LinearMemory } from '../data/memory.ts';
import type { ByteWriter } from './connector.ts';

export class BlackholeWriter implements ByteWriter {
  readonly name = 'blackhole';

  write(_memory: LinearMemory, _address: number, _bytes: number): void {}

  flush(): void {}

  settle(): number {
    return 0;
  }

  close(): void {}
}
