// Hashes and encodings of text, which is taken as its bytes in UTF-8. What is decoded must be text again.

import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ArgumentError } from './argument-error.ts';
import type { HostBody } from './host.ts';

const digest = (algorithm: string) => () => (text: string) => hash(algorithm, text);

export const encodingFunctions: Readonly<Record<string, () => HostBody>> = {
  md5: digest('md5'),
  sha1: digest('sha1'),
  sha256: digest('sha256'),
  sha512: digest('sha512'),
  crc32: () => (text: string) => BigInt(crc32(text)),
  to_base64: () => (text: string) => Buffer.from(text).toString('base64'),
  from_base64: () => (text: string) => textOf(bytesOfBase64(text), text),
  hex: () => hexadecimal,
  unhex: () => (text: string) => textOf(bytesOfHex(text), text),
  bin: () => binary,
  to_base: () => inBase,
  encode: () => (text: string, encoding: string) => encode(text, encoding),
  decode: () => (text: string, encoding: string) => decode(text, encoding),
  url_encode: () => (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, percent),
  url_decode: () => (text: string) => urlDecode(text),
};

function percent(c: string): string {
  return `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array, from: string): string {
  try {
    return strict.decode(bytes);
  } catch {
    throw new ArgumentError(`what '${from}' stands for is no text in UTF-8`);
  }
}

function bytesOfBase64(text: string): Uint8Array {
  const isSound = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  if (!isSound) throw new ArgumentError(`'${text}' is no base64`);
  return Buffer.from(text, 'base64');
}

/** Of an odd number of digits the first stands alone. */
function bytesOfHex(text: string): Uint8Array {
  if (!/^[0-9A-Fa-f]*$/.test(text)) throw new ArgumentError(`'${text}' has characters that are no hexadecimal digits`);
  return Buffer.from(text.length % 2 === 0 ? text : `0${text}`, 'hex');
}

function hexadecimal(value: string | bigint): string {
  if (typeof value === 'bigint') return BigInt.asUintN(64, value).toString(16).toUpperCase();
  return Buffer.from(value).toString('hex').toUpperCase();
}

function binary(value: string | bigint): string {
  if (typeof value === 'bigint') return BigInt.asUintN(64, value).toString(2);
  return [...Buffer.from(value)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

function inBase(value: bigint, base: number, width = 0): string {
  if (value < 0n) throw new ArgumentError(`to_base takes numbers from 0, this is ${value}`);
  if (base < 2 || base > 36) throw new ArgumentError(`a base is between 2 and 36, this is ${base}`);
  if (width < 0 || width > 64) throw new ArgumentError(`to_base makes up to 64 digits, this is ${width}`);
  return value.toString(base).toUpperCase().padStart(width, '0');
}

function encode(text: string, encoding: string): string {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(text).toString('base64');
    case 'hex':
      return Buffer.from(text).toString('hex');
    default:
      throw unknownEncoding(encoding);
  }
}

function decode(text: string, encoding: string): string {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return textOf(bytesOfBase64(text.replace(/\s/g, '')), text);
    case 'hex':
      return textOf(bytesOfHex(text), text);
    default:
      throw unknownEncoding(encoding);
  }
}

function unknownEncoding(encoding: string): ArgumentError {
  return new ArgumentError(`there is no encoding '${encoding}': encodings are base64 and hex`);
}

/** A percent sign without two digits stands for itself. */
function urlDecode(text: string): string {
  if (!text.includes('%')) return text;
  const bytes = Buffer.from(text).toString('latin1');
  const decoded = bytes.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return textOf(Buffer.from(decoded, 'latin1'), text);
}
