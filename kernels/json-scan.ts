// The syntax of JSON (RFC 8259): where strings, numbers and values end, and whether they are well formed.
//
// Every scanner starts at an address and returns the address after what it read, or 0 when that is not JSON. None has
// an end to look out for: a record is followed by its newline, which no token contains, so every scan stops there at
// the latest. Whitespace inside a record is space, tab and carriage return. Bytes beyond ASCII are not looked at.

/** Deepest nesting of a value; deeper ones are refused as malformed. */
const DEPTH_MAX: u32 = 4096;
/** One bit per open bracket: 1 for an object, 0 for an array. */
const brackets: usize = memory.data(4096 >> 3, 16);

/** Whether the string that `jsonStringEnd` read last has an escape, and may have a byte beyond ASCII. */
export let jsonStringIsEscaped: bool = false;
export let jsonStringIsWide: bool = false;

/** Where the last scan that returned 0 met something that is not JSON. */
export let jsonFailedAt: usize = 0;

/** Says where the text stops being JSON. @returns 0, for the scanner to return. */
export function jsonFail(p: usize): usize {
  jsonFailedAt = p;
  return 0;
}

/** Skips whitespace. */
@inline
export function jsonSkipSpace(p: usize): usize {
  return load<u8>(p) > 32 ? p : skipSpaceRun(p);
}

function skipSpaceRun(p: usize): usize {
  let byte = <u32>load<u8>(p);
  while (byte == 32 || byte == 9 || byte == 13) {
    p++;
    byte = load<u8>(p);
  }
  return p;
}

/** Reads a string from behind its opening quote to behind its closing one. */
export function jsonStringEnd(p: usize): usize {
  jsonStringIsEscaped = false;
  let seen = i64x2.splat(0);
  while (true) {
    const block = v128.load(p);
    seen = v128.or(seen, block);
    const quotes = i8x16.eq(block, i8x16.splat(34));
    const stops = i8x16.bitmask(
      v128.or(v128.or(i8x16.lt_u(block, i8x16.splat(32)), quotes), i8x16.eq(block, i8x16.splat(92))),
    );
    if (stops == 0) {
      p += 16;
      continue;
    }
    p += ctz(stops);
    const byte = <u32>load<u8>(p);
    if (byte == 34) {
      jsonStringIsWide = i8x16.bitmask(seen) != 0;
      return p + 1;
    }
    if (byte != 92) return jsonFail(p);
    jsonStringIsEscaped = true;
    p = escapeEnd(p);
    if (p == 0) return 0;
  }
}

function escapeEnd(p: usize): usize {
  const kind = <u32>load<u8>(p, 1);
  if (kind == 117) {
    for (let i: usize = 2; i < 6; i++) if (hexDigit(load<u8>(p + i)) < 0) return jsonFail(p + i);
    return p + 6;
  }
  // " \ / b f n r t
  const isKnown = kind == 34 || kind == 92 || kind == 47 || kind == 98 || kind == 102;
  return isKnown || kind == 110 || kind == 114 || kind == 116 ? p + 2 : jsonFail(p + 1);
}

/** The value of a hexadecimal digit, −1 for another character. */
@inline
export function hexDigit(byte: u32): i32 {
  if (byte - 48 < 10) return byte - 48;
  const letter = (byte | 32) - 97;
  return letter < 6 ? letter + 10 : -1;
}

/** Reads a number. */
export function jsonNumberEnd(p: usize): usize {
  p += usize(load<u8>(p) == 45);
  // Most are digits, with or without a point, within 16 bytes.
  const block = i8x16.sub(v128.load(p), i8x16.splat(48));
  const others = <u32>i8x16.bitmask(i8x16.gt_u(block, i8x16.splat(9))) | 0x10000;
  const first = ctz(others);
  const second = load<u8>(p + first) == 46 ? ctz((others & (others - 1)) | 0x20000) : first;
  const isPlain = first != 0 && second < 16 && second != first + 1 && (load<u8>(p) != 48 || first == 1);
  return isPlain && (load<u8>(p + second) | 32) != 101 ? p + second : anyNumberEnd(p);
}

function anyNumberEnd(p: usize): usize {
  const first = <u32>load<u8>(p) - 48;
  if (first > 9) return jsonFail(p);
  p = first == 0 ? p + 1 : skipDigits(p + 1);
  if (load<u8>(p) == 46) {
    const digits = p + 1;
    p = skipDigits(digits);
    if (p == digits) return jsonFail(p);
  }
  if ((load<u8>(p) | 32) != 101) return p;
  p++;
  const sign = <u32>load<u8>(p);
  p += usize(sign == 43 || sign == 45);
  const digits = p;
  p = skipDigits(p);
  return p == digits ? jsonFail(p) : p;
}

function skipDigits(p: usize): usize {
  while (true) {
    const block = i8x16.sub(v128.load(p), i8x16.splat(48));
    const others = i8x16.bitmask(i8x16.gt_u(block, i8x16.splat(9)));
    if (others != 0) return p + ctz(others);
    p += 16;
  }
}

/** Reads `null`, `true` or `false`. */
export function jsonWordEnd(p: usize): usize {
  const text = load<u32>(p);
  if (text == 0x6c6c756e || text == 0x65757274) return p + 4;
  return text == 0x736c6166 && load<u8>(p, 4) == 101 ? p + 5 : jsonFail(p);
}

/** Reads a value that is neither object nor array. */
@inline
function scalarEnd(p: usize): usize {
  const byte = <u32>load<u8>(p);
  if (byte == 34) return jsonStringEnd(p + 1);
  return byte < 65 ? jsonNumberEnd(p) : jsonWordEnd(p);
}

/** Reads any value; `p` is its first byte. */
export function jsonValueEnd(p: usize): usize {
  const byte = <u32>load<u8>(p);
  return (byte | 32) == 123 ? nestedEnd(p) : scalarEnd(p);
}

/** Reads an object or array without recursion. */
function nestedEnd(p: usize): usize {
  let depth: u32 = 0;
  // Each turn reads a value; then as many closing brackets as there are, and a comma.
  while (true) {
    const byte = <u32>load<u8>(p);
    if ((byte | 32) == 123) {
      if (depth == DEPTH_MAX) return jsonFail(p);
      const isObject = byte == 123;
      pushBracket(depth, isObject);
      depth++;
      p = jsonSkipSpace(p + 1);
      if (load<u8>(p) != (isObject ? 125 : 93)) {
        if (isObject) p = keyEnd(p);
        if (p == 0) return 0;
        continue;
      }
    } else {
      p = scalarEnd(p);
      if (p == 0) return 0;
      p = jsonSkipSpace(p);
    }
    while (true) {
      const isObject = topIsObject(depth);
      const next = <u32>load<u8>(p);
      if (next == 44) {
        p = jsonSkipSpace(p + 1);
        if (isObject) p = keyEnd(p);
        if (p == 0) return 0;
        break;
      }
      if (next != (isObject ? 125 : 93)) return jsonFail(p);
      depth--;
      p++;
      if (depth == 0) return p;
      p = jsonSkipSpace(p);
    }
  }
}

@inline
function pushBracket(depth: u32, isObject: bool): void {
  const at = brackets + (<usize>depth >> 3);
  const bit = 1 << (depth & 7);
  const bits = <u32>load<u8>(at);
  store<u8>(at, isObject ? bits | bit : bits & ~bit);
}

@inline
function topIsObject(depth: u32): bool {
  return ((<u32>load<u8>(brackets + (<usize>(depth - 1) >> 3)) >> ((depth - 1) & 7)) & 1) != 0;
}

/** Reads a key and its colon, up to the value. */
@inline
function keyEnd(p: usize): usize {
  if (load<u8>(p) != 34) return jsonFail(p);
  p = jsonStringEnd(p + 1);
  if (p == 0) return 0;
  p = jsonSkipSpace(p);
  return load<u8>(p) == 58 ? jsonSkipSpace(p + 1) : jsonFail(p);
}
