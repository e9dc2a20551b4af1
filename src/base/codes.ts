// Every error code, with what it means and what to do: the source of `laminar explain LMN-nnnn` and docs/errors.md.
//
// Codes are stable: never reuse or renumber one. First digit: 1 syntax, 2 binding and planning, 3 run time, 4 state,
// 5 connector, 6 format, 7 platform.

export interface CodeEntry {
  /** One line: what went wrong. */
  title: string;
  /** A few sentences: why it happens, what to do, an example where it helps. */
  text: string;
}

export const CODES = {
  'LMN-1001': {
    title: 'The pipeline text does not follow the grammar',
    text: 'The parser met something it did not expect. The message shows the place and what could stand there.',
  },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof CODES;
