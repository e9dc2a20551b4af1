// Assertions: what must be true whatever the world does. A failed one is our bug.

export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure';
}

/** @throws AssertionFailure when `condition` is false. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionFailure(`assertion failed: ${what}`);
}

/** Closes a switch over a union: reaching it means a case was forgotten. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unexpected ${JSON.stringify(value)}`);
}
