// A histogram of durations in fixed memory (after HdrHistogram, Gil Tene): exact below 32 µs, above that 32 buckets to
// each power of two, so that a quantile is at most 3 % too high. Longer than 71 minutes counts as 71 minutes.
//
//   count │ sum µs │ max µs │ buckets
//
// Written by one core, read by any thread: f64 counters as in telemetry.ts.

const COUNT = 0;
const SUM = 1;
const MAX = 2;
const BUCKETS = 3;
/** Bits of a value that are kept: 32 buckets to a power of two. */
const PRECISION = 5;
const SUB_BUCKETS = 1 << PRECISION;
const BUCKET_COUNT = (32 - PRECISION + 1) * SUB_BUCKETS;
const MICROS_MAX = 2 ** 32 - 1;

/** f64 that a histogram takes. */
export const LATENCY_COUNTERS = BUCKETS + BUCKET_COUNT;

/** Upper bounds of the buckets that are shown, µs: 1, 2, 5 times each power of ten up to 100 s. */
const SHOWN_MICROS = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((power) => [1, 2, 5].map((n) => n * 10 ** power)).concat(1e8);

export interface Latency {
  /** Rows measured. */
  count: number;
  sumMicros: number;
  p50Micros: number;
  p90Micros: number;
  p99Micros: number;
  maxMicros: number;
  /** How many took at most so long; the bounds ascend, and longer ones are in `count` only. */
  buckets: { leMicros: number; count: number }[];
}

/** Adds `rows` durations of `micros` to the histogram at `place`. */
export function addLatency(counters: Float64Array, place: number, micros: number, rows: number): void {
  const value = micros > 0 ? micros : 0;
  counters[place + COUNT]! += rows;
  counters[place + SUM]! += value * rows;
  if (value > (counters[place + MAX] as number)) counters[place + MAX] = value;
  counters[place + BUCKETS + bucketOf(value)]! += rows;
}

/** Reads histograms, each of one core, as one. @returns null when nothing has been measured. */
export function readLatency(blocks: readonly Float64Array[], place: number): Latency | null {
  const buckets = new Float64Array(BUCKET_COUNT);
  let [sum, max, count] = [0, 0, 0];
  for (const block of blocks) {
    sum += block[place + SUM] as number;
    max = Math.max(max, block[place + MAX] as number);
    for (let n = 0; n < BUCKET_COUNT; n++) buckets[n]! += block[place + BUCKETS + n] as number;
  }
  // Not the counter: it may be ahead of the buckets, or behind.
  for (const n of buckets) count += n;
  if (count === 0) return null;
  return {
    count,
    sumMicros: sum,
    p50Micros: Math.min(quantile(buckets, count * 0.5), max),
    p90Micros: Math.min(quantile(buckets, count * 0.9), max),
    p99Micros: Math.min(quantile(buckets, count * 0.99), max),
    maxMicros: max,
    buckets: countsUpTo(buckets, SHOWN_MICROS),
  };
}

function bucketOf(micros: number): number {
  const value = Math.min(micros, MICROS_MAX) >>> 0;
  if (value < SUB_BUCKETS) return value;
  const power = 31 - Math.clz32(value);
  return (power - PRECISION + 1) * SUB_BUCKETS + ((value >>> (power - PRECISION)) & (SUB_BUCKETS - 1));
}

/** The first value that is above a bucket. */
function endOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket + 1;
  const power = Math.floor(bucket / SUB_BUCKETS) + PRECISION - 1;
  return (SUB_BUCKETS + (bucket % SUB_BUCKETS) + 1) * 2 ** (power - PRECISION);
}

/** The end of the bucket in which the n-th duration is. */
function quantile(buckets: Float64Array, rank: number): number {
  let seen = 0;
  for (let n = 0; n < buckets.length; n++) {
    seen += buckets[n] as number;
    if (seen >= rank) return endOf(n);
  }
  return MICROS_MAX;
}

/**
 * Durations in buckets that end at or before each bound: of those around it, the ones that are surely below. In one pass:
 * a run that ends waits for it, and it is not compiled by then.
 */
function countsUpTo(buckets: Float64Array, ascending: readonly number[]): Latency['buckets'] {
  let [next, count] = [0, 0];
  return ascending.map((leMicros) => {
    for (; next < buckets.length && endOf(next) <= leMicros; next++) count += buckets[next] as number;
    return { leMicros, count };
  });
}
