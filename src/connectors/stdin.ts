// STDIN: standard input as one split.

import type { SplitReader } from './connector.ts';
import { DescriptorReader } from './descriptor-reader.ts';

/** Reads descriptor 0, which stays open. */
export function openStdin(): SplitReader {
  return new DescriptorReader('stdin', 0, false);
}
