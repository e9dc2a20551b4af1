// What the catalogue says of an error code.

export interface CodeEntry {
  /** One line: what went wrong. */
  title: string;
  /** A few sentences: why it happens, what to do, an example where it helps. */
  text: string;
}
