// The nearest name to a misspelled one, for "did you mean …?".
//
// Optimal string alignment distance: the least number of insertions, deletions, substitutions and swaps of neighbours
// that turns one word into the other, no part being edited twice (Damerau 1964, restricted form). Case is ignored, so
// a candidate that differs in case alone has distance 0.

/** Longer names are not compared: no one misspells them, and the table is quadratic. */
const NAME_LENGTH_MAX = 64;

/**
 * The candidate closest to `name`, or undefined when none is close enough to be a likely misspelling. Of equally close
 * ones the first wins.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  if (wanted.length > NAME_LENGTH_MAX) return undefined;
  let best: string | undefined;
  let bestDistance = editsAllowed(wanted.length) + 1;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (Math.abs(other.length - wanted.length) >= bestDistance || other.length > NAME_LENGTH_MAX) continue;
    // Two short words are within two edits of each other by chance alone.
    if (other !== wanted && Math.min(other.length, wanted.length) < 2) continue;
    const distance = nameDistance(wanted, other);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Edits between two words (see the header); case-sensitive. */
export function nameDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, beforePrevious[j - 2]! + 1);
      }
      current.push(least);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}

function editsAllowed(length: number): number {
  return length <= 1 ? 0 : length <= 5 ? 1 : length <= 8 ? 2 : 3;
}
