// STDOUT: standard output.

import type { ByteWriter } from './connector.ts';
import { DescriptorWriter } from './descriptor-writer.ts';

/** Writes descriptor 1, which stays open. */
export function openStdout(): ByteWriter {
  return new DescriptorWriter('stdout', 1, false);
}
