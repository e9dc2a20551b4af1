// What JSON escapes in strings.

/** Writes a text without quotes, escaped: 6 bytes a byte at most, and 16 more may be written. @returns the end. */
export function escapeText(out: usize, from: usize, bytes: u32): usize {
  const end = from + bytes;
  while (from < end) {
    const text = v128.load(from);
    v128.store(out, text);
    const found = v128.or(
      i8x16.lt_u(text, i8x16.splat(32)),
      v128.or(i8x16.eq(text, i8x16.splat(34)), i8x16.eq(text, i8x16.splat(92))),
    );
    const first = <u32>ctz(i8x16.bitmask(found) | 0x10000);
    const clean = min(first, <u32>min<usize>(end - from, 16));
    out += clean;
    from += clean;
    if (first < 16 && from < end) {
      out = escapeByte(out, load<u8>(from));
      from += 1;
    }
  }
  return out;
}

/** What follows the backslash for a control character with a short escape (\b \t \n \f \r), 0 for the others. */
// biome-ignore format: sixteen a line
const shortEscapes: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 98, 116, 110, 0, 102, 114, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

function escapeByte(out: usize, byte: u32): usize {
  store<u8>(out, 92);
  const short = byte >= 32 ? byte : <u32>load<u8>(shortEscapes + byte);
  if (short != 0) {
    store<u8>(out, short, 1);
    return out + 2;
  }
  store<u32>(out, 0x30303075, 1); // u000
  const low = byte & 15;
  store<u8>(out, 48 + (byte >> 4), 4);
  store<u8>(out, low < 10 ? 48 + low : 87 + low, 5);
  return out + 6;
}
